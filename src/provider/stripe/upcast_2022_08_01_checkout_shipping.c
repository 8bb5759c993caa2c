#include "provider/stripe/upcaster.h"

const struct json *upcast_checkout_shipping(
    const struct json *object, const struct upcasting *upcasting)
{
    return upcast_move(object, STR("shipping"), STR("shipping_details"), upcasting);
}
