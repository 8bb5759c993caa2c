#include "provider/stripe/upcaster.h"

const struct json *upcast_fee_refunds(const struct json *object, const struct upcasting *upcasting)
{
    return upcast_array_to_list(object, STR("refunds"), upcasting);
}
