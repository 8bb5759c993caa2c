#include "store/proofs.h"
#include "store/statement_inside.h"

static const struct sql_statement flawed = {
    .text = "SELECT " LINE_COLUMNS " FROM statement_line WHERE scope = ?1 AND flaws <> 0 AND "
            "line > ?2 ORDER BY line LIMIT ?3",
    .parameters = "ibi",
};
static const struct sql_statement restated = {
    .text = "SELECT line, field, said, stands, scope, source, told_us FROM statement_restated "
            "WHERE line = ?1 ORDER BY field, said",
    .parameters = "b",
};
static const struct sql_statement lines_of = {
    .text = "SELECT count(*) FROM statement_line WHERE source = ?1",
    .parameters = "b",
};
static const struct sql_statement name_of = {
    .text = "SELECT min(provider_id) FROM provider_ref WHERE id = ?1",
    .parameters = "b",
};
static const struct sql_statement twice = {
    .text = "SELECT t.event_id, b.type, t.first_seq, t.second_seq, b.occurred_at_us "
            "FROM inbox_twice t CROSS JOIN inbox_event b "
            "WHERE t.scope = ?1 AND b.seq = t.second_seq ORDER BY 1, 3, 4 LIMIT ?2",
    .parameters = "ii",
};
static const struct sql_statement twice_between = {
    .text = "SELECT b.event_id, b.type, a.seq, b.seq, b.occurred_at_us "
            "FROM inbox_event b CROSS JOIN inbox_event a "
            "WHERE b.seq > ?3 AND b.seq <= ?4 AND b.scope = ?1 "
            "AND a.event_id = b.event_id AND a.scope = b.scope AND a.seq < b.seq "
            "AND a.api_version = b.api_version AND a.channel = b.channel ORDER BY 1, 3, 4 LIMIT ?2",
    .parameters = "iiii",
};
static const struct sql_statement dead = {
    .text = "SELECT e.event_id, e.type, w.error, e.seq, e.occurred_at_us, e.received_us "
            "FROM inbox_work w JOIN inbox_event e ON e.seq = w.seq "
            "WHERE w.status = 'dead' AND w.seq > ?2 AND e.scope = ?1 ORDER BY w.seq LIMIT ?3",
    .parameters = "iii",
};

struct walk {
    struct rows rows;
    struct arena *arena;
    struct err_info *reterr;
};

static enum err take_line(
    void *context, uint32_t index, const struct sql_value *columns, uint32_t column_count)
{
    struct walk *walk = context;
    (void)index;
    INVARIANT(column_count == LINE_COUNT);
    struct kept_line *line = rows_add(&walk->rows);
    return line == NULL ? ERR_TOO_LARGE
                        : statement_take_line(columns, walk->arena, line, walk->reterr);
}

static struct walk walk_new(
    struct arena *arena, size_t item_bytes, uint32_t limit, struct err_info *reterr)
{
    return (struct walk){rows_new(arena, item_bytes, limit, reterr), arena, reterr};
}

enum err proof_flawed(struct store *store,
    int64_t scope,
    struct own_id after,
    uint32_t limit,
    struct arena *arena,
    struct kept_lines *ret,
    struct err_info *reterr)
{
    (void)store_reading(store);
    struct sql_value values[] = {
        sql_int(scope), sql_blob(after.bytes, sizeof after.bytes), sql_int(limit)};
    struct walk walk = walk_new(arena, sizeof(struct kept_line), limit, reterr);
    TRY(store_run_one(store, &flawed, values, take_line, &walk, reterr));
    *ret = (struct kept_lines){(struct kept_line *)(void *)walk.rows.items, walk.rows.count};
    return ERR_OK;
}

/* --- restated --- */

static enum err take_restated(
    void *context, uint32_t index, const struct sql_value *columns, uint32_t column_count)
{
    (void)index;
    (void)column_count;
    struct walk *walk = context;
    struct restatement *row = rows_add(&walk->rows);
    struct str field = STR_NONE;
    if (row == NULL) {
        return ERR_TOO_LARGE;
    }
    row->line = column_id(&columns[0]);
    row->scope = column_int(&columns[4]);
    row->source = column_int(&columns[5]);
    row->told_us = column_int(&columns[6]);
    if (!column_copy(walk->arena, &columns[1], &field) ||
        !column_copy(walk->arena, &columns[2], &row->said) ||
        !column_copy(walk->arena, &columns[3], &row->stands)) {
        return store_out_of_room(walk->reterr);
    }
    row->field = field.data; /* copies end with a NUL */
    return ERR_OK;
}

enum err proof_restated(struct store *store,
    struct own_id line,
    struct arena *arena,
    struct restatement **ret_rows,
    uint32_t *ret_count,
    struct err_info *reterr)
{
    (void)store_reading(store);
    struct sql_value values[] = {sql_id(&line)};
    struct walk walk = walk_new(arena, sizeof(struct restatement), UINT32_MAX, reterr);
    TRY(store_run_one(store, &restated, values, take_restated, &walk, reterr));
    *ret_rows = (struct restatement *)(void *)walk.rows.items;
    *ret_count = walk.rows.count;
    return ERR_OK;
}

/* --- of objects --- */

