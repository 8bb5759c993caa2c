/* shelf: rows in the order in which they came, found by id and by position; when it is full the
 * oldest one makes room.
 *
 * Layer: sandbox.
 */
#pragma once

#include "base/limits.h"
#include "sandbox/merchant.h"
#include "sandbox/object_id.h"

/* A body that is not rendered anew: an event, or an object that the merchant does not keep. */
struct kept_body {
    bool delivered;    /* this and the next two are of events */
    size_t pending_at; /* where the body says how many webhooks are pending: one digit */
    char type[LIMIT_EVENT_TYPE_BYTES + 1];
    char payment_intent[OBJECT_ID_BYTES], charge[OBJECT_ID_BYTES]; /* of objects */
    size_t len;
    char body[];
};

struct shelf_row {
    char id[OBJECT_ID_BYTES];
    int64_t created_s;
    uint32_t owner; /* on whose account it is listed */
    struct merchant_ref object;
    struct kept_body *kept; /* owned by whoever fills the shelf; NULL: the merchant renders it */
};

struct shelf {
    uint32_t room;
    uint64_t first, end; /* positions of the rows there are: first <= position < end */
    struct shelf_row *rows;
    uint32_t *buckets, *next; /* slots and one, by the hash of the id; 0 ends a chain */
};

bool shelf_init(struct shelf *shelf, uint32_t room); /* false without memory; fini in any case */
void shelf_fini(struct shelf *shelf);
/* Requires: there is room, and the id is new. */
void shelf_push(struct shelf *shelf, const struct shelf_row *row);
struct shelf_row shelf_pop(struct shelf *shelf); /* the oldest; requires: there is one */
bool shelf_find(const struct shelf *shelf, struct str id, uint64_t *ret_position);
bool shelf_is_full(const struct shelf *shelf);
static inline struct shelf_row *shelf_at(const struct shelf *shelf, uint64_t position)
{
    return &shelf->rows[position % shelf->room];
}
