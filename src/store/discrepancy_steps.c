#include "store/discrepancies.h"
#include "store/internal.h"

static const struct sql_statement step_list = {
    .text = "SELECT discrepancy, number, deed, state, at_us, run, who, reason, note, incident, "
            "account, wanted_minor, ours_minor, theirs_minor, text, entry FROM discrepancy_step "
            "WHERE discrepancy = ?1 "
            "ORDER BY number",
    .parameters = "b",
};
static const struct sql_statement done_count = {
    .text = "SELECT s.deed, count(*) FROM discrepancy_step s JOIN discrepancy d "
            "ON d.id = s.discrepancy WHERE s.run = ?2 AND d.scope = ?1 GROUP BY s.deed",
    .parameters = "ii",
};

static enum err take_step(
    void *context, uint32_t index, const struct sql_value *columns, uint32_t column_count)
{
    (void)index;
    (void)column_count;
    struct rows *rows = context;
    struct discrepancy_step *step = rows_add(rows);
    if (step == NULL) {
        return ERR_TOO_LARGE;
    }
    step->discrepancy = column_id(&columns[0]);
    step->number = column_int(&columns[1]);
    step->at_us = column_int(&columns[4]);
    step->run = column_int(&columns[5]);
    step->has_reason = columns[7].kind == SQL_TEXT;
    step->wanted_minor = column_int(&columns[11]);
    step->ours_minor = column_int(&columns[12]);
    step->theirs_minor = column_int(&columns[13]);
    step->entry = column_int(&columns[15]);
    if (deed_parse(column_str(&columns[2]), &step->deed) != ERR_OK ||
        discrepancy_state_parse(column_str(&columns[3]), &step->state) != ERR_OK ||
        (step->has_reason && reason_code_parse(column_str(&columns[7]), &step->reason) != ERR_OK)) {
        return store_newer(rows->reterr, "a discrepancy has a word");
    }
    return column_copy(rows->arena, &columns[6], &step->who) &&
                   column_copy(rows->arena, &columns[8], &step->note) &&
                   column_copy(rows->arena, &columns[9], &step->incident) &&
                   column_copy(rows->arena, &columns[10], &step->account) &&
                   column_copy(rows->arena, &columns[14], &step->text)
               ? ERR_OK
               : store_out_of_room(rows->reterr);
}

enum err discrepancy_steps(struct store *store,
    struct own_id id,
    struct arena *arena,
    struct discrepancy_step **ret_steps,
    uint32_t *ret_count,
    struct err_info *reterr)
{
    (void)store_reading(store);
    struct rows rows = rows_new(arena, sizeof(struct discrepancy_step), UINT32_MAX, reterr);
    struct sql_value values[] = {sql_id(&id)};
    TRY(store_run_one(store, &step_list, values, take_step, &rows, reterr));
    *ret_steps = (struct discrepancy_step *)(void *)rows.items;
    *ret_count = rows.count;
    return ERR_OK;
}

static enum err take_done(
    void *context, uint32_t index, const struct sql_value *columns, uint32_t column_count)
{
    (void)index;
    (void)column_count;
    int64_t *counts = context;
    enum deed deed;
    TRY(deed_parse(column_str(&columns[0]), &deed));
    counts[deed] = column_int(&columns[1]);
    return ERR_OK;
}

enum err discrepancies_done_by(struct store *store,
    int64_t scope,
    int64_t run,
    int64_t ret_counts[static DEED_COUNT],
    struct err_info *reterr)
{
    (void)store_reading(store);
    struct sql_value values[] = {sql_int(scope), sql_int(run)};
    for (int i = 0; i < DEED_COUNT; i++) {
        ret_counts[i] = 0;
    }
    return store_run_one(store, &done_count, values, take_done, ret_counts, reterr);
}
