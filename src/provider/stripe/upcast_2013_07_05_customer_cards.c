#include "provider/stripe/upcaster.h"

const struct json *upcast_customer_cards(
    const struct json *object, const struct upcasting *upcasting)
{
    const struct json *card = json_get(object, STR("active_card"));
    if (!upcast_is(card, JSON_OBJECT) || json_get(object, STR("cards")) != NULL ||
        json_get(object, STR("sources")) != NULL) {
        return object;
    }
    const struct json *id = upcast_id_of(card);
    const struct json *cards = upcast_new_list(upcast_array_of(card, upcasting), upcasting);
    const struct json *newer = json_without(object, STR("active_card"), upcasting->arena);
    if (!json_is_null(id) && upcast_is_null(object, STR("default_card"))) {
        newer = upcast_set(newer, STR("default_card"), id, upcasting);
    }
    return upcast_set(newer, STR("cards"), cards, upcasting);
}
