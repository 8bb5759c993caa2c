#include "provider/stripe/upcaster.h"

const struct json *upcast_card_brand(const struct json *object, const struct upcasting *upcasting)
{
    return upcast_move(object, STR("type"), STR("brand"), upcasting);
}
