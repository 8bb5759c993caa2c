/* Looking at the inbox. A filter's text is put together from the parts it needs, so that each
 * combination has a plan of its own, and kept: there are few. */
#include "base/digest.h"
#include "store/inbox.h"
#include "store/internal.h"
#include <inttypes.h>

#define ROW_COLUMNS                                                                                \
    "e.seq, e.scope, e.channel, e.event_id, e.type, e.api_version, e.subject, e.proof, e.live, "   \
    "e.occurred_at_us, e.received_us, length(e.body), e.body_sha256, w.status, w.reason, "         \
    "w.attempts, w.crashes, w.due_at_us, w.first_failed_us, w.finished_us, w.error, w.error_text"
#define ROW_COLUMN_COUNT 22

static const struct sql_statement row_read = {
    .text = "SELECT " ROW_COLUMNS ", e.body FROM inbox_event e JOIN inbox_work w ON w.seq = e.seq "
            "WHERE e.seq = ?1",
    .parameters = "i",
};

/* --- filters --- */

enum list_part { /* bits of the slot */
    PART_EVENT_ID = 1,
    PART_STATUS_DEAD = 2,
    PART_STATUS_OPEN = 4,
    PART_STATUS_OTHER = 8,
    PART_TYPE = 16,
    PART_TYPE_PREFIX = 32,
    PART_ERROR = 64,
    PART_SCOPE = 128,
    PART_RECEIVED = 256,
    PART_NEWEST = 512,
    PART_END = 1024
};
#define PARAMETERS_MAX 12
#define TEXT_BYTES 2048

struct list_statement {
    struct list_statement *next;
    unsigned parts;
    char parameters[PARAMETERS_MAX + 1];
    struct sql_statement statement;
};
struct list_statements {
    struct list_statement *first;
};

static unsigned parts_of(const struct inbox_filter *filter)
{
    unsigned parts = 0;
    if (filter->event_id.len > 0) {
        parts |= PART_EVENT_ID;
    }
    if (filter->by_status) {
        parts |= filter->status == WORK_DEAD      ? PART_STATUS_DEAD
                 : filter->status <= WORK_WAITING ? PART_STATUS_OPEN
                                                  : PART_STATUS_OTHER;
    }
    if (filter->type.len > 0) {
        bool prefix = filter->type.len >= 2 && filter->type.data[filter->type.len - 1] == '*' &&
                      filter->type.data[filter->type.len - 2] == '.';
        parts |= prefix ? PART_TYPE_PREFIX : PART_TYPE;
    }
    if (filter->error.len > 0) {
        parts |= PART_ERROR;
    }
    if (filter->scope != 0) {
        parts |= PART_SCOPE;
    }
    if (filter->received_from_us != 0 || filter->received_to_us != 0) {
        parts |= PART_RECEIVED;
    }
    if (filter->newest_first) {
        parts |= PART_NEWEST;
    }
    return parts;
}

/* One condition with its parameters: '#' stands for the next one's number. */
static void add_part(
    struct buf *to, char *letters, bool wanted, const char *condition, const char *its_letters)
{
    if (!wanted) {
        return;
    }
    size_t number = strlen(letters);
    for (const char *c = condition; *c != '\0'; c++) {
        if (*c == '#') {
            buf_addf(to, "?%zu", ++number);
        } else {
            buf_add_char(to, *c);
        }
    }
    size_t len = strlen(letters);
    size_t more = strlen(its_letters);
    INVARIANT(len + more <= PARAMETERS_MAX);
    memcpy(letters + len, its_letters, more + 1);
}

/* Where to begin, so that no filter walks a hundred million events for a few. CROSS keeps SQLite to
 * the order of the tables, and a sign before seq from using its order. */
static const char *start_of(unsigned parts, const char **ret_seq)
{
    static const char events_first[] = "inbox_event e CROSS JOIN inbox_work w";
    static const char work_first[] = "inbox_work w CROSS JOIN inbox_event e";
    if ((parts & PART_EVENT_ID) != 0) {
        *ret_seq = "+e.seq";
        return events_first;
    }
    if ((parts & PART_STATUS_DEAD) != 0) {
        *ret_seq = "w.seq";
        return work_first;
    }
    if ((parts & PART_STATUS_OPEN) != 0) {
        *ret_seq = "+w.seq";
        return work_first;
    }
    *ret_seq = "e.seq";
    return events_first;
}

