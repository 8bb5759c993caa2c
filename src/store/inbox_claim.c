#include "base/limits.h"
#include "store/inbox.h"
#include "store/internal.h"
#include <stdlib.h>

/* Lengths first: which ones fit is known before any body is read. Late are those that were tried
 * before: new ones, due since ever, would stand before them as long as there are any. */
#define DUE_COLUMNS                                                                                \
    "SELECT w.seq, w.status, w.attempts, w.crashes, w.first_failed_us, length(e.body), "           \
    "w.due_at_us FROM inbox_work w JOIN inbox_event e ON e.seq = w.seq "
#define LATE_ROWS                                                                                  \
    "WHERE w.due_at_us >= ?1 AND w.due_at_us <= ?3 AND (w.due_at_us > ?1 OR w.seq > ?2) "          \
    "ORDER BY w.due_at_us, w.seq LIMIT ?4"
#define NEW_ROWS "WHERE w.due_at_us = 0 ORDER BY w.seq LIMIT ?1"
static const struct sql_statement late_list = {
    .text = DUE_COLUMNS LATE_ROWS,
    .postgres = DUE_COLUMNS LATE_ROWS " FOR UPDATE OF w SKIP LOCKED",
    .parameters = "iiii",
};
static const struct sql_statement new_list = {
    .text = DUE_COLUMNS NEW_ROWS,
    .postgres = DUE_COLUMNS NEW_ROWS " FOR UPDATE OF w SKIP LOCKED",
    .parameters = "i",
};
static const struct sql_statement work_claim = {
    .text =
        "UPDATE inbox_work SET status = 'claimed', attempts = ?2, crashes = ?3, due_at_us = ?4, "
        "claim_token = ?5 WHERE seq = ?1",
    .parameters = "iiiii",
    .postgres_set =
        "UPDATE inbox_work w SET status = 'claimed', attempts = p.attempts, crashes = p.crashes, "
        "due_at_us = p.due_at_us, claim_token = p.token "
        "FROM unnest(?1, ?2, ?3, ?4, ?5) p (seq, attempts, crashes, due_at_us, token) "
        "WHERE w.seq = p.seq",
};
static const struct sql_statement claims_release = {
    .text = "UPDATE inbox_work SET due_at_us = ?1, claim_token = NULL "
            "WHERE due_at_us > ?1 AND status = 'claimed'",
    .parameters = "i",
};
static const struct sql_statement claim_return = {
    .text = "UPDATE inbox_work SET due_at_us = ?2, claim_token = NULL, attempts = attempts - 1, "
            "status = CASE WHEN first_failed_us IS NULL THEN 'new' ELSE 'waiting' END "
            "WHERE due_at_us IS NOT NULL AND status = 'claimed' AND claim_token = ?1",
    .parameters = "ii",
};
static const struct sql_statement due_first = {
    .text =
        "SELECT due_at_us FROM inbox_work WHERE due_at_us IS NOT NULL ORDER BY due_at_us LIMIT 1",
    .parameters = "",
};

/* --- claim --- */

struct due_walk {
    struct inbox_event *events;
    uint32_t count;
    int64_t bytes, bytes_max;
    int64_t last_due_us, last_seq; /* of the late ones that were taken */
    bool full;                     /* nothing more of this list */
    bool alone;                    /* nothing more at all */
};

static enum err take_due(
    void *context, uint32_t index, const struct sql_value *columns, uint32_t column_count)
{
    (void)index;
    (void)column_count;
    struct due_walk *walk = context;
    int64_t bytes = column_int(&columns[5]);
    bool crashed = str_eq(column_str(&columns[1]), STR("claimed"));
    bool first = walk->count == 0;
    /* One whose last attempt never ended comes alone: if it is the poison, it takes nobody along.
     */
    if (walk->full || (!first && (crashed || walk->bytes + bytes > walk->bytes_max))) {
        walk->full = true;
        return ERR_OK;
    }
    walk->full = walk->alone = crashed;
    walk->bytes += bytes;
    if (column_int(&columns[6]) > 0) {
        walk->last_due_us = column_int(&columns[6]);
        walk->last_seq = column_int(&columns[0]);
    }
    walk->events[walk->count++] = (struct inbox_event){
        .seq = column_int(&columns[0]),
        .attempts = column_int(&columns[2]) + 1,
        .crashes = column_int(&columns[3]) + crashed,
        .first_failed_us = column_int(&columns[4]),
    };
    return ERR_OK;
}

