#include "provider/stripe/upcaster.h"

const struct json *upcast_reserve_release(
    const struct json *object, const struct upcasting *upcasting)
{
    return str_eq(json_string(json_get(object, STR("reason"))), STR("bulk_hold_expiry"))
               ? upcast_set_text(object, STR("reason"), STR("hold_expired"), upcasting)
               : object;
}
