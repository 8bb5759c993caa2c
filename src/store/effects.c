#include "base/limits.h"
#include "store/inbox.h"
#include "store/internal.h"
#include <stdlib.h>

/* An event that is decided again, or says two things about one object, leaves one row: the one that
 * says more stands. */
static const struct sql_statement effect_add = {
    .text =
        "INSERT INTO inbox_effect (object_id, occurred_at_us, seq, kind, rank, effect, contested) "
        "VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7) "
        "ON CONFLICT (object_id, occurred_at_us, seq) DO UPDATE SET rank = excluded.rank, "
        "effect = CASE excluded.effect WHEN 'same' THEN inbox_effect.effect "
        "ELSE excluded.effect END, contested = excluded.contested",
    .parameters = "biititi",
    .postgres_set =
        "INSERT INTO inbox_effect (object_id, occurred_at_us, seq, kind, rank, effect, contested) "
        "SELECT * FROM unnest(?1, ?2, ?3, ?4, ?5, ?6, ?7) "
        "ON CONFLICT (object_id, occurred_at_us, seq) DO UPDATE SET rank = excluded.rank, "
        "effect = CASE excluded.effect WHEN 'same' THEN inbox_effect.effect "
        "ELSE excluded.effect END, contested = excluded.contested",
};
static const struct sql_statement second_list = {
    .text = "SELECT f.seq, f.rank, e.event_id, e.type, e.api_version, e.body_sha256, "
            "e.occurred_at_us, e.body "
            "FROM inbox_effect f JOIN inbox_event e ON e.seq = f.seq "
            "WHERE f.object_id = ?1 AND f.occurred_at_us = ?2 AND f.rank = ?3 "
            "ORDER BY e.body_sha256, f.seq LIMIT ?4",
    .parameters = "biii",
};
static const struct sql_statement timeline_list = {
    .text = "SELECT f.seq, f.kind, f.object_id, f.occurred_at_us, f.rank, f.effect, f.contested, "
            "e.event_id, e.type, e.occurred_at_us, e.received_us "
            "FROM inbox_effect f JOIN inbox_event e ON e.seq = f.seq WHERE f.object_id = ?1",
    .parameters = "b",
};

static int compare_effects(const void *a, const void *b)
{
    const struct inbox_effect *left = *(const struct inbox_effect *const *)a;
    const struct inbox_effect *right = *(const struct inbox_effect *const *)b;
    int order = own_id_compare(left->object_id, right->object_id);
    if (order == 0) {
        order = (left->stamp.at_us > right->stamp.at_us) - (left->stamp.at_us < right->stamp.at_us);
    }
    if (order == 0) {
        order = (left->seq > right->seq) - (left->seq < right->seq);
    }
    /* As they came in: the order of two rows with one key says which is the newer. */
    return order != 0 ? order : (left > right) - (left < right);
}

static bool same_key(const struct inbox_effect *a, const struct inbox_effect *b)
{
    return a->seq == b->seq && a->stamp.at_us == b->stamp.at_us &&
           own_id_eq(a->object_id, b->object_id);
}

/* Leaves the newest of each key, or the newest that says more than `same`. */
static uint32_t merge_equal_keys(const struct inbox_effect **sorted, uint32_t count)
{
    uint32_t kept = 0;
    for (uint32_t i = 0; i < count; i++) {
        if (kept == 0 || !same_key(sorted[kept - 1], sorted[i])) {
            sorted[kept++] = sorted[i];
        } else if (sorted[i]->effect != EFFECT_SAME || sorted[kept - 1]->effect == EFFECT_SAME) {
            sorted[kept - 1] = sorted[i];
        }
    }
    return kept;
}

enum err effects_append(struct store *store,
    const struct inbox_effect *effects,
    uint32_t count,
    struct err_info *reterr)
{
    REQUIRE(effects != NULL || count == 0);
    struct arena *scratch = store_writing(store);
    const struct inbox_effect **sorted = arena_alloc_array(scratch, sizeof *sorted, count);
    struct parameters to = parameters_new(scratch, &effect_add, count);
    if (sorted == NULL || to.values == NULL) {
        return store_out_of_room(reterr);
    }
    for (uint32_t i = 0; i < count; i++) {
        REQUIRE(!own_id_is_none(effects[i].object_id));
        sorted[i] = &effects[i];
    }
    qsort(sorted, count, sizeof *sorted, compare_effects);
    count = merge_equal_keys(sorted, count);
    for (uint32_t i = 0; i < count; i++) {
        parameters_add(&to, sql_id(&sorted[i]->object_id));
        parameters_add(&to, sql_int(sorted[i]->stamp.at_us));
        parameters_add(&to, sql_int(sorted[i]->seq));
        parameters_add(&to, sql_word(id_kind_word(sorted[i]->kind)));
        parameters_add(&to, sql_int(sorted[i]->stamp.rank));
        parameters_add(&to, sql_word(effect_name(sorted[i]->effect)));
        parameters_add(&to, sql_int(sorted[i]->contested));
    }
    return sql_run(store->engine, &effect_add, to.values, count, NULL, NULL, NULL, reterr);
}

