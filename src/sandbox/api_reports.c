#include "sandbox/api_reports.h"
#include "base/check.h"
#include "base/json.h"
#include "base/timestamp.h"
#include <stdlib.h>

#define DAY_S INT64_C(86400)
#define HALF_DAY_S (DAY_S / 2)

bool api_reports_init(struct api_reports *reports, uint64_t seed)
{
    id_maker_init(&reports->ids, ~seed);
    reports->runs = calloc(REPORT_RUNS_MAX, sizeof *reports->runs);
    return reports->runs != NULL;
}

static void forget_oldest(struct api_reports *reports)
{
    struct report_run *run = &reports->runs[reports->first++ % REPORT_RUNS_MAX];
    run->zone = zone_close(run->zone);
}

void api_reports_fini(struct api_reports *reports)
{
    while (reports->first < reports->end) {
        forget_oldest(reports);
    }
    free(reports->runs);
    reports->runs = NULL;
}

static const struct merchant *shop_of(const struct api *api)
{
    return archive_merchant(api->config.archive);
}

/* ---- what data there is ---------------------------------------------------------------------- */

/* From the day before the shop's first, so that its first second can be asked for. */
int64_t api_reports_start(const struct api *api)
{
    int64_t begin_s = merchant_begin_s(shop_of(api));
    return (begin_s / DAY_S - 1) * DAY_S;
}

int64_t api_reports_end(const struct api *api)
{
    int64_t now_s = merchant_clock_s(shop_of(api));
    int64_t lag_us = api->config.report_lag_us;
    if (lag_us >= 0) {
        return now_s - lag_us / US_PER_SECOND;
    }
    return ((now_s - HALF_DAY_S) / HALF_DAY_S) * HALF_DAY_S;
}

void api_answer_report_types(const struct api_call *call, struct str id)
{
    struct json_writer writer;
    enum report_type type = REPORT_COUNT;
    json_writer_init(&writer, call->response->body);
    if (id.len > 0 && report_type_find(id, &type) != ERR_OK) {
        api_refuse_missing(call, "report type", id);
    } else if (id.len > 0) {
        api_report_write_type(call, type, &writer);
    } else {
        json_begin_object(&writer, STR_NONE);
        json_add_string(&writer, STR("object"), STR("list"));
        json_begin_array(&writer, STR("data"));
        for (int i = 0; i < REPORT_COUNT; i++) {
            api_report_write_type(call, (enum report_type)i, &writer);
        }
        json_end_array(&writer);
        json_add_bool(&writer, STR("has_more"), false);
        json_add_string(&writer, STR("url"), STR("/v1/reporting/report_types"));
        json_end_object(&writer);
    }
}

/* ---- runs and their files -------------------------------------------------------------------- */

static struct report_run *run_at(const struct api_reports *reports, uint64_t number)
{
    return &reports->runs[number % REPORT_RUNS_MAX];
}

/* By its own id, or by that of its file. */
static struct report_run *find(const struct api_call *call, struct str id, uint64_t *ret_number)
{
    const struct api_reports *reports = &call->api->reports;
    for (uint64_t i = reports->end; call->sees_shop && i-- > reports->first;) {
        struct report_run *run = run_at(reports, i);
        bool has_id = str_eq(id, str_from(run->id)) || str_eq(id, str_from(run->file));
        if (has_id && id.len > 0 && run->order.owner == call->owner) {
            *ret_number = i;
            return run;
        }
    }
    return NULL;
}

/* It ends while somebody looks at it. */
static void look_at(const struct api_call *call, struct report_run *run)
{
    run->looks++;
    if (run->ended_s != 0 || run->looks < REPORT_LOOKS) {
        return;
    }
    run->ended_s = run->created_s + (int64_t)run->looks;
    if (!run->fails) {
        CLEANUP(buf_fini) struct buf file;
        buf_init(&file, API_BODY_BYTES_MAX);
        report_write(shop_of(call->api), &run->order, &file);
        run->file_bytes = file.len;
        run->fails = file.failed; /* it is larger than anything that is answered */
    }
}

/* ---- asking for one -------------------------------------------------------------------------- */

static struct report_run *find_key(const struct api_call *call, struct str key)
{
    const struct api_reports *reports = &call->api->reports;
    for (uint64_t i = reports->end; key.len > 0 && i-- > reports->first;) {
        struct report_run *run = run_at(reports, i);
        if (str_eq(key, str_from(run->key)) && run->order.owner == call->owner) {
            return run;
        }
    }
    return NULL;
}

static void answer_again(const struct api_call *call, const struct report_run *run, uint64_t hash)
{
    struct json_writer writer;
    if (run->form_hash != hash) {
        api_refuse(call, (struct api_error){.status = 400, .type = "idempotency_error"},
            "That Idempotency-Key was used with other parameters: take another one.");
        return;
    }
    api_add_header(call->response, "Idempotent-Replayed", STR("true"));
    json_writer_init(&writer, call->response->body);
    api_report_write_run(call, run, true, &writer);
}

static void keep(const struct api_call *call, const struct report_run *run)
{
    struct api_reports *reports = &call->api->reports;
    if (reports->end - reports->first == REPORT_RUNS_MAX) {
        forget_oldest(reports);
    }
    struct report_run *kept = run_at(reports, reports->end++);
    *kept = *run;
    kept->order.currency = str_from(kept->currency);
    kept->order.category = str_from(kept->category);
}

