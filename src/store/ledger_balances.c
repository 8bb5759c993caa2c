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
/* By subject, since a release's id begins with its time: the journal before it is not looked at. */
static const struct sql_statement later = {
    .text = "SELECT account, currency, NULL, CAST(sum(minor) AS BIGINT), min(effective_us), 0 "
            "FROM posting WHERE subject >= ?3 AND effective_us > ?2 AND (?1 = 0 OR scope = ?1) AND "
            "account IN ('assets:provider:pending', 'assets:provider:available') "
            "GROUP BY account, currency",
    .parameters = "iib",
};
static const struct sql_statement keys = {
    .text = "SELECT account, currency, key, minor, since_us, 1 FROM ledger_balance "
            "WHERE scope = ?1 AND account = ?2 AND minor <> 0 AND (currency, key) > (?3, ?4) "
            "ORDER BY currency, key LIMIT ?5",
    .parameters = "ittbi",
};
static const struct sql_statement keys_at = {
    .text = "SELECT account, currency, COALESCE(key, ?7), CAST(sum(minor) AS BIGINT), "
            "min(effective_us), 1 FROM posting WHERE scope = ?1 AND account = ?2 AND "
            "(currency, COALESCE(key, ?7)) > (?3, ?4) AND effective_us < ?6 "
            "GROUP BY account, currency, COALESCE(key, ?7) HAVING sum(minor) <> 0 "
            "ORDER BY 2, 3 LIMIT ?5",
    .parameters = "ittbiib",
};
static const struct sql_statement one_key = {
    .text = "SELECT minor FROM ledger_balance WHERE scope = ?1 AND account = ?2 AND "
            "currency = ?3 AND key = ?4",
    .parameters = "ittb",
};
/* Entry by entry, since postings are kept by subject and so follow from the entry. */
static const struct sql_statement postings = {
    .text = "SELECT e.scope, e.entry, p.line, e.subject_kind, e.subject, p.key, p.currency, "
            "p.minor, e.effective_us FROM journal_entry e JOIN posting p "
            "ON p.subject = e.subject AND p.scope = e.scope AND p.entry = e.entry "
            "WHERE e.scope = ?1 AND p.account = ?2 AND (?3 = ?4 OR p.key = ?3) AND e.entry > ?5 "
            "ORDER BY e.entry, p.line LIMIT ?6",
    .parameters = "itbbii",
};
static const struct sql_statement wrong_balances = {
    .text = "SELECT scope, 0, account, currency, key, CAST(sum(kept) AS BIGINT), "
            "CAST(sum(posted) AS BIGINT) FROM ("
            "SELECT scope, account, currency, key, minor AS kept, 0 AS posted FROM ledger_balance "
            "UNION ALL SELECT scope, account, currency, COALESCE(key, ?2), 0, minor FROM posting"
            ") AS sides WHERE ?1 = 0 OR scope = ?1 GROUP BY scope, account, currency, key "
            "HAVING sum(kept) <> sum(posted) ORDER BY scope, account, currency, key LIMIT ?3",
    .parameters = "ibi",
};
static const struct sql_statement wrong_entries = {
    .text = "SELECT scope, entry, min(account), currency, NULL, CAST(sum(minor) AS BIGINT), "
            "CAST(sum(minor) AS BIGINT) FROM posting WHERE ?1 = 0 OR scope = ?1 "
            "GROUP BY scope, entry, currency HAVING sum(minor) <> 0 "
            "ORDER BY scope, entry, currency LIMIT ?2",
    .parameters = "ii",
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
        return store_newer(walk->reterr, "the books have an account or a currency");
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

/* `before_us` is for statements that want it. */
static enum err read_sums(struct store *store,
    const struct sql_statement *statement,
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
    TRY(read_balances(store, statement, values, &walk, ret_rows, ret_count));
    if (*ret_count > 0) {
        qsort(*ret_rows, *ret_count, sizeof **ret_rows, compare_balances);
    }
    return ERR_OK;
}

enum err ledger_balances(struct store *store,
    int64_t scope,
    struct arena *arena,
    struct ledger_balance **ret_rows,
    uint32_t *ret_count,
    struct err_info *reterr)
{
    return read_sums(store, &now, scope, 0, arena, ret_rows, ret_count, reterr);
}

enum err ledger_balances_at(struct store *store,
    int64_t scope,
    int64_t before_us,
    struct arena *arena,
    struct ledger_balance **ret_rows,
    uint32_t *ret_count,
    struct err_info *reterr)
{
    return read_sums(store, &at, scope, before_us, arena, ret_rows, ret_count, reterr);
}

enum err ledger_balances_later(struct store *store,
    int64_t scope,
    int64_t after_us,
    struct arena *arena,
    struct ledger_balance **ret_rows,
    uint32_t *ret_count,
    struct err_info *reterr)
{
    (void)store_reading(store);
    struct balance_walk walk = walk_new(arena, scope, UINT32_MAX, reterr);
    struct own_id first = own_id_first(after_us);
    struct sql_value values[] = {sql_int(scope), sql_int(after_us), sql_id(&first)};
    return read_balances(store, &later, values, &walk, ret_rows, ret_count);
}

static enum err read_keys(struct store *store,
    const struct sql_statement *statement,
    int64_t scope,
    enum ledger_account account,
    int64_t before_us,
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
        sql_int(before_us),
        sql_blob(first.key.bytes, sizeof first.key.bytes),
    };
    return read_balances(store, statement, values, &walk, ret_rows, ret_count);
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
    return read_keys(
        store, &keys, scope, account, 0, after, limit, arena, ret_rows, ret_count, reterr);
}

