#include "provider/stripe/upcast.h"
#include "base/check.h"
#include "provider/stripe/upcaster.h"

static const struct stripe_upcaster upcasters[] = {
#define UPCAST(date, object, name, what)                                                           \
    {date, {object, sizeof(object) - 1}, #name, what, upcast_##name},
#include "provider/stripe/upcasts.def"
#undef UPCAST
};
#define UPCASTER_COUNT (sizeof upcasters / sizeof upcasters[0])

const struct stripe_upcaster *stripe_upcasters(size_t *ret_count)
{
    REQUIRE(ret_count != NULL);
    *ret_count = UPCASTER_COUNT;
    return upcasters;
}

/* Asked for every row and object: a call for each would cost as much as the upcasters. */
static bool is_for(const struct stripe_upcaster *upcaster, struct str kind)
{
    return upcaster->object.len == 0 ||
           (upcaster->object.len == kind.len &&
               memcmp(upcaster->object.data, kind.data, kind.len) == 0);
}

/* One upcaster may make another kind of it (a transfer becomes a payout): the newer rows are those
 * of the new kind. */
static const struct json *bring_up(const struct json *object, const struct upcasting *upcasting)
{
    struct str kind = json_string(json_get(object, STR("object")));
    if (kind.len == 0) {
        return object;
    }
    for (size_t i = 0; i < UPCASTER_COUNT; i++) {
        const struct stripe_upcaster *upcaster = &upcasters[i];
        if (!is_for(upcaster, kind)) {
            continue;
        }
        const struct json *newer = upcaster->apply(object, upcasting);
        if (newer == NULL) {
            return NULL;
        }
        if (newer != object) {
            object = newer;
            kind = json_string(json_get(object, STR("object")));
        }
    }
    return object;
}

/* From the outermost inwards, since an upcaster may name or move what stands inside. The parser
 * bounds the depth; one upcaster adds at most five levels to each. */
static const struct json *walk(const struct json *value, void *context)
{
    const struct upcasting *upcasting = context;
    if (value->kind != JSON_OBJECT && value->kind != JSON_ARRAY) {
        return value;
    }
    if (str_eq(value->key, STR("metadata"))) {
        return value; /* the business's own words, which may look like Stripe's */
    }
    const struct json *newer = value->kind == JSON_OBJECT ? bring_up(value, upcasting) : value;
    return json_map(newer, walk, context, upcasting->arena);
}

enum err stripe_upcast(const struct json *object,
    struct str api_version,
    struct arena *arena,
    const struct json **ret_newest)
{
    REQUIRE(object != NULL);
    REQUIRE(arena != NULL);
    REQUIRE(ret_newest != NULL);
    struct upcasting upcasting = {arena, api_version};
    const struct json *newest = walk(object, &upcasting);
    if (newest == NULL) {
        return ERR_TOO_LARGE;
    }
    *ret_newest = newest;
    return ERR_OK;
}
