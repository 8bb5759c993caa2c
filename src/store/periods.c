#include "store/periods.h"
#include "store/internal.h"
#include <stdlib.h>

static const struct sql_statement step_list = {
    .text = "SELECT number, action, period, entry, who, reason, at_us FROM ledger_period "
            "WHERE scope = ?1 ORDER BY number",
    .parameters = "i",
};
static const struct sql_statement step_add = {
    .text = "INSERT INTO ledger_period (scope, number, action, period, entry, who, reason, at_us) "
            "SELECT ?1, 1 + count(*), ?2, ?3, "
            "coalesce((SELECT entry FROM journal_head WHERE scope = ?1), 0), ?4, ?5, ?6 "
            "FROM ledger_period WHERE scope = ?1 RETURNING number, entry",
    .parameters = "itttti",
};
static const struct sql_statement first_of_span = {
    .text = "SELECT min(effective_us) FROM journal_entry WHERE scope = ?1 AND entry > ?2 AND "
            "entry <= ?3 AND effective_us >= ?4 AND effective_us < ?5 "
            "HAVING min(effective_us) IS NOT NULL",
    .parameters = "iiiii",
};
static const struct sql_statement span_balances = {
    .text = "SELECT p.account, p.currency, CAST(sum(p.minor) AS BIGINT) FROM journal_entry e "
            "JOIN posting p ON p.subject = e.subject AND p.scope = e.scope AND p.entry = e.entry "
            "WHERE e.scope = ?1 AND e.entry > ?2 AND e.entry <= ?3 AND e.effective_us < ?4 "
            "GROUP BY p.account, p.currency",
    .parameters = "iiii",
};

/* --- the log --- */

static enum err take_step(const struct sql_value *columns, struct period_step *step)
{
    step->entry = column_int(&columns[3]);
    TRY(period_action_parse(column_str(&columns[1]), &step->action));
    return period_parse(column_str(&columns[2]), &step->period);
}

static enum err take_row(
    void *context, uint32_t index, const struct sql_value *columns, uint32_t column_count)
{
    (void)index;
    (void)column_count;
    struct rows *rows = context;
    struct period_row *row = rows_add(rows);
    if (row == NULL) {
        return ERR_TOO_LARGE;
    }
    row->number = column_int(&columns[0]);
    row->at_us = column_int(&columns[6]);
    if (!column_copy(rows->arena, &columns[4], &row->who) ||
        !column_copy(rows->arena, &columns[5], &row->reason)) {
        return store_out_of_room(rows->reterr);
    }
    return take_step(columns, &row->step) == ERR_OK
               ? ERR_OK
               : store_newer(rows->reterr, "a closed period has words");
}

enum err periods_list(struct store *store,
    int64_t scope,
    struct arena *arena,
    struct period_row **ret_rows,
    uint32_t *ret_count,
    struct err_info *reterr)
{
    REQUIRE(ret_rows != NULL && ret_count != NULL);
    (void)store_reading(store);
    struct rows rows = rows_new(arena, sizeof(struct period_row), UINT32_MAX, reterr);
    struct sql_value values[] = {sql_int(scope)};
    TRY(store_run_one(store, &step_list, values, take_row, &rows, reterr));
    *ret_rows = (struct period_row *)(void *)rows.items;
    *ret_count = rows.count;
    for (uint32_t i = 0; i < rows.count; i++) {
        (*ret_rows)[i].scope = scope;
    }
    return ERR_OK;
}

static enum err take_log(
    void *context, uint32_t index, const struct sql_value *columns, uint32_t column_count)
{
    (void)index;
    (void)column_count;
    struct rows *rows = context;
    struct period_step *step = rows_add(rows);
    if (step == NULL) {
        return ERR_TOO_LARGE;
    }
    return take_step(columns, step) == ERR_OK
               ? ERR_OK
               : store_newer(rows->reterr, "a closed period has words");
}

enum err periods_log(struct store *store,
    int64_t scope,
    struct arena *arena,
    struct period_log *ret,
    struct err_info *reterr)
{
    REQUIRE(ret != NULL);
    struct rows rows = rows_new(arena, sizeof(struct period_step), UINT32_MAX, reterr);
    struct sql_value values[] = {sql_int(scope)};
    TRY(store_run_one(store, &step_list, values, take_log, &rows, reterr));
    *ret = (struct period_log){(const struct period_step *)(const void *)rows.items, rows.count};
    return ERR_OK;
}

static enum err take_added(
    void *context, uint32_t index, const struct sql_value *columns, uint32_t column_count)
{
    (void)index;
    (void)column_count;
    struct period_row *row = context;
    row->number = column_int(&columns[0]);
    row->step.entry = column_int(&columns[1]);
    return ERR_OK;
}

enum err periods_add(struct store *store, struct period_row *row, struct err_info *reterr)
{
    REQUIRE(row != NULL && row->scope > 0);
    REQUIRE(row->who.len > 0);
    (void)store_writing(store);
    char period[PERIOD_TEXT_BYTES];
    period_format(row->step.period, period);
    struct sql_value values[] = {
        sql_int(row->scope),
        sql_word(period_action_word(row->step.action)),
        sql_word(period),
        sql_text(row->who),
        sql_text(row->reason),
        sql_int(row->at_us),
    };
    TRY(store_run_one(store, &step_add, values, take_added, row, reterr));
    ENSURE(row->number > 0);
    return ERR_OK;
}

