#include "store/refetch.h"
#include "store/internal.h"
#include <stdlib.h>

#define GIVEN_UP "9223372036854775807" /* due never: INT64_MAX */
#define GIVEN_UP_MAX "1000"

/* A need that is newer begins anew, but does not push back one that was not tried yet: a busy
 * object would never have its turn. One that is asked for just now is due again as if it were new.
 */
#define WANT_CHANGE                                                                                \
    "ON CONFLICT (scope, kind, provider_id) DO UPDATE SET why = excluded.why, "                    \
    "since_us = excluded.since_us, attempts = 0, error = NULL, "                                   \
    "due_us = CASE WHEN refetch.attempts = 0 AND refetch.due_us < excluded.due_us "                \
    "THEN refetch.due_us ELSE excluded.due_us END "                                                \
    "WHERE excluded.since_us > refetch.since_us"
#define WANT_INSERT                                                                                \
    "INSERT INTO refetch (scope, kind, provider_id, why, since_us, wanted_us, due_us, attempts) "
static const struct sql_statement want_add = {
    .text = WANT_INSERT "VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, 0) " WANT_CHANGE,
    .parameters = "itttiii",
};
static const struct sql_statement scope_due_list = {
    .text = "SELECT s.scope, s.account_key, s.environment, coalesce(a.account_key, s.account_key) "
            "FROM scope s LEFT JOIN scope a ON a.scope = s.above WHERE EXISTS "
            "(SELECT 1 FROM refetch r WHERE r.scope = s.scope AND r.due_us <= ?1) "
            "ORDER BY s.scope LIMIT ?2",
    .parameters = "ii",
};
static const struct sql_statement due_list = {
    .text = "SELECT kind, provider_id, why, since_us, attempts, due_us, error FROM refetch "
            "WHERE scope = ?1 AND due_us <= ?2 ORDER BY due_us, kind, provider_id LIMIT ?3",
    .parameters = "iii",
};
static const struct sql_statement row_remove = {
    .text = "DELETE FROM refetch WHERE scope = ?1 AND kind = ?2 AND provider_id = ?3 "
            "AND since_us = ?4",
    .parameters = "itti",
};
static const struct sql_statement row_put_off = {
    .text = "UPDATE refetch SET due_us = ?5, error = ?6, attempts = attempts + 1 "
            "WHERE scope = ?1 AND kind = ?2 AND provider_id = ?3 AND since_us = ?4",
    .parameters = "ittiit",
};
static const struct sql_statement row_claim = {
    .text = "UPDATE refetch SET due_us = ?6 WHERE scope = ?1 AND kind = ?2 AND provider_id = ?3 "
            "AND since_us = ?4 AND due_us = ?5",
    .parameters = "ittiii",
};
static const struct sql_statement row_give_up = {
    .text = "UPDATE refetch SET due_us = " GIVEN_UP ", error = ?5, attempts = attempts + 1 "
            "WHERE scope = ?1 AND kind = ?2 AND provider_id = ?3 AND since_us = ?4",
    .parameters = "ittit",
};
static const struct sql_statement given_up_trim = {
    .text = "DELETE FROM refetch WHERE scope = ?1 AND due_us = " GIVEN_UP " AND wanted_us < "
            "(SELECT wanted_us FROM refetch WHERE scope = ?1 AND due_us = " GIVEN_UP
            " ORDER BY wanted_us DESC LIMIT 1 OFFSET " GIVEN_UP_MAX ")",
    .parameters = "i",
};
static const struct sql_statement stats_list = {
    .text = "SELECT why, count(*), count(error), min(wanted_us) FROM refetch "
            "WHERE due_us < " GIVEN_UP " GROUP BY why",
    .parameters = "",
};
static const struct sql_statement given_up_count = {
    .text = "SELECT count(*) FROM refetch WHERE due_us = " GIVEN_UP,
    .parameters = "",
};

/* --- words --- */

static const struct {
    const char *word, *help;
} whys[] = {
#define WHY(NAME, word, help) {word, help},
#include "store/refetch.def"
#undef WHY
};

const char *refetch_why_word(enum refetch_why why)
{
    REQUIRE((unsigned)why < REFETCH_WHY_COUNT);
    return whys[why].word;
}

const char *refetch_why_help(enum refetch_why why)
{
    REQUIRE((unsigned)why < REFETCH_WHY_COUNT);
    return whys[why].help;
}

static bool why_parse(struct str word, enum refetch_why *ret_why)
{
    for (int i = 0; i < REFETCH_WHY_COUNT; i++) {
        if (str_eq(word, str_from(whys[i].word))) {
            *ret_why = (enum refetch_why)i;
            return true;
        }
    }
    return false;
}

