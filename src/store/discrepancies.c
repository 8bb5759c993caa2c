#include "store/discrepancies.h"
#include "store/internal.h"
#include <stdlib.h>

#define ROW_COLUMNS                                                                                \
    "id, scope, code, subject_kind, subject, name, currency, period_us, period_to_us, "            \
    "ours_minor, theirs_minor, since_us, text, state, owner, raised_us, changed_us, first_run, "   \
    "last_run, step_count, alarm_step"
/* Said as the index says it, so that it serves. */
#define GOING "state IN ('open', 'acknowledged', 'explained')"
static const struct sql_statement known_read = {
    .text = "SELECT " ROW_COLUMNS " FROM discrepancy WHERE id = ?1",
    .parameters = "b",
};
#define LIST_ROWS "SELECT " ROW_COLUMNS " FROM discrepancy WHERE "
#define LIST_WHERE                                                                                 \
    " AND (?2 = '' OR code = ?2) AND (?3 & (CASE state WHEN 'open' THEN 1 WHEN 'acknowledged' "    \
    "THEN 2 "                                                                                      \
    "WHEN 'explained' THEN 4 WHEN 'resolved' THEN 8 WHEN 'written_off' THEN 16 ELSE 32 END)) "     \
    "<> 0 AND id > ?4 "
static const struct sql_statement all_list = {
    .text = LIST_ROWS "(?1 = 0 OR scope = ?1)" LIST_WHERE "ORDER BY id LIMIT ?5",
    .parameters = "itibi",
};
/* Of one scope the index has them in their order; of what was open once there is ever more. */
static const struct sql_statement going_list = {
    .text = LIST_ROWS "scope = ?1" LIST_WHERE "AND " GOING " ORDER BY id LIMIT ?5",
    .parameters = "itibi",
};
static const struct sql_statement about_list = {
    .text = "SELECT " ROW_COLUMNS " FROM discrepancy WHERE subject = ?1 AND " GOING
            " ORDER BY id LIMIT ?2",
    .parameters = "bi",
};
static const struct sql_statement row_save = {
    .text = "INSERT INTO discrepancy (" ROW_COLUMNS ") VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, "
            "?9, ?10, ?11, ?12, ?13, ?14, ?15, ?16, ?17, ?18, ?19, ?20, ?21) ON CONFLICT (id) DO "
            "UPDATE "
            "SET name = excluded.name, ours_minor = excluded.ours_minor, "
            "theirs_minor = excluded.theirs_minor, since_us = excluded.since_us, "
            "text = excluded.text, state = excluded.state, owner = excluded.owner, "
            "changed_us = excluded.changed_us, last_run = excluded.last_run, "
            "step_count = excluded.step_count, alarm_step = CASE WHEN excluded.alarm_step = "
            "excluded.step_count THEN excluded.alarm_step ELSE discrepancy.alarm_step END "
            "WHERE discrepancy.step_count = excluded.step_count - 1",
    .parameters = "bittbttiiiiitttiiiiii",
};
static const struct sql_statement row_seen = {
    .text = "UPDATE discrepancy SET last_run = ?2 WHERE id = ?1 AND last_run < ?2",
    .parameters = "bi",
};
static const struct sql_statement step_add = {
    .text = "INSERT INTO discrepancy_step (discrepancy, number, deed, state, at_us, run, who, "
            "reason, note, incident, account, wanted_minor, ours_minor, theirs_minor, text, "
            "entry) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13, ?14, ?15, "
            "?16)",
    .parameters = "bittiitttttiiiti",
};

/* --- reading rows --- */

/* An empty one is none. */
static bool take_currency(const struct sql_value *column, struct currency *ret)
{
    struct str text = column_str(column);
    return text.len == 0 || currency_parse(text, ret) == ERR_OK;
}

static enum err take_finding(const struct sql_value *columns,
    struct arena *arena,
    struct finding *found,
    struct err_info *reterr)
{
    found->scope = column_int(&columns[1]);
    found->subject = column_id(&columns[4]);
    found->period_us = column_int(&columns[7]);
    found->period_to_us = column_int(&columns[8]);
    found->ours_minor = column_int(&columns[9]);
    found->theirs_minor = column_int(&columns[10]);
    found->since_us = column_int(&columns[11]);
    if (code_parse(column_str(&columns[2]), &found->code) != ERR_OK ||
        finding_subject_parse(column_str(&columns[3]), &found->subject_kind) != ERR_OK ||
        !take_currency(&columns[6], &found->currency)) {
        return store_newer(reterr, "a discrepancy has a word");
    }
    return column_copy(arena, &columns[5], &found->name) &&
                   column_copy(arena, &columns[12], &found->text)
               ? ERR_OK
               : store_out_of_room(reterr);
}

