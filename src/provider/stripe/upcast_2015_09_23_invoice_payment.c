#include "provider/stripe/upcaster.h"

const struct json *upcast_invoice_payment(
    const struct json *object, const struct upcasting *upcasting)
{
    return upcast_move(object, STR("payment"), STR("charge"), upcasting);
}
