#include "provider/stripe/upcaster.h"

static const struct json *newer_phase(const struct json *phase, void *context)
{
    const struct upcasting *upcasting = context;
    const struct json *coupon = json_get(phase, STR("coupon"));
    const struct json *several = json_get(phase, STR("discounts"));
    bool none = json_is_null(several) || (several->kind == JSON_ARRAY && several->count == 0);
    if (!upcast_is_reference(coupon) || !none) {
        return phase;
    }
    const struct json *discount =
        upcast_set(json_new_object(upcasting->arena), STR("coupon"), coupon, upcasting);
    phase = json_without(phase, STR("coupon"), upcasting->arena);
    return upcast_set(phase, STR("discounts"), upcast_array_of(discount, upcasting), upcasting);
}

const struct json *upcast_schedule_discounts(
    const struct json *object, const struct upcasting *upcasting)
{
    return upcast_elements(object, STR("phases"), newer_phase, upcasting);
}
