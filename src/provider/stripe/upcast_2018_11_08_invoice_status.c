#include "provider/stripe/upcaster.h"

/* A closed invoice is no longer collected but can be opened and paid again: that is one which does
 * not advance, and not a void one. One that was never attempted is still to be changed. */
static struct str status_of(const struct json *invoice)
{
    if (!upcast_is_null(invoice, STR("status")) ||
        !upcast_is(json_get(invoice, STR("paid")), JSON_BOOL) ||
        !upcast_is(json_get(invoice, STR("closed")), JSON_BOOL)) {
        return STR_NONE;
    }
    if (json_bool(json_get(invoice, STR("paid")), false)) {
        return STR("paid");
    }
    if (json_bool(json_get(invoice, STR("forgiven")), false)) {
        return STR("uncollectible");
    }
    bool begun = json_bool(json_get(invoice, STR("closed")), false) ||
                 json_bool(json_get(invoice, STR("attempted")), true);
    return begun ? STR("open") : STR("draft");
}

const struct json *upcast_invoice_status(
    const struct json *object, const struct upcasting *upcasting)
{
    const struct json *closed = json_get(object, STR("closed"));
    if (upcast_is(closed, JSON_BOOL) && json_get(object, STR("auto_advance")) == NULL) {
        const struct json *advance = json_new_bool(!closed->truth, upcasting->arena);
        object = upcast_set(object, STR("auto_advance"), advance, upcasting);
    }
    struct str status = status_of(object);
    if (status.len > 0) {
        object = upcast_set_text(object, STR("status"), status, upcasting);
    }
    return object;
}
