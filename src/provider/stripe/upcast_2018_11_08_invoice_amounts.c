#include "provider/stripe/upcaster.h"

/* An invoice was paid in full or not at all. */
const struct json *upcast_invoice_amounts(
    const struct json *object, const struct upcasting *upcasting)
{
    const struct json *due = json_get(object, STR("amount_due"));
    const struct json *paid = json_get(object, STR("paid"));
    if (!upcast_is(due, JSON_NUMBER) || !upcast_is(paid, JSON_BOOL) ||
        json_get(object, STR("amount_paid")) != NULL ||
        json_get(object, STR("amount_remaining")) != NULL) {
        return object;
    }
    const struct json *nothing = json_new_int(0, upcasting->arena);
    object = upcast_set(object, STR("amount_paid"), paid->truth ? due : nothing, upcasting);
    return upcast_set(object, STR("amount_remaining"), paid->truth ? nothing : due, upcasting);
}
