#include "provider/stripe/upcaster.h"

const struct json *upcast_invoice_taxes(
    const struct json *object, const struct upcasting *upcasting)
{
    object = upcast_taxes(object, STR("total_tax_amounts"), STR("total_taxes"), upcasting);
    const struct json *amount = json_get(object, STR("tax"));
    if (!upcast_is(amount, JSON_NUMBER) || json_get(object, STR("total_taxes")) != NULL) {
        return object;
    }
    const struct json *tax = upcast_new_typed(STR("tax_rate_details"), upcasting);
    tax = upcast_set(tax, STR("amount"), amount, upcasting);
    tax = upcast_set(tax, STR("tax_rate_details"), upcast_or_null(NULL), upcasting);
    object = json_without(object, STR("tax"), upcasting->arena);
    return upcast_set(object, STR("total_taxes"), upcast_array_of(tax, upcasting), upcasting);
}
