#include "store/inbox.h"
#include "store/internal.h"
#include <stdlib.h>

#define EVENT_COLUMNS                                                                              \
    "scope, channel, event_id, type, api_version, live, subject, occurred_at_us, received_us, "    \
    "proof, rendering, body_sha256, body"

/* With many writers the server gives the numbers. */
static const struct sql_statement event_add = {
    .text = "INSERT INTO inbox_event (" EVENT_COLUMNS ") "
            "VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13) "
            "ON CONFLICT (scope, event_id, rendering) DO NOTHING RETURNING seq",
    .parameters = "ittttitiitibb",
    .postgres_set = "INSERT INTO inbox_event (" EVENT_COLUMNS ") "
                    "SELECT * FROM unnest(?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13) "
                    "ON CONFLICT (scope, event_id, rendering) DO NOTHING "
                    "RETURNING 0::bigint, seq, scope, event_id, rendering",
};
/* Alone, we give them: RETURNING costs SQLite more than all the rest of an insert. */
static const struct sql_statement event_last = {
    .text = "SELECT coalesce(max(seq), 0) FROM inbox_event",
    .parameters = "",
};
static const struct sql_statement event_add_numbered = {
    .text = "INSERT INTO inbox_event (" EVENT_COLUMNS ", seq) "
            "VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13, ?14) "
            "ON CONFLICT (scope, event_id, rendering) DO NOTHING",
    .parameters = "ittttitiitibbi",
};
static const struct sql_statement event_find = {
    .text = "SELECT seq FROM inbox_event WHERE scope = ?1 AND event_id = ?2 AND rendering = ?3",
    .parameters = "iti",
};
static const struct sql_statement work_add = {
    .text =
        "INSERT INTO inbox_work (seq, status, reason, attempts, crashes, due_at_us, finished_us) "
        "VALUES (?1, ?2, ?3, 0, 0, ?4, ?5)",
    .parameters = "ittii",
    .postgres_set =
        "INSERT INTO inbox_work (seq, status, reason, attempts, crashes, due_at_us, finished_us) "
        "SELECT seq, status, reason, 0, 0, due_at_us, finished_us "
        "FROM unnest(?1, ?2, ?3, ?4, ?5) p (seq, status, reason, due_at_us, finished_us)",
};

/* One row of the batch on its way. */
struct arrival {
    struct inbox_append *row;
    uint32_t at; /* in the caller's batch */
    int64_t rendering;
};

/* The same event in another version or with other content is another rendering, whichever channel
 * brought it. */
static int64_t rendering_of(const struct inbox_append *row)
{
    const struct envelope *envelope = row->envelope;
    struct str version = envelope->api_version;
    uint64_t hash = hash_bytes(envelope->content_sha256, sizeof envelope->content_sha256, 1);
    return (int64_t)hash_bytes(version.len == 0 ? "" : version.data, version.len, hash);
}

static int compare_arrivals(const void *a, const void *b)
{
    const struct arrival *left = a;
    const struct arrival *right = b;
    if (left->row->scope != right->row->scope) {
        return left->row->scope < right->row->scope ? -1 : 1;
    }
    int order = str_compare(left->row->envelope->event_id, right->row->envelope->event_id);
    if (order == 0) {
        order = (left->rendering > right->rendering) - (left->rendering < right->rendering);
    }
    return order != 0 ? order : (left->at > right->at) - (left->at < right->at);
}

/* The arrivals of a run; sorted by key where the engine may not tell which row an answer belongs
 * to. */
struct arrival_walk {
    struct arrival *arrivals;
    uint32_t count;
};

/* The first of those that have the key in the columns: the one that was kept. */
static uint32_t arrival_of(const struct arrival_walk *walk, const struct sql_value *columns)
{
    const struct envelope envelope = {.event_id = column_str(&columns[2])};
    struct inbox_append row = {.scope = column_int(&columns[1]), .envelope = &envelope};
    const struct arrival wanted = {&row, 0, column_int(&columns[3])};
    uint32_t low = 0;
    uint32_t high = walk->count;
    while (low < high) {
        uint32_t middle = low + (high - low) / 2;
        if (compare_arrivals(&walk->arrivals[middle], &wanted) < 0) {
            low = middle + 1;
        } else {
            high = middle;
        }
    }
    ENSURE(low < walk->count);
    return low;
}

static enum err take_seq(
    void *context, uint32_t index, const struct sql_value *columns, uint32_t column_count)
{
    (void)column_count;
    const struct arrival_walk *walk = context;
    uint32_t at = index == SQL_INDEX_UNKNOWN ? arrival_of(walk, columns) : index;
    walk->arrivals[at].row->seq = column_int(&columns[0]);
    return ERR_OK;
}

/* They stand in the inbox, maybe since a moment ago. */
static enum err find_events(struct store *store,
    struct arena *scratch,
    struct arrival *arrivals,
    uint32_t count,
    struct err_info *reterr)
{
    struct parameters to = parameters_new(scratch, &event_find, count);
    if (to.values == NULL) {
        return store_out_of_room(reterr);
    }
    for (uint32_t i = 0; i < count; i++) {
        parameters_add(&to, sql_int(arrivals[i].row->scope));
        parameters_add(&to, sql_text(arrivals[i].row->envelope->event_id));
        parameters_add(&to, sql_int(arrivals[i].rendering));
    }
    struct arrival_walk walk = {arrivals, count};
    TRY(sql_run(store->engine, &event_find, to.values, count, take_seq, &walk, NULL, reterr));
    for (uint32_t i = 0; i < count; i++) {
        ENSURE(arrivals[i].row->seq > 0); /* never deleted */
    }
    return ERR_OK;
}

