#include "store/records.h"
#include "base/limits.h"
#include "store/record_statements.h"
#include <stdlib.h>

/* --- load --- */

struct record_walk {
    const struct record_kind *kind;
    struct arena *arena;
    void **records; /* by parameter row; NULL: gather in rows instead */
    struct rows rows;
    struct err_info *reterr;
};

static enum err take_record(
    void *context, uint32_t index, const struct sql_value *columns, uint32_t column_count)
{
    struct record_walk *walk = context;
    void *record = arena_alloc(walk->arena, walk->kind->size);
    if (record == NULL) {
        return store_out_of_room(walk->reterr);
    }
    TRY(record_from_columns(walk->kind, columns, column_count, record, walk->reterr));
    if (walk->records != NULL) {
        walk->records[index] = record;
        return ERR_OK;
    }
    void **slot = rows_add(&walk->rows);
    if (slot == NULL) {
        return ERR_TOO_LARGE;
    }
    *slot = record;
    return ERR_OK;
}

static int compare_ids(const void *a, const void *b)
{
    return own_id_compare(*(const struct own_id *)a, *(const struct own_id *)b);
}

enum err records_load(struct store *store,
    const struct record_kind *kind,
    struct own_id *ids,
    uint32_t count,
    bool lock,
    struct arena *arena,
    void ***ret_records,
    struct err_info *reterr)
{
    REQUIRE(ids != NULL || count == 0);
    REQUIRE(ret_records != NULL);
    struct arena *scratch = lock ? store_writing(store) : store_reading(store);
    struct record_statements *statements = record_statements_of(store, kind, reterr);
    if (statements == NULL) {
        return ERR_BUSY;
    }
    struct parameters to = parameters_new(scratch, &statements->load, count);
    void **unique = arena_alloc_array(scratch, sizeof *unique, count);
    void **records = arena_alloc_array(arena, sizeof *records, count);
    if (to.values == NULL || unique == NULL || records == NULL) {
        return store_out_of_room(reterr);
    }
    if (count > 0) {
        qsort(ids, count, sizeof *ids, compare_ids);
    }
    uint32_t unique_count = 0;
    for (uint32_t i = 0; i < count; i++) {
        REQUIRE(!own_id_is_none(ids[i]));
        if (i == 0 || !own_id_eq(ids[i - 1], ids[i])) {
            parameters_add(&to, sql_id(&ids[i]));
            unique_count++;
        }
    }
    struct record_walk walk = {.kind = kind, .arena = arena, .records = unique, .reterr = reterr};
    TRY(sql_run(store->engine, lock ? &statements->load_locked : &statements->load, to.values,
        unique_count, take_record, &walk, NULL, reterr));
    for (uint32_t i = 0, at = 0; i < count; i++) {
        at += i > 0 && !own_id_eq(ids[i - 1], ids[i]);
        records[i] = unique[at];
    }
    *ret_records = records;
    return ERR_OK;
}

/* --- save --- */

static int compare_records(const void *a, const void *b)
{
    const struct record_head *left = *(const struct record_head *const *)a;
    const struct record_head *right = *(const struct record_head *const *)b;
    return own_id_compare(left->id, right->id);
}

static enum err write_some(struct store *store,
    struct arena *scratch,
    const struct record_kind *kind,
    const struct sql_statement *statement,
    struct record_head *const *records,
    uint32_t count,
    struct err_info *reterr)
{
    struct parameters to = parameters_new(scratch, statement, count);
    if (to.values == NULL) {
        return store_out_of_room(reterr);
    }
    for (uint32_t i = 0; i < count; i++) {
        record_to_parameters(kind, records[i], &to);
    }
    int64_t changed = 0;
    TRY(sql_run(store->engine, statement, to.values, count, NULL, NULL, &changed, reterr));
    if (changed != count) {
        return err_set(reterr, ERR_CONFLICT, "%u of %u rows of %s were changed by another worker",
            count - (uint32_t)changed, count, kind->table);
    }
    return ERR_OK;
}

