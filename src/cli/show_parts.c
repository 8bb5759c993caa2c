#include "base/check.h"
#include "base/limits.h"
#include "domain/part.h"
#include "cli/show.h"
#include <stdlib.h>

#define OBJECTS_MAX (4 * LIMIT_ATTEMPTS)
#define LOOKED_THROUGH 500 /* newest ones, for those in the wanted state */

struct part_row {
    enum id_kind of, part;
    const char *field, *key;
    enum part_way way;
    int state;
    uint32_t most;
};
static const struct part_row part_rows[] = {
#define PART(OF, PART, field, key, how, state, most)                                               \
    {ID_##OF, ID_##PART, #field, key, PART_##how, state, most},
#include "cli/show_parts.def"
#undef PART
};

struct gathering {
    struct store *store;
    struct arena *arena;
    struct shown *shown;
    struct err_info *reterr;
};

/* --- what there can be --- */

static uint32_t group_of(const struct shown *shown, const char *key)
{
    uint32_t at = 0;
    while (at < shown->group_count && strcmp(shown->groups[at].key, key) != 0) {
        at++;
    }
    return at;
}

/* Also those of parts that are shown whole; the table has those parts before their own. */
static void make_groups(struct shown *shown, enum id_kind kind)
{
    bool is_whole[ID_KIND_COUNT] = {false};
    is_whole[kind] = true;
    for (size_t i = 0; i < PART_ROW_COUNT; i++) {
        const struct part_row *row = &part_rows[i];
        if (!is_whole[row->of]) {
            continue;
        }
        is_whole[row->part] = is_whole[row->part] || row->way == PART_WHOLE;
        uint32_t at = group_of(shown, row->key);
        if (at == shown->group_count) {
            shown->groups[shown->group_count++] = (struct shown_group){row->key, row->way, false};
        }
    }
}

/* --- objects --- */

static bool is_shown(const struct shown *shown, struct own_id id)
{
    for (uint32_t i = 0; i < shown->object_count; i++) {
        if (own_id_eq(shown->objects[i].id, id)) {
            return true;
        }
    }
    return false;
}

/* There is room. */
static enum err add_object(
    struct gathering *to, enum id_kind kind, const void *record, struct shown_object **ret_object)
{
    INVARIANT(to->shown->object_count < OBJECTS_MAX);
    struct shown_object *object = &to->shown->objects[to->shown->object_count++];
    object->kind = kind;
    object->id = ((const struct record_head *)record)->id;
    object->record = record;
    *ret_object = object;
    return ref_names(to->store, kind, object->id, to->arena, &object->provider_ids,
        &object->provider_id_count, to->reterr);
}

static enum err add_links(struct gathering *to, struct shown_object *object)
{
    const struct record_kind *kind = record_kind_of(object->kind);
    object->links = arena_new_array(to->arena, struct str, kind->field_count);
    if (object->links == NULL) {
        return err_set(to->reterr, ERR_BUSY, "out of memory");
    }
    for (size_t i = 0; i < kind->field_count; i++) {
        const struct field *field = &kind->fields[i];
        struct str *names = NULL;
        uint32_t count = 0;
        struct own_id id;
        if (field->type != FIELD_ID || !field_is_business(field)) {
            continue;
        }
        memcpy(&id, (const char *)object->record + field->offset, sizeof id);
        if (!own_id_is_none(id)) {
            TRY(ref_names(to->store, field->id_kind, id, to->arena, &names, &count, to->reterr));
            object->links[i] = count > 0 ? names[0] : STR_NONE;
        }
    }
    return ERR_OK;
}

/* --- parts --- */

static bool is_former(const struct shown_object *part, const struct shown_object *whole)
{
    const struct part_kind *row = part_kind_of(part->kind);
    INVARIANT(row != NULL && row->whole == whole->kind);
    return !part_is_current(row, whole->record, part->record);
}

static bool is_wanted(const struct part_row *row, const void *record)
{
    const struct field *state = &record_kind_of(row->part)->fields[0];
    int is_in;
    if (row->state == PART_ANY) {
        return true;
    }
    INVARIANT(state->type == FIELD_ENUM);
    memcpy(&is_in, (const char *)record + state->offset, sizeof is_in);
    return is_in == row->state;
}

/* Keeps the wanted ones at the front, newest first; says whether there may be more. */
static bool choose(const struct part_row *row, void **records, uint32_t *count, uint32_t limit)
{
    uint32_t kept = 0;
    bool more = row->state != PART_ANY && *count == limit;
    for (uint32_t i = 0; i < *count; i++) {
        if (!is_wanted(row, records[i])) {
            continue;
        }
        if (kept == row->most) {
            more = true;
            break;
        }
        records[kept++] = records[i];
    }
    *count = kept;
    return more;
}

static enum err add_parts(struct gathering *to, const struct part_row *row, uint32_t whole)
{
    const struct record_kind *kind = record_kind_of(row->part);
    struct shown *shown = to->shown;
    uint32_t group = group_of(shown, row->key);
    uint32_t limit = row->state == PART_ANY ? row->most + 1 : LOOKED_THROUGH;
    void **records = NULL;
    uint32_t count = 0;
    TRY(records_linked(to->store, kind, record_field(kind, str_from(row->field)),
        shown->objects[whole].id, limit, to->arena, &records, &count, to->reterr));
    bool more = choose(row, records, &count, limit);
    for (uint32_t i = 0; i < count; i++) {
        const struct record_head *record = records[i];
        struct shown_object *object = NULL;
        if (is_shown(shown, record->id)) {
            continue;
        }
        if (shown->object_count == OBJECTS_MAX) {
            more = true;
            break;
        }
        TRY(add_object(to, row->part, record, &object));
        object->group = group;
        object->way = row->way;
        object->is_former = row->way == PART_LISTED && is_former(object, &shown->objects[whole]);
    }
    shown->groups[group].more = shown->groups[group].more || more;
    return ERR_OK;
}

/* By key, and those first that became known first. */
static int compare_parts(const void *a, const void *b)
{
    const struct shown_object *left = a;
    const struct shown_object *right = b;
    return left->group != right->group ? (left->group > right->group) - (left->group < right->group)
                                       : own_id_compare(left->id, right->id);
}

enum err show_gather(struct store *store,
    enum id_kind kind,
    const void *record,
    struct arena *arena,
    struct shown *shown,
    struct err_info *reterr)
{
    REQUIRE(record != NULL);
    REQUIRE(shown->object_count == 0);
    struct gathering to = {store, arena, shown, reterr};
    struct shown_object *first = NULL;
    shown->objects = arena_new_array(arena, struct shown_object, OBJECTS_MAX);
    if (shown->objects == NULL) {
        return err_set(reterr, ERR_BUSY, "out of memory");
    }
    make_groups(shown, kind);
    TRY(add_object(&to, kind, record, &first));
    first->way = PART_WHOLE;
    TRY(add_links(&to, first));
    for (uint32_t i = 0; i < shown->object_count; i++) { /* grows meanwhile */
        for (size_t row = 0; row < PART_ROW_COUNT && shown->objects[i].way == PART_WHOLE; row++) {
            if (part_rows[row].of == shown->objects[i].kind) {
                TRY(add_parts(&to, &part_rows[row], i));
            }
        }
    }
    qsort(shown->objects + 1, shown->object_count - 1, sizeof *shown->objects, compare_parts);
    return ERR_OK;
}
