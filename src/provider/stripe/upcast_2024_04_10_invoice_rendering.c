#include "provider/stripe/upcaster.h"

const struct json *upcast_invoice_rendering(
    const struct json *object, const struct upcasting *upcasting)
{
    return upcast_move(object, STR("rendering_options"), STR("rendering"), upcasting);
}
