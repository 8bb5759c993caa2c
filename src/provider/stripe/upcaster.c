#include "provider/stripe/upcaster.h"
#include "base/check.h"

#define DATE_BYTES 10

static const struct json null_value = {.kind = JSON_NULL};

bool upcast_is(const struct json *value, enum json_kind kind)
{
    return value != NULL && value->kind == kind;
}

bool upcast_is_null(const struct json *object, struct str key)
{
    return json_is_null(json_get(object, key));
}

bool upcast_is_scalar(const struct json *value)
{
    return value != NULL && value->kind != JSON_OBJECT && value->kind != JSON_ARRAY;
}

bool upcast_is_reference(const struct json *value)
{
    return upcast_is(value, JSON_OBJECT) || json_string(value).len > 0;
}

bool upcast_is_before(const struct upcasting *upcasting, const char *date)
{
    struct str version = upcasting->api_version;
    version.len = version.len < DATE_BYTES ? version.len : DATE_BYTES;
    return version.len > 0 && str_compare(version, str_from(date)) < 0;
}

const struct json *upcast_move(
    const struct json *object, struct str from, struct str to, const struct upcasting *upcasting)
{
    const struct json *value = json_get(object, from);
    if (value == NULL) {
        return object;
    }
    const struct json *there = json_get(object, to);
    const struct json *moved = json_without(object, from, upcasting->arena);
    bool said = !json_is_null(there) || (there != NULL && json_is_null(value));
    return said ? moved : upcast_set(moved, to, value, upcasting);
}

const struct json *upcast_elements(const struct json *object,
    struct str key,
    json_map_fn *newer,
    const struct upcasting *upcasting)
{
    const struct json *elements = json_get(object, key);
    if (!upcast_is(elements, JSON_ARRAY)) {
        return object;
    }
    struct upcasting context = *upcasting;
    const struct json *mapped = json_map(elements, newer, &context, upcasting->arena);
    return mapped != elements ? upcast_set(object, key, mapped, upcasting) : object;
}

const struct json *upcast_array_to_list(
    const struct json *object, struct str key, const struct upcasting *upcasting)
{
    const struct json *array = json_get(object, key);
    if (!upcast_is(array, JSON_ARRAY)) {
        return object;
    }
    return upcast_set(object, key, upcast_new_list(array, upcasting), upcasting);
}

const struct json *upcast_or_null(const struct json *value)
{
    return value != NULL ? value : &null_value;
}

const struct json *upcast_set(const struct json *object,
    struct str key,
    const struct json *value,
    const struct upcasting *upcasting)
{
    return json_with(object, key, value, upcasting->arena);
}

const struct json *upcast_set_text(
    const struct json *object, struct str key, struct str text, const struct upcasting *upcasting)
{
    return upcast_set(object, key, json_new_string(text, upcasting->arena), upcasting);
}

const struct json *upcast_new_typed(struct str type, const struct upcasting *upcasting)
{
    return upcast_set_text(json_new_object(upcasting->arena), STR("type"), type, upcasting);
}

const struct json *upcast_new_list(const struct json *array, const struct upcasting *upcasting)
{
    const struct json *list = json_new_object(upcasting->arena);
    list = upcast_set(list, STR("has_more"), json_new_bool(false, upcasting->arena), upcasting);
    list = upcast_set(list, STR("data"), array, upcasting);
    return upcast_set_text(list, STR("object"), STR("list"), upcasting);
}

const struct json *upcast_array_of(const struct json *element, const struct upcasting *upcasting)
{
    return element != NULL ? json_new_array(&element, 1, upcasting->arena) : NULL;
}

const struct json *upcast_id_of(const struct json *reference)
{
    const struct json *id =
        upcast_is(reference, JSON_OBJECT) ? json_get(reference, STR("id")) : reference;
    return upcast_is(id, JSON_STRING) ? id : &null_value;
}

const struct json *upcast_copy_members(const struct json *to,
    const struct json *from,
    const char *const *names,
    const struct upcasting *upcasting)
{
    for (; *names != NULL; names++) {
        const struct json *value = json_get(from, str_from(*names));
        if (value != NULL) {
            to = upcast_set(to, str_from(*names), value, upcasting);
        }
    }
    return to;
}

const struct json *upcast_drop_members(
    const struct json *object, const char *const *names, const struct upcasting *upcasting)
{
    for (; *names != NULL; names++) {
        object = json_without(object, str_from(*names), upcasting->arena);
    }
    return object;
}

/* ---- taxes and prices, which several objects have alike ----------------------------------- */

static const struct json *newest_tax(const struct json *old, void *context)
{
    static const char *const kept[] = {"amount", "taxability_reason", "taxable_amount", NULL};
    const struct upcasting *upcasting = context;
    if (old->kind != JSON_OBJECT || json_get(old, STR("tax_rate_details")) != NULL) {
        return old;
    }
    const struct json *details = json_new_object(upcasting->arena);
    details = upcast_set(
        details, STR("tax_rate"), upcast_id_of(json_get(old, STR("tax_rate"))), upcasting);
    const struct json *tax = upcast_new_typed(STR("tax_rate_details"), upcasting);
    tax = upcast_copy_members(tax, old, kept, upcasting);
    tax = upcast_set(tax, STR("tax_rate_details"), details, upcasting);
    const struct json *inclusive = json_get(old, STR("inclusive"));
    if (upcast_is(inclusive, JSON_BOOL)) {
        tax = upcast_set_text(tax, STR("tax_behavior"),
            inclusive->truth ? STR("inclusive") : STR("exclusive"), upcasting);
    }
    return tax;
}

const struct json *upcast_taxes(
    const struct json *object, struct str from, struct str to, const struct upcasting *upcasting)
{
    const struct json *amounts = json_get(object, from);
    if (!upcast_is(amounts, JSON_ARRAY) || !upcast_is_null(object, to)) {
        return object;
    }
    struct upcasting context = *upcasting;
    const struct json *taxes = json_map(amounts, newest_tax, &context, upcasting->arena);
    return upcast_set(json_without(object, from, upcasting->arena), to, taxes, upcasting);
}

/* "1900" of 1900, and "12.5" of "12.5". */
static const struct json *as_decimal(
    const struct json *number, const struct json *decimal, const struct upcasting *upcasting)
{
    if (upcast_is(decimal, JSON_STRING)) {
        return decimal;
    }
    return upcast_is(number, JSON_NUMBER) ? json_new_string(number->text, upcasting->arena)
                                          : &null_value;
}

const struct json *upcast_pricing(const struct json *price,
    const struct json *unit_amount,
    const struct json *unit_amount_decimal,
    const struct upcasting *upcasting)
{
    REQUIRE(price != NULL);
    if (json_is_null(unit_amount)) {
        unit_amount = json_get(price, STR("unit_amount"));
    }
    if (json_is_null(unit_amount_decimal)) {
        unit_amount_decimal = json_get(price, STR("unit_amount_decimal"));
    }
    const struct json *details = json_new_object(upcasting->arena);
    details = upcast_set(
        details, STR("product"), upcast_id_of(json_get(price, STR("product"))), upcasting);
    details = upcast_set(details, STR("price"), price, upcasting);
    const struct json *pricing = upcast_new_typed(STR("price_details"), upcasting);
    pricing = upcast_set(pricing, STR("unit_amount_decimal"),
        as_decimal(unit_amount, unit_amount_decimal, upcasting), upcasting);
    return upcast_set(pricing, STR("price_details"), details, upcasting);
}
