/* shapes: renders objects and events by shapes.def and fields.def; included by the files of the
 * merchant only.
 *
 * Layer: sandbox.
 */
#pragma once

#include "sandbox/merchant.h"
#include "sandbox/shop_billing.h"
#include "sandbox/shop_connect.h"

struct queued_event;

enum shape {
    SHAPE_NONE, /* null */
#define SHAPE(name, depth, text) SHAPE_##name,
#include "sandbox/shapes.def"
#undef SHAPE
    SHAPE_COUNT
};
enum shape_field {
    SHAPE_FIELD_NONE,
#define TEXT(name, expression) SHAPE_FIELD_##name,
#define MAYBE(name, expression) SHAPE_FIELD_##name,
#define INT(name, expression) SHAPE_FIELD_##name,
#define MAYBE_INT(name, expression) SHAPE_FIELD_##name,
#define BOOL(name, expression) SHAPE_FIELD_##name,
#define SHAPE(name, expression) SHAPE_FIELD_##name,
#define WRITE(name) SHAPE_FIELD_##name,
#include "sandbox/fields.def"
#undef TEXT
#undef MAYBE
#undef INT
#undef MAYBE_INT
#undef BOOL
#undef SHAPE
#undef WRITE
    SHAPE_FIELD_COUNT
};

/* What is rendered: pointers to what a shape may ask for, NULL where it has no such thing. */
struct scene {
    const struct merchant *merchant;
    const struct shop_customer *customer;
    const struct shop_payment *payment;
    const struct shop_charge *charge;
    const struct shop_refund *refund;
    const struct shop_dispute *dispute;
    const struct shop_movement *movement; /* of the dispute */
    const struct shop_product *product;
    const struct shop_price *price;
    const struct shop_subscription *subscription;
    const struct shop_item *item; /* of the subscription */
    const struct shop_invoice *invoice;
    const struct shop_line *line; /* of the invoice */
    const struct shop_payout *payout;
    const struct shop_account *account; /* the connected one that it is of */
    const struct shop_transfer *transfer;
    const struct shop_fee *fee;
    const struct shop_given_back *given_back; /* of the transfer or fee */
    const struct shop_topup *topup;
    uint32_t owner;
    const struct queued_event *event;
    enum api_version version;
    bool whole;  /* with lists that are left out unless asked for */
    bool pretty; /* as Stripe sends: two blanks a level; else one line */
};

/* Each WRITE row of fields.def has its function, in shape_fields.c or in the shape_*.c of its
 * subject. */
#define TEXT(name, expression)
#define MAYBE(name, expression)
#define INT(name, expression)
#define MAYBE_INT(name, expression)
#define BOOL(name, expression)
#define SHAPE(name, expression)
#define WRITE(name) void write_##name(const struct scene *scene, struct buf *to);
#include "sandbox/fields.def"
#undef TEXT
#undef MAYBE
#undef INT
#undef MAYBE_INT
#undef BOOL
#undef SHAPE
#undef WRITE

#define EMBEDDED_MAX 10 /* elements of a list inside an object; the rest is behind its url */
int shape_count_refunds(const struct scene *scene); /* of the charge */
/* Null for NULL and "". */
void shape_add_maybe(struct buf *to, const char *text);
/* Something that looks like a number of `digits` hexadecimal digits, always the same for `source`.
 */
void shape_add_made_up(
    struct buf *to, const char *prefix, const char *source, uint64_t salt, int digits);
void product_name(const struct shop_product *product, struct buf *to); /* needs no escaping */

/* The texts of shapes.def, cut at their @names once, so that rendering is appending. NULL without
 * memory. */
struct shape_set *shape_set_new(void);
struct shape_set *shape_set_free(struct shape_set *set);
void shape_render(const struct scene *scene, enum shape shape, struct buf *to);
enum shape_field shape_field_find(struct str name); /* SHAPE_FIELD_NONE: no such name */
void shape_field_add(const struct scene *scene, enum shape_field field, struct buf *to);
