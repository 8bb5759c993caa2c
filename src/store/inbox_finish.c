/* What became of a claim; and what people do with dead letters. */
#include "store/inbox.h"
#include "store/internal.h"
#include <stdlib.h>

static const struct sql_statement work_finish = {
    .text = "UPDATE inbox_work SET status = ?3, reason = ?4, due_at_us = ?5, finished_us = ?6, "
            "first_failed_us = coalesce(first_failed_us, ?7), error = ?8, error_text = ?9, "
            "claim_token = NULL WHERE seq = ?1 AND claim_token = ?2",
    .parameters = "iittiiitt",
    .postgres_set =
        "UPDATE inbox_work w SET status = p.status, reason = p.reason, due_at_us = p.due_at_us, "
        "finished_us = p.finished_us, first_failed_us = coalesce(w.first_failed_us, p.failed_us), "
        "error = p.error, error_text = p.error_text, claim_token = NULL "
        "FROM unnest(?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9) p (seq, token, status, reason, "
        "due_at_us, finished_us, failed_us, error, error_text) "
        "WHERE w.seq = p.seq AND w.claim_token = p.token",
};
static const struct sql_statement work_retry = {
    .text = "UPDATE inbox_work SET status = 'waiting', attempts = 0, crashes = 0, due_at_us = ?2, "
            "first_failed_us = NULL, finished_us = NULL WHERE seq = ?1 AND status = 'dead'",
    .parameters = "ii",
};
static const struct sql_statement work_discard = {
    .text = "UPDATE inbox_work SET status = 'recorded', reason = ?3, finished_us = ?2 "
            "WHERE seq = ?1 AND status = 'dead'",
    .parameters = "iit",
};

static void add_outcome(
    struct parameters *to, int64_t token, int64_t now_us, const struct inbox_outcome *outcome)
{
    enum work_status status = outcome->status;
    REQUIRE(status >= WORK_WAITING);
    bool waiting = status == WORK_WAITING;
    bool failed = outcome->error != ERR_OK;
    REQUIRE((status == WORK_RECORDED) == (outcome->reason != REASON_NONE));
    REQUIRE(failed ? waiting || status == WORK_DEAD : status != WORK_DEAD);
    parameters_add(to, sql_int(outcome->seq));
    parameters_add(to, sql_int(token));
    parameters_add(to, sql_word(work_status_word(status)));
    parameters_add(
        to, status == WORK_RECORDED ? sql_word(reason_word(outcome->reason)) : sql_null());
    parameters_add(to, waiting ? sql_int(outcome->due_us) : sql_null());
    parameters_add(to, waiting ? sql_null() : sql_int(now_us));
    parameters_add(to, failed ? sql_int(now_us) : sql_null());
    parameters_add(to, failed ? sql_word(err_name(outcome->error)) : sql_null());
    parameters_add(to, failed ? sql_text(outcome->error_text) : sql_null());
}

/* In key order, so that two workers wait for each other in one order only. */
static int compare_outcomes(const void *a, const void *b)
{
    const struct inbox_outcome *left = *(const struct inbox_outcome *const *)a;
    const struct inbox_outcome *right = *(const struct inbox_outcome *const *)b;
    return (left->seq > right->seq) - (left->seq < right->seq);
}

static void count_outcome(struct inbox_total_change *totals, const struct inbox_outcome *outcome)
{
    if (outcome->status == WORK_WAITING) {
        return;
    }
    /* The first rows are the reasons, the others the statuses. */
    bool recorded = outcome->status == WORK_RECORDED;
    struct inbox_total_change *total =
        &totals[recorded ? (int)outcome->reason : REASON_COUNT + (int)outcome->status];
    total->status = work_status_word(outcome->status);
    total->reason = recorded ? reason_word(outcome->reason) : "";
    total->by++;
}

enum err inbox_finish(struct store *store,
    int64_t token,
    int64_t now_us,
    const struct inbox_outcome *outcomes,
    uint32_t count,
    struct err_info *reterr)
{
    REQUIRE(outcomes != NULL || count == 0);
    struct arena *scratch = store_writing(store);
    const struct inbox_outcome **sorted = arena_alloc_array(scratch, sizeof *sorted, count);
    struct parameters to = parameters_new(scratch, &work_finish, count);
    if (sorted == NULL || to.values == NULL) {
        return store_out_of_room(reterr);
    }
    for (uint32_t i = 0; i < count; i++) {
        sorted[i] = &outcomes[i];
    }
    qsort(sorted, count, sizeof *sorted, compare_outcomes);
    struct inbox_total_change totals[REASON_COUNT + WORK_STATUS_COUNT] = {0};
    for (uint32_t i = 0; i < count; i++) {
        add_outcome(&to, token, now_us, sorted[i]);
        count_outcome(totals, sorted[i]);
    }
    int64_t changed = 0;
    TRY(sql_run(store->engine, &work_finish, to.values, count, NULL, NULL, &changed, reterr));
    if (changed != count) {
        return err_set(reterr, ERR_FENCED, "%u of %u events are claimed by another worker",
            count - (uint32_t)changed, count);
    }
    return inbox_total_add(store, totals, REASON_COUNT + WORK_STATUS_COUNT, reterr);
}

/* --- dead letters --- */

static int compare_seqs(const void *a, const void *b)
{
    int64_t left = *(const int64_t *)a;
    int64_t right = *(const int64_t *)b;
    return (left > right) - (left < right);
}

static enum err change_dead(struct store *store,
    const struct sql_statement *statement,
    const char *reason,
    const int64_t *seqs,
    uint32_t count,
    int64_t now_us,
    int64_t *ret_changed,
    struct err_info *reterr)
{
    REQUIRE(seqs != NULL || count == 0);
    REQUIRE(ret_changed != NULL);
    struct arena *scratch = store_writing(store);
    int64_t *sorted = arena_new_array(scratch, int64_t, count);
    struct parameters to = parameters_new(scratch, statement, count);
    if (sorted == NULL || to.values == NULL) {
        return store_out_of_room(reterr);
    }
    for (uint32_t i = 0; i < count; i++) {
        sorted[i] = seqs[i];
    }
    qsort(sorted, count, sizeof *sorted, compare_seqs);
    for (uint32_t i = 0; i < count; i++) {
        parameters_add(&to, sql_int(sorted[i]));
        parameters_add(&to, sql_int(now_us));
        if (reason != NULL) {
            parameters_add(&to, sql_word(reason));
        }
    }
    int64_t changed = 0;
    TRY(sql_run(store->engine, statement, to.values, count, NULL, NULL, &changed, reterr));
    struct inbox_total_change totals[] = {
        {work_status_word(WORK_DEAD), "", -changed},
        {work_status_word(WORK_RECORDED), reason, reason == NULL ? 0 : changed},
    };
    TRY(inbox_total_add(store, totals, 2, reterr));
    *ret_changed = changed;
    return ERR_OK;
}

enum err dead_retry(struct store *store,
    const int64_t *seqs,
    uint32_t count,
    int64_t now_us,
    int64_t *ret_changed,
    struct err_info *reterr)
{
    return change_dead(store, &work_retry, NULL, seqs, count, now_us, ret_changed, reterr);
}

enum err dead_discard(struct store *store,
    const int64_t *seqs,
    uint32_t count,
    int64_t now_us,
    int64_t *ret_changed,
    struct err_info *reterr)
{
    const char *reason = reason_word(REASON_DISCARDED);
    return change_dead(store, &work_discard, reason, seqs, count, now_us, ret_changed, reterr);
}