enum err ledger_keys_at(struct store *store,
    int64_t scope,
    enum ledger_account account,
    int64_t before_us,
    const struct ledger_balance *after,
    uint32_t limit,
    struct arena *arena,
    struct ledger_balance **ret_rows,
    uint32_t *ret_count,
    struct err_info *reterr)
{
    return read_keys(store, &keys_at, scope, account, before_us, after, limit, arena, ret_rows,
        ret_count, reterr);
}

enum err ledger_balance_of(struct store *store,
    int64_t scope,
    enum ledger_account account,
    struct currency currency,
    struct own_id key,
    int64_t *ret_minor,
    struct err_info *reterr)
{
    (void)store_reading(store);
    int64_t minor = 0;
    struct sql_value values[] = {
        sql_int(scope),
        sql_word(account_row(account)->name),
        sql_word(currency.code),
        sql_blob(key.bytes, sizeof key.bytes),
    };
    TRY(store_run_one(store, &one_key, values, store_take_int, &minor, reterr));
    *ret_minor = minor;
    return ERR_OK;
}

/* --- one account --- */

static enum err take_posting(
    void *context, uint32_t index, const struct sql_value *columns, uint32_t column_count)
{
    (void)index;
    (void)column_count;
    struct rows *rows = context;
    struct ledger_posting *posting = rows_add(rows);
    if (posting == NULL) {
        return ERR_TOO_LARGE;
    }
    posting->scope = column_int(&columns[0]);
    posting->entry = column_int(&columns[1]);
    posting->line = (uint32_t)column_int(&columns[2]);
    posting->subject = column_id(&columns[4]);
    posting->key = column_id(&columns[5]);
    posting->minor = column_int(&columns[7]);
    posting->effective_us = column_int(&columns[8]);
    if (subject_kind_parse(column_str(&columns[3]), &posting->subject_kind) != ERR_OK ||
        currency_parse(column_str(&columns[6]), &posting->currency) != ERR_OK) {
        return store_newer(rows->reterr, "the books have a word");
    }
    return ERR_OK;
}

enum err ledger_postings(struct store *store,
    int64_t scope,
    enum ledger_account account,
    struct own_id key,
    int64_t after,
    uint32_t limit,
    struct arena *arena,
    struct ledger_posting **ret_rows,
    uint32_t *ret_count,
    struct err_info *reterr)
{
    static const struct own_id none;
    (void)store_reading(store);
    struct rows rows = rows_new(arena, sizeof(struct ledger_posting), limit, reterr);
    struct sql_value values[] = {
        sql_int(scope),
        sql_word(account_row(account)->name),
        sql_blob(key.bytes, sizeof key.bytes),
        sql_blob(none.bytes, sizeof none.bytes),
        sql_int(after),
        sql_int(limit),
    };
    TRY(store_run_one(store, &postings, values, take_posting, &rows, reterr));
    *ret_rows = (struct ledger_posting *)(void *)rows.items;
    *ret_count = rows.count;
    return ERR_OK;
}

/* --- proof --- */

static enum err take_flaw(
    void *context, uint32_t index, const struct sql_value *columns, uint32_t column_count)
{
    (void)index;
    (void)column_count;
    struct rows *rows = context;
    struct ledger_flaw *flaw = rows_add(rows);
    if (flaw == NULL) {
        return ERR_TOO_LARGE;
    }
    flaw->scope = column_int(&columns[0]);
    flaw->entry = column_int(&columns[1]);
    flaw->key = column_id(&columns[4]);
    flaw->minor = column_int(&columns[5]);
    flaw->posted_minor = column_int(&columns[6]);
    if (account_parse(column_str(&columns[2]), &flaw->account) != ERR_OK ||
        currency_parse(column_str(&columns[3]), &flaw->currency) != ERR_OK) {
        return store_newer(rows->reterr, "the books have a word");
    }
    return ERR_OK;
}

enum err ledger_verify(struct store *store,
    int64_t scope,
    uint32_t limit,
    struct arena *arena,
    struct ledger_flaw **ret_rows,
    uint32_t *ret_count,
    struct err_info *reterr)
{
    static const struct own_id none;
    (void)store_reading(store);
    struct rows rows = rows_new(arena, sizeof(struct ledger_flaw), UINT32_MAX, reterr);
    struct sql_value balance_values[] = {
        sql_int(scope),
        sql_blob(none.bytes, sizeof none.bytes),
        sql_int(limit),
    };
    struct sql_value entry_values[] = {sql_int(scope), sql_int(limit)};
    TRY(store_run_one(store, &wrong_balances, balance_values, take_flaw, &rows, reterr));
    TRY(store_run_one(store, &wrong_entries, entry_values, take_flaw, &rows, reterr));
    *ret_rows = (struct ledger_flaw *)(void *)rows.items;
    *ret_count = rows.count;
    return ERR_OK;
}
