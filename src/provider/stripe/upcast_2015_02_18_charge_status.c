#include "provider/stripe/upcaster.h"

const struct json *upcast_charge_status(
    const struct json *object, const struct upcasting *upcasting)
{
    const struct json *status = json_get(object, STR("status"));
    const struct json *paid = json_get(object, STR("paid"));
    if (str_eq(json_string(status), STR("paid"))) {
        return upcast_set_text(object, STR("status"), STR("succeeded"), upcasting);
    }
    if (json_is_null(status) && upcast_is(paid, JSON_BOOL)) {
        return upcast_set_text(
            object, STR("status"), paid->truth ? STR("succeeded") : STR("failed"), upcasting);
    }
    return object;
}
