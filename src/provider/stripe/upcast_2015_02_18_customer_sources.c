#include "provider/stripe/upcaster.h"

const struct json *upcast_customer_sources(
    const struct json *object, const struct upcasting *upcasting)
{
    object = upcast_move(object, STR("cards"), STR("sources"), upcasting);
    object = upcast_move(object, STR("default_card"), STR("default_source"), upcasting);
    return object;
}
