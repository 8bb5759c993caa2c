#include "provider/stripe/upcaster.h"

const struct json *upcast_subscription_items(
    const struct json *object, const struct upcasting *upcasting)
{
    static const char *const moved[] = {"plan", "quantity", NULL};
    const struct json *plan = json_get(object, STR("plan"));
    if (!upcast_is_reference(plan) || !upcast_is_null(object, STR("items"))) {
        return object;
    }
    const struct json *item =
        upcast_copy_members(json_new_object(upcasting->arena), object, moved, upcasting);
    item = upcast_set(item, STR("subscription"), upcast_id_of(object), upcasting);
    item = upcast_set_text(item, STR("object"), STR("subscription_item"), upcasting);
    object = upcast_drop_members(object, moved, upcasting);
    return upcast_set(object, STR("items"),
        upcast_new_list(upcast_array_of(item, upcasting), upcasting), upcasting);
}
