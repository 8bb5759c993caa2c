#include "provider/stripe/upcaster.h"

static const struct json *subscription_details(
    const struct json *invoice, const struct upcasting *upcasting)
{
    static const char *const kept[] = {"subscription", "subscription_proration_date", NULL};
    static const char *const inside[] = {"metadata", NULL};
    const struct json *details =
        upcast_copy_members(json_new_object(upcasting->arena), invoice, kept, upcasting);
    return upcast_copy_members(
        details, json_get(invoice, STR("subscription_details")), inside, upcasting);
}

static const struct json *quote_details(
    const struct json *invoice, const struct upcasting *upcasting)
{
    static const char *const kept[] = {"quote", NULL};
    return upcast_copy_members(json_new_object(upcasting->arena), invoice, kept, upcasting);
}

const struct json *upcast_invoice_parent(
    const struct json *object, const struct upcasting *upcasting)
{
    static const char *const moved[] = {
        "subscription", "subscription_details", "subscription_proration_date", "quote", NULL};
    bool subscribed = upcast_is_reference(json_get(object, STR("subscription")));
    bool quoted = upcast_is_reference(json_get(object, STR("quote")));
    if (!upcast_is_null(object, STR("parent")) || !(subscribed || quoted)) {
        return object;
    }
    const struct json *parent = upcast_new_typed(
        subscribed ? STR("subscription_details") : STR("quote_details"), upcasting);
    parent = upcast_set(parent, STR("subscription_details"),
        subscribed ? subscription_details(object, upcasting) : upcast_or_null(NULL), upcasting);
    parent = upcast_set(parent, STR("quote_details"),
        quoted ? quote_details(object, upcasting) : upcast_or_null(NULL), upcasting);
    object = upcast_drop_members(object, moved, upcasting);
    return upcast_set(object, STR("parent"), parent, upcasting);
}