/* --- what is open --- */

struct first_walk {
    const struct period_span *spans;
    int64_t first;
};

static enum err take_first(
    void *context, uint32_t index, const struct sql_value *columns, uint32_t column_count)
{
    (void)column_count;
    struct first_walk *walk = context;
    int64_t own = period_of(column_int(&columns[0]));
    int64_t belongs = own > walk->spans[index].closed ? own : walk->spans[index].closed + 1;
    if (walk->first == PERIOD_NONE || belongs < walk->first) {
        walk->first = belongs;
    }
    return ERR_OK;
}

/* Of entries that were recorded while less was closed than now is, those count that happened behind
 * it; of the others all do, since what came late went there. */
enum err periods_first_open(struct store *store,
    int64_t scope,
    const struct period_log *log,
    int64_t period,
    int64_t *ret_period,
    struct err_info *reterr)
{
    REQUIRE(log != NULL && ret_period != NULL);
    struct arena *scratch = store_reading(store);
    struct period_span *spans = arena_new_array(scratch, struct period_span, log->count + 1);
    struct parameters to = parameters_new(scratch, &first_of_span, log->count + 1);
    int64_t closed = period_closed(log);
    if (spans == NULL || to.values == NULL) {
        return store_out_of_room(reterr);
    }
    uint32_t count = period_spans(log, spans);
    uint32_t kept = 0;
    for (uint32_t i = 0; i < count; i++) {
        if (spans[i].closed + 1 >= period) {
            continue; /* what was recorded then belongs to that month or to one behind it */
        }
        spans[kept++] = spans[i];
        parameters_add(&to, sql_int(scope));
        parameters_add(&to, sql_int(spans[i].after));
        parameters_add(&to, sql_int(spans[i].to));
        parameters_add(&to, sql_int(spans[i].closed < closed ? period_end_us(closed) : INT64_MIN));
        parameters_add(&to, sql_int(period_begin_us(period)));
    }
    struct first_walk walk = {spans, PERIOD_NONE};
    TRY(sql_run(store->engine, &first_of_span, to.values, kept, take_first, &walk, NULL, reterr));
    *ret_period = walk.first;
    return ERR_OK;
}

/* --- balances --- */

static struct ledger_balance *sum_of(
    struct rows *sums, enum ledger_account account, struct currency currency)
{
    struct ledger_balance *balances = (struct ledger_balance *)(void *)sums->items;
    for (uint32_t i = 0; i < sums->count; i++) {
        if (balances[i].account == account && currency_eq(balances[i].currency, currency)) {
            return &balances[i];
        }
    }
    struct ledger_balance *balance = rows_add(sums);
    if (balance != NULL) {
        balance->account = account;
        balance->currency = currency;
    }
    return balance;
}

static enum err take_sum(
    void *context, uint32_t index, const struct sql_value *columns, uint32_t column_count)
{
    (void)index;
    (void)column_count;
    struct rows *sums = context;
    enum ledger_account account;
    struct currency currency;
    if (account_parse(column_str(&columns[0]), &account) != ERR_OK ||
        currency_parse(column_str(&columns[1]), &currency) != ERR_OK) {
        return store_newer(sums->reterr, "the books have an account or a currency");
    }
    struct ledger_balance *balance = sum_of(sums, account, currency);
    if (balance == NULL) {
        return ERR_TOO_LARGE;
    }
    return minor_add(balance->minor, column_int(&columns[2]), &balance->minor);
}

static enum err add_scope(struct store *store,
    int64_t scope,
    int64_t period,
    struct arena *arena,
    struct rows *sums,
    struct err_info *reterr)
{
    struct arena *scratch = store_reading(store);
    struct period_log log = {NULL, 0};
    TRY(periods_log(store, scope, arena, &log, reterr));
    struct period_span *spans = arena_new_array(scratch, struct period_span, log.count + 1);
    struct parameters to = parameters_new(scratch, &span_balances, log.count + 1);
    if (spans == NULL || to.values == NULL) {
        return store_out_of_room(reterr);
    }
    uint32_t count = period_open_spans(&log, period, spans);
    for (uint32_t i = 0; i < count; i++) {
        parameters_add(&to, sql_int(scope));
        parameters_add(&to, sql_int(spans[i].after));
        parameters_add(&to, sql_int(spans[i].to));
        parameters_add(&to, sql_int(period_end_us(period)));
    }
    return sql_run(store->engine, &span_balances, to.values, count, take_sum, sums, NULL, reterr);
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

enum err periods_balances(struct store *store,
    const int64_t *scopes,
    uint32_t count,
    int64_t period,
    struct arena *arena,
    struct ledger_balance **ret_rows,
    uint32_t *ret_count,
    struct err_info *reterr)
{
    REQUIRE(scopes != NULL || count == 0);
    struct rows sums = rows_new(arena, sizeof(struct ledger_balance), UINT32_MAX, reterr);
    for (uint32_t i = 0; i < count; i++) {
        TRY(add_scope(store, scopes[i], period, arena, &sums, reterr));
    }
    *ret_rows = (struct ledger_balance *)(void *)sums.items;
    *ret_count = sums.count;
    if (*ret_count > 0) {
        qsort(*ret_rows, *ret_count, sizeof **ret_rows, compare_balances);
    }
    return ERR_OK;
}
