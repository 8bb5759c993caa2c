#include "store/twice.h"
#include "base/timestamp.h"
#include "store/internal.h"

static const struct sql_statement mark_read = {
    .text = "SELECT seq, next_seq, next_us, (SELECT coalesce(max(seq), 0) FROM inbox_event) "
            "FROM inbox_looked WHERE id = 1",
    .parameters = "",
};
static const struct sql_statement mark_move = {
    .text = "UPDATE inbox_looked SET seq = ?4, next_seq = ?5, next_us = ?6 "
            "WHERE id = 1 AND seq = ?1 AND next_seq = ?2 AND next_us = ?3",
    .parameters = "iiiiii",
};
#define OTHERS                                                                                     \
    "FROM inbox_event a WHERE a.event_id = b.event_id AND a.scope = b.scope AND a.seq <> b.seq "   \
    "AND a.api_version = b.api_version AND a.channel = b.channel"
/* By number, and for each by the index of event ids. */
static const struct sql_statement pairs = {
    .text = "SELECT b.scope, b.event_id, b.seq, (SELECT min(a.seq) " OTHERS ") "
            "FROM inbox_event b WHERE b.seq > ?2 AND b.seq <= ?3 AND (?1 = 0 OR b.scope = ?1) "
            "AND EXISTS (SELECT 1 " OTHERS ") ORDER BY b.scope, b.event_id, b.seq",
    .parameters = "iii",
};
static const struct sql_statement pair_add = {
    .text = "INSERT INTO inbox_twice (scope, event_id, first_seq, second_seq) "
            "VALUES (?1, ?2, ?3, ?4) ON CONFLICT DO NOTHING",
    .parameters = "itii",
};

static enum err take_reach(
    void *context, uint32_t index, const struct sql_value *columns, uint32_t column_count)
{
    (void)index;
    (void)column_count;
    struct twice_reach *reach = context;
    reach->mark = (struct twice_mark){
        column_int(&columns[0]), column_int(&columns[1]), column_int(&columns[2])};
    reach->last_seq = column_int(&columns[3]);
    return ERR_OK;
}

enum err twice_reach(
    struct store *store, int64_t now_us, struct twice_reach *ret, struct err_info *reterr)
{
    (void)store_reading(store);
    struct twice_reach reach = {.last_seq = -1};
    TRY(store_run_one(store, &mark_read, NULL, take_reach, &reach, reterr));
    REQUIRE(reach.last_seq >= 0); /* the row is the migration's */
    bool is_over = reach.mark.next_us != 0 && now_us - reach.mark.next_us >= TWICE_SETTLED_US;
    reach.settled_seq = !store_is_shared(store) ? reach.last_seq
                        : is_over               ? reach.mark.next_seq
                                                : reach.mark.seq;
    *ret = reach;
    return ERR_OK;
}

struct pair_walk {
    struct rows rows;
    struct arena *arena;
    struct err_info *reterr;
};

static enum err take_pair(
    void *context, uint32_t index, const struct sql_value *columns, uint32_t column_count)
{
    (void)index;
    (void)column_count;
    struct pair_walk *walk = context;
    struct twice *row = rows_add(&walk->rows);
    if (row == NULL) {
        return ERR_TOO_LARGE;
    }
    int64_t seq = column_int(&columns[2]);
    int64_t other = column_int(&columns[3]);
    row->scope = column_int(&columns[0]);
    row->first_seq = seq < other ? seq : other;
    row->second_seq = seq < other ? other : seq;
    return column_copy(walk->arena, &columns[1], &row->event_id) ? ERR_OK
                                                                 : store_out_of_room(walk->reterr);
}

enum err twice_find(struct store *store,
    int64_t scope,
    int64_t after_seq,
    int64_t to_seq,
    struct arena *arena,
    struct twice **ret_rows,
    uint32_t *ret_count,
    struct err_info *reterr)
{
    (void)store_reading(store);
    struct pair_walk walk = {
        rows_new(arena, sizeof(struct twice), UINT32_MAX, reterr), arena, reterr};
    struct sql_value values[] = {sql_int(scope), sql_int(after_seq), sql_int(to_seq)};
    TRY(store_run_one(store, &pairs, values, take_pair, &walk, reterr));
    *ret_rows = (struct twice *)(void *)walk.rows.items;
    *ret_count = walk.rows.count;
    return ERR_OK;
}

enum err twice_keep(
    struct store *store, const struct twice *rows, uint32_t count, struct err_info *reterr)
{
    REQUIRE(rows != NULL || count == 0);
    struct parameters to = parameters_new(store_writing(store), &pair_add, count);
    if (to.values == NULL) {
        return store_out_of_room(reterr);
    }
    for (uint32_t i = 0; i < count; i++) {
        REQUIRE(rows[i].first_seq < rows[i].second_seq);
        parameters_add(&to, sql_int(rows[i].scope));
        parameters_add(&to, sql_text(rows[i].event_id));
        parameters_add(&to, sql_int(rows[i].first_seq));
        parameters_add(&to, sql_int(rows[i].second_seq));
    }
    return sql_run(store->engine, &pair_add, to.values, count, NULL, NULL, NULL, reterr);
}

enum err twice_move(struct store *store,
    const struct twice_mark *from,
    const struct twice_mark *to,
    struct err_info *reterr)
{
    REQUIRE(from->seq <= to->seq);
    (void)store_writing(store);
    struct sql_value values[] = {sql_int(from->seq), sql_int(from->next_seq),
        sql_int(from->next_us), sql_int(to->seq), sql_int(to->next_seq), sql_int(to->next_us)};
    return store_run_one(store, &mark_move, values, NULL, NULL, reterr);
}
