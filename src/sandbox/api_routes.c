#include "base/check.h"
#include "base/json.h"
#include "sandbox/api_internal.h"

#define ENDPOINT_ID "we_1SandboxShop000000"

void api_refuse_missing(const struct api_call *call, const char *object, struct str id)
{
    api_refuse(call,
        (struct api_error){.status = 404, .code = "resource_missing", .param = STR("id")},
        "No such %s: '" STR_FMT "'", object, STR_ARG(str_prefix_utf8(id, 80)));
}

static void refuse_unknown(const struct api_call *call)
{
    api_refuse(call, (struct api_error){.status = 404},
        "Nothing answers " STR_FMT " " STR_FMT " here: docs/sandbox.md lists what does.",
        STR_ARG(str_prefix_utf8(call->request->method, 20)),
        STR_ARG(str_prefix_utf8(call->request->path, 160)));
}

/* ---- lists and objects ----------------------------------------------------------------------- */

static void write_list(const struct api_call *call,
    enum resource resource,
    const struct archive_page *page,
    bool whole)
{
    const struct merchant_rendering rendering = {call->version, whole};
    struct buf *to = call->response->body;
    buf_add(to, STR("{\"object\":\"list\",\"data\":["));
    for (uint32_t i = 0; i < page->count; i++) {
        buf_add(to, i > 0 ? STR(",\n") : STR("\n"));
        archive_render(call->api->config.archive, resource, page->rows[i], rendering, to);
    }
    buf_add(to, page->more ? STR("],\"has_more\":true,\"url\":\"")
                           : STR("],\"has_more\":false,\"url\":\""));
    buf_add(to, call->request->path); /* one of ours: it needs no escapes */
    buf_add(to, STR("\"}\n"));
}

static void answer_list(const struct api_call *call, enum resource resource, struct str charge)
{
    struct archive_query query = ARCHIVE_QUERY_ALL;
    struct archive_page page = {0};
    if (!api_query_read(call, resource, &query)) {
        return;
    }
    query.owner = call->owner;
    if (charge.len > 0) {
        query.charge = charge;
    }
    if (call->sees_shop &&
        archive_list(call->api->config.archive, resource, &query, &page) != ERR_OK) {
        bool after = query.starting_after.len > 0;
        api_refuse(call,
            (struct api_error){.status = 400,
                .code = "resource_missing",
                .param = after ? STR("starting_after") : STR("ending_before")},
            "No such %s: '" STR_FMT "'", resource_rows[resource].object,
            STR_ARG(str_prefix_utf8(after ? query.starting_after : query.ending_before, 80)));
        return;
    }
    write_list(call, resource, &page, query.whole);
}

/* As it is sent, and percent-encoded. */
static bool asks_for_payments(struct str query)
{
    return str_eq(query, STR("expand[]=payments")) || str_eq(query, STR("expand%5B%5D=payments"));
}

/* Only the account above reads others by their ids. */
static void answer_connected(const struct api_call *call, struct str id)
{
    const struct merchant *merchant = archive_merchant(call->api->config.archive);
    uint32_t owner = 0;
    if (call->owner != 0 || !call->sees_shop ||
        merchant_account_find(merchant, id, &owner) != ERR_OK ||
        merchant_account_at(merchant, owner).left) {
        api_refuse_account(call, id);
        return;
    }
    merchant_render(merchant, (struct merchant_ref){.subject = SUBJECT_ACCOUNT, .index = owner - 1},
        (struct merchant_rendering){.version = call->version}, call->response->body);
}

static void answer_object(const struct api_call *call, enum resource resource, struct str id)
{
    if (resource == RESOURCE_ACCOUNT) {
        answer_connected(call, id);
        return;
    }
    const struct archive *archive = call->api->config.archive;
    uint64_t row = 0;
    if (!call->sees_shop || archive_find(archive, resource, call->owner, id, &row) != ERR_OK) {
        api_refuse_missing(call, resource_rows[resource].object, id);
        return;
    }
    bool whole = resource == RESOURCE_INVOICE && asks_for_payments(call->request->query);
    archive_render(archive, resource, row, (struct merchant_rendering){call->version, whole},
        call->response->body);
}

/* Where a charge of an older version sends for the rest of its refunds. */
static void answer_refunds_of(const struct api_call *call, struct str charge)
{
    uint64_t row = 0;
    if (!call->sees_shop || archive_find(call->api->config.archive, RESOURCE_CHARGE, call->owner,
                                charge, &row) != ERR_OK) {
        api_refuse_missing(call, "charge", charge);
        return;
    }
    answer_list(call, RESOURCE_REFUND, charge);
}

/* Where a list inside of an object says that it is: it stands there whole, too. */
static void answer_list_inside(
    const struct api_call *call, enum resource resource, struct str id, struct str name)
{
    const struct archive *archive = call->api->config.archive;
    struct buf *to = call->response->body;
    struct archive_query query = ARCHIVE_QUERY_ALL;
    uint64_t row = 0;
    if (!call->sees_shop || archive_find(archive, resource, call->owner, id, &row) != ERR_OK) {
        api_refuse_missing(call, resource_rows[resource].object, id);
        return;
    }
    if (!api_query_read(call, resource, &query)) {
        return;
    }
    buf_add(to, STR("{\"object\":\"list\",\"data\":"));
    archive_render_list(archive, resource, row, name, call->version, to);
    buf_add(to, STR(",\"has_more\":false,\"url\":\""));
    buf_add(to, call->request->path); /* one of ours: it needs no escapes */
    buf_add(to, STR("\"}\n"));
}

