#include "provider/stripe/upcaster.h"

const struct json *upcast_coupon_percent(
    const struct json *object, const struct upcasting *upcasting)
{
    const struct json *precise = json_get(object, STR("percent_off_precise"));
    if (!upcast_is(precise, JSON_NUMBER)) {
        return object;
    }
    const struct json *newer = json_without(object, STR("percent_off_precise"), upcasting->arena);
    return upcast_set(newer, STR("percent_off"), precise, upcasting);
}
