/* upcaster: what the files upcast_YYYY_MM_DD_what.c share; each has one change of Stripe's API.
 *
 * An upcaster takes an object of its row's kind and gives the newer one, or the same one when there
 * is nothing to do, or NULL when the arena is out of room. It is pure, does the same when done
 * twice, and takes any JSON. It moves and never doubles: a subtree that stood in two places would
 * be walked twice on every level.
 *
 * Layer: provider/stripe.
 */
#pragma once

#include "provider/stripe/upcast.h"

struct upcasting {
    struct arena *arena;
    struct str api_version; /* empty when unknown */
};

#define UPCAST(date, object, name, what) stripe_upcast_fn upcast_##name;
#include "provider/stripe/upcasts.def"
#undef UPCAST

/* A struct str in a table. */
#define UPCAST_TEXT(literal)                                                                       \
    {                                                                                              \
        "" literal, sizeof(literal) - 1                                                            \
    }

bool upcast_is(const struct json *value, enum json_kind kind);  /* false for NULL */
bool upcast_is_null(const struct json *object, struct str key); /* absent or null */
bool upcast_is_scalar(const struct json *value);                /* there, and with nothing inside */
/* An id or an object in place of one. */
bool upcast_is_reference(const struct json *value);
/* The version is known, and older than that of `date`. */
bool upcast_is_before(const struct upcasting *upcasting, const char *date);

/* `from` becomes `to`. If that has a value already, it is the newer one, and `from` only goes: else
 * a later row that moves `to` on would make room for it. */
const struct json *upcast_move(
    const struct json *object, struct str from, struct str to, const struct upcasting *upcasting);
/* The elements of the member, if it is an array, each as `newer` gives it; its context is the
 * upcasting. */
const struct json *upcast_elements(const struct json *object,
    struct str key,
    json_map_fn *newer,
    const struct upcasting *upcasting);
/* The member becomes {"object":"list","data":...} if it is an array. */
const struct json *upcast_array_to_list(
    const struct json *object, struct str key, const struct upcasting *upcasting);

/* These build, as json.h does: NULL in, NULL out; a NULL `value` that was only absent is first made
 * null by upcast_or_null. */
const struct json *upcast_or_null(const struct json *value);
const struct json *upcast_set(const struct json *object,
    struct str key,
    const struct json *value,
    const struct upcasting *upcasting);
const struct json *upcast_set_text(
    const struct json *object, struct str key, struct str text, const struct upcasting *upcasting);
/* {"type":type} */
const struct json *upcast_new_typed(struct str type, const struct upcasting *upcasting);
/* A list with nothing left off. */
const struct json *upcast_new_list(const struct json *array, const struct upcasting *upcasting);
const struct json *upcast_array_of(const struct json *element, const struct upcasting *upcasting);
/* The id, or the object's id; null when there is no text there. */
const struct json *upcast_id_of(const struct json *reference);
/* Copies those of the members that are there. Values that have members of their own must be taken
 * from where they stood. `names` ends with NULL. */
const struct json *upcast_copy_members(const struct json *to,
    const struct json *from,
    const char *const *names,
    const struct upcasting *upcasting);
const struct json *upcast_drop_members(
    const struct json *object, const char *const *names, const struct upcasting *upcasting);

/* tax_amounts of an invoice, a credit note or their lines as the newest `taxes`. `from` moves to
 * `to`. */
const struct json *upcast_taxes(
    const struct json *object, struct str from, struct str to, const struct upcasting *upcasting);
/* {"type":"price_details",...} of a price, which is an id or an object. */
const struct json *upcast_pricing(const struct json *price,
    const struct json *unit_amount,
    const struct json *unit_amount_decimal,
    const struct upcasting *upcasting);
