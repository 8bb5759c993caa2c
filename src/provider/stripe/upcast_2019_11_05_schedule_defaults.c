#include "provider/stripe/upcaster.h"

const struct json *upcast_schedule_defaults(
    const struct json *object, const struct upcasting *upcasting)
{
    static const char *const names[] = {"billing_thresholds", "collection_method",
        "default_payment_method", "default_source", "invoice_settings", NULL};
    if (json_get(object, STR("default_settings")) != NULL) {
        return object;
    }
    const struct json *settings =
        upcast_copy_members(json_new_object(upcasting->arena), object, names, upcasting);
    if (settings != NULL && settings->count == 0) {
        return object;
    }
    object = upcast_drop_members(object, names, upcasting);
    return upcast_set(object, STR("default_settings"), settings, upcasting);
}
