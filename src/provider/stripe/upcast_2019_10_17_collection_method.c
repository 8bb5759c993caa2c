#include "provider/stripe/upcaster.h"

const struct json *upcast_collection_method(
    const struct json *object, const struct upcasting *upcasting)
{
    return upcast_move(object, STR("billing"), STR("collection_method"), upcasting);
}
