#include "provider/stripe/upcaster.h"

const struct json *upcast_list_count(const struct json *object, const struct upcasting *upcasting)
{
    const struct json *data = json_get(object, STR("data"));
    int64_t count = 0;
    if (!upcast_is(data, JSON_ARRAY) || json_get(object, STR("has_more")) != NULL ||
        json_int64(json_get(object, STR("count")), &count) != ERR_OK) {
        return object;
    }
    const struct json *newer = json_without(object, STR("count"), upcasting->arena);
    return upcast_set(
        newer, STR("has_more"), json_new_bool(count > data->count, upcasting->arena), upcasting);
}
