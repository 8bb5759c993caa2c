#include "base/check.h"
#include "sandbox/api_reports.h"

struct form {
    const struct api_call *call;
    struct report_run *run;
    bool has_type, has_from, has_to;
};

static bool refuse(const struct api_call *call, const char *code, struct str param, const char *why)
{
    api_refuse(call, (struct api_error){.status = 400, .code = code, .param = param},
        STR_FMT ": %s.", STR_ARG(str_prefix_utf8(param, 80)), why);
    return false;
}

/* ---- one parameter each ---------------------------------------------------------------------- */

static bool read_second(struct form *form, const struct api_param *param, int64_t *ret_second)
{
    if (str_to_int64(param->value, ret_second) != ERR_OK) {
        return refuse(form->call, "parameter_invalid_integer", param->whole,
            "it is a time in seconds since 1970, as an integer");
    }
    return true;
}

static bool read_from(struct form *form, const struct api_param *param)
{
    form->has_from = true;
    return read_second(form, param, &form->run->order.from_s);
}

static bool read_to(struct form *form, const struct api_param *param)
{
    form->has_to = true;
    return read_second(form, param, &form->run->order.to_s);
}

static bool read_text(struct form *form, const struct api_param *param, char *to, size_t to_size)
{
    if (param->value.len == 0 || param->value.len >= to_size) {
        return refuse(form->call, "parameter_invalid", param->whole, "it is empty or too long");
    }
    ENSURE(str_copy_to(to, to_size, param->value));
    return true;
}

static bool read_currency(struct form *form, const struct api_param *param)
{
    struct report_run *run = form->run;
    return read_text(form, param, run->currency, sizeof run->currency);
}

static bool read_category(struct form *form, const struct api_param *param)
{
    struct report_run *run = form->run;
    return read_text(form, param, run->category, sizeof run->category);
}

static bool read_zone(struct form *form, const struct api_param *param)
{
    struct report_run *run = form->run;
    if (!read_text(form, param, run->zone_name, sizeof run->zone_name)) {
        return false;
    }
    run->zone = zone_close(run->zone);
    if (zone_open(param->value, &run->zone) != ERR_OK) {
        return refuse(
            form->call, "parameter_invalid", param->whole, "this machine knows no such time zone");
    }
    run->order.zone = run->zone;
    return true;
}

/* The type comes before the columns, or else they cannot be looked up: see read_all. */
static bool read_column(struct form *form, const struct api_param *param)
{
    struct report_order *order = &form->run->order;
    uint8_t column = 0;
    if (report_column_find(order->type, param->value, &column) != ERR_OK) {
        return refuse(form->call, "parameter_invalid", param->whole,
            "a report of that type has no such column");
    }
    for (uint8_t i = 0; i < order->column_count; i++) {
        if (order->columns[i] == column) {
            return refuse(form->call, "parameter_invalid", param->whole, "a column is there twice");
        }
    }
    order->columns[order->column_count++] = column;
    return true;
}

static const struct {
    struct str key;
    bool (*read)(struct form *form, const struct api_param *param);
} rows[] = {
    {{"interval_start", 14}, read_from},
    {{"interval_end", 12}, read_to},
    {{"currency", 8}, read_currency},
    {{"reporting_category", 18}, read_category},
    {{"timezone", 8}, read_zone},
    {{"columns", 7}, read_column},
};

static bool read_param(struct form *form, const struct api_param *param)
{
    bool is_inside = str_eq(param->name, STR("parameters"));
    for (size_t i = 0; is_inside && i < sizeof rows / sizeof *rows; i++) {
        if (str_eq(param->key, rows[i].key)) {
            return rows[i].read(form, param);
        }
    }
    if (str_eq(param->whole, STR("report_type"))) {
        return true;
    }
    return refuse(form->call, "parameter_unknown", param->whole,
        "the parameter is not known here: docs/sandbox.md lists them");
}

/* ---- the form -------------------------------------------------------------------------------- */

static bool read_type(struct form *form)
{
    struct api_params params;
    struct api_param param;
    if (!api_params_begin(form->call, form->call->request->body, &params)) {
        return false;
    }
    while (!form->has_type && api_params_next(&params, &param)) {
        form->has_type = str_eq(param.whole, STR("report_type"));
    }
    if (!form->has_type) {
        return refuse(
            form->call, "parameter_missing", STR("report_type"), "missing required param");
    }
    if (report_type_find(param.value, &form->run->order.type) != ERR_OK) {
        return refuse(form->call, "parameter_invalid", STR("report_type"),
            "there is no such type here: GET /v1/reporting/report_types lists them");
    }
    return true;
}

static bool read_all(struct form *form)
{
    struct api_params params;
    struct api_param param;
    if (!read_type(form) || !api_params_begin(form->call, form->call->request->body, &params)) {
        return false;
    }
    while (api_params_next(&params, &param)) {
        if (!read_param(form, &param)) {
            return false;
        }
    }
    return true;
}

static bool check_interval(const struct form *form)
{
    const struct api *api = form->call->api;
    const struct report_order *order = &form->run->order;
    if (!form->has_from) {
        return refuse(form->call, "parameter_missing", STR("parameters[interval_start]"),
            "missing required param");
    }
    if (!form->has_to) {
        return refuse(form->call, "parameter_missing", STR("parameters[interval_end]"),
            "missing required param");
    }
    if (order->from_s <= api_reports_start(api)) {
        return refuse(form->call, "parameter_invalid", STR("parameters[interval_start]"),
            "it must be a second after the report type's data_available_start at the soonest");
    }
    if (order->to_s >= api_reports_end(api)) {
        return refuse(form->call, "parameter_invalid", STR("parameters[interval_end]"),
            "it must be a second before the report type's data_available_end at the latest");
    }
    return order->to_s > order->from_s ||
           refuse(form->call, "parameter_invalid", STR("parameters[interval_end]"),
               "it must be after interval_start");
}

bool api_report_form_read(const struct api_call *call, struct report_run *run)
{
    struct form form = {.call = call, .run = run};
    if (!read_all(&form) || !check_interval(&form)) {
        return false;
    }
    run->order.owner = call->owner;
    run->order.currency = str_from(run->currency);
    run->order.category = str_from(run->category);
    return true;
}