/* --- the set that decides a tie --- */

static enum err take_tie(
    void *context, uint32_t index, const struct sql_value *columns, uint32_t column_count)
{
    (void)index;
    (void)column_count;
    struct rows *rows = context;
    struct tie_event *event = rows_add(rows);
    if (event == NULL) {
        return ERR_TOO_LARGE;
    }
    event->seq = column_int(&columns[0]);
    event->rank = column_int(&columns[1]);
    column_bytes(&columns[5], event->body_sha256, sizeof event->body_sha256);
    event->occurred_at_us = column_int(&columns[6]);
    if (!column_copy(rows->arena, &columns[2], &event->event_id) ||
        !column_copy(rows->arena, &columns[3], &event->type) ||
        !column_copy(rows->arena, &columns[4], &event->api_version) ||
        !column_copy(rows->arena, &columns[7], &event->body)) {
        return store_out_of_room(rows->reterr);
    }
    return ERR_OK;
}

enum err effects_of_second(struct store *store,
    struct own_id object,
    int64_t at_us,
    int64_t rank,
    struct arena *arena,
    struct tie_event **ret_events,
    uint32_t *ret_count,
    struct err_info *reterr)
{
    REQUIRE(!own_id_is_none(object));
    (void)store_reading(store);
    struct rows rows = rows_new(arena, sizeof(struct tie_event), LIMIT_TIE_EVENTS + 1, reterr);
    struct sql_value values[] = {
        sql_id(&object), sql_int(at_us), sql_int(rank), sql_int(LIMIT_TIE_EVENTS + 1)};
    TRY(store_run_one(store, &second_list, values, take_tie, &rows, reterr));
    *ret_events = (struct tie_event *)(void *)rows.items;
    *ret_count = rows.count;
    return ERR_OK;
}

/* --- the timeline --- */

static bool effect_parse(struct str word, enum effect *ret_effect)
{
    for (int i = 0; i < EFFECT_COUNT; i++) {
        if (str_eq(word, str_from(effect_name((enum effect)i)))) {
            *ret_effect = (enum effect)i;
            return true;
        }
    }
    return false;
}

static enum err take_entry(
    void *context, uint32_t index, const struct sql_value *columns, uint32_t column_count)
{
    (void)index;
    (void)column_count;
    struct rows *rows = context;
    struct timeline_entry *entry = rows_add(rows);
    if (entry == NULL) {
        return ERR_TOO_LARGE;
    }
    struct inbox_effect *effect = &entry->effect;
    effect->seq = column_int(&columns[0]);
    effect->object_id = column_id(&columns[2]);
    effect->stamp = (struct stamp){column_int(&columns[3]), column_int(&columns[4])};
    effect->contested = column_int(&columns[6]) != 0;
    entry->occurred_at_us = column_int(&columns[9]);
    entry->received_us = column_int(&columns[10]);
    if (!id_kind_parse(column_str(&columns[1]), &effect->kind) ||
        !effect_parse(column_str(&columns[5]), &effect->effect)) {
        return err_set(rows->reterr, ERR_STORE_IO, "inbox_effect has a word that is none of ours");
    }
    if (!column_copy(rows->arena, &columns[7], &entry->event_id) ||
        !column_copy(rows->arena, &columns[8], &entry->type)) {
        return store_out_of_room(rows->reterr);
    }
    return ERR_OK;
}

static int compare_entries(const void *a, const void *b)
{
    const struct timeline_entry *left = a;
    const struct timeline_entry *right = b;
    const struct stamp *l = &left->effect.stamp;
    const struct stamp *r = &right->effect.stamp;
    if (l->at_us != r->at_us) {
        return l->at_us < r->at_us ? -1 : 1;
    }
    int order = (left->effect.seq > right->effect.seq) - (left->effect.seq < right->effect.seq);
    return order != 0 ? order : own_id_compare(left->effect.object_id, right->effect.object_id);
}

enum err effects_of_objects(struct store *store,
    const struct own_id *objects,
    uint32_t count,
    struct arena *arena,
    struct timeline_entry **ret_entries,
    uint32_t *ret_count,
    struct err_info *reterr)
{
    REQUIRE(objects != NULL || count == 0);
    struct arena *scratch = store_reading(store);
    struct parameters to = parameters_new(scratch, &timeline_list, count);
    if (to.values == NULL) {
        return store_out_of_room(reterr);
    }
    for (uint32_t i = 0; i < count; i++) {
        parameters_add(&to, sql_id(&objects[i]));
    }
    struct rows rows = rows_new(arena, sizeof(struct timeline_entry), UINT32_MAX, reterr);
    TRY(sql_run(store->engine, &timeline_list, to.values, count, take_entry, &rows, NULL, reterr));
    if (rows.count > 0) {
        qsort(rows.items, rows.count, rows.item_bytes, compare_entries);
    }
    *ret_entries = (struct timeline_entry *)(void *)rows.items;
    *ret_count = rows.count;
    return ERR_OK;
}
