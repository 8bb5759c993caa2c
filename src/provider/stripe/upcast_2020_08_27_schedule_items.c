#include "provider/stripe/upcaster.h"

static const struct json *newer_item(const struct json *item, void *context)
{
    const struct upcasting *upcasting = context;
    const struct json *plan = json_get(item, STR("plan"));
    if (!upcast_is_reference(plan) || !upcast_is_null(item, STR("price"))) {
        return item;
    }
    const struct json *price = stripe_price_of_plan(plan, upcasting->arena);
    item = json_without(item, STR("plan"), upcasting->arena);
    return upcast_set(item, STR("price"), price, upcasting);
}

static const struct json *newer_phase(const struct json *phase, void *context)
{
    const struct upcasting *upcasting = context;
    const struct json *plans = json_get(phase, STR("plans"));
    if (!upcast_is(plans, JSON_ARRAY) || json_get(phase, STR("items")) != NULL) {
        return phase;
    }
    const struct json *items = json_map(plans, newer_item, context, upcasting->arena);
    return upcast_set(
        json_without(phase, STR("plans"), upcasting->arena), STR("items"), items, upcasting);
}

const struct json *upcast_schedule_items(
    const struct json *object, const struct upcasting *upcasting)
{
    return upcast_elements(object, STR("phases"), newer_phase, upcasting);
}
