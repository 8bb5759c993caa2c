#include "store/statement_read.h"
#include "store/statement_inside.h"

#define SELECT_LINES "SELECT " LINE_COLUMNS " FROM statement_line "
#define IN_ORDER " ORDER BY line LIMIT "

static const struct sql_statement of_payout = {
    .text = SELECT_LINES "WHERE payout = ?1 AND line > ?2" IN_ORDER "?3",
    .parameters = "bbi",
};
static const struct sql_statement of_source = {
    .text = SELECT_LINES "WHERE source = ?1 AND line > ?2" IN_ORDER "?3",
    .parameters = "bbi",
};
/* Two indexes: its own lines have it for their source. */
static const struct sql_statement of_attempt = {
    .text = SELECT_LINES "WHERE source = ?1 AND line > ?2 UNION ALL " SELECT_LINES
                         "WHERE attempt = ?1 AND (source IS NULL OR source <> attempt) AND "
                         "line > ?2" IN_ORDER "?3",
    .parameters = "bbi",
};
static const struct sql_statement between = {
    .text = SELECT_LINES "WHERE line > ?1 AND line < ?2 AND scope = ?3" IN_ORDER "?4",
    .parameters = "bbii",
};
static const struct sql_statement between_anywhere = {
    .text = SELECT_LINES "WHERE line > ?1 AND line < ?2" IN_ORDER "?3",
    .parameters = "bbi",
};
static const struct sql_statement told_by_one = {
    .text = SELECT_LINES "WHERE line > ?1 AND line < ?2 AND scope = ?3 AND told IN (1, 2)" IN_ORDER
                         "?4",
    .parameters = "bbii",
};
static const struct sql_statement by_id = {
    .text = SELECT_LINES "WHERE line = ?1",
    .parameters = "b",
};
static const struct sql_statement by_name = {
    .text = SELECT_LINES "WHERE scope = ?1 AND provider_id = ?2",
    .parameters = "it",
};
/* Through the few scopes, each with one look-up. */
static const struct sql_statement by_name_anywhere = {
    .text = "SELECT l.scope FROM scope s CROSS JOIN statement_line l "
            "WHERE l.scope = s.scope AND l.provider_id = ?1 LIMIT 2",
    .parameters = "t",
};
static const struct sql_statement source_name = {
    .text = "SELECT min(provider_id) FROM provider_ref WHERE id = ?1 AND kind = ?2",
    .parameters = "bt",
    .postgres_set = "SELECT p.n, (SELECT min(r.provider_id) FROM provider_ref r "
                    "WHERE r.id = p.named AND r.kind = p.of_kind) "
                    "FROM unnest(?1, ?2) WITH ORDINALITY p (named, of_kind, n)",
};
static const struct sql_statement sum_before = {
    .text = "SELECT count(*), CAST(coalesce(sum(net_minor), 0) AS bigint) FROM statement_line "
            "WHERE line < ?1 AND +scope = ?2 AND currency = ?3",
    .parameters = "bit",
};
static const struct sql_statement first_line = {
    .text = SELECT_LINES "WHERE line > ?1 AND scope = ?2 AND currency = ?3 ORDER BY line LIMIT 1",
    .parameters = "bit",
};

/* --- lists --- */

struct lines_walk {
    struct rows rows;
    struct arena *arena;
    struct err_info *reterr;
};

static enum err take_next(
    void *context, uint32_t index, const struct sql_value *columns, uint32_t column_count)
{
    struct lines_walk *walk = context;
    (void)index;
    INVARIANT(column_count == LINE_COUNT);
    struct kept_line *line = rows_add(&walk->rows);
    return line == NULL ? ERR_TOO_LARGE
                        : statement_take_line(columns, walk->arena, line, walk->reterr);
}

static enum err list(struct store *store,
    const struct sql_statement *statement,
    const struct sql_value *values,
    uint32_t limit,
    struct arena *arena,
    struct kept_lines *ret,
    struct err_info *reterr)
{
    struct lines_walk walk = {
        rows_new(arena, sizeof(struct kept_line), limit, reterr), arena, reterr};
    TRY(store_run_one(store, statement, values, take_next, &walk, reterr));
    ret->items = (struct kept_line *)(void *)walk.rows.items;
    ret->count = walk.rows.count;
    return ERR_OK;
}

