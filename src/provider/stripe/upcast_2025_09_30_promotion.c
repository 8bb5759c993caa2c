#include "provider/stripe/upcaster.h"

const struct json *upcast_promotion(const struct json *object, const struct upcasting *upcasting)
{
    const struct json *coupon = json_get(object, STR("coupon"));
    if (!upcast_is_reference(coupon) || !upcast_is_null(object, STR("promotion"))) {
        return object;
    }
    const struct json *promotion = upcast_new_typed(STR("coupon"), upcasting);
    promotion = upcast_set(promotion, STR("coupon"), coupon, upcasting);
    object = json_without(object, STR("coupon"), upcasting->arena);
    return upcast_set(object, STR("promotion"), promotion, upcasting);
}
