#include "provider/stripe/upcaster.h"

const struct json *upcast_payment_intent_words(
    const struct json *object, const struct upcasting *upcasting)
{
    struct str status = json_string(json_get(object, STR("status")));
    if (str_eq(status, STR("requires_source"))) {
        object = upcast_set_text(object, STR("status"), STR("requires_payment_method"), upcasting);
    } else if (str_eq(status, STR("requires_source_action"))) {
        object = upcast_set_text(object, STR("status"), STR("requires_action"), upcasting);
    }
    object =
        upcast_move(object, STR("allowed_source_types"), STR("payment_method_types"), upcasting);
    return upcast_move(object, STR("next_source_action"), STR("next_action"), upcasting);
}
