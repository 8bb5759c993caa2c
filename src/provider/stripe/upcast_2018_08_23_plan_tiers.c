#include "provider/stripe/upcaster.h"

static const struct json *newer_tier(const struct json *tier, void *context)
{
    return upcast_move(tier, STR("amount"), STR("unit_amount"), context);
}

const struct json *upcast_plan_tiers(const struct json *object, const struct upcasting *upcasting)
{
    return upcast_elements(object, STR("tiers"), newer_tier, upcasting);
}
