#include "provider/stripe/upcaster.h"

struct naming {
    const struct upcasting *upcasting;
    const struct json *subscription; /* the invoice's: an id or null */
};

static const struct json *name_subscription(const struct json *line, void *context)
{
    const struct naming *naming = context;
    if (!str_eq(json_string(json_get(line, STR("type"))), STR("subscription")) ||
        !upcast_is_null(line, STR("subscription"))) {
        return line;
    }
    const struct json *subscription = naming->subscription;
    if (json_is_null(subscription) && upcast_is_before(naming->upcasting, "2018-05-21")) {
        subscription = upcast_id_of(line);
    }
    return json_is_null(subscription)
               ? line
               : upcast_set(line, STR("subscription"), subscription, naming->upcasting);
}

const struct json *upcast_invoice_line_ids(
    const struct json *object, const struct upcasting *upcasting)
{
    const struct json *lines = json_get(object, STR("lines"));
    const struct json *data = json_get(lines, STR("data"));
    if (!upcast_is(data, JSON_ARRAY)) {
        return object;
    }
    struct naming naming = {upcasting, upcast_id_of(json_get(object, STR("subscription")))};
    const struct json *named = json_map(data, name_subscription, &naming, upcasting->arena);
    if (named == data) {
        return object;
    }
    return upcast_set(
        object, STR("lines"), upcast_set(lines, STR("data"), named, upcasting), upcasting);
}
