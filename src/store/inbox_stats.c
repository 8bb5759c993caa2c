#include "store/inbox.h"
#include "store/internal.h"

static const struct sql_statement total_list = {
    .text = "SELECT status, reason, count FROM inbox_total",
    .parameters = "",
};
/* Over the index of due rows alone. */
static const struct sql_statement open_list = {
    .text = "SELECT status, count(*), min(seq) FROM inbox_work WHERE due_at_us IS NOT NULL "
            "GROUP BY status",
    .parameters = "",
};
static const struct sql_statement dead_first = {
    .text = "SELECT min(seq) FROM inbox_work WHERE status = 'dead'",
    .parameters = "",
};
static const struct sql_statement received_of = {
    .text = "SELECT received_us FROM inbox_event WHERE seq = ?1",
    .parameters = "i",
};

static enum err take_total(
    void *context, uint32_t index, const struct sql_value *columns, uint32_t column_count)
{
    (void)index;
    (void)column_count;
    struct inbox_stats *stats = context;
    enum work_status status;
    enum reason reason;
    int64_t count = column_int(&columns[2]);
    stats->total += count;
    if (work_status_parse(column_str(&columns[0]), &status)) {
        stats->by_status[status] += count;
        if (status == WORK_RECORDED && reason_parse(column_str(&columns[1]), &reason)) {
            stats->by_reason[reason] += count;
        }
    }
    return ERR_OK;
}

struct open_walk {
    struct inbox_stats *stats;
    int64_t oldest_open, oldest_waiting; /* seq; 0: none */
};

static enum err take_open(
    void *context, uint32_t index, const struct sql_value *columns, uint32_t column_count)
{
    (void)index;
    (void)column_count;
    struct open_walk *walk = context;
    enum work_status status;
    if (!work_status_parse(column_str(&columns[0]), &status)) {
        return ERR_OK;
    }
    int64_t seq = column_int(&columns[2]);
    walk->stats->by_status[status] += column_int(&columns[1]);
    walk->stats->total += column_int(&columns[1]);
    if (walk->oldest_open == 0 || seq < walk->oldest_open) {
        walk->oldest_open = seq;
    }
    if (status == WORK_WAITING) {
        walk->oldest_waiting = seq;
    }
    return ERR_OK;
}

static enum err received(struct store *store, int64_t seq, int64_t *ret_us, struct err_info *reterr)
{
    if (seq == 0) {
        return ERR_OK;
    }
    struct sql_value values[] = {sql_int(seq)};
    return store_run_one(store, &received_of, values, store_take_int, ret_us, reterr);
}

enum err inbox_stats(struct store *store, struct inbox_stats *ret, struct err_info *reterr)
{
    REQUIRE(ret != NULL);
    (void)store_reading(store);
    struct inbox_stats stats = {.reason_count = REASON_COUNT};
    struct open_walk walk = {&stats, 0, 0};
    int64_t oldest_dead = 0;
    TRY(store_run_one(store, &total_list, NULL, take_total, &stats, reterr));
    TRY(store_run_one(store, &open_list, NULL, take_open, &walk, reterr));
    TRY(store_run_one(store, &dead_first, NULL, store_take_int, &oldest_dead, reterr));
    TRY(received(store, walk.oldest_open, &stats.oldest_open_us, reterr));
    TRY(received(store, walk.oldest_waiting, &stats.oldest_waiting_us, reterr));
    TRY(received(store, oldest_dead, &stats.oldest_dead_us, reterr));
    *ret = stats;
    return ERR_OK;
}