static struct sql_value sql_after(const struct own_id *after)
{
    return sql_blob(after->bytes, sizeof after->bytes); /* none is before all */
}

static enum err list_of(struct store *store,
    const struct sql_statement *statement,
    struct own_id whose,
    struct own_id after,
    uint32_t limit,
    struct arena *arena,
    struct kept_lines *ret,
    struct err_info *reterr)
{
    struct sql_value values[] = {sql_id(&whose), sql_after(&after), sql_int(limit)};
    REQUIRE(!own_id_is_none(whose) && limit > 0);
    (void)store_reading(store);
    return list(store, statement, values, limit, arena, ret, reterr);
}

enum err statement_of_payout(struct store *store,
    struct own_id payout,
    struct own_id after,
    uint32_t limit,
    struct arena *arena,
    struct kept_lines *ret,
    struct err_info *reterr)
{
    return list_of(store, &of_payout, payout, after, limit, arena, ret, reterr);
}

enum err statement_of_source(struct store *store,
    struct own_id source,
    struct own_id after,
    uint32_t limit,
    struct arena *arena,
    struct kept_lines *ret,
    struct err_info *reterr)
{
    return list_of(store, &of_source, source, after, limit, arena, ret, reterr);
}

enum err statement_of_attempt(struct store *store,
    struct own_id attempt,
    struct own_id after,
    uint32_t limit,
    struct arena *arena,
    struct kept_lines *ret,
    struct err_info *reterr)
{
    return list_of(store, &of_attempt, attempt, after, limit, arena, ret, reterr);
}

/* Scope 0: the statement names none. */
static enum err list_between(struct store *store,
    const struct sql_statement *statement,
    int64_t scope,
    int64_t from_us,
    int64_t to_us,
    struct own_id after,
    uint32_t limit,
    struct arena *arena,
    struct kept_lines *ret,
    struct err_info *reterr)
{
    REQUIRE(from_us >= 0 && to_us >= from_us && limit > 0);
    struct own_id first = own_id_first(from_us);
    struct own_id behind = own_id_first(to_us);
    first = own_id_compare(after, first) > 0 ? after : first;
    struct sql_value values[4] = {sql_after(&first), sql_after(&behind)};
    uint32_t count = 2;
    if (scope > 0) {
        values[count++] = sql_int(scope);
    }
    values[count] = sql_int(limit);
    (void)store_reading(store);
    return list(store, statement, values, limit, arena, ret, reterr);
}

enum err statement_between(struct store *store,
    int64_t scope,
    int64_t from_us,
    int64_t to_us,
    struct own_id after,
    uint32_t limit,
    struct arena *arena,
    struct kept_lines *ret,
    struct err_info *reterr)
{
    const struct sql_statement *statement = scope > 0 ? &between : &between_anywhere;
    return list_between(store, statement, scope, from_us, to_us, after, limit, arena, ret, reterr);
}

enum err statement_told_by_one(struct store *store,
    int64_t scope,
    int64_t from_us,
    int64_t to_us,
    struct own_id after,
    uint32_t limit,
    struct arena *arena,
    struct kept_lines *ret,
    struct err_info *reterr)
{
    REQUIRE(scope > 0);
    return list_between(
        store, &told_by_one, scope, from_us, to_us, after, limit, arena, ret, reterr);
}

/* --- one --- */

static enum err find_one(struct store *store,
    const struct sql_statement *statement,
    const struct sql_value *values,
    struct arena *arena,
    struct kept_line *ret,
    struct err_info *reterr)
{
    struct kept_lines found = {NULL, 0};
    (void)store_reading(store);
    TRY(list(store, statement, values, 1, arena, &found, reterr));
    *ret = found.count == 1 ? found.items[0] : (struct kept_line){.scope = 0};
    return ERR_OK;
}

enum err statement_line_by_id(struct store *store,
    struct own_id line,
    struct arena *arena,
    struct kept_line *ret,
    struct err_info *reterr)
{
    struct sql_value values[] = {sql_after(&line)};
    return find_one(store, &by_id, values, arena, ret, reterr);
}

