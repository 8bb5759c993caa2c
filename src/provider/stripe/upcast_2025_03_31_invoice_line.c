#include "provider/stripe/upcaster.h"

/* The newest lines still have `subscription`, so it stays. */
static const char *const moved[] = {
    "invoice_item", "subscription_item", "proration", "proration_details", NULL};

static const struct json *details_of(
    const struct json *line, bool subscribed, const struct upcasting *upcasting)
{
    const struct json *details =
        upcast_copy_members(json_new_object(upcasting->arena), line, moved, upcasting);
    if (!subscribed) {
        details = json_without(details, STR("subscription_item"), upcasting->arena);
    }
    return upcast_set(
        details, STR("subscription"), upcast_id_of(json_get(line, STR("subscription"))), upcasting);
}

/* Lines of items were once named by the item itself. */
static const struct json *with_item(const struct json *line, const struct upcasting *upcasting)
{
    if (json_get(line, STR("invoice_item")) != NULL || !upcast_is_before(upcasting, "2018-05-21")) {
        return line;
    }
    return upcast_set(line, STR("invoice_item"), upcast_id_of(line), upcasting);
}

static const struct json *set_parent(const struct json *line, const struct upcasting *upcasting)
{
    struct str type = json_string(json_get(line, STR("type")));
    bool subscribed = str_eq(type, STR("subscription"));
    if (json_get(line, STR("parent")) != NULL ||
        !(subscribed || str_eq(type, STR("invoiceitem")))) {
        return line;
    }
    if (!subscribed) {
        line = with_item(line, upcasting);
    }
    struct str name = subscribed ? STR("subscription_item_details") : STR("invoice_item_details");
    const struct json *parent = upcast_new_typed(name, upcasting);
    parent = upcast_set(parent, STR("invoice_item_details"), upcast_or_null(NULL), upcasting);
    parent = upcast_set(parent, STR("subscription_item_details"), upcast_or_null(NULL), upcasting);
    parent = upcast_set(parent, name, details_of(line, subscribed, upcasting), upcasting);
    line = upcast_drop_members(line, moved, upcasting);
    line = json_without(line, STR("type"), upcasting->arena);
    return upcast_set(line, STR("parent"), parent, upcasting);
}

static const struct json *set_pricing(const struct json *line, const struct upcasting *upcasting)
{
    const struct json *price = json_get(line, STR("price"));
    if (!upcast_is_reference(price) || !upcast_is_null(line, STR("pricing"))) {
        return line;
    }
    const struct json *pricing = upcast_pricing(price, NULL, NULL, upcasting);
    return upcast_set(
        json_without(line, STR("price"), upcasting->arena), STR("pricing"), pricing, upcasting);
}

const struct json *upcast_invoice_line(const struct json *object, const struct upcasting *upcasting)
{
    object = set_parent(object, upcasting);
    object = set_pricing(object, upcasting);
    return upcast_taxes(object, STR("tax_amounts"), STR("taxes"), upcasting);
}