enum err records_save(struct store *store,
    const struct record_kind *kind,
    void **records,
    uint32_t count,
    struct err_info *reterr)
{
    REQUIRE(records != NULL || count == 0);
    struct arena *scratch = store_writing(store);
    struct record_statements *statements = record_statements_of(store, kind, reterr);
    if (statements == NULL) {
        return ERR_BUSY;
    }
    /* New ones from the front, changed ones from the back. */
    struct record_head **sorted = arena_alloc_array(scratch, sizeof *sorted, count);
    if (sorted == NULL) {
        return store_out_of_room(reterr);
    }
    uint32_t fresh = 0;
    uint32_t changed = 0;
    for (uint32_t i = 0; i < count; i++) {
        struct record_head *head = records[i];
        REQUIRE(!own_id_is_none(head->id));
        REQUIRE(head->scope > 0);
        if (head->version == 0) {
            sorted[fresh++] = head;
        } else {
            sorted[count - ++changed] = head;
        }
    }
    qsort(sorted, fresh, sizeof *sorted, compare_records);
    qsort(sorted + fresh, changed, sizeof *sorted, compare_records);
    for (uint32_t i = 1; i < count; i++) {
        REQUIRE(i == fresh || own_id_compare(sorted[i - 1]->id, sorted[i]->id) < 0); /* each once */
    }
    TRY(write_some(store, scratch, kind, &statements->insert, sorted, fresh, reterr));
    TRY(write_some(store, scratch, kind, &statements->update, sorted + fresh, changed, reterr));
    for (uint32_t i = 0; i < count; i++) {
        sorted[i]->version++;
    }
    return ERR_OK;
}

/* --- more of them --- */

enum err records_scan(struct store *store,
    const struct record_kind *kind,
    int64_t scope,
    struct own_id after,
    uint32_t limit,
    struct arena *arena,
    void ***ret_records,
    uint32_t *ret_count,
    struct err_info *reterr)
{
    (void)store_reading(store);
    struct record_statements *statements = record_statements_of(store, kind, reterr);
    if (statements == NULL) {
        return ERR_BUSY;
    }
    struct record_walk walk = {.kind = kind, .arena = arena, .reterr = reterr};
    walk.rows = rows_new(arena, sizeof(void *), limit, reterr);
    /* All zeros is before every id. */
    struct sql_value values[] = {
        sql_blob(after.bytes, sizeof after.bytes), sql_int(limit), sql_int(scope)};
    const struct sql_statement *statement =
        scope == 0 ? &statements->scan : &statements->scan_scope;
    TRY(store_run_one(store, statement, values, take_record, &walk, reterr));
    *ret_records = (void **)(void *)walk.rows.items;
    *ret_count = walk.rows.count;
    return ERR_OK;
}

enum err records_linked(struct store *store,
    const struct record_kind *kind,
    const struct field *field,
    struct own_id id,
    uint32_t limit,
    struct arena *arena,
    void ***ret_records,
    uint32_t *ret_count,
    struct err_info *reterr)
{
    REQUIRE(!own_id_is_none(id));
    REQUIRE(limit > 0);
    (void)store_reading(store);
    const struct sql_statement *statement = record_linked_statement(store, kind, field, reterr);
    if (statement == NULL) {
        return ERR_BUSY;
    }
    struct record_walk walk = {.kind = kind, .arena = arena, .reterr = reterr};
    walk.rows = rows_new(arena, sizeof(void *), limit, reterr);
    struct sql_value values[] = {sql_id(&id), sql_int(limit)};
    TRY(store_run_one(store, statement, values, take_record, &walk, reterr));
    *ret_records = (void **)(void *)walk.rows.items;
    *ret_count = walk.rows.count;
    return ERR_OK;
}

struct linked_walk {
    struct record_walk record;
    struct rows *rows; /* by parameter row */
    uint32_t limit;
};