/* The order of the parts is that of the values in list_values. */
static void add_text(struct buf *to, unsigned parts, char *letters)
{
    const char *seq = NULL;
    const char *tables = start_of(parts, &seq);
    buf_addf(to, "SELECT " ROW_COLUMNS " FROM %s WHERE w.seq = e.seq AND %s", tables, seq);
    add_part(to, letters, true, " > #", "i");
    add_part(to, letters, (parts & PART_EVENT_ID) != 0, " AND e.event_id = #", "t");
    add_part(to, letters, (parts & PART_STATUS_DEAD) != 0, " AND w.status = 'dead'", "");
    add_part(to, letters, (parts & PART_STATUS_OPEN) != 0,
        " AND w.due_at_us IS NOT NULL AND w.status = #", "t");
    add_part(to, letters, (parts & PART_STATUS_OTHER) != 0, " AND w.status = #", "t");
    add_part(to, letters, (parts & PART_TYPE) != 0, " AND e.type = #", "t");
    add_part(to, letters, (parts & PART_TYPE_PREFIX) != 0, " AND e.type >= # AND e.type < #", "tt");
    add_part(to, letters, (parts & PART_ERROR) != 0, " AND w.error = #", "t");
    add_part(to, letters, (parts & PART_SCOPE) != 0, " AND e.scope = #", "i");
    add_part(to, letters, (parts & PART_RECEIVED) != 0,
        " AND e.received_us >= # AND e.received_us < #", "ii");
    buf_addf(to, " ORDER BY %s%s", seq, (parts & PART_NEWEST) != 0 ? " DESC" : "");
    add_part(to, letters, true, " LIMIT #", "i");
}

static const struct sql_statement *list_statement_of(struct store *store, unsigned parts)
{
    if (store->lists == NULL) {
        store->lists = arena_alloc(store->texts, sizeof *store->lists);
        if (store->lists == NULL) {
            return NULL;
        }
    }
    for (struct list_statement *known = store->lists->first; known != NULL; known = known->next) {
        if (known->parts == parts) {
            return &known->statement;
        }
    }
    struct list_statement *made = arena_alloc(store->texts, sizeof *made);
    if (made == NULL) {
        return NULL;
    }
    CLEANUP(buf_fini) struct buf text;
    buf_init(&text, TEXT_BYTES);
    add_text(&text, parts, made->parameters);
    made->parts = parts;
    made->statement.parameters = made->parameters;
    made->statement.text = text.failed ? NULL : arena_copy(store->texts, buf_str(&text)).data;
    if (made->statement.text == NULL) {
        return NULL;
    }
    made->next = store->lists->first;
    store->lists->first = made;
    return &made->statement;
}

/* "charge.*" is from "charge." up to "charge/", the next byte after the dot. */
static bool type_range(
    struct arena *scratch, struct str pattern, struct str *ret_from, struct str *ret_to)
{
    struct str from = {pattern.data, pattern.len - 1};
    struct str to = arena_copy(scratch, from);
    if (to.data == NULL) {
        return false;
    }
    char *copy = arena_alloc(scratch, to.len);
    if (copy == NULL) {
        return false;
    }
    memcpy(copy, from.data, from.len);
    copy[from.len - 1] = '.' + 1;
    *ret_from = from;
    *ret_to = (struct str){copy, from.len};
    return true;
}

static bool list_values(struct arena *scratch,
    const struct inbox_filter *filter,
    unsigned parts,
    struct sql_value values[static PARAMETERS_MAX])
{
    uint32_t at = 0;
    values[at++] = sql_int(filter->after_seq);
    if ((parts & PART_EVENT_ID) != 0) {
        values[at++] = sql_text(filter->event_id);
    }
    if ((parts & (PART_STATUS_OPEN | PART_STATUS_OTHER)) != 0) {
        values[at++] = sql_word(work_status_word(filter->status));
    }
    if ((parts & PART_TYPE) != 0) {
        values[at++] = sql_text(filter->type);
    }
    if ((parts & PART_TYPE_PREFIX) != 0) {
        struct str from, to;
        if (!type_range(scratch, filter->type, &from, &to)) {
            return false;
        }
        values[at++] = sql_text(from);
        values[at++] = sql_text(to);
    }
    if ((parts & PART_ERROR) != 0) {
        values[at++] = sql_text(filter->error);
    }
    if ((parts & PART_SCOPE) != 0) {
        values[at++] = sql_int(filter->scope);
    }
    if ((parts & PART_RECEIVED) != 0) {
        values[at++] = sql_int(filter->received_from_us);
        values[at++] = sql_int(filter->received_to_us == 0 ? INT64_MAX : filter->received_to_us);
    }
    values[at++] = sql_int(filter->limit == 0 ? 100 : filter->limit);
    ENSURE(at <= PARAMETERS_MAX);
    return true;
}

/* --- rows --- */

