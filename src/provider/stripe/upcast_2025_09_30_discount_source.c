#include "provider/stripe/upcaster.h"

const struct json *upcast_discount_source(
    const struct json *object, const struct upcasting *upcasting)
{
    const struct json *coupon = json_get(object, STR("coupon"));
    if (!upcast_is_reference(coupon) || !upcast_is_null(object, STR("source"))) {
        return object;
    }
    const struct json *source = upcast_new_typed(STR("coupon"), upcasting);
    source = upcast_set(source, STR("coupon"), coupon, upcasting);
    object = json_without(object, STR("coupon"), upcasting->arena);
    return upcast_set(object, STR("source"), source, upcasting);
}
