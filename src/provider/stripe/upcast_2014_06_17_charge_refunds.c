#include "provider/stripe/upcaster.h"

const struct json *upcast_charge_refunds(
    const struct json *object, const struct upcasting *upcasting)
{
    return upcast_array_to_list(object, STR("refunds"), upcasting);
}
