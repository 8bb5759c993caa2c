#include "store/drift.h"
#include "store/internal.h"
#include <stdlib.h>

#define ROWS_MAX 200000

static const struct sql_statement count_add = {
    .text = "INSERT INTO field_count (event_type, api_version, field, seen, absent, absent_in_row, "
            "updated_us) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7) "
            "ON CONFLICT (event_type, api_version, field) DO UPDATE SET "
            "seen = field_count.seen + excluded.seen, absent = field_count.absent + "
            "excluded.absent, "
            "absent_in_row = excluded.absent_in_row, updated_us = excluded.updated_us",
    .parameters = "tttiiii",
};
static const struct sql_statement word_add = {
    .text = "INSERT INTO unknown_word (event_type, field, word, count, updated_us) "
            "VALUES (?1, ?2, ?3, ?4, ?5) ON CONFLICT (event_type, field, word) DO UPDATE SET "
            "count = unknown_word.count + excluded.count, updated_us = excluded.updated_us",
    .parameters = "tttii",
};
static const struct sql_statement count_list = {
    .text = "SELECT event_type, api_version, field, seen, absent, absent_in_row FROM field_count "
            "ORDER BY event_type, api_version, field",
    .parameters = "",
};
static const struct sql_statement word_list = {
    .text = "SELECT event_type, field, word, count FROM unknown_word "
            "ORDER BY event_type, field, word",
    .parameters = "",
};

/* Several workers add at once: rows are locked in key order. */
static int compare_counts(const void *a, const void *b)
{
    const struct drift_count *left = *(const struct drift_count *const *)a;
    const struct drift_count *right = *(const struct drift_count *const *)b;
    int order = str_compare(left->event_type, right->event_type);
    order = order != 0 ? order : str_compare(left->api_version, right->api_version);
    return order != 0 ? order : str_compare(left->field, right->field);
}

enum err drift_add(struct store *store,
    const struct drift_count *counts,
    uint32_t count,
    int64_t now_us,
    struct err_info *reterr)
{
    REQUIRE(counts != NULL || count == 0);
    struct arena *scratch = store_writing(store);
    const struct drift_count **sorted = arena_alloc_array(scratch, sizeof *sorted, count);
    struct parameters to = parameters_new(scratch, &count_add, count);
    if (sorted == NULL || to.values == NULL) {
        return store_out_of_room(reterr);
    }
    for (uint32_t i = 0; i < count; i++) {
        sorted[i] = &counts[i];
    }
    qsort(sorted, count, sizeof *sorted, compare_counts);
    for (uint32_t i = 0; i < count; i++) {
        parameters_add(&to, sql_text(sorted[i]->event_type));
        parameters_add(&to, sql_text(sorted[i]->api_version));
        parameters_add(&to, sql_text(sorted[i]->field));
        parameters_add(&to, sql_int(sorted[i]->seen));
        parameters_add(&to, sql_int(sorted[i]->absent));
        parameters_add(&to, sql_int(sorted[i]->absent_in_row));
        parameters_add(&to, sql_int(now_us));
    }
    return sql_run(store->engine, &count_add, to.values, count, NULL, NULL, NULL, reterr);
}

enum err drift_add_words(struct store *store,
    const struct drift_word *words,
    uint32_t count,
    int64_t now_us,
    struct err_info *reterr)
{
    REQUIRE(words != NULL || count == 0);
    struct arena *scratch = store_writing(store);
    struct parameters to = parameters_new(scratch, &word_add, count);
    if (to.values == NULL) {
        return store_out_of_room(reterr);
    }
    for (uint32_t i = 0; i < count; i++) {
        parameters_add(&to, sql_text(words[i].event_type));
        parameters_add(&to, sql_text(words[i].field));
        parameters_add(&to, sql_text(words[i].word));
        parameters_add(&to, sql_int(words[i].count));
        parameters_add(&to, sql_int(now_us));
    }
    return sql_run(store->engine, &word_add, to.values, count, NULL, NULL, NULL, reterr);
}

static enum err take_count(
    void *context, uint32_t index, const struct sql_value *columns, uint32_t column_count)
{
    (void)index;
    (void)column_count;
    struct rows *rows = context;
    struct drift_count *row = rows_add(rows);
    if (row == NULL) {
        return ERR_TOO_LARGE;
    }
    row->seen = column_int(&columns[3]);
    row->absent = column_int(&columns[4]);
    row->absent_in_row = column_int(&columns[5]);
    if (!column_copy(rows->arena, &columns[0], &row->event_type) ||
        !column_copy(rows->arena, &columns[1], &row->api_version) ||
        !column_copy(rows->arena, &columns[2], &row->field)) {
        return store_out_of_room(rows->reterr);
    }
    return ERR_OK;
}

enum err drift_list(struct store *store,
    struct arena *arena,
    struct drift_count **ret_counts,
    uint32_t *ret_count,
    struct err_info *reterr)
{
    (void)store_reading(store);
    struct rows rows = rows_new(arena, sizeof(struct drift_count), ROWS_MAX, reterr);
    TRY(store_run_one(store, &count_list, NULL, take_count, &rows, reterr));
    *ret_counts = (struct drift_count *)(void *)rows.items;
    *ret_count = rows.count;
    return ERR_OK;
}

static enum err take_word(
    void *context, uint32_t index, const struct sql_value *columns, uint32_t column_count)
{
    (void)index;
    (void)column_count;
    struct rows *rows = context;
    struct drift_word *row = rows_add(rows);
    if (row == NULL) {
        return ERR_TOO_LARGE;
    }
    row->count = column_int(&columns[3]);
    if (!column_copy(rows->arena, &columns[0], &row->event_type) ||
        !column_copy(rows->arena, &columns[1], &row->field) ||
        !column_copy(rows->arena, &columns[2], &row->word)) {
        return store_out_of_room(rows->reterr);
    }
    return ERR_OK;
}

enum err drift_list_words(struct store *store,
    struct arena *arena,
    struct drift_word **ret_words,
    uint32_t *ret_count,
    struct err_info *reterr)
{
    (void)store_reading(store);
    struct rows rows = rows_new(arena, sizeof(struct drift_word), ROWS_MAX, reterr);
    TRY(store_run_one(store, &word_list, NULL, take_word, &rows, reterr));
    *ret_words = (struct drift_word *)(void *)rows.items;
    *ret_count = rows.count;
    return ERR_OK;
}
