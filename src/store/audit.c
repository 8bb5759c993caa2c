#include "store/audit.h"
#include "store/internal.h"

static const struct sql_statement audit_add = {
    .text = "INSERT INTO audit (at_us, who, action, subject, reason) VALUES (?1, ?2, ?3, ?4, ?5)",
    .parameters = "itttt",
};
static const struct sql_statement audit_list = {
    .text =
        "SELECT at_us, who, action, subject, reason FROM audit WHERE subject = ?1 ORDER BY audit",
    .parameters = "t",
};

enum err audit_append_all(
    struct store *store, const struct audit_entry *entries, uint32_t count, struct err_info *reterr)
{
    struct parameters values = parameters_new(store_writing(store), &audit_add, count);
    if (values.values == NULL) {
        return store_out_of_room(reterr);
    }
    for (uint32_t i = 0; i < count; i++) {
        REQUIRE(entries[i].who.len > 0);
        REQUIRE(entries[i].action.len > 0);
        parameters_add(&values, sql_int(entries[i].at_us));
        parameters_add(&values, sql_text(entries[i].who));
        parameters_add(&values, sql_text(entries[i].action));
        parameters_add(&values, sql_text(entries[i].subject));
        parameters_add(&values, sql_text(entries[i].reason));
    }
    return count == 0
               ? ERR_OK
               : sql_run(store->engine, &audit_add, values.values, count, NULL, NULL, NULL, reterr);
}

enum err audit_append(struct store *store, const struct audit_entry *entry, struct err_info *reterr)
{
    return audit_append_all(store, entry, 1, reterr);
}

static enum err take_entry(
    void *context, uint32_t index, const struct sql_value *columns, uint32_t column_count)
{
    (void)index;
    (void)column_count;
    struct rows *rows = context;
    struct audit_entry *entry = rows_add(rows);
    if (entry == NULL) {
        return ERR_TOO_LARGE;
    }
    entry->at_us = column_int(&columns[0]);
    if (!column_copy(rows->arena, &columns[1], &entry->who) ||
        !column_copy(rows->arena, &columns[2], &entry->action) ||
        !column_copy(rows->arena, &columns[3], &entry->subject) ||
        !column_copy(rows->arena, &columns[4], &entry->reason)) {
        return store_out_of_room(rows->reterr);
    }
    return ERR_OK;
}

enum err audit_of(struct store *store,
    struct str subject,
    struct arena *arena,
    struct audit_entry **ret_entries,
    uint32_t *ret_count,
    struct err_info *reterr)
{
    (void)store_reading(store);
    struct rows rows = rows_new(arena, sizeof(struct audit_entry), UINT32_MAX, reterr);
    struct sql_value values[] = {sql_text(subject)};
    TRY(store_run_one(store, &audit_list, values, take_entry, &rows, reterr));
    *ret_entries = (struct audit_entry *)(void *)rows.items;
    *ret_count = rows.count;
    return ERR_OK;
}