static enum err take_row(const struct sql_value *columns,
    struct arena *arena,
    struct discrepancy *row,
    struct err_info *reterr)
{
    row->id = column_id(&columns[0]);
    TRY(take_finding(columns, arena, &row->found, reterr));
    row->raised_us = column_int(&columns[15]);
    row->changed_us = column_int(&columns[16]);
    row->first_run = column_int(&columns[17]);
    row->last_run = column_int(&columns[18]);
    row->step_count = column_int(&columns[19]);
    row->alarm_step = column_int(&columns[20]);
    if (discrepancy_state_parse(column_str(&columns[13]), &row->state) != ERR_OK) {
        return store_newer(reterr, "a discrepancy has a word");
    }
    return column_copy(arena, &columns[14], &row->owner) ? ERR_OK : store_out_of_room(reterr);
}

struct known_walk {
    struct arena *arena;
    struct discrepancy *rows; /* by parameter row */
    struct err_info *reterr;
};

static enum err take_known(
    void *context, uint32_t index, const struct sql_value *columns, uint32_t column_count)
{
    (void)column_count;
    struct known_walk *walk = context;
    return take_row(columns, walk->arena, &walk->rows[index], walk->reterr);
}

enum err discrepancies_known(struct store *store,
    const struct own_id *ids,
    uint32_t count,
    struct arena *arena,
    struct discrepancy *ret,
    struct err_info *reterr)
{
    REQUIRE((ids != NULL && ret != NULL) || count == 0);
    struct parameters to = parameters_new(store_reading(store), &known_read, count);
    struct known_walk walk = {arena, ret, reterr};
    if (to.values == NULL) {
        return store_out_of_room(reterr);
    }
    for (uint32_t i = 0; i < count; i++) {
        ret[i] = (struct discrepancy){.id = ids[i]};
        parameters_add(&to, sql_id(&ids[i]));
    }
    return sql_run(store->engine, &known_read, to.values, count, take_known, &walk, NULL, reterr);
}

static enum err take_listed(
    void *context, uint32_t index, const struct sql_value *columns, uint32_t column_count)
{
    (void)index;
    (void)column_count;
    struct rows *rows = context;
    struct discrepancy *row = rows_add(rows);
    return row == NULL ? ERR_TOO_LARGE : take_row(columns, rows->arena, row, rows->reterr);
}

static unsigned all_states(bool over)
{
    unsigned states = 0;
    for (int i = 0; i < DISCREPANCY_STATE_COUNT; i++) {
        states |= over == discrepancy_is_over((enum discrepancy_state)i) ? 1U << i : 0;
    }
    return states;
}

enum err discrepancies_list(struct store *store,
    const struct discrepancy_filter *filter,
    struct own_id after,
    uint32_t limit,
    struct arena *arena,
    struct discrepancy **ret_rows,
    uint32_t *ret_count,
    struct err_info *reterr)
{
    (void)store_reading(store);
    unsigned over = all_states(true);
    unsigned states = filter->states != 0 ? filter->states : over | all_states(false);
    bool is_going = (states & over) == 0 && filter->scope != 0;
    const struct sql_statement *list = is_going ? &going_list : &all_list;
    struct rows rows = rows_new(arena, sizeof(struct discrepancy), limit, reterr);
    struct sql_value values[] = {
        sql_int(filter->scope),
        filter->has_code ? sql_word(code_row(filter->code)->word) : sql_word(""),
        sql_int(states),
        sql_blob(after.bytes, sizeof after.bytes),
        sql_int(limit),
    };
    TRY(store_run_one(store, list, values, take_listed, &rows, reterr));
    *ret_rows = (struct discrepancy *)(void *)rows.items;
    *ret_count = rows.count;
    return ERR_OK;
}

enum err discrepancies_about(struct store *store,
    const struct own_id *subjects,
    uint32_t count,
    uint32_t limit,
    struct arena *arena,
    struct discrepancy **ret_rows,
    uint32_t *ret_count,
    struct err_info *reterr)
{
    REQUIRE(subjects != NULL || count == 0);
    struct parameters to = parameters_new(store_reading(store), &about_list, count);
    struct rows rows = rows_new(arena, sizeof(struct discrepancy), UINT32_MAX, reterr);
    if (to.values == NULL) {
        return store_out_of_room(reterr);
    }
    for (uint32_t i = 0; i < count; i++) {
        parameters_add(&to, sql_id(&subjects[i]));
        parameters_add(&to, sql_int(limit));
    }
    TRY(sql_run(store->engine, &about_list, to.values, count, take_listed, &rows, NULL, reterr));
    *ret_rows = (struct discrepancy *)(void *)rows.items;
    *ret_count = rows.count;
    return ERR_OK;
}

