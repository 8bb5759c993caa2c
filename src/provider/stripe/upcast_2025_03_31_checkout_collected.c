#include "provider/stripe/upcaster.h"

const struct json *upcast_checkout_collected(
    const struct json *object, const struct upcasting *upcasting)
{
    const struct json *details = json_get(object, STR("shipping_details"));
    const struct json *collected = json_get(object, STR("collected_information"));
    if (!upcast_is(details, JSON_OBJECT) || !upcast_is_null(collected, STR("shipping_details")) ||
        !(json_is_null(collected) || collected->kind == JSON_OBJECT)) {
        return object;
    }
    if (json_is_null(collected)) {
        collected = json_new_object(upcasting->arena);
    }
    collected = upcast_set(collected, STR("shipping_details"), details, upcasting);
    object = json_without(object, STR("shipping_details"), upcasting->arena);
    return upcast_set(object, STR("collected_information"), collected, upcasting);
}