/* --- wanting --- */

static int compare_keys(const struct refetch_want *a, const struct refetch_want *b)
{
    int order = (a->scope > b->scope) - (a->scope < b->scope);
    order = order != 0 ? order : strcmp(id_kind_word(a->kind), id_kind_word(b->kind));
    return order != 0 ? order : str_compare(a->provider_id, b->provider_id);
}

/* Of one object the newest comes first. */
static int compare_wants(const void *a, const void *b)
{
    const struct refetch_want *left = a;
    const struct refetch_want *right = b;
    int order = compare_keys(left, right);
    if (order == 0) {
        order = (left->since_us < right->since_us) - (left->since_us > right->since_us);
    }
    return order != 0 ? order : (left->why > right->why) - (left->why < right->why);
}

enum err refetch_want(struct store *store,
    struct refetch_want *wants,
    uint32_t count,
    int64_t now_us,
    int64_t due_us,
    struct err_info *reterr)
{
    REQUIRE(wants != NULL || count == 0);
    if (count == 0) {
        return ERR_OK; /* nearly always */
    }
    struct arena *scratch = store_writing(store);
    struct parameters to = parameters_new(scratch, &want_add, count);
    if (to.values == NULL) {
        return store_out_of_room(reterr);
    }
    uint32_t rows = 0;
    qsort(wants, count, sizeof *wants, compare_wants);
    for (uint32_t i = 0; i < count; i++) {
        const struct refetch_want *want = &wants[i];
        REQUIRE(want->scope > 0 && want->provider_id.len > 0);
        if (i > 0 && compare_keys(&wants[i - 1], want) == 0) {
            continue;
        }
        parameters_add(&to, sql_int(want->scope));
        parameters_add(&to, sql_word(id_kind_word(want->kind)));
        parameters_add(&to, sql_text(want->provider_id));
        parameters_add(&to, sql_word(refetch_why_word(want->why)));
        parameters_add(&to, sql_int(want->since_us));
        parameters_add(&to, sql_int(now_us));
        parameters_add(&to, sql_int(due_us));
        rows++;
    }
    return sql_run(store->engine, &want_add, to.values, rows, NULL, NULL, NULL, reterr);
}

/* --- what is due --- */

static enum err take_scope(
    void *context, uint32_t index, const struct sql_value *columns, uint32_t column_count)
{
    (void)index;
    (void)column_count;
    struct rows *rows = context;
    struct refetch_scope *scope = rows_add(rows);
    if (scope == NULL) {
        return ERR_TOO_LARGE;
    }
    scope->scope = column_int(&columns[0]);
    return column_copy(rows->arena, &columns[1], &scope->account_key) &&
                   column_copy(rows->arena, &columns[2], &scope->environment) &&
                   column_copy(rows->arena, &columns[3], &scope->root_key)
               ? ERR_OK
               : store_out_of_room(rows->reterr);
}

enum err refetch_scopes(struct store *store,
    int64_t now_us,
    struct arena *arena,
    struct refetch_scope **ret_scopes,
    uint32_t *ret_count,
    struct err_info *reterr)
{
    REQUIRE(ret_scopes != NULL && ret_count != NULL);
    (void)store_reading(store);
    struct rows rows = rows_new(arena, sizeof(struct refetch_scope), LIMIT_SCOPES, reterr);
    struct sql_value values[] = {sql_int(now_us), sql_int(LIMIT_SCOPES)};
    TRY(store_run_one(store, &scope_due_list, values, take_scope, &rows, reterr));
    *ret_scopes = (struct refetch_scope *)(void *)rows.items;
    *ret_count = rows.count;
    return ERR_OK;
}

static enum err take_row(
    void *context, uint32_t index, const struct sql_value *columns, uint32_t column_count)
{
    (void)index;
    (void)column_count;
    struct rows *rows = context;
    struct refetch_row *row = rows_add(rows);
    if (row == NULL) {
        return ERR_TOO_LARGE;
    }
    row->want.since_us = column_int(&columns[3]);
    row->attempts = column_int(&columns[4]);
    row->due_us = column_int(&columns[5]);
    if (!id_kind_parse(column_str(&columns[0]), &row->want.kind) ||
        !why_parse(column_str(&columns[2]), &row->want.why)) {
        return err_set(rows->reterr, ERR_STORE_IO, "refetch has a word that is none of ours");
    }
    return column_copy(rows->arena, &columns[1], &row->want.provider_id) &&
                   column_copy(rows->arena, &columns[6], &row->error)
               ? ERR_OK
               : store_out_of_room(rows->reterr);
}

