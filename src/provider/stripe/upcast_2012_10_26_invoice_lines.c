#include "provider/stripe/upcaster.h"

static const struct part {
    struct str name, type;
    bool proration;
} parts[] = {
    {UPCAST_TEXT("subscriptions"), UPCAST_TEXT("subscription"), false},
    {UPCAST_TEXT("prorations"), UPCAST_TEXT("invoiceitem"), true},
    {UPCAST_TEXT("invoiceitems"), UPCAST_TEXT("invoiceitem"), false},
};
#define PART_COUNT (sizeof parts / sizeof parts[0])

static const struct json *as_line(
    const struct json *old, const struct part *part, const struct upcasting *upcasting)
{
    if (old->kind != JSON_OBJECT) {
        return old;
    }
    const struct json *line = upcast_set_text(old, STR("object"), STR("line_item"), upcasting);
    line = upcast_set_text(line, STR("type"), part->type, upcasting);
    if (json_get(old, STR("proration")) == NULL) {
        line = upcast_set(
            line, STR("proration"), json_new_bool(part->proration, upcasting->arena), upcasting);
    }
    return line;
}

/* Returns how many it has added. */
static uint32_t add_part(const struct json **to,
    const struct json *array,
    const struct part *part,
    const struct upcasting *upcasting)
{
    uint32_t count = 0;
    for (const struct json *old = array != NULL ? array->first : NULL; old != NULL;
         old = old->next) {
        to[count++] = as_line(old, part, upcasting);
    }
    return count;
}

const struct json *upcast_invoice_lines(
    const struct json *object, const struct upcasting *upcasting)
{
    const struct json *lines = json_get(object, STR("lines"));
    if (!upcast_is(lines, JSON_OBJECT) || json_get(lines, STR("data")) != NULL) {
        return object;
    }
    uint32_t room = 0;
    for (size_t i = 0; i < PART_COUNT; i++) {
        const struct json *part = json_get(lines, parts[i].name);
        room += upcast_is(part, JSON_ARRAY) ? part->count : 0;
        if (part != NULL && part->kind != JSON_ARRAY) {
            return object;
        }
    }
    const struct json **elements = arena_new_array(upcasting->arena, const struct json *, room + 1);
    if (elements == NULL) {
        return NULL;
    }
    uint32_t count = 0;
    for (size_t i = 0; i < PART_COUNT; i++) {
        count += add_part(elements + count, json_get(lines, parts[i].name), &parts[i], upcasting);
    }
    const struct json *array = json_new_array(elements, count, upcasting->arena);
    return upcast_set(object, STR("lines"), upcast_new_list(array, upcasting), upcasting);
}