static enum err take_linked(
    void *context, uint32_t index, const struct sql_value *columns, uint32_t column_count)
{
    struct linked_walk *walk = context;
    if (walk->rows[index].count == walk->limit) {
        return err_set(walk->record.reterr, ERR_TOO_LARGE, "more than %u rows of %s for one object",
            walk->limit, walk->record.kind->table);
    }
    walk->record.rows = walk->rows[index];
    enum err err = take_record(&walk->record, index, columns, column_count);
    walk->rows[index] = walk->record.rows;
    return err;
}

enum err records_linked_to(struct store *store,
    const struct record_kind *kind,
    const struct field *field,
    const struct own_id *ids,
    uint32_t count,
    uint32_t limit,
    struct arena *arena,
    struct linked **ret_linked,
    struct err_info *reterr)
{
    REQUIRE(ids != NULL || count == 0);
    REQUIRE(limit > 0 && limit < UINT32_MAX);
    struct arena *scratch = store_reading(store);
    const struct sql_statement *statement = record_linked_statement(store, kind, field, reterr);
    if (statement == NULL) {
        return ERR_BUSY;
    }
    struct parameters to = parameters_new(scratch, statement, count);
    struct linked_walk walk = {.record = {.kind = kind, .arena = arena, .reterr = reterr},
        .rows = arena_new_array(scratch, struct rows, count),
        .limit = limit};
    struct linked *linked = arena_new_array(arena, struct linked, count);
    if (to.values == NULL || walk.rows == NULL || linked == NULL) {
        return store_out_of_room(reterr);
    }
    for (uint32_t i = 0; i < count; i++) {
        walk.rows[i] = rows_new(arena, sizeof(void *), UINT32_MAX, reterr);
        parameters_add(&to, sql_id(&ids[i]));
        parameters_add(&to, sql_int((int64_t)limit + 1));
    }
    TRY(sql_run(store->engine, statement, to.values, count, take_linked, &walk, NULL, reterr));
    for (uint32_t i = 0; i < count; i++) {
        linked[i] = (struct linked){(void **)(void *)walk.rows[i].items, walk.rows[i].count};
    }
    *ret_linked = linked;
    return ERR_OK;
}

/* Counts the rows of each payment: one with too many shall say so, not be cut. */
struct attempt_walk {
    struct record_walk records;
    uint32_t *counts;
};

static enum err take_attempt(
    void *context, uint32_t index, const struct sql_value *columns, uint32_t column_count)
{
    struct attempt_walk *walk = context;
    if (++walk->counts[index] > LIMIT_ATTEMPTS) {
        return err_set(walk->records.reterr, ERR_TOO_LARGE, "a payment with more than %d attempts",
            LIMIT_ATTEMPTS);
    }
    return take_record(&walk->records, index, columns, column_count);
}

enum err attempts_of_payments(struct store *store,
    const struct own_id *payments,
    uint32_t count,
    struct arena *arena,
    struct attempt ***ret_attempts,
    uint32_t *ret_count,
    struct err_info *reterr)
{
    REQUIRE(payments != NULL || count == 0);
    struct arena *scratch = store_reading(store);
    const struct record_kind *kind = record_kind_of(ID_ATTEMPT);
    struct record_statements *statements = record_statements_of(store, kind, reterr);
    if (statements == NULL) {
        return ERR_BUSY;
    }
    struct parameters to = parameters_new(scratch, &statements->of_payment, count);
    struct attempt_walk walk = {.records = {.kind = kind, .arena = arena, .reterr = reterr}};
    walk.records.rows = rows_new(arena, sizeof(void *), UINT32_MAX, reterr);
    walk.counts = arena_new_array(scratch, uint32_t, count);
    if (to.values == NULL || walk.counts == NULL) {
        return store_out_of_room(reterr);
    }
    for (uint32_t i = 0; i < count; i++) {
        parameters_add(&to, sql_id(&payments[i]));
        parameters_add(&to, sql_int(LIMIT_ATTEMPTS + 1));
    }
    TRY(sql_run(store->engine, &statements->of_payment, to.values, count, take_attempt, &walk, NULL,
        reterr));
    *ret_attempts = (struct attempt **)(void *)walk.records.rows.items;
    *ret_count = walk.records.rows.count;
    return ERR_OK;
}
