#include "provider/stripe/upcaster.h"

const struct json *upcast_invoice_times(
    const struct json *object, const struct upcasting *upcasting)
{
    object = upcast_move(object, STR("date"), STR("created"), upcasting);
    object = upcast_move(object, STR("application_fee"), STR("application_fee_amount"), upcasting);
    const struct json *finalized_at = json_get(object, STR("finalized_at"));
    if (json_is_null(finalized_at) || json_get(object, STR("status_transitions")) != NULL) {
        return object;
    }
    const struct json *transitions =
        upcast_set(json_new_object(upcasting->arena), STR("finalized_at"), finalized_at, upcasting);
    object = json_without(object, STR("finalized_at"), upcasting->arena);
    return upcast_set(object, STR("status_transitions"), transitions, upcasting);
}
