#include "store/internal.h"
#include "store/journal.h"
#include <stdlib.h>

static const struct sql_statement now = {
    .text = "SELECT account, currency, NULL, CAST(sum(minor) AS BIGINT), min(since_us), count(*) "
            "FROM ledger_balance WHERE ?1 = 0 OR scope = ?1 GROUP BY account, currency",
    .parameters = "i",
};
static const struct sql_statement at = {
    .text = "SELECT account, currency, NULL, CAST(sum(minor) AS BIGINT), 0, count(DISTINCT key) "
            "FROM posting WHERE (?1 = 0 OR scope = ?1) AND effective_us < ?2 "
            "GROUP BY account, currency",
    .parameters = "ii",
};
static const struct sql_statement keys = {
    .text = "SELECT account, currency, key, minor, since_us, 1 FROM ledger_balance "
            "WHERE scope = ?1 AND account = ?2 AND minor <> 0 AND (currency, key) > (?3, ?4) "
            "ORDER BY currency, key LIMIT ?5",
    .parameters = "ittbi",
};

struct balance_walk {
    struct rows rows;
    int64_t scope;
    struct err_info *reterr;
};

static enum err take_balance(
    void *context, uint32_t index, const struct sql_value *columns, uint32_t column_count)
{
    (void)index;
    (void)column_count;
    struct balance_walk *walk = context;
    struct ledger_balance *balance = rows_add(&walk->rows);
    if (balance == NULL) {
        return ERR_TOO_LARGE;
    }
    balance->scope = walk->scope;
    balance->key = column_id(&columns[2]);
    balance->minor = column_int(&columns[3]);
    balance->since_us = column_int(&columns[4]);
    balance->keys = column_int(&columns[5]);
    if (account_parse(column_str(&columns[0]), &balance->account) != ERR_OK ||
        currency_parse(column_str(&columns[1]), &balance->currency) != ERR_OK) {
        return err_set(walk->reterr, ERR_SCHEMA,
            "the books have an account or a currency that this version does not know");
    }
    return ERR_OK;
}

static int compare_balances(const void *a, const void *b)
{
    const struct ledger_balance *left = a;
    const struct ledger_balance *right = b;
    if (left->account != right->account) {
        return left->account < right->account ? -1 : 1;
    }
    return memcmp(left->currency.code, right->currency.code, sizeof left->currency.code);
}

static enum err read_balances(struct store *store,
    const struct sql_statement *statement,
    const struct sql_value *values,
    struct balance_walk *walk,
    struct ledger_balance **ret_rows,
    uint32_t *ret_count)
{
    TRY(store_run_one(store, statement, values, take_balance, walk, walk->reterr));
    *ret_rows = (struct ledger_balance *)(void *)walk->rows.items;
    *ret_count = walk->rows.count;
    return ERR_OK;
}

static struct balance_walk walk_new(
    struct arena *arena, int64_t scope, uint32_t limit, struct err_info *reterr)
{
    return (struct balance_walk){
        rows_new(arena, sizeof(struct ledger_balance), limit, reterr), scope, reterr};
}

enum err ledger_balances(struct store *store,
    int64_t scope,
    struct arena *arena,
    struct ledger_balance **ret_rows,
    uint32_t *ret_count,
    struct err_info *reterr)
{
    (void)store_reading(store);
    struct balance_walk walk = walk_new(arena, scope, UINT32_MAX, reterr);
    struct sql_value values[] = {sql_int(scope)};
    TRY(read_balances(store, &now, values, &walk, ret_rows, ret_count));
    if (*ret_count > 0) {
        qsort(*ret_rows, *ret_count, sizeof **ret_rows, compare_balances);
    }
    return ERR_OK;
}

enum err ledger_balances_at(struct store *store,
    int64_t scope,
    int64_t before_us,
    struct arena *arena,
    struct ledger_balance **ret_rows,
    uint32_t *ret_count,
    struct err_info *reterr)
{
    (void)store_reading(store);
    struct balance_walk walk = walk_new(arena, scope, UINT32_MAX, reterr);
    struct sql_value values[] = {sql_int(scope), sql_int(before_us)};
    TRY(read_balances(store, &at, values, &walk, ret_rows, ret_count));
    if (*ret_count > 0) {
        qsort(*ret_rows, *ret_count, sizeof **ret_rows, compare_balances);
    }
    return ERR_OK;
}

enum err ledger_keys(struct store *store,
    int64_t scope,
    enum ledger_account account,
    const struct ledger_balance *after,
    uint32_t limit,
    struct arena *arena,
    struct ledger_balance **ret_rows,
    uint32_t *ret_count,
    struct err_info *reterr)
{
    static const struct ledger_balance first;
    (void)store_reading(store);
    const struct ledger_balance *from = after != NULL ? after : &first;
    struct balance_walk walk = walk_new(arena, scope, limit, reterr);
    struct sql_value values[] = {
        sql_int(scope),
        sql_word(account_row(account)->name),
        sql_word(from->currency.code),
        sql_blob(from->key.bytes, sizeof from->key.bytes),
        sql_int(limit),
    };
    return read_balances(store, &keys, values, &walk, ret_rows, ret_count);
}
