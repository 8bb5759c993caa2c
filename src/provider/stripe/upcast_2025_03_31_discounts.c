#include "provider/stripe/upcaster.h"

const struct json *upcast_discounts(const struct json *object, const struct upcasting *upcasting)
{
    const struct json *one = json_get(object, STR("discount"));
    const struct json *several = json_get(object, STR("discounts"));
    bool none = json_is_null(several) || (several->kind == JSON_ARRAY && several->count == 0);
    if (!upcast_is(one, JSON_OBJECT) || !none) {
        return object;
    }
    object = json_without(object, STR("discount"), upcasting->arena);
    return upcast_set(object, STR("discounts"), upcast_array_of(one, upcasting), upcasting);
}
