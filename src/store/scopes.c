#include "store/internal.h"
#include "store/refs.h"

static const struct sql_statement scope_read = {
    .text = "SELECT scope FROM scope WHERE provider = ?1 AND environment = ?2 AND account_key = ?3",
    .parameters = "ttt",
};
static const struct sql_statement scope_add = {
    .text = "INSERT INTO scope (provider, environment, account_key, above) VALUES (?1, ?2, ?3, "
            "(SELECT coalesce(a.above, a.scope) FROM scope a WHERE a.scope = ?4)) "
            "ON CONFLICT (provider, environment, account_key) DO NOTHING",
    .parameters = "ttti",
};
static const struct sql_statement head_add = {
    .text = "INSERT INTO feed_head (scope, position) VALUES (?1, 0) ON CONFLICT (scope) DO NOTHING",
    .parameters = "i",
};
static const struct sql_statement scope_rows = {
    .text = "SELECT s.scope, s.provider, s.environment, s.account_key, coalesce(h.position, 0), "
            "coalesce(s.above, s.scope) FROM scope s LEFT JOIN feed_head h ON h.scope = s.scope "
            "ORDER BY s.scope",
    .parameters = "",
};

static const struct sql_statement below_rows = {
    .text = "SELECT scope, above, account_key FROM scope "
            "WHERE above = ?1 AND scope > ?2 ORDER BY scope LIMIT ?3",
    .parameters = "iii",
};

static const struct sql_statement owner_read = {
    .text = "SELECT s.provider, s.environment, s.account_key, r.scope, r.account_key FROM scope s "
            "JOIN scope r ON r.scope = coalesce(s.above, s.scope) WHERE s.scope = ?1",
    .parameters = "i",
};

/* *ret_scope is 0 when there is none yet. */
static enum err find(
    struct store *store, const struct scope_key *key, int64_t *ret_scope, struct err_info *reterr)
{
    REQUIRE(key->provider.len > 0);
    REQUIRE(key->account_key.len > 0);
    (void)store_reading(store);
    struct sql_value values[] = {
        sql_text(key->provider),
        sql_text(key->live ? STR("live") : STR("test")),
        sql_text(key->account_key),
    };
    int64_t scope = 0;
    TRY(store_run_one(store, &scope_read, values, store_take_int, &scope, reterr));
    *ret_scope = scope;
    return ERR_OK;
}

static enum err make(struct store *store,
    const struct scope_key *key,
    int64_t above,
    int64_t *ret_scope,
    struct err_info *reterr)
{
    (void)store_writing(store);
    struct sql_value values[] = {
        sql_text(key->provider),
        sql_text(key->live ? STR("live") : STR("test")),
        sql_text(key->account_key),
        sql_int(above),
    };
    TRY(store_run_one(store, &scope_add, values, NULL, NULL, reterr));
    int64_t scope = 0;
    TRY(find(store, key, &scope, reterr));
    ENSURE(scope > 0);
    struct sql_value head[] = {sql_int(scope)};
    TRY(store_run_one(store, &head_add, head, NULL, NULL, reterr));
    *ret_scope = scope;
    return ERR_OK;
}

enum err scope_ensure(
    struct store *store, const struct scope_key *key, int64_t *ret_scope, struct err_info *reterr)
{
    return scope_ensure_below(store, key, STR_NONE, ret_scope, reterr);
}

enum err scope_ensure_below(struct store *store,
    const struct scope_key *key,
    struct str above,
    int64_t *ret_scope,
    struct err_info *reterr)
{
    REQUIRE(ret_scope != NULL);
    int64_t scope = 0;
    TRY(find(store, key, &scope, reterr));
    if (scope == 0) {
        int64_t above_scope = 0;
        if (above.len > 0 && !str_eq(above, key->account_key)) {
            struct scope_key above_key = *key;
            above_key.account_key = above;
            TRY(find(store, &above_key, &above_scope, reterr));
            if (above_scope == 0) {
                TRY(make(store, &above_key, 0, &above_scope, reterr));
            }
        }
        TRY(make(store, key, above_scope, &scope, reterr));
    }
    *ret_scope = scope;
    return ERR_OK;
}

