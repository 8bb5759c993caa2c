#include "provider/stripe/upcaster.h"

const struct json *upcast_charge_source(
    const struct json *object, const struct upcasting *upcasting)
{
    return upcast_move(object, STR("card"), STR("source"), upcasting);
}