static bool copy_texts(struct arena *arena, const struct sql_value *columns, struct inbox_row *row)
{
    return column_copy(arena, &columns[3], &row->event_id) &&
           column_copy(arena, &columns[4], &row->type) &&
           column_copy(arena, &columns[5], &row->api_version) &&
           column_copy(arena, &columns[6], &row->subject) &&
           column_copy(arena, &columns[7], &row->proof) &&
           column_copy(arena, &columns[20], &row->error_name) &&
           column_copy(arena, &columns[21], &row->error_text);
}

static enum err read_row(struct arena *arena,
    const struct sql_value *columns,
    struct inbox_row *row,
    struct err_info *reterr)
{
    row->seq = column_int(&columns[0]);
    row->scope = column_int(&columns[1]);
    row->live = column_int(&columns[8]) != 0;
    row->occurred_at_us = column_int(&columns[9]);
    row->received_us = column_int(&columns[10]);
    row->body_bytes = column_int(&columns[11]);
    column_bytes(&columns[12], row->body_sha256, sizeof row->body_sha256);
    row->reason = REASON_NONE;
    row->attempts = column_int(&columns[15]);
    row->crashes = column_int(&columns[16]);
    row->due_us = column_int(&columns[17]);
    row->first_failed_us = column_int(&columns[18]);
    row->finished_us = column_int(&columns[19]);
    struct str reason = column_str(&columns[14]);
    if (!channel_parse(column_str(&columns[2]), &row->channel) ||
        !work_status_parse(column_str(&columns[13]), &row->status) ||
        (reason.len > 0 && !reason_parse(reason, &row->reason))) {
        return err_set(reterr, ERR_STORE_IO,
            "inbox event %" PRId64 " has a word that this version does not know", row->seq);
    }
    return copy_texts(arena, columns, row) ? ERR_OK : store_out_of_room(reterr);
}

static enum err take_row(
    void *context, uint32_t index, const struct sql_value *columns, uint32_t column_count)
{
    (void)index;
    (void)column_count;
    struct rows *rows = context;
    struct inbox_row *row = rows_add(rows);
    return row == NULL ? ERR_TOO_LARGE : read_row(rows->arena, columns, row, rows->reterr);
}

enum err inbox_list(struct store *store,
    const struct inbox_filter *filter,
    struct arena *arena,
    struct inbox_row **ret_rows,
    uint32_t *ret_count,
    struct err_info *reterr)
{
    REQUIRE(filter != NULL);
    struct arena *scratch = store_reading(store);
    unsigned parts = parts_of(filter);
    INVARIANT(parts < PART_END);
    const struct sql_statement *statement = list_statement_of(store, parts);
    struct sql_value values[PARAMETERS_MAX];
    if (statement == NULL || !list_values(scratch, filter, parts, values)) {
        return store_out_of_room(reterr);
    }
    struct rows rows = rows_new(arena, sizeof(struct inbox_row), UINT32_MAX, reterr);
    TRY(store_run_one(store, statement, values, take_row, &rows, reterr));
    *ret_rows = (struct inbox_row *)(void *)rows.items;
    *ret_count = rows.count;
    return ERR_OK;
}

struct get_walk {
    struct arena *arena;
    struct inbox_row *row;
    struct str body;
    bool found;
    struct err_info *reterr;
};

static enum err take_one(
    void *context, uint32_t index, const struct sql_value *columns, uint32_t column_count)
{
    (void)index;
    (void)column_count;
    struct get_walk *walk = context;
    walk->found = true;
    if (!column_copy(walk->arena, &columns[ROW_COLUMN_COUNT], &walk->body)) {
        return store_out_of_room(walk->reterr);
    }
    return read_row(walk->arena, columns, walk->row, walk->reterr);
}

enum err inbox_get(struct store *store,
    int64_t seq,
    struct arena *arena,
    struct inbox_row *ret_row,
    struct str *ret_body,
    struct err_info *reterr)
{
    REQUIRE(ret_row != NULL);
    REQUIRE(ret_body != NULL);
    (void)store_reading(store);
    struct inbox_row row = {0};
    struct get_walk walk = {arena, &row, STR_NONE, false, reterr};
    struct sql_value values[] = {sql_int(seq)};
    TRY(store_run_one(store, &row_read, values, take_one, &walk, reterr));
    if (!walk.found) {
        return err_set(reterr, ERR_NOT_FOUND, "there is no inbox event %" PRId64, seq);
    }
    uint8_t digest[SHA256_BYTES];
    sha256(walk.body, digest);
    if (memcmp(digest, row.body_sha256, sizeof digest) != 0) {
        return err_set(reterr, ERR_STORE_IO,
            "the body of inbox event %" PRId64 " is not the one that was kept: its hash differs",
            seq);
    }
    *ret_row = row;
    *ret_body = walk.body;
    return ERR_OK;
}
