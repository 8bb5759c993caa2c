#include "provider/stripe/upcaster.h"

const struct json *upcast_plan_name(const struct json *object, const struct upcasting *upcasting)
{
    /* A null nickname beside a name is of the time when both were sent: it is the product's. */
    return json_get(object, STR("nickname")) == NULL
               ? upcast_move(object, STR("name"), STR("nickname"), upcasting)
               : object;
}
