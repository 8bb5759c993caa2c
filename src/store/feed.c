#include "store/feed.h"
#include "store/internal.h"
#include <inttypes.h>

static const struct sql_statement head_advance = {
    .text = "UPDATE feed_head SET position = position + ?2 WHERE scope = ?1 RETURNING position",
    .parameters = "ii",
};
static const struct sql_statement entry_add = {
    .text = "INSERT INTO domain_event (scope, position, type, schema_version, aggregate_id, "
            "attempt_id, occurred_at_us, recorded_at_us, cause_seq, late, body) "
            "VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11)",
    .parameters = "iitibbiiiit",
    .postgres_set =
        "INSERT INTO domain_event (scope, position, type, schema_version, aggregate_id, "
        "attempt_id, occurred_at_us, recorded_at_us, cause_seq, late, body) "
        "SELECT * FROM unnest(?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11)",
};
#define ENTRY_COLUMNS                                                                              \
    "scope, position, type, schema_version, aggregate_id, attempt_id, occurred_at_us, "            \
    "recorded_at_us, cause_seq, late, body"
static const struct sql_statement entry_list = {
    .text = "SELECT " ENTRY_COLUMNS " FROM domain_event WHERE scope = ?1 AND position > ?2 "
            "ORDER BY position LIMIT ?3",
    .parameters = "iii",
};
static const struct sql_statement entry_page_of = {
    .text = "SELECT " ENTRY_COLUMNS " FROM domain_event WHERE aggregate_id = ?1 AND scope = ?2 "
            "AND position > ?3 ORDER BY position LIMIT ?4",
    .parameters = "biii",
};
static const struct sql_statement entry_list_of = {
    .text = "SELECT " ENTRY_COLUMNS " FROM domain_event WHERE aggregate_id = ?1 "
            "ORDER BY scope, position",
    .parameters = "b",
};

/* --- append --- */

enum err feed_append(struct store *store,
    struct arena *arena,
    struct feed_entry *entries,
    uint32_t count,
    struct err_info *reterr)
{
    REQUIRE(entries != NULL || count == 0);
    (void)arena; /* nothing of ours outlives the call */
    struct arena *scratch = store_writing(store);
    struct numbered *rows = arena_new_array(scratch, struct numbered, count);
    struct parameters to = parameters_new(scratch, &entry_add, count);
    if (rows == NULL || to.values == NULL) {
        return store_out_of_room(reterr);
    }
    for (uint32_t i = 0; i < count; i++) {
        REQUIRE(!own_id_is_none(entries[i].aggregate_id));
        rows[i] = (struct numbered){.scope = entries[i].scope, .at = i};
    }
    TRY(numbers_give(store, &head_advance, rows, count, reterr));
    for (uint32_t i = 0; i < count; i++) {
        struct feed_entry *entry = &entries[rows[i].at];
        entry->position = rows[i].number;
        parameters_add(&to, sql_int(entry->scope));
        parameters_add(&to, sql_int(entry->position));
        parameters_add(&to, sql_word(domain_event_name(entry->type)));
        parameters_add(&to, sql_int(entry->schema));
        parameters_add(&to, sql_id(&entry->aggregate_id));
        parameters_add(&to, sql_id(&entry->attempt_id));
        parameters_add(&to, sql_int(entry->occurred_at_us));
        parameters_add(&to, sql_int(entry->recorded_at_us));
        parameters_add(&to, sql_int(entry->cause_seq));
        parameters_add(&to, sql_int(entry->late));
        parameters_add(&to, sql_text(entry->body));
    }
    return sql_run(store->engine, &entry_add, to.values, count, NULL, NULL, NULL, reterr);
}

/* --- reading --- */

static enum err take_entry(
    void *context, uint32_t index, const struct sql_value *columns, uint32_t column_count)
{
    (void)index;
    (void)column_count;
    struct rows *rows = context;
    struct feed_entry *entry = rows_add(rows);
    if (entry == NULL) {
        return ERR_TOO_LARGE;
    }
    entry->scope = column_int(&columns[0]);
    entry->position = column_int(&columns[1]);
    entry->schema = (int)column_int(&columns[3]);
    entry->aggregate_id = column_id(&columns[4]);
    entry->attempt_id = column_id(&columns[5]);
    entry->occurred_at_us = column_int(&columns[6]);
    entry->recorded_at_us = column_int(&columns[7]);
    entry->cause_seq = column_int(&columns[8]);
    entry->late = column_int(&columns[9]) != 0;
    if (!domain_event_parse(column_str(&columns[2]), &entry->type)) {
        return err_set(rows->reterr, ERR_SCHEMA,
            "position %" PRId64 " holds an event type of a newer version", entry->position);
    }
    if (!column_copy(rows->arena, &columns[10], &entry->body)) {
        return store_out_of_room(rows->reterr);
    }
    return ERR_OK;
}

static enum err list_entries(struct store *store,
    const struct sql_statement *statement,
    const struct sql_value *values,
    struct arena *arena,
    struct feed_entry **ret_entries,
    uint32_t *ret_count,
    struct err_info *reterr)
{
    struct rows rows = rows_new(arena, sizeof(struct feed_entry), UINT32_MAX, reterr);
    TRY(store_run_one(store, statement, values, take_entry, &rows, reterr));
    *ret_entries = (struct feed_entry *)(void *)rows.items;
    *ret_count = rows.count;
    return ERR_OK;
}

enum err feed_read(struct store *store,
    int64_t scope,
    int64_t after,
    uint32_t limit,
    struct arena *arena,
    struct feed_entry **ret_entries,
    uint32_t *ret_count,
    struct err_info *reterr)
{
    (void)store_reading(store);
    struct sql_value values[] = {sql_int(scope), sql_int(after), sql_int(limit)};
    return list_entries(store, &entry_list, values, arena, ret_entries, ret_count, reterr);
}

enum err feed_read_of(struct store *store,
    struct own_id aggregate,
    int64_t scope,
    int64_t after,
    uint32_t limit,
    struct arena *arena,
    struct feed_entry **ret_entries,
    uint32_t *ret_count,
    struct err_info *reterr)
{
    (void)store_reading(store);
    struct sql_value values[] = {
        sql_id(&aggregate), sql_int(scope), sql_int(after), sql_int(limit)};
    return list_entries(store, &entry_page_of, values, arena, ret_entries, ret_count, reterr);
}

enum err feed_of(struct store *store,
    struct own_id aggregate,
    struct arena *arena,
    struct feed_entry **ret_entries,
    uint32_t *ret_count,
    struct err_info *reterr)
{
    (void)store_reading(store);
    struct sql_value values[] = {sql_id(&aggregate)};
    return list_entries(store, &entry_list_of, values, arena, ret_entries, ret_count, reterr);
}
