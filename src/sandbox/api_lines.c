#include "base/check.h"
#include "base/json.h"
#include "sandbox/api_internal.h"
#include "sandbox/faults.h"
#include "sandbox/merchant_lines.h"

/* The account's statement and its balance: lists of lines by cursor, with what they are about. */

#define SOURCE_BYTES_MAX ((size_t)64 * 1024)
#define NO_BALANCE                                                                                 \
    "{\"object\":\"balance\",\"available\":[{\"amount\":0,\"currency\":\"eur\","                   \
    "\"source_types\":{\"card\":0}}],\"livemode\":false,\"pending\":[{\"amount\":0,"               \
    "\"currency\":\"eur\",\"source_types\":{\"card\":0}}]}"

/* One page on its way. */
struct listing {
    const struct api_call *call;
    const struct merchant *merchant;
    struct archive_query query;
    uint32_t first, end; /* lines outside of these cannot be meant */
    uint32_t count;
    bool more;
    uint32_t rows[ARCHIVE_LIMIT_MAX]; /* newest first */
};

/* ---- one line -------------------------------------------------------------------------------- */

static void add_text(struct json_writer *to, struct str name, struct str text)
{
    if (text.len > 0) {
        json_add_string(to, name, text);
    } else {
        json_add_null(to, name);
    }
}

static void add_fees(struct json_writer *to, const struct merchant_line *line)
{
    json_begin_array(to, STR("fee_details"));
    for (uint32_t i = 0; i < line->fee_count; i++) {
        const struct merchant_line_fee *fee = &line->fees[i];
        json_begin_object(to, STR_NONE);
        json_add_int(to, STR("amount"), fee->minor);
        add_text(to, STR("application"), fee->application);
        json_add_string(to, STR("currency"), line->currency);
        json_add_string(to, STR("description"), str_from(fee->description));
        json_add_string(to, STR("type"), str_from(fee->type));
        json_end_object(to);
    }
    json_end_array(to);
}

/* What only a line tells of: on a connected account the payment that a transfer arrives as, and its
 * refund; and the refund of what was not captured. */
static void write_beside(const struct merchant_line *line, struct buf *to)
{
    struct json_writer writer;
    bool is_charge = str_eq(line->source, line->charge);
    bool exchanged = line->customer_currency.len > 0;
    int64_t amount = exchanged ? line->customer_minor : line->amount_minor;
    json_writer_init(&writer, to);
    json_begin_object(&writer, STR_NONE);
    json_add_string(&writer, STR("id"), line->source);
    json_add_string(&writer, STR("object"), is_charge ? STR("charge") : STR("refund"));
    json_add_int(&writer, STR("amount"), is_charge ? amount : -amount);
    json_add_string(&writer, STR("balance_transaction"), line->id);
    add_text(&writer, STR("charge"), line->charge);
    json_add_int(&writer, STR("created"), line->created_s);
    json_add_string(&writer, STR("currency"), exchanged ? line->customer_currency : line->currency);
    json_add_string(&writer, STR("status"), STR("succeeded"));
    json_end_object(&writer);
}

static void add_source(const struct api_call *call,
    const struct merchant_line *line,
    bool whole,
    struct json_writer *to)
{
    CLEANUP(buf_fini) struct buf source;
    buf_init(&source, SOURCE_BYTES_MAX);
    if (!whole || line->source.len == 0 || line->is_source_hidden) {
        add_text(to, STR("source"), line->source);
        return;
    }
    if (line->has_source_ref) {
        merchant_render(archive_merchant(call->api->config.archive), line->source_ref,
            (struct merchant_rendering){.version = call->version}, &source);
        faults_alter_source(
            merchant_faults(archive_merchant(call->api->config.archive)), line, &source);
    } else {
        write_beside(line, &source);
    }
    json_add_raw(to, STR("source"), buf_str(&source));
}

static void add_exchange(struct json_writer *to, const struct merchant_line *line)
{
    if (line->exchange_rate[0] != '\0') {
        json_add_raw(to, STR("exchange_rate"), str_from(line->exchange_rate));
    } else {
        json_add_null(to, STR("exchange_rate"));
    }
}