static enum err run_of_ids(struct store *store,
    const struct sql_statement *statement,
    const struct own_id *ids,
    uint32_t count,
    sql_row_fn *on_row,
    void *context,
    struct err_info *reterr)
{
    struct parameters values = parameters_new(store_reading(store), statement, count);
    if (values.values == NULL) {
        return store_out_of_room(reterr);
    }
    for (uint32_t i = 0; i < count; i++) {
        parameters_add(&values, sql_id(&ids[i]));
    }
    return count == 0 ? ERR_OK
                      : sql_run(store->engine, statement, values.values, count, on_row, context,
                            NULL, reterr);
}

enum err proof_lines_of(struct store *store,
    const struct own_id *sources,
    uint32_t count,
    int64_t *ret_counts,
    struct err_info *reterr)
{
    return run_of_ids(store, &lines_of, sources, count, store_take_int, ret_counts, reterr);
}

struct names_walk {
    struct str *names;
    struct arena *arena;
    struct err_info *reterr;
};

static enum err take_name(
    void *context, uint32_t index, const struct sql_value *columns, uint32_t column_count)
{
    (void)column_count;
    struct names_walk *walk = context;
    return column_copy(walk->arena, &columns[0], &walk->names[index])
               ? ERR_OK
               : store_out_of_room(walk->reterr);
}

enum err proof_names(struct store *store,
    const struct own_id *ids,
    uint32_t count,
    struct arena *arena,
    struct str *ret_names,
    struct err_info *reterr)
{
    struct names_walk walk = {ret_names, arena, reterr};
    for (uint32_t i = 0; i < count; i++) {
        ret_names[i] = STR_NONE;
    }
    return run_of_ids(store, &name_of, ids, count, take_name, &walk, reterr);
}

/* --- events --- */

static enum err take_twice(
    void *context, uint32_t index, const struct sql_value *columns, uint32_t column_count)
{
    (void)index;
    (void)column_count;
    struct walk *walk = context;
    struct twice_told *row = rows_add(&walk->rows);
    if (row == NULL) {
        return ERR_TOO_LARGE;
    }
    row->first_seq = column_int(&columns[2]);
    row->second_seq = column_int(&columns[3]);
    row->occurred_at_us = column_int(&columns[4]);
    return column_copy(walk->arena, &columns[0], &row->event_id) &&
                   column_copy(walk->arena, &columns[1], &row->type)
               ? ERR_OK
               : store_out_of_room(walk->reterr);
}

enum err proof_twice_told(struct store *store,
    int64_t scope,
    uint32_t limit,
    struct arena *arena,
    struct twice_told **ret_rows,
    uint32_t *ret_count,
    struct err_info *reterr)
{
    (void)store_reading(store);
    struct walk walk = walk_new(arena, sizeof(struct twice_told), limit, reterr);
    struct sql_value values[] = {sql_int(scope), sql_int(limit)};
    TRY(store_run_one(store, &twice, values, take_twice, &walk, reterr));
    *ret_rows = (struct twice_told *)(void *)walk.rows.items;
    *ret_count = walk.rows.count;
    return ERR_OK;
}

enum err proof_twice_between(struct store *store,
    int64_t scope,
    int64_t after_seq,
    int64_t to_seq,
    uint32_t limit,
    struct arena *arena,
    struct twice_told **ret_rows,
    uint32_t *ret_count,
    struct err_info *reterr)
{
    (void)store_reading(store);
    struct walk walk = walk_new(arena, sizeof(struct twice_told), limit, reterr);
    struct sql_value values[] = {
        sql_int(scope), sql_int(limit), sql_int(after_seq), sql_int(to_seq)};
    TRY(store_run_one(store, &twice_between, values, take_twice, &walk, reterr));
    *ret_rows = (struct twice_told *)(void *)walk.rows.items;
    *ret_count = walk.rows.count;
    return ERR_OK;
}

static enum err take_dead(
    void *context, uint32_t index, const struct sql_value *columns, uint32_t column_count)
{
    (void)index;
    (void)column_count;
    struct walk *walk = context;
    struct dead_event *row = rows_add(&walk->rows);
    if (row == NULL) {
        return ERR_TOO_LARGE;
    }
    row->seq = column_int(&columns[3]);
    row->occurred_at_us = column_int(&columns[4]);
    row->received_us = column_int(&columns[5]);
    return column_copy(walk->arena, &columns[0], &row->event_id) &&
                   column_copy(walk->arena, &columns[1], &row->type) &&
                   column_copy(walk->arena, &columns[2], &row->error)
               ? ERR_OK
               : store_out_of_room(walk->reterr);
}

enum err proof_dead(struct store *store,
    int64_t scope,
    int64_t after_seq,
    uint32_t limit,
    struct arena *arena,
    struct dead_event **ret_rows,
    uint32_t *ret_count,
    struct err_info *reterr)
{
    (void)store_reading(store);
    struct sql_value values[] = {sql_int(scope), sql_int(after_seq), sql_int(limit)};
    struct walk walk = walk_new(arena, sizeof(struct dead_event), limit, reterr);
    TRY(store_run_one(store, &dead, values, take_dead, &walk, reterr));
    *ret_rows = (struct dead_event *)(void *)walk.rows.items;
    *ret_count = walk.rows.count;
    return ERR_OK;
}
