/* Questions about many records at once: the live view, and what is odd. */
#include "store/record_statements.h"
#include "store/records.h"
#include <stdlib.h>

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
static const struct sql_statement recent_list = {
    .text = "SELECT d.aggregate_id, d.recorded_at_us FROM feed_head h CROSS JOIN domain_event d "
            "WHERE d.scope = h.scope AND d.position > h.position - ?1 AND d.type >= 'payment.' AND "
            "d.type < 'payment/'",
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

/* --- recent --- */

struct recent {
    struct own_id id;
    int64_t at_us;
};

static enum err take_recent(
    void *context, uint32_t index, const struct sql_value *columns, uint32_t column_count)
{
    (void)index;
    (void)column_count;
    struct recent *recent = rows_add(context);
    if (recent == NULL) {
        return ERR_TOO_LARGE;
    }
    *recent = (struct recent){column_id(&columns[0]), column_int(&columns[1])};
    return ERR_OK;
}

static int compare_recent_ids(const void *a, const void *b)
{
    const struct recent *left = a;
    const struct recent *right = b;
    int order = own_id_compare(left->id, right->id);
    return order != 0 ? order : (left->at_us < right->at_us) - (left->at_us > right->at_us);
}

static int compare_recent_times(const void *a, const void *b)
{
    const struct recent *left = a;
    const struct recent *right = b;
    int order = (left->at_us < right->at_us) - (left->at_us > right->at_us);
    return order != 0 ? order : own_id_compare(right->id, left->id);
}

static int compare_payments(const void *a, const void *b)
{
    const struct payment *left = *(const struct payment *const *)a;
    const struct payment *right = *(const struct payment *const *)b;
    int64_t l = left->head.updated_us;
    int64_t r = right->head.updated_us;
    return l != r ? (l < r) - (l > r) : own_id_compare(right->head.id, left->head.id);
}

#define EVENTS_PER_PAYMENT 16 /* that are looked at in each scope's feed */

enum err payments_recent(struct store *store,
    uint32_t limit,
    struct arena *arena,
    struct payment ***ret_payments,
    uint32_t *ret_count,
    struct err_info *reterr)
{
    REQUIRE(limit > 0);
    (void)store_reading(store);
    struct rows rows = rows_new(arena, sizeof(struct recent), UINT32_MAX, reterr);
    struct sql_value values[] = {sql_int((int64_t)limit * EVENTS_PER_PAYMENT)};
    TRY(store_run_one(store, &recent_list, values, take_recent, &rows, reterr));
    struct recent *recent = (struct recent *)(void *)rows.items;
    uint32_t count = 0;
    if (rows.count > 0) {
        qsort(recent, rows.count, sizeof *recent, compare_recent_ids);
        for (uint32_t i = 0; i < rows.count; i++) {
            if (i == 0 || !own_id_eq(recent[i].id, recent[count - 1].id)) {
                recent[count++] = recent[i];
            }
        }
        qsort(recent, count, sizeof *recent, compare_recent_times);
    }
    count = count < limit ? count : limit;
    struct own_id *ids = arena_new_array(arena, struct own_id, count);
    if (ids == NULL) {
        return store_out_of_room(reterr);
    }
    for (uint32_t i = 0; i < count; i++) {
        ids[i] = recent[i].id;
    }
    void **records = NULL;
    TRY(records_load(
        store, record_kind_of(ID_PAYMENT), ids, count, false, arena, &records, reterr));
    uint32_t found = 0;
    for (uint32_t i = 0; i < count; i++) {
        if (records[i] != NULL) {
            records[found++] = records[i];
        }
    }
    if (found > 0) {
        qsort(records, found, sizeof *records, compare_payments);
    }
    *ret_payments = (struct payment **)(void *)records;
    *ret_count = found;
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