static void add_event(struct parameters *to, const struct arrival *arrival)
{
    const struct inbox_append *row = arrival->row;
    const struct envelope *envelope = row->envelope;
    REQUIRE(row->scope > 0);
    REQUIRE(envelope->event_id.len > 0);
    parameters_add(to, sql_int(row->scope));
    parameters_add(to, sql_word(channel_word(row->channel)));
    parameters_add(to, sql_text(envelope->event_id));
    parameters_add(to, sql_text(envelope->type));
    parameters_add(to, sql_text(envelope->api_version));
    parameters_add(to, sql_int(envelope->live));
    parameters_add(to, sql_text(envelope->subject));
    parameters_add(to, sql_int(envelope->occurred_at_us));
    parameters_add(to, sql_int(row->received_us));
    parameters_add(to, sql_text(row->proof));
    parameters_add(to, sql_int(arrival->rendering));
    parameters_add(to, sql_blob(envelope->body_sha256, sizeof envelope->body_sha256));
    parameters_add(to, sql_blob(row->body.data, row->body.len));
}

/* Each row is offered the next number; when one was not taken, all have to be looked up. */
static enum err add_events_alone(struct store *store,
    struct arena *scratch,
    struct arrival *arrivals,
    uint32_t count,
    struct err_info *reterr)
{
    struct parameters to = parameters_new(scratch, &event_add_numbered, count);
    if (to.values == NULL) {
        return store_out_of_room(reterr);
    }
    int64_t last = 0;
    TRY(store_run_one(store, &event_last, NULL, store_take_int, &last, reterr));
    for (uint32_t i = 0; i < count; i++) {
        add_event(&to, &arrivals[i]);
        parameters_add(&to, sql_int(last + 1 + i));
    }
    int64_t added = 0;
    TRY(sql_run(store->engine, &event_add_numbered, to.values, count, NULL, NULL, &added, reterr));
    if (added < count) {
        TRY(find_events(store, scratch, arrivals, count, reterr));
    }
    for (uint32_t i = 0; i < count; i++) {
        struct inbox_append *row = arrivals[i].row;
        row->seq = added < count ? row->seq : last + 1 + i;
        row->duplicate = row->seq != last + 1 + i;
    }
    return ERR_OK;
}

static enum err add_events_among_others(struct store *store,
    struct arena *scratch,
    struct arrival *arrivals,
    uint32_t count,
    struct err_info *reterr)
{
    struct parameters to = parameters_new(scratch, &event_add, count);
    struct arrival *missing = arena_new_array(scratch, struct arrival, count);
    if (to.values == NULL || missing == NULL) {
        return store_out_of_room(reterr);
    }
    /* Two that append the same keys wait for each other in one order only. */
    qsort(arrivals, count, sizeof *arrivals, compare_arrivals);
    for (uint32_t i = 0; i < count; i++) {
        add_event(&to, &arrivals[i]);
    }
    struct arrival_walk walk = {arrivals, count};
    TRY(sql_run(store->engine, &event_add, to.values, count, take_seq, &walk, NULL, reterr));
    uint32_t missing_count = 0;
    for (uint32_t i = 0; i < count; i++) {
        arrivals[i].row->duplicate = arrivals[i].row->seq == 0;
        if (arrivals[i].row->duplicate) {
            missing[missing_count++] = arrivals[i];
        }
    }
    return find_events(store, scratch, missing, missing_count, reterr);
}

static enum err add_work(struct store *store,
    struct arena *scratch,
    const struct arrival *arrivals,
    uint32_t count,
    struct err_info *reterr)
{
    struct parameters to = parameters_new(scratch, &work_add, count);
    if (to.values == NULL) {
        return store_out_of_room(reterr);
    }
    struct inbox_total_change recorded[REASON_COUNT] = {0};
    uint32_t added = 0;
    for (uint32_t i = 0; i < count; i++) {
        const struct inbox_append *row = arrivals[i].row;
        if (row->duplicate) {
            continue;
        }
        enum reason reason = row->envelope->reason;
        bool open = reason == REASON_NONE;
        parameters_add(&to, sql_int(row->seq));
        parameters_add(&to, sql_word(work_status_word(open ? WORK_NEW : WORK_RECORDED)));
        parameters_add(&to, open ? sql_null() : sql_word(reason_word(reason)));
        /* Due since ever: a clock that jumps back must not make a new event wait. */
        parameters_add(&to, open ? sql_int(0) : sql_null());
        parameters_add(&to, open ? sql_null() : sql_int(row->received_us));
        added++;
        if (!open) {
            recorded[reason].status = work_status_word(WORK_RECORDED);
            recorded[reason].reason = reason_word(reason);
            recorded[reason].by++;
        }
    }
    TRY(sql_run(store->engine, &work_add, to.values, added, NULL, NULL, NULL, reterr));
    return inbox_total_add(store, recorded, REASON_COUNT, reterr);
}

enum err inbox_append(struct store *store,
    struct arena *arena,
    struct inbox_append *rows,
    uint32_t count,
    struct err_info *reterr)
{
    REQUIRE(rows != NULL || count == 0);
    (void)arena; /* nothing of ours outlives the call */
    struct arena *scratch = store_writing(store);
    struct arrival *arrivals = arena_new_array(scratch, struct arrival, count);
    if (arrivals == NULL) {
        return store_out_of_room(reterr);
    }
    for (uint32_t i = 0; i < count; i++) {
        rows[i].seq = 0;
        arrivals[i] = (struct arrival){&rows[i], i, rendering_of(&rows[i])};
    }
    if (store->engine->ops->has_row_locks) {
        TRY(add_events_among_others(store, scratch, arrivals, count, reterr));
    } else {
        TRY(add_events_alone(store, scratch, arrivals, count, reterr));
    }
    return add_work(store, scratch, arrivals, count, reterr);
}
