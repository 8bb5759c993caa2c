#include "provider/stripe/upcaster.h"

static const struct json *set_pricing(const struct json *item, const struct upcasting *upcasting)
{
    static const char *const moved[] = {"price", "unit_amount", "unit_amount_decimal", NULL};
    const struct json *price = json_get(item, STR("price"));
    if (!upcast_is_reference(price) || !upcast_is_null(item, STR("pricing"))) {
        return item;
    }
    const struct json *pricing = upcast_pricing(price, json_get(item, STR("unit_amount")),
        json_get(item, STR("unit_amount_decimal")), upcasting);
    item = upcast_drop_members(item, moved, upcasting);
    return upcast_set(item, STR("pricing"), pricing, upcasting);
}

static const struct json *set_parent(const struct json *item, const struct upcasting *upcasting)
{
    static const char *const moved[] = {"subscription", "subscription_item", NULL};
    if (!upcast_is_reference(json_get(item, STR("subscription"))) ||
        !upcast_is_null(item, STR("parent"))) {
        return item;
    }
    const struct json *details =
        upcast_copy_members(json_new_object(upcasting->arena), item, moved, upcasting);
    const struct json *parent = upcast_new_typed(STR("subscription_details"), upcasting);
    parent = upcast_set(parent, STR("subscription_details"), details, upcasting);
    item = upcast_drop_members(item, moved, upcasting);
    return upcast_set(item, STR("parent"), parent, upcasting);
}

const struct json *upcast_invoice_item(const struct json *object, const struct upcasting *upcasting)
{
    return set_parent(set_pricing(object, upcasting), upcasting);
}
