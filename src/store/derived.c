#include "store/derived.h"
#include "base/limits.h"
#include "store/internal.h"

#define TEXT_BYTES 8192

static const char *const effect_fields[] = {"kind", "rank"};
#define EFFECT_FIELDS ((uint32_t)(sizeof effect_fields / sizeof effect_fields[0]))

static const struct sql_statement total_list = {
    .text = "SELECT status, reason, count FROM inbox_total",
    .parameters = "",
};

const char *derived_table(int table)
{
    REQUIRE(table >= 0 && table < DERIVED_COUNT);
    return table == DERIVED_EFFECTS ? "inbox_effect" : record_kind_of((enum id_kind)table)->table;
}

/* The first is the scope. */
const struct field *derived_field(int table, uint32_t at)
{
    if (table == DERIVED_EFFECTS || at == 0) {
        return NULL;
    }
    const struct record_kind *kind = record_kind_of((enum id_kind)table);
    uint32_t business = 0;
    for (size_t i = 0; i < kind->field_count; i++) {
        if (kind->fields[i].source != FIELD_KEPT && ++business == at) {
            return &kind->fields[i];
        }
    }
    return NULL;
}

uint32_t derived_field_count(int table)
{
    if (table == DERIVED_EFFECTS) {
        return EFFECT_FIELDS;
    }
    uint32_t count = 1;
    while (derived_field(table, count) != NULL) {
        count++;
    }
    return count;
}

const char *derived_field_name(int table, uint32_t at)
{
    if (table == DERIVED_EFFECTS) {
        REQUIRE(at < EFFECT_FIELDS);
        return effect_fields[at];
    }
    const struct field *field = derived_field(table, at);
    return at == 0 ? "scope" : field == NULL ? "" : field->name;
}

static int compare_ints(int64_t a, int64_t b)
{
    return (a > b) - (a < b);
}

int derived_compare_keys(const struct derived_row *a, const struct derived_row *b)
{
    int order = own_id_compare(a->id, b->id);
    order = order != 0 ? order : compare_ints(a->at_us, b->at_us);
    return order != 0 ? order : compare_ints(a->seq, b->seq);
}

/* --- scan --- */

static void add_scan(struct buf *to, int table)
{
    bool effects = table == DERIVED_EFFECTS;
    buf_addf(to, "SELECT %s", effects ? "object_id, occurred_at_us, seq" : "id");
    for (uint32_t i = 0; i < derived_field_count(table); i++) {
        buf_addf(to, ", %s", derived_field_name(table, i));
    }
    buf_addf(to, " FROM %s%s", derived_table(table),
        effects ? " WHERE (object_id, occurred_at_us, seq) > (?1, ?2, ?3)"
                  " ORDER BY object_id, occurred_at_us, seq LIMIT ?4"
                : " WHERE id > ?1 ORDER BY id LIMIT ?2");
}

static struct sql_statement *scan_of(struct store *store, int table)
{
    struct sql_statement **slot = &store->derived[table];
    if (*slot == NULL) {
        CLEANUP(buf_fini) struct buf text;
        buf_init(&text, TEXT_BYTES);
        add_scan(&text, table);
        struct sql_statement *made = arena_alloc(store->texts, sizeof *made);
        struct str kept = arena_copy(store->texts, buf_str(&text));
        if (made == NULL || kept.data == NULL || text.failed) {
            return NULL;
        }
        *made = (struct sql_statement){
            .text = kept.data, .parameters = table == DERIVED_EFFECTS ? "biii" : "bi"};
        *slot = made;
    }
    return *slot;
}

struct derived_walk {
    struct rows rows;
    uint32_t key_columns;
};

static enum err take_row(
    void *context, uint32_t index, const struct sql_value *columns, uint32_t column_count)
{
    (void)index;
    struct derived_walk *walk = context;
    uint32_t count = column_count - walk->key_columns;
    struct derived_row *row = rows_add(&walk->rows);
    if (row == NULL) {
        return ERR_TOO_LARGE;
    }
    row->id = column_id(&columns[0]);
    if (walk->key_columns == 3) {
        row->at_us = column_int(&columns[1]);
        row->seq = column_int(&columns[2]);
    }
    row->values = arena_new_array(walk->rows.arena, struct sql_value, count);
    for (uint32_t i = 0; i < count && row->values != NULL; i++) {
        row->values[i] = columns[walk->key_columns + i];
        if (!column_copy(walk->rows.arena, &row->values[i], &row->values[i].bytes)) {
            row->values = NULL;
            break;
        }
    }
    return row->values != NULL ? ERR_OK : store_out_of_room(walk->rows.reterr);
}

enum err derived_scan(struct store *store,
    int table,
    const struct derived_row *after,
    uint32_t limit,
    struct arena *arena,
    struct derived_row **ret_rows,
    uint32_t *ret_count,
    struct err_info *reterr)
{
    REQUIRE(table >= 0 && table < DERIVED_COUNT);
    REQUIRE(limit > 0);
    (void)store_reading(store);
    static const struct derived_row first = {.at_us = INT64_MIN, .seq = INT64_MIN};
    const struct derived_row *from = after == NULL ? &first : after;
    struct sql_statement *statement = scan_of(store, table);
    if (statement == NULL) {
        return err_set(reterr, ERR_BUSY, "out of memory");
    }
    struct derived_walk walk = {.key_columns = table == DERIVED_EFFECTS ? 3 : 1};
    walk.rows = rows_new(arena, sizeof(struct derived_row), limit, reterr);
    struct sql_value id = sql_blob(from->id.bytes, sizeof from->id.bytes);
    struct sql_value of_record[] = {id, sql_int(limit)};
    struct sql_value of_effect[] = {id, sql_int(from->at_us), sql_int(from->seq), sql_int(limit)};
    TRY(store_run_one(store, statement, table == DERIVED_EFFECTS ? of_effect : of_record, take_row,
        &walk, reterr));
    *ret_rows = (struct derived_row *)(void *)walk.rows.items;
    *ret_count = walk.rows.count;
    return ERR_OK;
}

/* --- totals --- */

static enum err take_total(
    void *context, uint32_t index, const struct sql_value *columns, uint32_t column_count)
{
    (void)index;
    (void)column_count;
    struct rows *rows = context;
    struct derived_total *total = rows_add(rows);
    if (total == NULL || !column_copy(rows->arena, &columns[0], &total->status) ||
        !column_copy(rows->arena, &columns[1], &total->reason)) {
        return store_out_of_room(rows->reterr);
    }
    total->count = column_int(&columns[2]);
    return ERR_OK;
}

enum err derived_totals(struct store *store,
    struct arena *arena,
    struct derived_total **ret_rows,
    uint32_t *ret_count,
    struct err_info *reterr)
{
    (void)store_reading(store);
    struct rows rows = rows_new(arena, sizeof(struct derived_total), UINT32_MAX, reterr);
    TRY(store_run_one(store, &total_list, NULL, take_total, &rows, reterr));
    *ret_rows = (struct derived_total *)(void *)rows.items;
    *ret_count = rows.count;
    return ERR_OK;
}
