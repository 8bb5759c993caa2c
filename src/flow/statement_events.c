#include "base/check.h"
#include "base/json.h"
#include "store/feed.h"
#include "flow/statement_inside.h"

#define EVENT_BODY_BYTES_MAX 4096

/* What a line of that kind tells the business; false: nothing. */
static bool event_of(const struct kept_line *kept, enum domain_event_type *ret)
{
    if (kept->scope == 0) {
        return false;
    }
    switch ((int)kept->line.kind) {
    case LINE_ADJUSTMENT:
    case LINE_PAYMENT_REVERSED:
        *ret = EVENT_LINE_ADJUSTMENT_RECORDED;
        return true;
    case LINE_FEE:
    case LINE_FX_FEE:
    case LINE_NETWORK_FEE:
    case LINE_TAX:
        *ret = EVENT_LINE_FEE_CHARGED;
        return true;
    case LINE_MINIMUM_BALANCE:
    case LINE_RISK_RESERVE:
    case LINE_RESERVE_MOVE:
    case LINE_NETWORK_RESERVE:
    case LINE_CONNECT_RESERVE:
        *ret = EVENT_LINE_RESERVE_CHANGED;
        return true;
    default:
        return false;
    }
}

/* Once for each line: when it becomes known to be of such a kind. */
static bool is_told(const struct taken_line *line, enum domain_event_type *ret)
{
    enum domain_event_type before = EVENT_ALL_COUNT;
    return event_of(&line->now, ret) && !(event_of(&line->was, &before) && before == *ret);
}

static void write_body(const struct kept_line *kept, struct buf *to)
{
    const struct statement_line *line = &kept->line;
    char id[OWN_ID_TEXT_BYTES];
    struct json_writer json;
    buf_clear(to);
    json_writer_init(&json, to);
    subject_format(SUBJECT_LINE, line->id, id);
    json_begin_object(&json, STR_NONE);
    json_begin_object(&json, STR("line"));
    json_add_string(&json, STR("id"), str_from(id));
    json_add_string(&json, STR("kind"), str_from(line_kind_word(line->kind)));
    json_add_int(&json, STR("amount_minor"), line->amount_minor);
    json_add_int(&json, STR("fee_minor"), line->fee_minor);
    json_add_int(&json, STR("net_minor"), line->net_minor);
    json_add_string(&json, STR("currency"), str_from(line->currency.code));
    json_add_string(&json, STR("bucket"), str_from(bucket_word(line->bucket)));
    json_add_string(&json, STR("text"), kept->text);
    json_end_object(&json);
    json_end_object(&json);
}

static enum err add_event(const struct taken_line *line,
    enum domain_event_type type,
    int64_t now_us,
    struct arena *arena,
    struct buf *body,
    struct feed_entry *to)
{
    write_body(&line->now, body);
    struct str text = arena_copy(arena, buf_str(body));
    if (body->failed || text.data == NULL) {
        return ERR_TOO_LARGE;
    }
    *to = (struct feed_entry){.scope = line->now.scope,
        .type = type,
        .schema = domain_event_schema(type),
        .aggregate_id = line->now.line.id,
        .occurred_at_us = line->now.line.created_us,
        .recorded_at_us = now_us,
        .body = text};
    return ERR_OK;
}

enum err statement_publish(struct store *store,
    struct arena *arena,
    struct taken_line *const *lines,
    uint32_t count,
    int64_t now_us,
    struct err_info *reterr)
{
    REQUIRE(store != NULL && arena != NULL && (lines != NULL || count == 0));
    CLEANUP(buf_fini) struct buf body;
    buf_init(&body, EVENT_BODY_BYTES_MAX);
    struct feed_entry *entries = arena_new_array(arena, struct feed_entry, count + 1);
    enum err err = entries == NULL ? ERR_TOO_LARGE : ERR_OK;
    uint32_t told = 0;
    for (uint32_t i = 0; i < count && err == ERR_OK; i++) {
        enum domain_event_type type;
        if (is_told(lines[i], &type)) {
            err = add_event(lines[i], type, now_us, arena, &body, &entries[told++]);
        }
    }
    if (err != ERR_OK) {
        return err_set(reterr, err, "the lines' events need more memory than a batch may have");
    }
    return told == 0 ? ERR_OK : feed_append(store, arena, entries, told, reterr);
}
