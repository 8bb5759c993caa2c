#include "provider/stripe/upcaster.h"

/* What names no type is a payout if it has a status, which transfers between accounts have not, and
 * nothing of such a transfer. */
static bool goes_to_a_bank(const struct json *object, const struct upcasting *upcasting)
{
    struct str type = json_string(json_get(object, STR("type")));
    if (type.len > 0) {
        return str_eq(type, STR("bank_account")) || str_eq(type, STR("card"));
    }
    if (!upcast_is(json_get(object, STR("status")), JSON_STRING) ||
        !upcast_is_null(object, STR("destination_payment"))) {
        return false;
    }
    return upcast_is_null(object, STR("destination")) || upcast_is_before(upcasting, "2017-04-06");
}

const struct json *upcast_transfer_to_payout(
    const struct json *object, const struct upcasting *upcasting)
{
    if (!goes_to_a_bank(object, upcasting)) {
        return object;
    }
    const struct json *date = json_get(object, STR("date"));
    if (upcast_is(date, JSON_NUMBER) && json_get(object, STR("created")) == NULL) {
        object = upcast_set(object, STR("created"), date, upcasting); /* the only time there was */
    }
    object = upcast_set_text(object, STR("object"), STR("payout"), upcasting);
    object = upcast_move(object, STR("date"), STR("arrival_date"), upcasting);
    static const struct str holders[] = {
        UPCAST_TEXT("bank_account"), UPCAST_TEXT("account"), UPCAST_TEXT("card")};
    for (size_t i = 0; i < sizeof holders / sizeof holders[0]; i++) {
        if (upcast_is(json_get(object, holders[i]), JSON_OBJECT)) {
            object = upcast_move(object, holders[i], STR("destination"), upcasting);
        }
    }
    return object;
}
