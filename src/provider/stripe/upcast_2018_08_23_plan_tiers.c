#include "provider/stripe/upcaster.h"

static const struct json *newer_tier(const struct json *tier, void *context)
{
    return upcast_move(tier, STR("amount"), STR("unit_amount"), context);
}

const struct json *upcast_plan_tiers(const struct json *object, const struct upcasting *upcasting)
{
    const struct json *tiers = json_get(object, STR("tiers"));
    if (!upcast_is(tiers, JSON_ARRAY)) {
        return object;
    }
    struct upcasting context = *upcasting;
    const struct json *newer = json_map(tiers, newer_tier, &context, upcasting->arena);
    return newer != tiers ? upcast_set(object, STR("tiers"), newer, upcasting) : object;
}