enum err refetch_due(struct store *store,
    int64_t scope,
    int64_t now_us,
    uint32_t row_max,
    struct arena *arena,
    struct refetch_row **ret_rows,
    uint32_t *ret_count,
    struct err_info *reterr)
{
    REQUIRE(scope > 0 && row_max > 0);
    REQUIRE(ret_rows != NULL && ret_count != NULL);
    (void)store_reading(store);
    struct rows rows = rows_new(arena, sizeof(struct refetch_row), row_max, reterr);
    struct sql_value values[] = {sql_int(scope), sql_int(now_us), sql_int(row_max)};
    TRY(store_run_one(store, &due_list, values, take_row, &rows, reterr));
    struct refetch_row *found = (struct refetch_row *)(void *)rows.items;
    for (uint32_t i = 0; i < rows.count; i++) {
        found[i].want.scope = scope;
    }
    *ret_rows = found;
    *ret_count = rows.count;
    return ERR_OK;
}

/* --- what came of it --- */

enum err refetch_done(struct store *store,
    const struct refetch_want *want,
    bool *ret_removed,
    struct err_info *reterr)
{
    REQUIRE(want != NULL && ret_removed != NULL);
    (void)store_writing(store);
    struct sql_value values[] = {sql_int(want->scope), sql_word(id_kind_word(want->kind)),
        sql_text(want->provider_id), sql_int(want->since_us)};
    int64_t changed = 0;
    TRY(sql_run(store->engine, &row_remove, values, 1, NULL, NULL, &changed, reterr));
    *ret_removed = changed == 1;
    return ERR_OK;
}

enum err refetch_put_off(struct store *store,
    const struct refetch_want *want,
    enum err why,
    int64_t due_us,
    struct err_info *reterr)
{
    REQUIRE(want != NULL);
    (void)store_writing(store);
    struct sql_value values[] = {sql_int(want->scope), sql_word(id_kind_word(want->kind)),
        sql_text(want->provider_id), sql_int(want->since_us), sql_int(due_us),
        why == ERR_OK ? sql_null() : sql_word(err_name(why))};
    return store_run_one(store, &row_put_off, values, NULL, NULL, reterr);
}

enum err refetch_claim(struct store *store,
    const struct refetch_row *row,
    int64_t until_us,
    bool *ret_claimed,
    struct err_info *reterr)
{
    REQUIRE(row != NULL);
    REQUIRE(ret_claimed != NULL);
    (void)store_writing(store);
    const struct refetch_want *want = &row->want;
    struct sql_value values[] = {sql_int(want->scope), sql_word(id_kind_word(want->kind)),
        sql_text(want->provider_id), sql_int(want->since_us), sql_int(row->due_us),
        sql_int(until_us)};
    int64_t changed = 0;
    TRY(sql_run(store->engine, &row_claim, values, 1, NULL, NULL, &changed, reterr));
    *ret_claimed = changed == 1;
    return ERR_OK;
}

enum err refetch_give_up(
    struct store *store, const struct refetch_want *want, enum err why, struct err_info *reterr)
{
    REQUIRE(want != NULL);
    (void)store_writing(store);
    struct sql_value values[] = {sql_int(want->scope), sql_word(id_kind_word(want->kind)),
        sql_text(want->provider_id), sql_int(want->since_us),
        why == ERR_OK ? sql_null() : sql_word(err_name(why))};
    TRY(store_run_one(store, &row_give_up, values, NULL, NULL, reterr));
    return store_run_one(store, &given_up_trim, values, NULL, NULL, reterr);
}

static enum err take_stats(
    void *context, uint32_t index, const struct sql_value *columns, uint32_t column_count)
{
    (void)index;
    (void)column_count;
    struct refetch_stats *stats = context;
    enum refetch_why why;
    if (why_parse(column_str(&columns[0]), &why)) {
        int64_t oldest_us = column_int(&columns[3]);
        stats->open[why] = column_int(&columns[1]);
        stats->failed[why] = column_int(&columns[2]);
        stats->oldest_us =
            stats->oldest_us == 0 || oldest_us < stats->oldest_us ? oldest_us : stats->oldest_us;
    }
    return ERR_OK;
}

enum err refetch_stats(struct store *store, struct refetch_stats *ret, struct err_info *reterr)
{
    REQUIRE(ret != NULL);
    (void)store_reading(store);
    struct refetch_stats stats = {.oldest_us = 0};
    TRY(store_run_one(store, &stats_list, NULL, take_stats, &stats, reterr));
    TRY(store_run_one(store, &given_up_count, NULL, store_take_int, &stats.given_up, reterr));
    *ret = stats;
    return ERR_OK;
}
