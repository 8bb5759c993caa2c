#include "store/inbox_read.h"
#include "store/internal.h"

/* Lengths first: which ones fit is known before any body is read. */
#define WORK_COLUMNS                                                                               \
    "SELECT w.seq, w.status, w.reason, w.attempts, length(e.body) "                                \
    "FROM inbox_work w JOIN inbox_event e ON e.seq = w.seq "
static const struct sql_statement work_list = {
    .text = WORK_COLUMNS "WHERE w.seq > ?1 ORDER BY w.seq LIMIT ?2",
    .parameters = "ii",
};
static const struct sql_statement work_read = {
    .text = WORK_COLUMNS "WHERE w.seq = ?1",
    .parameters = "i",
};
static const struct sql_statement last_seq = {
    .text = "SELECT max(seq) FROM inbox_event",
    .parameters = "",
};

struct work_walk {
    struct rows rows;
    int64_t bytes, bytes_max;
    bool full;
};

static bool is_read_again(const struct inbox_reread *row)
{
    return row->status == WORK_APPLIED || row->status == WORK_STALE ||
           (row->status == WORK_RECORDED && row->event.attempts > 0 &&
               row->reason != REASON_DISCARDED);
}

static enum err take_work(
    void *context, uint32_t index, const struct sql_value *columns, uint32_t column_count)
{
    (void)index;
    (void)column_count;
    struct work_walk *walk = context;
    int64_t bytes = column_int(&columns[4]);
    walk->full = walk->full || (walk->rows.count > 0 && walk->bytes + bytes > walk->bytes_max);
    if (walk->full) {
        return ERR_OK;
    }
    struct inbox_reread *row = rows_add(&walk->rows);
    if (row == NULL) {
        return ERR_TOO_LARGE;
    }
    row->event.seq = column_int(&columns[0]);
    row->event.attempts = column_int(&columns[3]);
    struct str reason = column_str(&columns[2]);
    if (!work_status_parse(column_str(&columns[1]), &row->status) ||
        (reason.len > 0 && !reason_parse(reason, &row->reason))) {
        return err_set(walk->rows.reterr, ERR_STORE_IO,
            "inbox_work has a word that this version does not know");
    }
    row->again = is_read_again(row);
    walk->bytes += row->again ? bytes : 0;
    return ERR_OK;
}

static enum err read_bodies(struct store *store,
    struct work_walk *work,
    struct inbox_reread **ret_rows,
    uint32_t *ret_count,
    struct err_info *reterr)
{
    struct arena *arena = work->rows.arena;
    struct inbox_reread *rows = (struct inbox_reread *)(void *)work->rows.items;
    uint32_t count = work->rows.count;
    struct inbox_event **again = arena_alloc_array(arena, sizeof *again, count);
    if (again == NULL) {
        return store_out_of_room(reterr);
    }
    uint32_t again_count = 0;
    for (uint32_t i = 0; i < count; i++) {
        if (rows[i].again) {
            again[again_count++] = &rows[i].event;
        }
    }
    TRY(inbox_bodies(store, again, again_count, arena, reterr));
    *ret_rows = rows;
    *ret_count = count;
    return ERR_OK;
}

enum err inbox_read(struct store *store,
    int64_t after_seq,
    uint32_t row_max,
    int64_t bytes_max,
    struct arena *arena,
    struct inbox_reread **ret_rows,
    uint32_t *ret_count,
    struct err_info *reterr)
{
    REQUIRE(row_max > 0);
    (void)store_reading(store);
    struct work_walk walk = {.bytes_max = bytes_max};
    walk.rows = rows_new(arena, sizeof(struct inbox_reread), row_max, reterr);
    struct sql_value values[] = {sql_int(after_seq), sql_int(row_max)};
    TRY(store_run_one(store, &work_list, values, take_work, &walk, reterr));
    return read_bodies(store, &walk, ret_rows, ret_count, reterr);
}

enum err inbox_read_these(struct store *store,
    const int64_t *seqs,
    uint32_t count,
    int64_t bytes_max,
    struct arena *arena,
    struct inbox_reread **ret_rows,
    uint32_t *ret_count,
    struct err_info *reterr)
{
    REQUIRE(seqs != NULL || count == 0);
    (void)store_reading(store);
    struct work_walk walk = {.bytes_max = bytes_max};
    walk.rows = rows_new(arena, sizeof(struct inbox_reread), count + 1, reterr);
    struct parameters to = parameters_new(arena, &work_read, count);
    if (to.values == NULL) {
        return store_out_of_room(reterr);
    }
    for (uint32_t i = 0; i < count; i++) {
        REQUIRE(i == 0 || seqs[i - 1] < seqs[i]);
        parameters_add(&to, sql_int(seqs[i]));
    }
    TRY(sql_run(store->engine, &work_read, to.values, count, take_work, &walk, NULL, reterr));
    return read_bodies(store, &walk, ret_rows, ret_count, reterr);
}

enum err inbox_last_seq(struct store *store, int64_t *ret_seq, struct err_info *reterr)
{
    (void)store_reading(store);
    return store_run_one(store, &last_seq, NULL, store_take_int, ret_seq, reterr);
}
