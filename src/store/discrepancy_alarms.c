#include "store/discrepancies.h"
#include "store/internal.h"

static const struct sql_statement alarm_list = {
    .text = "SELECT id, alarm_step FROM discrepancy WHERE scope = ?1 AND alarm_step <> 0 AND "
            "state = 'open' ORDER BY id LIMIT ?2",
    .parameters = "ii",
};
static const struct sql_statement alarm_end = {
    .text = "UPDATE discrepancy SET alarm_step = 0 WHERE id = ?1 AND alarm_step = ?2",
    .parameters = "bi",
};

static enum err take_alarm(
    void *context, uint32_t index, const struct sql_value *columns, uint32_t column_count)
{
    (void)index;
    (void)column_count;
    struct discrepancy_alarm *alarm = rows_add(context);
    if (alarm == NULL) {
        return ERR_TOO_LARGE;
    }
    alarm->id = column_id(&columns[0]);
    alarm->step = column_int(&columns[1]);
    return ERR_OK;
}

enum err discrepancy_alarms(struct store *store,
    int64_t scope,
    uint32_t limit,
    struct arena *arena,
    struct discrepancy_alarm **ret_rows,
    uint32_t *ret_count,
    struct err_info *reterr)
{
    REQUIRE(scope > 0);
    (void)store_reading(store);
    struct rows rows = rows_new(arena, sizeof(struct discrepancy_alarm), limit, reterr);
    struct sql_value values[] = {sql_int(scope), sql_int(limit)};
    TRY(store_run_one(store, &alarm_list, values, take_alarm, &rows, reterr));
    *ret_rows = (struct discrepancy_alarm *)(void *)rows.items;
    *ret_count = rows.count;
    return ERR_OK;
}

enum err discrepancy_alarms_end(struct store *store,
    const struct discrepancy_alarm *rows,
    uint32_t count,
    struct err_info *reterr)
{
    REQUIRE(rows != NULL || count == 0);
    struct parameters to = parameters_new(store_writing(store), &alarm_end, count);
    if (to.values == NULL) {
        return store_out_of_room(reterr);
    }
    for (uint32_t i = 0; i < count; i++) {
        parameters_add(&to, sql_id(&rows[i].id));
        parameters_add(&to, sql_int(rows[i].step));
    }
    return sql_run(store->engine, &alarm_end, to.values, count, NULL, NULL, NULL, reterr);
}
