#include "base/check.h"
#include "sandbox/api_reports.h"
#include <stdio.h>

/* Types of reports, their runs and files, as the API shows them. */

#define FILE_LIVES_S (INT64_C(365) * 86400)
#define URL_BYTES_MAX 256

static void write_columns(enum report_type type, struct json_writer *writer)
{
    uint8_t columns[REPORT_COLUMNS_MAX];
    uint8_t count = report_columns_default(type, columns);
    json_begin_array(writer, STR("default_columns"));
    for (uint8_t i = 0; i < count; i++) {
        json_add_string(writer, STR_NONE, report_column_name(columns[i]));
    }
    json_end_array(writer);
}

void api_report_write_type(
    const struct api_call *call, enum report_type type, struct json_writer *writer)
{
    const struct report_type_row *row = &report_types[type];
    json_begin_object(writer, STR_NONE);
    json_add_string(writer, STR("id"), row->id);
    json_add_string(writer, STR("object"), STR("reporting.report_type"));
    json_add_int(writer, STR("data_available_end"), api_reports_end(call->api));
    json_add_int(writer, STR("data_available_start"), api_reports_start(call->api));
    write_columns(type, writer);
    json_add_bool(writer, STR("livemode"), call->api->config.live);
    json_add_string(writer, STR("name"), str_from(row->title));
    json_add_int(writer, STR("updated"), api_reports_end(call->api));
    json_add_int(writer, STR("version"), row->version);
    json_end_object(writer);
}

/* ---- runs and files ------------------------------------------------------------------------- */

void api_report_write_file(
    const struct api_call *call, const struct report_run *run, struct json_writer *writer)
{
    char text[URL_BYTES_MAX];
    struct str host = str_prefix_utf8(call->request->host, 100);
    int written = snprintf(
        text, sizeof text, "http://" STR_FMT "/v1/files/%s/contents", STR_ARG(host), run->file);
    ENSURE(written > 0 && (size_t)written < sizeof text);
    json_add_string(writer, STR("id"), str_from(run->file));
    json_add_string(writer, STR("object"), STR("file"));
    json_add_int(writer, STR("created"), run->ended_s);
    json_add_int(writer, STR("expires_at"), run->ended_s + FILE_LIVES_S);
    json_add_null(writer, STR("links"));
    json_add_string(writer, STR("purpose"), STR("finance_report_run"));
    json_add_int(writer, STR("size"), (int64_t)run->file_bytes);
    json_add_null(writer, STR("title"));
    json_add_string(writer, STR("type"), STR("csv"));
    json_add_string(writer, STR("url"), str_from(text));
    written = snprintf(text, sizeof text, "%s.csv", run->id);
    ENSURE(written > 0 && (size_t)written < sizeof text);
    json_add_string(writer, STR("filename"), str_from(text));
}

static void write_parameters(const struct report_run *run, struct json_writer *writer)
{
    const struct report_order *order = &run->order;
    json_begin_object(writer, STR("parameters"));
    json_add_int(writer, STR("interval_start"), order->from_s);
    json_add_int(writer, STR("interval_end"), order->to_s);
    const struct {
        struct str name;
        const char *value;
    } rows[] = {{STR("currency"), run->currency}, {STR("reporting_category"), run->category},
        {STR("timezone"), run->zone_name}};
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        if (rows[i].value[0] != '\0') {
            json_add_string(writer, rows[i].name, str_from(rows[i].value));
        }
    }
    if (order->column_count > 0) {
        json_begin_array(writer, STR("columns"));
        for (uint8_t i = 0; i < order->column_count; i++) {
            json_add_string(writer, STR_NONE, report_column_name(order->columns[i]));
        }
        json_end_array(writer);
    }
    json_end_object(writer);
}

static void write_outcome(const struct api_call *call,
    const struct report_run *run,
    bool as_begun,
    struct json_writer *writer)
{
    bool ended = run->ended_s != 0 && !as_begun;
    if (ended && !run->fails) {
        json_begin_object(writer, STR("result"));
        api_report_write_file(call, run, writer);
        json_end_object(writer);
        json_add_string(writer, STR("status"), STR("succeeded"));
        json_add_int(writer, STR("succeeded_at"), run->ended_s);
        json_add_null(writer, STR("error"));
        return;
    }
    json_add_null(writer, STR("result"));
    json_add_string(writer, STR("status"), ended ? STR("failed") : STR("pending"));
    json_add_null(writer, STR("succeeded_at"));
    if (ended) {
        json_add_string(writer, STR("error"), STR("It failed on purpose: see --report-errors."));
    } else {
        json_add_null(writer, STR("error"));
    }
}

void api_report_write_run(const struct api_call *call,
    const struct report_run *run,
    bool as_begun,
    struct json_writer *writer)
{
    json_begin_object(writer, STR_NONE);
    json_add_string(writer, STR("id"), str_from(run->id));
    json_add_string(writer, STR("object"), STR("reporting.report_run"));
    json_add_int(writer, STR("created"), run->created_s);
    json_add_bool(writer, STR("livemode"), call->api->config.live);
    write_parameters(run, writer);
    json_add_string(writer, STR("report_type"), report_types[run->order.type].id);
    write_outcome(call, run, as_begun, writer);
    json_end_object(writer);
}
