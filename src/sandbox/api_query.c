#include "base/check.h"
#include "sandbox/api_internal.h"

struct reader {
    const struct api_call *call;
    enum resource resource;
    struct archive_query *query;
    bool has_type;
};

static bool refuse(const struct reader *reader, const struct api_param *param, const char *words)
{
    api_refuse(reader->call,
        (struct api_error){.status = 400, .code = "parameter_invalid", .param = param->whole},
        STR_FMT ": %s.", STR_ARG(str_prefix_utf8(param->whole, 80)), words);
    return false;
}

/* ---- one parameter each ---------------------------------------------------------------------- */

static bool read_int(const struct reader *reader, const struct api_param *param, int64_t *ret_value)
{
    if (str_to_int64(param->value, ret_value) == ERR_OK) {
        return true;
    }
    api_refuse(reader->call,
        (struct api_error){
            .status = 400, .code = "parameter_invalid_integer", .param = param->whole},
        STR_FMT " wants an integer.", STR_ARG(str_prefix_utf8(param->whole, 80)));
    return false;
}

static bool read_limit(struct reader *reader, const struct api_param *param)
{
    int64_t limit = 0;
    if (!read_int(reader, param, &limit)) {
        return false;
    }
    if (limit < 1 || limit > ARCHIVE_LIMIT_MAX) {
        return refuse(reader, param, "it is between 1 and 100");
    }
    reader->query->limit = (uint32_t)limit;
    return true;
}

static bool read_created(struct reader *reader, const struct api_param *param)
{
    struct archive_query *query = reader->query;
    int64_t second = 0;
    if (!read_int(reader, param, &second)) {
        return false;
    }
    bool beyond = str_eq(param->key, STR("gt")) || str_eq(param->key, STR("lt"));
    if (beyond && (second == INT64_MIN || second == INT64_MAX)) {
        return refuse(reader, param, "that is no time");
    }
    if (str_eq(param->key, STR("gte")) || str_eq(param->key, STR("gt"))) {
        query->created_from_s = second + (beyond ? 1 : 0);
    } else if (str_eq(param->key, STR("lte")) || str_eq(param->key, STR("lt"))) {
        query->created_to_s = second - (beyond ? 1 : 0);
    } else if (param->key.len == 0) {
        query->created_from_s = query->created_to_s = second;
    } else {
        return refuse(reader, param, "it is created, or created[gt], [gte], [lt] or [lte]");
    }
    return true;
}

static bool read_type(struct reader *reader, const struct api_param *param)
{
    struct archive_query *query = reader->query;
    bool is_one = str_eq(param->name, STR("type"));
    if (query->type_count > 0 && (is_one || reader->has_type)) {
        return refuse(reader, param, "give either type or types[]");
    }
    if (query->type_count == ARCHIVE_TYPES_MAX) {
        return refuse(reader, param, "at most 20 types");
    }
    reader->has_type = is_one;
    query->types[query->type_count++] = param->value;
    return true;
}

static bool read_delivery(struct reader *reader, const struct api_param *param)
{
    if (str_eq(param->value, STR("true"))) {
        reader->query->delivery = DELIVERY_DONE;
    } else if (str_eq(param->value, STR("false"))) {
        reader->query->delivery = DELIVERY_PENDING;
    } else {
        return refuse(reader, param, "it is true or false");
    }
    return true;
}

static bool read_text(struct str *to, struct reader *reader, const struct api_param *param)
{
    if (param->value.len == 0) {
        return refuse(reader, param, "it is empty");
    }
    *to = param->value;
    return true;
}

static bool read_after(struct reader *reader, const struct api_param *param)
{
    return read_text(&reader->query->starting_after, reader, param);
}

static bool read_before(struct reader *reader, const struct api_param *param)
{
    return read_text(&reader->query->ending_before, reader, param);
}

static bool read_customer(struct reader *reader, const struct api_param *param)
{
    return read_text(&reader->query->customer, reader, param);
}

static bool read_intent(struct reader *reader, const struct api_param *param)
{
    return read_text(&reader->query->payment_intent, reader, param);
}

static bool read_charge(struct reader *reader, const struct api_param *param)
{
    return read_text(&reader->query->charge, reader, param);
}

static bool read_destination(struct reader *reader, const struct api_param *param)
{
    return read_text(&reader->query->destination, reader, param);
}