static void write_line(const struct api_call *call, uint32_t index, bool whole)
{
    const struct merchant *merchant = archive_merchant(call->api->config.archive);
    struct merchant_line line;
    struct json_writer writer;
    merchant_line_at(merchant, call->owner, index, &line);
    faults_alter_line(merchant_faults(merchant), FAULT_VIEW_API, &line);
    bool available = line.available_on_s <= merchant_clock_s(merchant);
    json_writer_init(&writer, call->response->body);
    json_begin_object(&writer, STR_NONE);
    json_add_string(&writer, STR("id"), line.id);
    json_add_string(&writer, STR("object"), STR("balance_transaction"));
    json_add_int(&writer, STR("amount"), line.amount_minor);
    json_add_int(&writer, STR("available_on"), line.available_on_s);
    json_add_string(&writer, STR("balance_type"), str_from(line.balance_type));
    json_add_int(&writer, STR("created"), line.created_s);
    json_add_string(&writer, STR("currency"), line.currency);
    add_text(&writer, STR("description"), line.description);
    add_exchange(&writer, &line);
    json_add_int(&writer, STR("fee"), line.fee_minor);
    add_fees(&writer, &line);
    json_add_int(&writer, STR("net"), line.net_minor);
    json_add_string(&writer, STR("reporting_category"), str_from(line.category));
    add_source(call, &line, whole, &writer);
    json_add_string(&writer, STR("status"), available ? STR("available") : STR("pending"));
    json_add_string(&writer, STR("type"), str_from(line.type));
    json_end_object(&writer);
}

/* ---- a list ---------------------------------------------------------------------------------- */

static bool is_or_any(struct str wanted, struct str is)
{
    return wanted.len == 0 || str_eq(wanted, is);
}

static bool matches(const struct listing *listing, uint32_t index)
{
    const struct archive_query *query = &listing->query;
    const struct faults *faults = merchant_faults(listing->merchant);
    struct merchant_line line;
    if (faults == NULL && query->payout.len == 0 && query->source.len == 0 &&
        query->currency.len == 0 && query->type_count == 0) {
        return true;
    }
    merchant_line_at(listing->merchant, listing->call->owner, index, &line);
    bool is_shown = faults_show_line(faults, FAULT_VIEW_API, &line) &&
                    (query->payout.len == 0 || faults_show_line(faults, FAULT_VIEW_PAYOUT, &line));
    return is_shown && is_or_any(query->payout, line.payout) &&
           is_or_any(query->source, line.source) && is_or_any(query->currency, line.currency) &&
           is_or_any(query->type_count > 0 ? query->types[0] : STR_NONE, str_from(line.type));
}

/* False: the page is full, and there is more. */
static bool take(struct listing *listing, uint32_t index)
{
    if (!matches(listing, index)) {
        return true;
    }
    listing->more = listing->count == listing->query.limit;
    if (!listing->more) {
        listing->rows[listing->count++] = index;
    }
    return !listing->more;
}

static void collect_newest(struct listing *listing, uint32_t end)
{
    uint32_t at = end < listing->end ? end : listing->end;
    while (at > listing->first && take(listing, at - 1)) {
        at--;
    }
}

static void collect_before(struct listing *listing, uint32_t after)
{
    uint32_t at = after + 1 > listing->first ? after + 1 : listing->first;
    while (at < listing->end && take(listing, at)) {
        at++;
    }
    for (uint32_t i = 0; i < listing->count / 2; i++) {
        uint32_t row = listing->rows[i];
        listing->rows[i] = listing->rows[listing->count - 1 - i];
        listing->rows[listing->count - 1 - i] = row;
    }
}

static bool refuse_missing(
    const struct api_call *call, int status, const char *param, const char *object, struct str id)
{
    api_refuse(call,
        (struct api_error){.status = status, .code = "resource_missing", .param = str_from(param)},
        "No such %s: '" STR_FMT "'", object, STR_ARG(str_prefix_utf8(id, 80)));
    return false;
}

