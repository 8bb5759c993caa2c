#include "provider/stripe/upcaster.h"

const struct json *upcast_charge_disputed(
    const struct json *object, const struct upcasting *upcasting)
{
    const struct json *dispute = json_get(object, STR("dispute"));
    if (dispute != NULL && json_get(object, STR("disputed")) == NULL) {
        const struct json *disputed = json_new_bool(dispute->kind != JSON_NULL, upcasting->arena);
        object = upcast_set(object, STR("disputed"), disputed, upcasting);
    }
    const struct json *destination = json_get(object, STR("destination"));
    if (!upcast_is_reference(destination) || !upcast_is_null(object, STR("transfer_data"))) {
        return object;
    }
    const struct json *data =
        upcast_set(json_new_object(upcasting->arena), STR("destination"), destination, upcasting);
    object = json_without(object, STR("destination"), upcasting->arena);
    return upcast_set(object, STR("transfer_data"), data, upcasting);
}