/* --- saving --- */

static void add_row(struct parameters *to, const struct discrepancy *row)
{
    const struct finding *found = &row->found;
    parameters_add(to, sql_id(&row->id));
    parameters_add(to, sql_int(found->scope));
    parameters_add(to, sql_word(code_row(found->code)->word));
    parameters_add(to, sql_word(finding_subject_word(found->subject_kind)));
    parameters_add(to, sql_id(&found->subject));
    parameters_add(to, sql_text(found->name));
    parameters_add(to, sql_word(found->currency.code));
    parameters_add(to, sql_int(found->period_us));
    parameters_add(to, sql_int(found->period_to_us));
    parameters_add(to, sql_int(found->ours_minor));
    parameters_add(to, sql_int(found->theirs_minor));
    parameters_add(to, sql_int(found->since_us));
    parameters_add(to, sql_text(found->text));
    parameters_add(to, sql_word(discrepancy_state_word(row->state)));
    parameters_add(to, sql_text(row->owner));
    parameters_add(to, sql_int(row->raised_us));
    parameters_add(to, sql_int(row->changed_us));
    parameters_add(to, sql_int(row->first_run));
    parameters_add(to, sql_int(row->last_run));
    parameters_add(to, sql_int(row->step_count + 1));
    parameters_add(to, sql_int(row->alarm_step));
}

static void add_step(struct parameters *to, const struct discrepancy_step *step)
{
    parameters_add(to, sql_id(&step->discrepancy));
    parameters_add(to, sql_int(step->number));
    parameters_add(to, sql_word(deed_word(step->deed)));
    parameters_add(to, sql_word(discrepancy_state_word(step->state)));
    parameters_add(to, sql_int(step->at_us));
    parameters_add(to, step->run > 0 ? sql_int(step->run) : sql_null());
    parameters_add(to, sql_text(step->who));
    parameters_add(to, step->has_reason ? sql_word(reason_code_word(step->reason)) : sql_null());
    parameters_add(to, sql_text(step->note));
    parameters_add(to, sql_text(step->incident));
    parameters_add(to, sql_text(step->account));
    parameters_add(to, sql_int(step->wanted_minor));
    parameters_add(to, sql_int(step->ours_minor));
    parameters_add(to, sql_int(step->theirs_minor));
    parameters_add(to, sql_text(step->text));
    parameters_add(to, step->entry > 0 ? sql_int(step->entry) : sql_null());
}

enum err discrepancies_save(struct store *store,
    struct discrepancy *rows,
    struct discrepancy_step *steps,
    uint32_t count,
    struct err_info *reterr)
{
    REQUIRE((rows != NULL && steps != NULL) || count == 0);
    struct arena *scratch = store_writing(store);
    struct parameters row_values = parameters_new(scratch, &row_save, count);
    struct parameters step_values = parameters_new(scratch, &step_add, count);
    int64_t changed = 0;
    if (row_values.values == NULL || step_values.values == NULL) {
        return store_out_of_room(reterr);
    }
    for (uint32_t i = 0; i < count; i++) {
        REQUIRE(own_id_eq(rows[i].id, steps[i].discrepancy));
        REQUIRE(i == 0 || own_id_compare(rows[i - 1].id, rows[i].id) < 0);
        steps[i].number = rows[i].step_count + 1;
        add_row(&row_values, &rows[i]);
        add_step(&step_values, &steps[i]);
    }
    TRY(sql_run(store->engine, &row_save, row_values.values, count, NULL, NULL, &changed, reterr));
    if (changed != count) {
        return err_set(reterr, ERR_CONFLICT, "somebody else took a step just now; try again");
    }
    TRY(sql_run(store->engine, &step_add, step_values.values, count, NULL, NULL, NULL, reterr));
    for (uint32_t i = 0; i < count; i++) {
        rows[i].step_count = steps[i].number;
    }
    return ERR_OK;
}

enum err discrepancies_seen(struct store *store,
    const struct own_id *ids,
    uint32_t count,
    int64_t run,
    struct err_info *reterr)
{
    REQUIRE(ids != NULL || count == 0);
    struct parameters to = parameters_new(store_writing(store), &row_seen, count);
    if (to.values == NULL) {
        return store_out_of_room(reterr);
    }
    for (uint32_t i = 0; i < count; i++) {
        parameters_add(&to, sql_id(&ids[i]));
        parameters_add(&to, sql_int(run));
    }
    return sql_run(store->engine, &row_seen, to.values, count, NULL, NULL, NULL, reterr);
}
