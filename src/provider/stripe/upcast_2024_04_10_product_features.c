#include "provider/stripe/upcaster.h"

const struct json *upcast_product_features(
    const struct json *object, const struct upcasting *upcasting)
{
    return upcast_move(object, STR("features"), STR("marketing_features"), upcasting);
}