static enum err list_late(struct store *store,
    struct due_walk *due,
    int64_t now_us,
    uint32_t count_max,
    struct err_info *reterr)
{
    struct sql_value values[] = {sql_int(due->last_due_us), sql_int(due->last_seq), sql_int(now_us),
        sql_int(count_max - due->count)};
    due->full = false;
    return store_run_one(store, &late_list, values, take_due, due, reterr);
}

/* A quarter is kept for late ones, the rest is for new ones, and what these leave is for late ones
 * again: neither kind waits for the other's backlog to end. */
static enum err list_due(struct store *store,
    struct due_walk *due,
    int64_t now_us,
    uint32_t row_max,
    struct err_info *reterr)
{
    uint32_t late_max = row_max < 4 ? 1 : row_max / 4;
    due->bytes_max = LIMIT_CLAIM_BYTES / 4;
    /* Behind those that are due since ever, said so that the search begins there: as a comparison
     * of pairs it would walk all of them first. */
    due->last_due_us = 1;
    TRY(list_late(store, due, now_us, late_max, reterr));
    bool late_left = due->full || due->count == late_max;
    if (due->alone || due->count == row_max) {
        return ERR_OK;
    }
    due->bytes_max = LIMIT_CLAIM_BYTES;
    due->full = false;
    struct sql_value values[] = {sql_int(row_max - due->count)};
    TRY(store_run_one(store, &new_list, values, take_due, due, reterr));
    if (!late_left || due->full || due->count == row_max) {
        return ERR_OK;
    }
    return list_late(store, due, now_us, row_max, reterr);
}

static enum err mark_claimed(struct store *store,
    struct arena *scratch,
    const struct due_walk *due,
    int64_t token,
    int64_t lease_end_us,
    struct err_info *reterr)
{
    struct parameters to = parameters_new(scratch, &work_claim, due->count);
    if (to.values == NULL) {
        return store_out_of_room(reterr);
    }
    for (uint32_t i = 0; i < due->count; i++) {
        parameters_add(&to, sql_int(due->events[i].seq));
        parameters_add(&to, sql_int(due->events[i].attempts));
        parameters_add(&to, sql_int(due->events[i].crashes));
        parameters_add(&to, sql_int(lease_end_us));
        parameters_add(&to, sql_int(token));
    }
    return sql_run(store->engine, &work_claim, to.values, due->count, NULL, NULL, NULL, reterr);
}

enum err inbox_claim(struct store *store,
    int64_t token,
    int64_t now_us,
    int64_t lease_us,
    uint32_t row_max,
    struct arena *arena,
    struct inbox_event **ret_events,
    uint32_t *ret_count,
    struct err_info *reterr)
{
    REQUIRE(row_max > 0);
    REQUIRE(lease_us > 0);
    REQUIRE(arena != NULL);
    struct arena *scratch = store_writing(store);
    struct due_walk due = {.events = arena_new_array(arena, struct inbox_event, row_max)};
    if (due.events == NULL) {
        return store_out_of_room(reterr);
    }
    TRY(list_due(store, &due, now_us, row_max, reterr));
    TRY(mark_claimed(store, scratch, &due, token, now_us + lease_us, reterr));
    struct inbox_event **events = arena_alloc_array(scratch, sizeof *events, due.count);
    if (events == NULL) {
        return store_out_of_room(reterr);
    }
    for (uint32_t i = 0; i < due.count; i++) {
        events[i] = &due.events[i];
    }
    TRY(inbox_bodies(store, events, due.count, arena, reterr));
    *ret_events = due.events;
    *ret_count = due.count;
    return ERR_OK;
}

enum err inbox_release_claims(struct store *store, int64_t now_us, struct err_info *reterr)
{
    (void)store_writing(store);
    if (store->engine->ops->has_row_locks) {
        return ERR_OK; /* they may be another node's */
    }
    /* Still `claimed`: their attempts never ended, and claim counts that. */
    struct sql_value values[] = {sql_int(now_us)};
    return store_run_one(store, &claims_release, values, NULL, NULL, reterr);
}

enum err inbox_unclaim(struct store *store, int64_t token, int64_t now_us, struct err_info *reterr)
{
    (void)store_writing(store);
    struct sql_value values[] = {sql_int(token), sql_int(now_us)};
    return store_run_one(store, &claim_return, values, NULL, NULL, reterr);
}

enum err inbox_next_due(struct store *store, int64_t *ret_due_us, struct err_info *reterr)
{
    REQUIRE(ret_due_us != NULL);
    (void)store_reading(store);
    int64_t due_us = INT64_MAX;
    TRY(store_run_one(store, &due_first, NULL, store_take_int, &due_us, reterr));
    *ret_due_us = due_us;
    return ERR_OK;
}
