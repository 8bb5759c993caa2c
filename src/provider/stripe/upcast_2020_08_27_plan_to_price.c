#include "provider/stripe/upcaster.h"

static const char *const recurring_names[] = {"interval", "interval_count", "trial_period_days",
    "usage_type", "aggregate_usage", "meter", NULL};

const struct json *stripe_price_of_plan(const struct json *plan, struct arena *arena)
{
    if (!upcast_is(plan, JSON_OBJECT) ||
        !str_eq(json_string(json_get(plan, STR("object"))), STR("plan"))) {
        return plan;
    }
    const struct upcasting upcasting = {arena, STR_NONE};
    plan = upcast_plan_tiers(plan, &upcasting);
    plan = upcast_plan_name(plan, &upcasting);
    const struct json *recurring =
        upcast_copy_members(json_new_object(arena), plan, recurring_names, &upcasting);
    const struct json *price = upcast_drop_members(plan, recurring_names, &upcasting);
    price = upcast_set(price, STR("recurring"), recurring, &upcasting);
    price = upcast_set_text(price, STR("object"), STR("price"), &upcasting);
    price = upcast_set_text(price, STR("type"), STR("recurring"), &upcasting);
    static const struct {
        struct str from, to;
    } moves[] = {
        {UPCAST_TEXT("amount"), UPCAST_TEXT("unit_amount")},
        {UPCAST_TEXT("amount_decimal"), UPCAST_TEXT("unit_amount_decimal")},
        {UPCAST_TEXT("transform_usage"), UPCAST_TEXT("transform_quantity")},
    };
    for (size_t i = 0; i < sizeof moves / sizeof moves[0]; i++) {
        price = upcast_move(price, moves[i].from, moves[i].to, &upcasting);
    }
    return price;
}

const struct json *upcast_plan_to_price(
    const struct json *object, const struct upcasting *upcasting)
{
    const struct json *plan = json_get(object, STR("plan"));
    if (!upcast_is_reference(plan) || !upcast_is_null(object, STR("price")) ||
        !upcast_is_null(object, STR("pricing"))) {
        return object;
    }
    const struct json *price = stripe_price_of_plan(plan, upcasting->arena);
    object = json_without(object, STR("plan"), upcasting->arena);
    return upcast_set(object, STR("price"), price, upcasting);
}