struct scopes_found {
    int64_t scope;
    int count;
};

static enum err take_scope(
    void *context, uint32_t index, const struct sql_value *columns, uint32_t column_count)
{
    struct scopes_found *found = context;
    (void)index;
    (void)column_count;
    found->scope = column_int(&columns[0]);
    found->count++;
    return ERR_OK;
}

enum err statement_line_by_name(struct store *store,
    int64_t scope,
    struct str provider_id,
    struct arena *arena,
    struct kept_line *ret,
    struct err_info *reterr)
{
    struct scopes_found found = {.scope = scope};
    if (scope == 0) {
        struct sql_value values[] = {sql_text(provider_id)};
        (void)store_reading(store);
        TRY(store_run_one(store, &by_name_anywhere, values, take_scope, &found, reterr));
        if (found.count > 1) {
            return err_set(reterr, ERR_CONFLICT, "it is known in several scopes");
        }
    }
    struct sql_value values[] = {sql_int(found.scope), sql_text(provider_id)};
    return find_one(store, &by_name, values, arena, ret, reterr);
}

/* --- names --- */

struct names_walk {
    struct str *names;
    const uint32_t *line_of; /* by parameter row */
    struct arena *arena;
    struct err_info *reterr;
};

static enum err take_name(
    void *context, uint32_t index, const struct sql_value *columns, uint32_t column_count)
{
    struct names_walk *walk = context;
    (void)column_count;
    return column_copy(walk->arena, &columns[0], &walk->names[walk->line_of[index]])
               ? ERR_OK
               : store_out_of_room(walk->reterr);
}

enum err statement_source_names(struct store *store,
    const struct kept_line *lines,
    uint32_t count,
    struct arena *arena,
    struct str *names,
    struct err_info *reterr)
{
    REQUIRE(count == 0 || (lines != NULL && names != NULL));
    struct arena *scratch = store_reading(store);
    struct parameters to = parameters_new(scratch, &source_name, count);
    uint32_t *line_of = arena_new_array(scratch, uint32_t, count);
    struct names_walk walk = {names, line_of, arena, reterr};
    uint32_t asked = 0;
    if (count > 0 && (to.values == NULL || line_of == NULL)) {
        return store_out_of_room(reterr);
    }
    for (uint32_t i = 0; i < count; i++) {
        names[i] = STR("");
        if (!own_id_is_none(lines[i].line.source)) {
            line_of[asked++] = i;
            parameters_add(&to, sql_id(&lines[i].line.source));
            parameters_add(&to, sql_word(id_kind_word(lines[i].source_kind)));
        }
    }
    return sql_run(store->engine, &source_name, to.values, asked, take_name, &walk, NULL, reterr);
}

/* --- sums --- */

static enum err take_sum(
    void *context, uint32_t index, const struct sql_value *columns, uint32_t column_count)
{
    struct statement_sum *sum = context;
    (void)index;
    INVARIANT(column_count == 2);
    sum->count = column_int(&columns[0]);
    sum->net_minor = column_int(&columns[1]);
    return ERR_OK;
}

enum err statement_sum_before(struct store *store,
    int64_t scope,
    struct currency currency,
    struct own_id line,
    struct statement_sum *ret,
    struct err_info *reterr)
{
    struct sql_value values[] = {sql_after(&line), sql_int(scope), sql_word(currency.code)};
    struct statement_sum sum = {.count = 0};
    REQUIRE(scope > 0);
    (void)store_reading(store);
    TRY(store_run_one(store, &sum_before, values, take_sum, &sum, reterr));
    *ret = sum;
    return ERR_OK;
}

enum err statement_first(struct store *store,
    int64_t scope,
    struct currency currency,
    struct arena *arena,
    struct kept_line *ret,
    struct err_info *reterr)
{
    const struct own_id none = {{0}};
    struct sql_value values[] = {sql_after(&none), sql_int(scope), sql_word(currency.code)};
    REQUIRE(scope > 0);
    return find_one(store, &first_line, values, arena, ret, reterr);
}
