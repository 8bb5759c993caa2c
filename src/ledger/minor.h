/* minor: what the books need beyond adding amounts.
 *
 * Layer: ledger.
 */
#pragma once

#include "domain/money.h"

MUST_USE enum err minor_subtract(int64_t from, int64_t minor, int64_t *ret); /* ERR_OVERFLOW */

/* a + b, cut to INT64_MIN or INT64_MAX: for figures that are looked at, not posted. */
int64_t minor_add_cut(int64_t a, int64_t b);
int64_t minor_absolute(int64_t minor); /* INT64_MIN, which has none, gives INT64_MAX */
/* `sum` and the size of `by`, cut in the same way. */
int64_t minor_grow(int64_t sum, int64_t by);

/* `whole * part / of`, rounded half to even; of > 0. ERR_OVERFLOW */
MUST_USE enum err minor_share(int64_t whole, int64_t part, int64_t of, int64_t *ret);
