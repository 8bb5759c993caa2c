/* Questions about many records at once: the live view, and what is odd. */
#include "store/record_statements.h"
#include "store/records.h"

static const struct sql_statement total_list = {
    .text = "SELECT scope, state, currency, count(*), CAST(sum(amount_minor) AS BIGINT), "
            "CAST(sum(received_minor) AS BIGINT), CAST(sum(refunded_minor) AS BIGINT) "
            "FROM payment GROUP BY scope, state, currency ORDER BY scope, currency, state",
    .parameters = "",
};
static const struct sql_statement stub_count = {
    .text = "SELECT count(*), min(created_us) FROM attempt WHERE seen = 0 AND created_us < ?1",
    .parameters = "i",
};
/* --- totals --- */

static enum err take_total(
    void *context, uint32_t index, const struct sql_value *columns, uint32_t column_count)
{
    (void)index;
    (void)column_count;
    struct rows *rows = context;
    struct payment_total *total = rows_add(rows);
    if (total == NULL) {
        return ERR_TOO_LARGE;
    }
    struct str word = column_str(&columns[1]);
    total->scope = column_int(&columns[0]);
    total->state = -1;
    for (int i = 0; i < payment_states.count; i++) {
        if (str_eq(word, str_from(payment_states.words[i]))) {
            total->state = i;
        }
    }
    if (total->state < 0) {
        return err_set(
            rows->reterr, ERR_STORE_IO, "payment.state holds what this version cannot read");
    }
    (void)str_copy_to(total->currency.code, sizeof total->currency.code, column_str(&columns[2]));
    total->count = column_int(&columns[3]);
    total->amount_minor = column_int(&columns[4]);
    total->received_minor = column_int(&columns[5]);
    total->refunded_minor = column_int(&columns[6]);
    return ERR_OK;
}

enum err payment_totals(struct store *store,
    struct arena *arena,
    struct payment_total **ret_rows,
    uint32_t *ret_count,
    struct err_info *reterr)
{
    (void)store_reading(store);
    struct rows rows = rows_new(arena, sizeof(struct payment_total), UINT32_MAX, reterr);
    TRY(store_run_one(store, &total_list, NULL, take_total, &rows, reterr));
    *ret_rows = (struct payment_total *)(void *)rows.items;
    *ret_count = rows.count;
    return ERR_OK;
}

/* --- oddities --- */

static enum err take_pair(
    void *context, uint32_t index, const struct sql_value *columns, uint32_t column_count)
{
    (void)index;
    (void)column_count;
    int64_t *pair = context;
    pair[0] = column_int(&columns[0]);
    pair[1] = column_int(&columns[1]);
    return ERR_OK;
}

enum err records_oddities(
    struct store *store, int64_t stub_before_us, struct oddities *ret, struct err_info *reterr)
{
    REQUIRE(ret != NULL);
    (void)store_reading(store);
    int64_t stubs[2] = {0, 0};
    int64_t contested[2] = {0, 0};
    struct sql_value values[] = {sql_int(stub_before_us)};
    const struct sql_statement *contested_count = record_contested_statement(store, reterr);
    if (contested_count == NULL) {
        return ERR_BUSY;
    }
    TRY(store_run_one(store, &stub_count, values, take_pair, stubs, reterr));
    TRY(store_run_one(store, contested_count, NULL, take_pair, contested, reterr));
    *ret = (struct oddities){stubs[0], stubs[1], contested[0], contested[1]};
    return ERR_OK;
}
