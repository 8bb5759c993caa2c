#include "provider/stripe/upcaster.h"

const struct json *upcast_schedule_end_behavior(
    const struct json *object, const struct upcasting *upcasting)
{
    return upcast_move(object, STR("renewal_behavior"), STR("end_behavior"), upcasting);
}
