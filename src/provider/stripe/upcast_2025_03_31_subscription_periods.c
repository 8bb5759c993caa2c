#include "provider/stripe/upcaster.h"

struct giving {
    const struct json *subscription;
    const struct upcasting *upcasting;
};

static const struct json *give_period(const struct json *item, void *context)
{
    static const struct str names[] = {
        UPCAST_TEXT("current_period_start"), UPCAST_TEXT("current_period_end")};
    const struct giving *giving = context;
    if (item->kind != JSON_OBJECT || json_get(item, STR("current_period_end")) != NULL) {
        return item;
    }
    for (size_t i = 0; i < sizeof names / sizeof names[0]; i++) {
        const struct json *time = json_get(giving->subscription, names[i]);
        if (upcast_is(time, JSON_NUMBER)) {
            item = upcast_set(item, names[i], time, giving->upcasting);
        }
    }
    return item;
}

const struct json *upcast_subscription_periods(
    const struct json *object, const struct upcasting *upcasting)
{
    static const char *const moved[] = {"current_period_start", "current_period_end", NULL};
    const struct json *items = json_get(object, STR("items"));
    const struct json *data = json_get(items, STR("data"));
    if (!upcast_is(json_get(object, STR("current_period_end")), JSON_NUMBER) ||
        !upcast_is(data, JSON_ARRAY) || data->count == 0) {
        return object;
    }
    struct giving giving = {object, upcasting};
    const struct json *given = json_map(data, give_period, &giving, upcasting->arena);
    if (given == data) {
        return object;
    }
    items = upcast_set(items, STR("data"), given, upcasting);
    object = upcast_drop_members(object, moved, upcasting);
    return upcast_set(object, STR("items"), items, upcasting);
}
