#include "provider/stripe/upcaster.h"

const struct json *upcast_fee_account(const struct json *object, const struct upcasting *upcasting)
{
    return upcast_move(object, STR("user"), STR("account"), upcasting);
}