/* ---- the account and its endpoint ------------------------------------------------------------ */

static void answer_account(const struct api_call *call, struct str id)
{
    struct str own = call->request->account.len > 0 ? call->request->account : STR(API_ACCOUNT);
    if (id.len > 0) {
        refuse_unknown(call);
        return;
    }
    if (call->owner != 0) {
        const struct merchant_ref ref = {.subject = SUBJECT_ACCOUNT, .index = call->owner - 1};
        merchant_render(archive_merchant(call->api->config.archive), ref,
            (struct merchant_rendering){.version = call->version}, call->response->body);
        return;
    }
    struct json_writer writer;
    json_writer_init(&writer, call->response->body);
    json_begin_object(&writer, STR_NONE);
    json_add_string(&writer, STR("id"), own);
    json_add_string(&writer, STR("object"), STR("account"));
    json_add_string(&writer, STR("country"), STR("BE"));
    json_add_int(&writer, STR("created"), call->api->config.started_s);
    json_add_string(&writer, STR("default_currency"), STR("eur"));
    json_add_bool(&writer, STR("charges_enabled"), true);
    json_add_bool(&writer, STR("details_submitted"), true);
    json_add_bool(&writer, STR("payouts_enabled"), true);
    json_add_string(&writer, STR("type"), STR("standard"));
    json_end_object(&writer);
}

static void write_endpoint(const struct api_call *call)
{
    const struct api_config *config = &call->api->config;
    struct json_writer writer;
    json_writer_init(&writer, call->response->body);
    json_begin_object(&writer, STR_NONE);
    json_add_string(&writer, STR("id"), STR(ENDPOINT_ID));
    json_add_string(&writer, STR("object"), STR("webhook_endpoint"));
    json_add_string(&writer, STR("api_version"), str_from(api_version_text(config->version)));
    json_add_null(&writer, STR("application"));
    json_add_int(&writer, STR("created"), config->started_s);
    json_add_null(&writer, STR("description"));
    json_begin_array(&writer, STR("enabled_events"));
    json_add_string(&writer, STR_NONE, STR("*"));
    json_end_array(&writer);
    json_add_bool(&writer, STR("livemode"), config->live);
    json_begin_object(&writer, STR("metadata"));
    json_end_object(&writer);
    json_add_string(&writer, STR("status"), STR("enabled"));
    json_add_string(&writer, STR("url"), config->webhook_url);
    json_end_object(&writer);
}

static void answer_endpoints(const struct api_call *call, struct str id)
{
    struct buf *to = call->response->body;
    bool is_there = call->api->config.webhook_url.len > 0;
    if (id.len > 0 && is_there && str_eq(id, STR(ENDPOINT_ID))) {
        write_endpoint(call);
    } else if (id.len > 0) {
        api_refuse_missing(call, "webhook_endpoint", id);
    } else {
        buf_add(to, STR("{\"object\":\"list\",\"data\":["));
        if (is_there) {
            write_endpoint(call);
        }
        buf_add(to, STR("],\"has_more\":false,\"url\":\"/v1/webhook_endpoints\"}\n"));
    }
}

/* ---- routes ---------------------------------------------------------------------------------- */

static const struct {
    const char *path;
    void (*answer)(const struct api_call *call, struct str id);
    bool posts; /* is asked for more than to be read */
} singles[] = {
    {"account", answer_account, false},
    {"balance", api_answer_balance, false},
    {"balance_transactions", api_answer_lines, false},
    {"webhook_endpoints", answer_endpoints, false},
    {"reporting/report_types", api_answer_report_types, false},
    {"reporting/report_runs", api_answer_report_runs, true},
    {"files", api_answer_files, false},
};

/* "charges/ch_1/refunds" under "charges" leaves "ch_1/refunds". */
static bool is_under(struct str path, const char *root, struct str *ret_below)
{
    size_t len = strlen(root);
    if (!str_starts_with(path, str_from(root)) || (path.len > len && path.data[len] != '/')) {
        return false;
    }
    *ret_below = path.len > len ? (struct str){path.data + len + 1, path.len - len - 1} : STR_NONE;
    return true;
}

static void answer_resource(const struct api_call *call, enum resource resource, struct str below)
{
    struct str id = str_cut(&below, '/');
    if (below.len == 0 && id.len == 0) {
        answer_list(call, resource, STR_NONE);
    } else if (below.len == 0) {
        answer_object(call, resource, id);
    } else if (resource == RESOURCE_CHARGE && str_eq(below, STR("refunds"))) {
        answer_refunds_of(call, id);
    } else if (merchant_has_list(resource_rows[resource].subject, below)) {
        answer_list_inside(call, resource, id, below);
    } else {
        refuse_unknown(call);
    }
}

void api_route(const struct api_call *call)
{
    struct str path;
    struct str below;
    bool is_get = str_eq(call->request->method, STR("GET"));
    bool is_post = str_eq(call->request->method, STR("POST"));
    if (!is_under(call->request->path, "/v1", &path) || (!is_get && !is_post)) {
        refuse_unknown(call);
        return;
    }
    for (size_t i = 0; i < sizeof singles / sizeof *singles; i++) {
        if (is_under(path, singles[i].path, &below) && (is_get || singles[i].posts)) {
            singles[i].answer(call, below);
            return;
        }
    }
    for (int i = 0; is_get && i < RESOURCE_COUNT; i++) {
        if (is_under(path, resource_rows[i].path, &below)) {
            answer_resource(call, (enum resource)i, below);
            return;
        }
    }
    refuse_unknown(call);
}
