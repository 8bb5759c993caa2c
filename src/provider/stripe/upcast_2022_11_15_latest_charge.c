#include "provider/stripe/upcaster.h"

/* Also where an id names it already, as newer fields do in bodies of older versions: so the
 * charge stands where it stands when it is expanded. */
static const struct json *find_latest(const struct json *intent, const struct json *data)
{
    const struct json *said = json_get(intent, STR("latest_charge"));
    if (!json_is_null(said) && said->kind != JSON_STRING) {
        return NULL;
    }
    for (const struct json *charge = data->first; charge != NULL; charge = charge->next) {
        if (charge->kind == JSON_OBJECT &&
            (json_is_null(said) || json_equal(upcast_id_of(charge), said))) {
            return charge;
        }
    }
    return NULL;
}

const struct json *upcast_latest_charge(
    const struct json *object, const struct upcasting *upcasting)
{
    const struct json *charges = json_get(object, STR("charges"));
    const struct json *data = json_get(charges, STR("data"));
    const struct json *latest = upcast_is(data, JSON_ARRAY) ? find_latest(object, data) : NULL;
    if (latest == NULL) {
        return object;
    }
    const struct json *others = json_without_element(data, latest, upcasting->arena);
    charges = upcast_set(charges, STR("data"), others, upcasting);
    object = upcast_set(object, STR("charges"), charges, upcasting);
    return upcast_set(object, STR("latest_charge"), latest, upcasting);
}