static enum err take_scope(
    void *context, uint32_t index, const struct sql_value *columns, uint32_t column_count)
{
    (void)index;
    (void)column_count;
    struct rows *rows = context;
    struct scope_row *row = rows_add(rows);
    if (row == NULL) {
        return ERR_TOO_LARGE;
    }
    row->scope = column_int(&columns[0]);
    row->position = column_int(&columns[4]);
    row->root = column_int(&columns[5]);
    if (!column_copy(rows->arena, &columns[1], &row->provider) ||
        !column_copy(rows->arena, &columns[2], &row->environment) ||
        !column_copy(rows->arena, &columns[3], &row->account_key)) {
        return store_out_of_room(rows->reterr);
    }
    return ERR_OK;
}

enum err scope_list(struct store *store,
    struct arena *arena,
    struct scope_row **ret_rows,
    uint32_t *ret_count,
    struct err_info *reterr)
{
    (void)store_reading(store);
    struct rows rows = rows_new(arena, sizeof(struct scope_row), UINT32_MAX, reterr);
    TRY(store_run_one(store, &scope_rows, NULL, take_scope, &rows, reterr));
    *ret_rows = (struct scope_row *)(void *)rows.items;
    *ret_count = rows.count;
    return ERR_OK;
}

static enum err take_below(
    void *context, uint32_t index, const struct sql_value *columns, uint32_t column_count)
{
    (void)index;
    (void)column_count;
    struct rows *rows = context;
    struct scope_row *row = rows_add(rows);
    if (row == NULL) {
        return ERR_TOO_LARGE;
    }
    row->scope = column_int(&columns[0]);
    row->root = column_int(&columns[1]);
    return column_copy(rows->arena, &columns[2], &row->account_key)
               ? ERR_OK
               : store_out_of_room(rows->reterr);
}

enum err scope_list_below(struct store *store,
    int64_t root,
    int64_t after,
    uint32_t row_max,
    struct arena *arena,
    struct scope_row **ret_rows,
    uint32_t *ret_count,
    struct err_info *reterr)
{
    REQUIRE(row_max > 0);
    (void)store_reading(store);
    struct rows rows = rows_new(arena, sizeof(struct scope_row), row_max, reterr);
    struct sql_value values[] = {sql_int(root), sql_int(after), sql_int(row_max)};
    TRY(store_run_one(store, &below_rows, values, take_below, &rows, reterr));
    *ret_rows = (struct scope_row *)(void *)rows.items;
    *ret_count = rows.count;
    return ERR_OK;
}

struct owner_walk {
    struct scope_owner *owners; /* by parameter row */
    struct arena *arena;
    struct err_info *reterr;
};

static enum err take_owner(
    void *context, uint32_t index, const struct sql_value *columns, uint32_t column_count)
{
    (void)column_count;
    struct owner_walk *walk = context;
    struct scope_owner *owner = &walk->owners[index];
    owner->row.root = column_int(&columns[3]);
    bool kept = column_copy(walk->arena, &columns[0], &owner->row.provider) &&
                column_copy(walk->arena, &columns[1], &owner->row.environment) &&
                column_copy(walk->arena, &columns[2], &owner->row.account_key) &&
                column_copy(walk->arena, &columns[4], &owner->root_key);
    return kept ? ERR_OK : store_out_of_room(walk->reterr);
}

enum err scope_owners(struct store *store,
    struct scope_owner *owners,
    uint32_t count,
    struct arena *arena,
    struct err_info *reterr)
{
    REQUIRE(owners != NULL || count == 0);
    struct arena *scratch = store_reading(store);
    struct parameters to = parameters_new(scratch, &owner_read, count);
    struct owner_walk walk = {owners, arena, reterr};
    if (to.values == NULL) {
        return store_out_of_room(reterr);
    }
    for (uint32_t i = 0; i < count; i++) {
        parameters_add(&to, sql_int(owners[i].row.scope));
    }
    return sql_run(store->engine, &owner_read, to.values, count, take_owner, &walk, NULL, reterr);
}
