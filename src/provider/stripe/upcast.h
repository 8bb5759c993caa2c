/* upcast: brings an object that Stripe rendered at any API version to the newest shape.
 *
 * Decoders read only the newest shape. What differs in older ones is moved there, one upcaster for
 * each change, in the order of their dates: by what an object holds first, because recorded bodies
 * carry newer fields under old version names, and by its version second, to break ties. Where the
 * new field is there, it stands; a field without a new home stays where it is; a value of a kind
 * that Stripe never sent there is left for the decoder to complain about.
 * docs/why/upcasters.md gives the reasons.
 *
 * Layer: provider/stripe. Pure. Table: upcasts.def.
 */
#pragma once

#include "base/json.h"

/* `*ret_newest` is `object` itself when nothing in it is old; it borrows from it and from `arena`.
 * Objects inside are found by their "object" member and are brought up too; metadata is left alone.
 * `object` must say what it is, else only what stands inside is looked at. `api_version` may be
 * empty. Applying it twice is applying it once. The only error is ERR_TOO_LARGE: the arena is out
 * of room. */
MUST_USE enum err stripe_upcast(const struct json *object,
    struct str api_version,
    struct arena *arena,
    const struct json **ret_newest);

/* A price as Stripe would render the plan: for events of plans, which have no price in them. What
 * is no plan is given back as it is; NULL when the arena is out of room. */
const struct json *stripe_price_of_plan(const struct json *plan, struct arena *arena);

/* One row of the table. */
struct upcasting;
typedef const struct json *stripe_upcast_fn(
    const struct json *object, const struct upcasting *upcasting);
struct stripe_upcaster {
    const char *date;  /* of the first version that is newer: "2014-06-17" */
    struct str object; /* "charge"; empty for every object */
    const char *name;  /* "charge_refunds" */
    const char *what;  /* what moves where, for people */
    stripe_upcast_fn *apply;
};
const struct stripe_upcaster *stripe_upcasters(size_t *ret_count); /* oldest first */
