#include "provider/stripe/upcaster.h"

const struct json *upcast_dispute_balance_transactions(
    const struct json *object, const struct upcasting *upcasting)
{
    const struct json *one = json_get(object, STR("balance_transaction"));
    if (!upcast_is(one, JSON_OBJECT) || json_get(object, STR("balance_transactions")) != NULL) {
        return object;
    }
    const struct json *newer = json_without(object, STR("balance_transaction"), upcasting->arena);
    return upcast_set(
        newer, STR("balance_transactions"), upcast_array_of(one, upcasting), upcasting);
}
