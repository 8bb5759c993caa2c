#include "provider/stripe/upcaster.h"

const struct json *upcast_credit_note(const struct json *object, const struct upcasting *upcasting)
{
    object = upcast_taxes(object, STR("tax_amounts"), STR("total_taxes"), upcasting);
    const struct json *refund = json_get(object, STR("refund"));
    if (!upcast_is_reference(refund) || !upcast_is_null(object, STR("refunds"))) {
        return object;
    }
    const struct json *line = upcast_new_typed(STR("refund"), upcasting);
    const struct json *amount = json_get(refund, STR("amount"));
    if (upcast_is(amount, JSON_NUMBER)) { /* an id does not say how much */
        line = upcast_set(line, STR("amount_refunded"), amount, upcasting);
    }
    line = upcast_set(line, STR("refund"), refund, upcasting);
    object = json_without(object, STR("refund"), upcasting->arena);
    return upcast_set(object, STR("refunds"), upcast_array_of(line, upcasting), upcasting);
}
