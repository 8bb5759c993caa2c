#include "provider/stripe/upcaster.h"

const struct json *upcast_credit_note_line(
    const struct json *object, const struct upcasting *upcasting)
{
    return upcast_taxes(object, STR("tax_amounts"), STR("taxes"), upcasting);
}
