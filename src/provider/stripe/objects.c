#include "provider/stripe/objects.h"
#include "base/check.h"
#include "provider/stripe/hooks.h"

static const struct stripe_object_row object_rows[] = {
#define OBJECT(OBJECT_, KIND, kind, word, hook)                                                    \
    [STRIPE_##OBJECT_] = {STRIPE_##OBJECT_, ID_##KIND, word, stripe_hook_##hook},
#include "provider/stripe/objects.def"
};
_Static_assert(sizeof object_rows / sizeof *object_rows == STRIPE_MODELLED_COUNT, "a row for each");

static stripe_decoder *const own_decoders[STRIPE_MODELLED_COUNT] = {
#define OWN_DECODER(OBJECT_, name) [STRIPE_##OBJECT_] = stripe_decode_##name,
#include "provider/stripe/objects.def"
};

static const struct stripe_field map_rows[] = {
#define MAP(OBJECT_, kind, member, type, need, path, since, until, note)                           \
    {STRIPE_##OBJECT_, #member, STRIPE_##type, STRIPE_##need, {(path), sizeof(path) - 1}, (since), \
        (until), #kind "." #member, (note), offsetof(struct kind, member),                         \
        sizeof(((struct kind *)NULL)->member)},
#include "provider/stripe/objects.def"
};
enum { MAP_COUNT = sizeof map_rows / sizeof *map_rows };

struct identity {
    enum stripe_object object;
    struct str path;
};
static const struct identity identities[] = {
#define IDENTITY(OBJECT_, path) {STRIPE_##OBJECT_, {(path), sizeof(path) - 1}},
#include "provider/stripe/objects.def"
    {STRIPE_OBJECT_COUNT, {"", 0}},
};

struct parent {
    enum stripe_object object;
    size_t offset;
};
static const struct parent parents[] = {
#define PARENT(OBJECT_, kind, member) {STRIPE_##OBJECT_, offsetof(struct kind, member)},
#include "provider/stripe/objects.def"
    {STRIPE_OBJECT_COUNT, 0},
};

static const bool older_forms[STRIPE_MODELLED_COUNT] = {
#define OLDER_FORM(OBJECT_, note) [STRIPE_##OBJECT_] = true,
#include "provider/stripe/objects.def"
};

static const struct stripe_embed embeds[] = {
#define EMBED(OBJECT_, child, path, note) {STRIPE_##OBJECT_, STRIPE_##child, (path), (note)},
#include "provider/stripe/objects.def"
    {STRIPE_OBJECT_COUNT, STRIPE_OBJECT_COUNT, "", ""},
};

static const struct stripe_computed computed[] = {
#define COMPUTED(OBJECT_, target, note) {STRIPE_##OBJECT_, (target), (note)},
#include "provider/stripe/objects.def"
};

const struct stripe_object_row *stripe_object_row(enum stripe_object object)
{
    REQUIRE(object >= 0 && object < STRIPE_MODELLED_COUNT);
    return &object_rows[object];
}

stripe_decoder *stripe_own_decoder(enum stripe_object object)
{
    REQUIRE(object >= 0 && object < STRIPE_MODELLED_COUNT);
    return own_decoders[object];
}

const struct stripe_field *stripe_map_rows(enum stripe_object object, size_t *ret_count)
{
    size_t first = 0;
    while (first < MAP_COUNT && map_rows[first].object != object) {
        first++;
    }
    size_t end = first;
    while (end < MAP_COUNT && map_rows[end].object == object) {
        end++;
    }
    *ret_count = end - first;
    return map_rows + first;
}

const struct json *stripe_identity(
    enum stripe_object object, const struct json *from, struct str *ret_path)
{
    struct stripe_field at = {.object = object, .type = STRIPE_ANY, .path = STR("id")};
    const struct json *value = NULL;
    bool has_rows = false;
    for (const struct identity *row = identities; row->object != STRIPE_OBJECT_COUNT; row++) {
        if (row->object == object && value == NULL) {
            has_rows = true;
            at.path = row->path;
            value = stripe_field_look_up(&at, from);
        }
    }
    *ret_path = at.path;
    return has_rows ? value : stripe_field_look_up(&at, from);
}

bool stripe_parent_offset(enum stripe_object object, size_t *ret_offset)
{
    const struct parent *row = parents;
    while (row->object != STRIPE_OBJECT_COUNT && row->object != object) {
        row++;
    }
    *ret_offset = row->offset;
    return row->object == object;
}

bool stripe_is_older_form(enum stripe_object object)
{
    REQUIRE(object >= 0 && object < STRIPE_MODELLED_COUNT);
    return older_forms[object];
}

const struct stripe_embed *stripe_embeds(size_t *ret_count)
{
    *ret_count = sizeof embeds / sizeof *embeds - 1;
    return embeds;
}

const struct stripe_computed *stripe_computed_rows(size_t *ret_count)
{
    *ret_count = sizeof computed / sizeof *computed;
    return computed;
}