static void begin_run(const struct api_call *call)
{
    struct api *api = call->api;
    struct str key = call->request->idempotency_key;
    struct str form = call->request->body;
    uint64_t hash = hash_bytes(form.data, form.len, 0);
    struct json_writer writer;
    if (key.len > REPORT_KEY_BYTES_MAX) {
        api_refuse(call, (struct api_error){.status = 400},
            "Idempotency-Key is longer than %d bytes.", REPORT_KEY_BYTES_MAX);
        return;
    }
    const struct report_run *before = find_key(call, key);
    if (before != NULL) {
        answer_again(call, before, hash);
        return;
    }
    struct report_run run = {.form_hash = hash};
    if (!api_report_form_read(call, &run)) {
        run.zone = zone_close(run.zone);
        return;
    }
    run.created_s = merchant_clock_s(shop_of(api));
    id_make(&api->reports.ids, "frr_1", run.created_s, run.id);
    id_make(&api->reports.ids, "file_1", run.created_s, run.file);
    run.fails = api_draw(api) % 100 < api->config.report_error_percent;
    ENSURE(str_copy_to(run.key, sizeof run.key, key));
    keep(call, &run);
    json_writer_init(&writer, call->response->body);
    api_report_write_run(call, &run, true, &writer);
}

/* ---- reading them ---------------------------------------------------------------------------- */

static bool is_asked_for(
    const struct api_call *call, const struct report_run *run, const struct archive_query *query)
{
    return run->order.owner == call->owner && call->sees_shop &&
           run->created_s >= query->created_from_s && run->created_s <= query->created_to_s;
}

static void write_page(
    const struct api_call *call, const struct archive_query *query, uint64_t from)
{
    const struct api_reports *reports = &call->api->reports;
    struct json_writer writer;
    uint32_t count = 0;
    uint64_t at = from;
    json_writer_init(&writer, call->response->body);
    json_begin_object(&writer, STR_NONE);
    json_add_string(&writer, STR("object"), STR("list"));
    json_begin_array(&writer, STR("data"));
    bool more = false;
    while (!more && at-- > reports->first) {
        const struct report_run *run = run_at(reports, at);
        if (is_asked_for(call, run, query)) {
            more = count == query->limit;
            if (!more) {
                api_report_write_run(call, run, false, &writer);
                count++;
            }
        }
    }
    json_end_array(&writer);
    json_add_bool(&writer, STR("has_more"), more);
    json_add_string(&writer, STR("url"), STR("/v1/reporting/report_runs"));
    json_end_object(&writer);
}

static void answer_runs(const struct api_call *call)
{
    struct archive_query query = ARCHIVE_QUERY_ALL;
    uint64_t from = call->api->reports.end;
    if (!api_query_read(call, RESOURCE_REPORT, &query)) {
        return;
    }
    if (query.ending_before.len > 0) {
        api_refuse(call,
            (struct api_error){
                .status = 400, .code = "parameter_unknown", .param = STR("ending_before")},
            "Runs of reports are listed with starting_after only here.");
        return;
    }
    if (query.starting_after.len > 0 && find(call, query.starting_after, &from) == NULL) {
        api_refuse(call,
            (struct api_error){
                .status = 400, .code = "resource_missing", .param = STR("starting_after")},
            "No such report run: '" STR_FMT "'",
            STR_ARG(str_prefix_utf8(query.starting_after, 80)));
        return;
    }
    write_page(call, &query, from);
}

static void answer_run(const struct api_call *call, struct str id)
{
    struct json_writer writer;
    uint64_t number = 0;
    struct report_run *run = find(call, id, &number);
    if (run == NULL || !str_eq(id, str_from(run->id))) {
        api_refuse_missing(call, "report run", id);
        return;
    }
    look_at(call, run);
    json_writer_init(&writer, call->response->body);
    api_report_write_run(call, run, false, &writer);
}

void api_answer_report_runs(const struct api_call *call, struct str id)
{
    bool is_post = str_eq(call->request->method, STR("POST"));
    if (is_post && id.len == 0) {
        begin_run(call);
    } else if (is_post) {
        api_refuse(call, (struct api_error){.status = 405},
            "A run of a report is asked for at /v1/reporting/report_runs.");
    } else if (id.len == 0) {
        answer_runs(call);
    } else {
        answer_run(call, id);
    }
}

/* "file_1..." and "file_1.../contents". */
void api_answer_files(const struct api_call *call, struct str below)
{
    struct str id = str_cut(&below, '/');
    uint64_t number = 0;
    const struct report_run *run = find(call, id, &number);
    bool is_there = run != NULL && str_eq(id, str_from(run->file)) && run->ended_s != 0 &&
                    !run->fails && (below.len == 0 || str_eq(below, STR("contents")));
    if (!is_there) {
        api_refuse_missing(call, "file", id);
    } else if (below.len > 0) {
        call->response->content_type = "text/csv";
        report_write(shop_of(call->api), &run->order, call->response->body);
    } else {
        struct json_writer writer;
        json_writer_init(&writer, call->response->body);
        json_begin_object(&writer, STR_NONE);
        api_report_write_file(call, run, &writer);
        json_end_object(&writer);
    }
}