static bool read_payout(struct reader *reader, const struct api_param *param)
{
    return read_text(&reader->query->payout, reader, param);
}

static bool read_source(struct reader *reader, const struct api_param *param)
{
    return read_text(&reader->query->source, reader, param);
}

static bool read_currency(struct reader *reader, const struct api_param *param)
{
    return read_text(&reader->query->currency, reader, param);
}

/* Of lines: what they are about. */
static bool read_expand_source(struct reader *reader, const struct api_param *param)
{
    reader->query->whole = str_eq(param->value, STR("data.source"));
    return reader->query->whole || refuse(reader, param, "it is data.source here, or not given");
}

/* Only of invoices; of a list it is named with `data.`. */
static bool read_expand(struct reader *reader, const struct api_param *param)
{
    reader->query->whole = str_eq(param->value, STR("data.payments"));
    return reader->query->whole || refuse(reader, param, "it is data.payments here, or not given");
}

/* Of subscriptions: only whether those that are over are wanted too. */
static bool read_status(struct reader *reader, const struct api_param *param)
{
    struct str status;
    if (!read_text(&status, reader, param)) {
        return false;
    }
    reader->query->with_ended = str_eq(status, STR("all"));
    return reader->query->with_ended || refuse(reader, param, "it is all here, or not given");
}

static const struct param_row {
    struct str name;
    bool (*read)(struct reader *reader, const struct api_param *param);
    unsigned param; /* only for resources that take it; 0: for all */
} rows[] = {
    {{"limit", 5}, read_limit, PARAM_NONE},
    {{"starting_after", 14}, read_after, PARAM_NONE},
    {{"ending_before", 13}, read_before, PARAM_NONE},
    {{"created", 7}, read_created, PARAM_NONE},
    {{"type", 4}, read_type, PARAM_OF_EVENTS | PARAM_OF_LINES},
    {{"types", 5}, read_type, PARAM_OF_EVENTS},
    {{"delivery_success", 16}, read_delivery, PARAM_OF_EVENTS},
    {{"customer", 8}, read_customer, PARAM_CUSTOMER},
    {{"payment_intent", 14}, read_intent, PARAM_INTENT},
    {{"charge", 6}, read_charge, PARAM_CHARGE},
    {{"status", 6}, read_status, PARAM_STATUS},
    {{"expand", 6}, read_expand, PARAM_EXPAND},
    {{"destination", 11}, read_destination, PARAM_DESTINATION},
    {{"payout", 6}, read_payout, PARAM_OF_LINES},
    {{"source", 6}, read_source, PARAM_OF_LINES},
    {{"currency", 8}, read_currency, PARAM_OF_LINES},
    {{"expand", 6}, read_expand_source, PARAM_OF_LINES},
};

static const struct param_row *find_row(enum resource resource, struct str name)
{
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        bool fits =
            rows[i].param == PARAM_NONE || (rows[i].param & resource_rows[resource].params) != 0;
        if (fits && str_eq(name, rows[i].name)) {
            return &rows[i];
        }
    }
    return NULL;
}

/* ---- the query ------------------------------------------------------------------------------- */

static bool read_param(struct reader *reader, const struct api_param *param)
{
    const struct param_row *row = find_row(reader->resource, param->name);
    if (row == NULL) {
        api_refuse(reader->call,
            (struct api_error){.status = 400, .code = "parameter_unknown", .param = param->whole},
            "The parameter " STR_FMT " is not known here.",
            STR_ARG(str_prefix_utf8(param->whole, 80)));
        return false;
    }
    return row->read(reader, param);
}

bool api_query_read(
    const struct api_call *call, enum resource resource, struct archive_query *query)
{
    struct reader reader = {.call = call, .resource = resource, .query = query};
    struct api_params params;
    struct api_param param;
    if (!api_params_begin(call, call->request->query, &params)) {
        return false;
    }
    while (api_params_next(&params, &param)) {
        if (!read_param(&reader, &param)) {
            return false;
        }
    }
    if (query->starting_after.len > 0 && query->ending_before.len > 0) {
        api_refuse(call, (struct api_error){.status = 400, .code = "parameter_invalid"},
            "Give either starting_after or ending_before.");
        return false;
    }
    return true;
}