/* Where the lines stand that can be meant. False: it was refused. */
static bool bound(struct listing *listing)
{
    const struct archive_query *query = &listing->query;
    uint32_t owner = listing->call->owner;
    listing->first = merchant_line_from(listing->merchant, owner, query->created_from_s);
    listing->end = query->created_to_s == INT64_MAX
                       ? merchant_line_count(listing->merchant, owner)
                       : merchant_line_from(listing->merchant, owner, query->created_to_s + 1);
    if (query->payout.len > 0) {
        uint32_t first = 0;
        uint32_t end = 0;
        if (merchant_payout_lines(listing->merchant, owner, query->payout, &first, &end) !=
            ERR_OK) {
            return refuse_missing(listing->call, 400, "payout", "payout", query->payout);
        }
        listing->first = first > listing->first ? first : listing->first;
        listing->end = end < listing->end ? end : listing->end;
    }
    return true;
}

static bool collect(struct listing *listing)
{
    bool upward = listing->query.ending_before.len > 0;
    struct str cursor = upward ? listing->query.ending_before : listing->query.starting_after;
    uint32_t at = UINT32_MAX;
    if (cursor.len > 0 &&
        merchant_line_find(listing->merchant, listing->call->owner, cursor, &at) != ERR_OK) {
        return refuse_missing(listing->call, 400, upward ? "ending_before" : "starting_after",
            "balance_transaction", cursor);
    }
    if (upward) {
        collect_before(listing, at);
    } else {
        collect_newest(listing, at);
    }
    return true;
}

static void answer_list(const struct api_call *call)
{
    struct listing listing = {.call = call,
        .merchant = archive_merchant(call->api->config.archive),
        .query = ARCHIVE_QUERY_ALL};
    struct buf *to = call->response->body;
    if (!api_query_read(call, RESOURCE_LINE, &listing.query) ||
        (call->sees_shop && (!bound(&listing) || !collect(&listing)))) {
        return;
    }
    buf_add(to, STR("{\"object\":\"list\",\"data\":["));
    for (uint32_t i = 0; i < listing.count; i++) {
        buf_add(to, i > 0 ? STR(",\n") : STR("\n"));
        write_line(call, listing.rows[i], listing.query.whole);
    }
    buf_add(to, listing.more ? STR("],\"has_more\":true,") : STR("],\"has_more\":false,"));
    buf_add(to, STR("\"url\":\"/v1/balance_transactions\"}\n"));
}

/* As it is sent, and percent-encoded. */
static bool asks_for_source(struct str query)
{
    return str_eq(query, STR("expand[]=source")) || str_eq(query, STR("expand%5B%5D=source"));
}

static bool find_line(const struct api_call *call, struct str id, uint32_t *ret_index)
{
    const struct merchant *merchant = archive_merchant(call->api->config.archive);
    struct merchant_line line;
    if (!call->sees_shop || merchant_line_find(merchant, call->owner, id, ret_index) != ERR_OK) {
        return false;
    }
    merchant_line_at(merchant, call->owner, *ret_index, &line);
    return faults_show_line(merchant_faults(merchant), FAULT_VIEW_API, &line);
}

void api_answer_lines(const struct api_call *call, struct str id)
{
    uint32_t index = 0;
    if (id.len == 0) {
        answer_list(call);
    } else if (!find_line(call, id, &index)) {
        (void)refuse_missing(call, 404, "id", "balance transaction", id);
    } else {
        write_line(call, index, asks_for_source(call->request->query));
    }
}

void api_answer_balance(const struct api_call *call, struct str below)
{
    if (below.len > 0) {
        (void)refuse_missing(call, 404, "id", "balance", below);
    } else if (call->sees_shop) {
        merchant_render_balance(
            archive_merchant(call->api->config.archive), call->owner, call->response->body);
    } else {
        buf_add(call->response->body, STR(NO_BALANCE));
    }
}
