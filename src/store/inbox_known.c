/* What a page of the provider's need not bring into the inbox once more. */
#include "store/inbox.h"
#include "store/internal.h"

static const struct sql_statement event_known = {
    .text = "SELECT 1 FROM inbox_event "
            "WHERE event_id = ?1 AND scope = ?2 AND api_version = ?3 LIMIT 1",
    .parameters = "tit",
};
/* Behind `object@` there are digits only. */
static const struct sql_statement object_known = {
    .text = "SELECT 1 FROM inbox_event WHERE event_id >= ?1 AND event_id < ?2 AND scope = ?3 "
            "AND api_version = ?4 AND body_sha256 = ?5 LIMIT 1",
    .parameters = "ttitb",
};

static const struct sql_statement event_there = {
    .text = "SELECT 1 FROM inbox_event WHERE event_id = ?1 AND scope = ?2 LIMIT 1",
    .parameters = "ti",
};

/* Which of the rows the parameters of a run belong to. */
struct known_walk {
    const uint32_t *rows;
    bool *known;
};

static enum err take_known(
    void *context, uint32_t index, const struct sql_value *columns, uint32_t column_count)
{
    (void)columns;
    (void)column_count;
    const struct known_walk *walk = context;
    walk->known[walk->rows[index]] = true;
    return ERR_OK;
}

static void add_event(struct parameters *to, const struct inbox_append *row)
{
    parameters_add(to, sql_text(row->envelope->event_id));
    parameters_add(to, sql_int(row->scope));
    parameters_add(to, sql_text(row->envelope->api_version));
}

/* `object@` and what sorts right behind it with any digits. False when the id is no such one. */
static bool range_of(
    struct arena *arena, struct str event_id, struct str *ret_from, struct str *ret_to)
{
    struct str from = event_id;
    while (from.len > 0 && from.data[from.len - 1] != '@') {
        from.len--;
    }
    char *to = from.len == 0 ? NULL : arena_alloc_unzeroed(arena, from.len);
    if (to == NULL) {
        return false;
    }
    memcpy(to, from.data, from.len);
    to[from.len - 1] = '@' + 1;
    *ret_from = from;
    *ret_to = (struct str){to, from.len};
    return true;
}

static bool add_object(struct arena *arena, struct parameters *to, const struct inbox_append *row)
{
    struct str from;
    struct str behind;
    if (!range_of(arena, row->envelope->event_id, &from, &behind)) {
        return false;
    }
    parameters_add(to, sql_text(from));
    parameters_add(to, sql_text(behind));
    parameters_add(to, sql_int(row->scope));
    parameters_add(to, sql_text(row->envelope->api_version));
    parameters_add(to, sql_blob(row->envelope->body_sha256, sizeof row->envelope->body_sha256));
    return true;
}

enum err inbox_known(struct store *store,
    const struct inbox_append *rows,
    uint32_t count,
    bool *ret_known,
    struct err_info *reterr)
{
    REQUIRE(rows != NULL || count == 0);
    REQUIRE(ret_known != NULL);
    struct arena *scratch = store_reading(store);
    struct parameters events = parameters_new(scratch, &event_known, count);
    struct parameters objects = parameters_new(scratch, &object_known, count);
    uint32_t *event_rows = arena_new_array(scratch, uint32_t, count);
    uint32_t *object_rows = arena_new_array(scratch, uint32_t, count);
    if (events.values == NULL || objects.values == NULL || event_rows == NULL ||
        object_rows == NULL) {
        return store_out_of_room(reterr);
    }
    uint32_t event_count = 0;
    uint32_t object_count = 0;
    for (uint32_t i = 0; i < count; i++) {
        ret_known[i] = false;
        if (rows[i].channel != CHANNEL_FETCH) {
            add_event(&events, &rows[i]);
            event_rows[event_count++] = i;
        } else if (add_object(scratch, &objects, &rows[i])) {
            object_rows[object_count++] = i;
        }
    }
    struct known_walk walk = {event_rows, ret_known};
    TRY(sql_run(
        store->engine, &event_known, events.values, event_count, take_known, &walk, NULL, reterr));
    walk.rows = object_rows;
    return sql_run(store->engine, &object_known, objects.values, object_count, take_known, &walk,
        NULL, reterr);
}

static enum err take_there(
    void *context, uint32_t index, const struct sql_value *columns, uint32_t column_count)
{
    (void)columns;
    (void)column_count;
    ((bool *)context)[index] = true;
    return ERR_OK;
}

enum err inbox_has(struct store *store,
    const struct inbox_key *keys,
    uint32_t count,
    bool *ret_there,
    struct err_info *reterr)
{
    REQUIRE(keys != NULL || count == 0);
    REQUIRE(ret_there != NULL);
    struct arena *scratch = store_reading(store);
    struct parameters to = parameters_new(scratch, &event_there, count);
    if (to.values == NULL) {
        return store_out_of_room(reterr);
    }
    for (uint32_t i = 0; i < count; i++) {
        ret_there[i] = false;
        parameters_add(&to, sql_text(keys[i].event_id));
        parameters_add(&to, sql_int(keys[i].scope));
    }
    return sql_run(
        store->engine, &event_there, to.values, count, take_there, ret_there, NULL, reterr);
}
