#include "provider/stripe/upcaster.h"

const struct json *upcast_subscription_start(
    const struct json *object, const struct upcasting *upcasting)
{
    return upcast_move(object, STR("start"), STR("start_date"), upcasting);
}
