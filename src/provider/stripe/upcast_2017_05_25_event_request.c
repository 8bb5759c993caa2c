#include "provider/stripe/upcaster.h"

const struct json *upcast_event_request(
    const struct json *object, const struct upcasting *upcasting)
{
    const struct json *id = json_get(object, STR("request"));
    if (upcast_is(id, JSON_STRING)) {
        const struct json *request = json_new_object(upcasting->arena);
        request = upcast_set(request, STR("idempotency_key"), upcast_or_null(NULL), upcasting);
        request = upcast_set(request, STR("id"), id, upcasting);
        object = upcast_set(object, STR("request"), request, upcasting);
    }
    return upcast_move(object, STR("user_id"), STR("account"), upcasting);
}
