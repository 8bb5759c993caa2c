#include "store/discrepancies.h"
#include "store/internal.h"
#include "ledger/minor.h"
#include <stdlib.h>

static const struct sql_statement going_figures = {
    .text = "SELECT scope, code, currency, state, ours_minor, theirs_minor, since_us "
            "FROM discrepancy WHERE (?1 = 0 OR scope = ?1) AND "
            "state IN ('open', 'acknowledged', 'explained') ORDER BY scope, code, currency, state",
    .parameters = "i",
};

static const struct sql_statement begun_count = {
    .text = "SELECT count(*) FROM discrepancy WHERE scope = ?1 AND "
            "state IN ('open', 'acknowledged', 'explained') AND since_us < ?2",
    .parameters = "ii",
};

static bool is_of(const struct discrepancy_total *total, const struct discrepancy_total *row)
{
    return total->scope == row->scope && total->code == row->code && total->state == row->state &&
           currency_eq(total->currency, row->currency);
}

static enum err take_figures(
    void *context, uint32_t index, const struct sql_value *columns, uint32_t column_count)
{
    (void)index;
    (void)column_count;
    struct rows *rows = context;
    struct discrepancy_total row = {.scope = column_int(&columns[0])};
    if (code_parse(column_str(&columns[1]), &row.code) != ERR_OK ||
        (column_str(&columns[2]).len > 0 &&
            currency_parse(column_str(&columns[2]), &row.currency) != ERR_OK) ||
        discrepancy_state_parse(column_str(&columns[3]), &row.state) != ERR_OK) {
        return store_newer(rows->reterr, "a discrepancy has a word");
    }
    struct discrepancy_total *totals = (struct discrepancy_total *)(void *)rows->items;
    struct discrepancy_total *total = rows->count > 0 ? &totals[rows->count - 1] : NULL;
    const struct finding found = {
        .ours_minor = column_int(&columns[4]), .theirs_minor = column_int(&columns[5])};
    int64_t since_us = column_int(&columns[6]);
    if (total == NULL || !is_of(total, &row)) {
        total = rows_add(rows);
        if (total == NULL) {
            return ERR_TOO_LARGE;
        }
        *total = row;
        total->oldest_us = since_us;
    }
    total->count++;
    total->off_minor = minor_grow(total->off_minor, finding_size(&found));
    total->oldest_us = since_us < total->oldest_us ? since_us : total->oldest_us;
    return ERR_OK;
}

static int compare_totals(const void *a, const void *b)
{
    const struct discrepancy_total *left = a;
    const struct discrepancy_total *right = b;
    if (left->scope != right->scope) {
        return left->scope < right->scope ? -1 : 1;
    }
    if (left->code != right->code) {
        return left->code < right->code ? -1 : 1;
    }
    int currencies = strcmp(left->currency.code, right->currency.code);
    return currencies != 0 ? currencies : (int)left->state - (int)right->state;
}

enum err discrepancy_totals(struct store *store,
    int64_t scope,
    struct arena *arena,
    struct discrepancy_total **ret_rows,
    uint32_t *ret_count,
    struct err_info *reterr)
{
    (void)store_reading(store);
    struct rows rows = rows_new(arena, sizeof(struct discrepancy_total), UINT32_MAX, reterr);
    struct sql_value values[] = {sql_int(scope)};
    TRY(store_run_one(store, &going_figures, values, take_figures, &rows, reterr));
    if (rows.count > 0) {
        qsort(rows.items, rows.count, sizeof(struct discrepancy_total), compare_totals);
    }
    *ret_rows = (struct discrepancy_total *)(void *)rows.items;
    *ret_count = rows.count;
    return ERR_OK;
}

enum err discrepancies_begun(struct store *store,
    int64_t scope,
    int64_t before_us,
    int64_t *ret_count,
    struct err_info *reterr)
{
    (void)store_reading(store);
    int64_t count = 0;
    struct sql_value values[] = {sql_int(scope), sql_int(before_us)};
    TRY(store_run_one(store, &begun_count, values, store_take_int, &count, reterr));
    *ret_count = count;
    return ERR_OK;
}
