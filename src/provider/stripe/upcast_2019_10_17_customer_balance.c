#include "provider/stripe/upcaster.h"

const struct json *upcast_customer_balance(
    const struct json *object, const struct upcasting *upcasting)
{
    return upcast_move(object, STR("account_balance"), STR("balance"), upcasting);
}
