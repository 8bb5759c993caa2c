/* object_id: ids shaped like Stripe's: `pi_3`, five digits of time, ten of the account, eight that
 * are never used again. Objects that hang on a payment share its time, so that they lie side by
 * side in an index, and later ones sort behind earlier ones: what an index costs depends on that.
 *
 * Layer: sandbox.
 */
#pragma once

#include "base/str.h"

#define OBJECT_ID_BYTES 32

struct id_maker {
    char account[10];
    uint64_t made; /* ids given out */
    uint64_t offset;
};

void id_maker_init(struct id_maker *maker, uint64_t seed);

/* "evt_1", "pi_3", ... then time, account and tail. `at_s` is in seconds since the epoch. */
void id_make(
    struct id_maker *maker, const char *prefix, int64_t at_s, char to[static OBJECT_ID_BYTES]);
/* "cus_", "prod_": fourteen digits that begin with the time. */
void id_make_short(
    struct id_maker *maker, const char *prefix, int64_t at_s, char to[static OBJECT_ID_BYTES]);
