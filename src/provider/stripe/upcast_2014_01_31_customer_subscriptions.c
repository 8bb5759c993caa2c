#include "provider/stripe/upcaster.h"

const struct json *upcast_customer_subscriptions(
    const struct json *object, const struct upcasting *upcasting)
{
    const struct json *one = json_get(object, STR("subscription"));
    if (one == NULL || json_get(object, STR("subscriptions")) != NULL ||
        !(one->kind == JSON_OBJECT || one->kind == JSON_NULL)) {
        return object;
    }
    const struct json *array =
        json_new_array(&one, one->kind == JSON_OBJECT ? 1 : 0, upcasting->arena);
    const struct json *newer = json_without(object, STR("subscription"), upcasting->arena);
    return upcast_set(newer, STR("subscriptions"), upcast_new_list(array, upcasting), upcasting);
}
