#include "provider/stripe/upcaster.h"

/* Objects and lists did not always say what they are; where they stand does. A list has a name for
 * its elements. */
static const struct place {
    struct str within, member, name;
    bool list;
} places[] = {
#define PLACE(within, member, name, list)                                                          \
    {                                                                                              \
        UPCAST_TEXT(within), UPCAST_TEXT(member), UPCAST_TEXT(name), list                          \
    }
    PLACE("charge", "card", "card", false),
    PLACE("charge", "dispute", "dispute", false),
    PLACE("charge", "refunds", "refund", true),
    PLACE("customer", "active_card", "card", false),
    PLACE("customer", "cards", "card", true),
    PLACE("customer", "discount", "discount", false),
    PLACE("customer", "sources", "", true),
    PLACE("customer", "subscription", "subscription", false),
    PLACE("customer", "subscriptions", "subscription", true),
    PLACE("discount", "coupon", "coupon", false),
    PLACE("invoice", "discount", "discount", false),
    PLACE("invoice", "lines", "line_item", true),
    PLACE("line_item", "plan", "plan", false),
    PLACE("payment_intent", "charges", "charge", true),
    PLACE("subscription", "discount", "discount", false),
    PLACE("subscription", "items", "subscription_item", true),
    PLACE("subscription", "plan", "plan", false),
    PLACE("subscription_item", "plan", "plan", false),
    PLACE("subscription_item", "price", "price", false),
#undef PLACE
};

struct naming {
    const struct upcasting *upcasting;
    struct str name; /* nothing is named by an empty one */
};

static const struct json *name_it(const struct json *value, void *context)
{
    const struct naming *naming = context;
    if (value->kind != JSON_OBJECT || naming->name.len == 0 ||
        json_get(value, STR("object")) != NULL) {
        return value;
    }
    return upcast_set_text(value, STR("object"), naming->name, naming->upcasting);
}

static const struct json *name_list(const struct json *list, struct naming *naming)
{
    const struct upcasting *upcasting = naming->upcasting;
    if (list->kind == JSON_ARRAY) { /* as refunds once were */
        return json_map(list, name_it, naming, upcasting->arena);
    }
    const struct json *data = json_get(list, STR("data"));
    if (!upcast_is(data, JSON_ARRAY)) {
        return list;
    }
    const struct json *named = json_map(data, name_it, naming, upcasting->arena);
    if (named != data) {
        list = upcast_set(list, STR("data"), named, upcasting);
    }
    struct naming itself = {upcasting, STR("list")};
    return list != NULL ? name_it(list, &itself) : NULL;
}

static const struct json *name_member(
    const struct json *object, const struct place *place, const struct upcasting *upcasting)
{
    const struct json *member = json_get(object, place->member);
    if (member == NULL) {
        return object;
    }
    struct naming naming = {upcasting, place->name};
    const struct json *named = place->list ? name_list(member, &naming) : name_it(member, &naming);
    return named != member ? upcast_set(object, place->member, named, upcasting) : object;
}

const struct json *upcast_object_names(const struct json *object, const struct upcasting *upcasting)
{
    struct str kind = json_string(json_get(object, STR("object")));
    for (size_t i = 0; i < sizeof places / sizeof places[0]; i++) {
        if (places[i].within.len == kind.len && str_eq(places[i].within, kind)) {
            object = name_member(object, &places[i], upcasting);
        }
    }
    return object;
}
