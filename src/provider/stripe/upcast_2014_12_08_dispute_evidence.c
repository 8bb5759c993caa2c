#include "provider/stripe/upcaster.h"

const struct json *upcast_dispute_evidence(
    const struct json *object, const struct upcasting *upcasting)
{
    const struct json *text = json_get(object, STR("evidence"));
    const struct json *due_by = json_get(object, STR("evidence_due_by"));
    if (upcast_is(text, JSON_STRING)) {
        const struct json *evidence = upcast_set(
            json_new_object(upcasting->arena), STR("uncategorized_text"), text, upcasting);
        object = upcast_set(object, STR("evidence"), evidence, upcasting);
    }
    if (due_by == NULL || json_get(object, STR("evidence_details")) != NULL) {
        return object;
    }
    const struct json *details =
        upcast_set(json_new_object(upcasting->arena), STR("due_by"), due_by, upcasting);
    object = json_without(object, STR("evidence_due_by"), upcasting->arena);
    return upcast_set(object, STR("evidence_details"), details, upcasting);
}
