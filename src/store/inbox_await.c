/* Events that wait for something else than another attempt. */
#include "store/inbox.h"
#include "store/internal.h"

/* New ones are due since 0: the index is entered behind them. */
static const struct sql_statement awaiting_list = {
    .text = "SELECT w.seq, s.account_key, s.environment, e.type, e.occurred_at_us, e.body, "
            "coalesce(a.account_key, s.account_key), w.due_at_us, e.received_us "
            "FROM inbox_work w JOIN inbox_event e ON e.seq = w.seq "
            "JOIN scope s ON s.scope = e.scope LEFT JOIN scope a ON a.scope = s.above "
            "WHERE w.due_at_us > 0 AND w.status = 'waiting' AND w.error IS NULL "
            "AND e.received_us <= ?1 AND w.due_at_us <= ?2 ORDER BY w.due_at_us, w.seq LIMIT ?3",
    .parameters = "iii",
};
static const struct sql_statement work_await_until = {
    .text = "UPDATE inbox_work SET due_at_us = ?3 WHERE seq = ?1 AND due_at_us = ?2 "
            "AND status = 'waiting' AND error IS NULL",
    .parameters = "iii",
};
static const struct sql_statement work_settle = {
    .text = "UPDATE inbox_work SET status = 'recorded', reason = ?2, due_at_us = NULL, "
            "finished_us = ?3 WHERE seq = ?1 AND status = 'waiting' AND error IS NULL",
    .parameters = "iti",
};

static enum err take_awaiting(
    void *context, uint32_t index, const struct sql_value *columns, uint32_t column_count)
{
    (void)index;
    (void)column_count;
    struct rows *rows = context;
    struct inbox_awaiting *row = rows_add(rows);
    if (row == NULL) {
        return ERR_TOO_LARGE;
    }
    row->seq = column_int(&columns[0]);
    row->occurred_at_us = column_int(&columns[4]);
    row->due_us = column_int(&columns[7]);
    row->received_us = column_int(&columns[8]);
    if (!column_copy(rows->arena, &columns[1], &row->account_key) ||
        !column_copy(rows->arena, &columns[2], &row->environment) ||
        !column_copy(rows->arena, &columns[3], &row->type) ||
        !column_copy(rows->arena, &columns[5], &row->body) ||
        !column_copy(rows->arena, &columns[6], &row->root_key)) {
        return store_out_of_room(rows->reterr);
    }
    return ERR_OK;
}

enum err inbox_list_awaiting(struct store *store,
    int64_t received_to_us,
    int64_t due_to_us,
    uint32_t row_max,
    struct arena *arena,
    struct inbox_awaiting **ret_rows,
    uint32_t *ret_count,
    struct err_info *reterr)
{
    REQUIRE(row_max > 0);
    REQUIRE(ret_rows != NULL && ret_count != NULL);
    (void)store_reading(store);
    struct rows rows = rows_new(arena, sizeof(struct inbox_awaiting), row_max, reterr);
    struct sql_value values[] = {sql_int(received_to_us), sql_int(due_to_us), sql_int(row_max)};
    TRY(store_run_one(store, &awaiting_list, values, take_awaiting, &rows, reterr));
    *ret_rows = (struct inbox_awaiting *)(void *)rows.items;
    *ret_count = rows.count;
    return ERR_OK;
}

enum err inbox_await_until(struct store *store,
    const struct inbox_awaiting *row,
    int64_t due_us,
    bool *ret_moved,
    struct err_info *reterr)
{
    REQUIRE(row != NULL && due_us > 0);
    REQUIRE(ret_moved != NULL);
    (void)store_writing(store);
    struct sql_value values[] = {sql_int(row->seq), sql_int(row->due_us), sql_int(due_us)};
    int64_t changed = 0;
    TRY(sql_run(store->engine, &work_await_until, values, 1, NULL, NULL, &changed, reterr));
    *ret_moved = changed == 1;
    return ERR_OK;
}

enum err inbox_settle(struct store *store,
    int64_t seq,
    enum reason reason,
    int64_t now_us,
    bool *ret_settled,
    struct err_info *reterr)
{
    REQUIRE(reason != REASON_NONE);
    REQUIRE(ret_settled != NULL);
    (void)store_writing(store);
    struct sql_value values[] = {sql_int(seq), sql_word(reason_word(reason)), sql_int(now_us)};
    int64_t changed = 0;
    TRY(sql_run(store->engine, &work_settle, values, 1, NULL, NULL, &changed, reterr));
    struct inbox_total_change total = {
        work_status_word(WORK_RECORDED), reason_word(reason), changed};
    TRY(inbox_total_add(store, &total, 1, reterr));
    *ret_settled = changed == 1;
    return ERR_OK;
}
