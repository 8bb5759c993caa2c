/* minor: what the books need beyond adding amounts.
 *
 * Layer: ledger.
 */
#pragma once

#include "domain/money.h"

MUST_USE enum err minor_subtract(int64_t from, int64_t minor, int64_t *ret); /* ERR_OVERFLOW */

/* `whole * part / of`, rounded half to even; of > 0. ERR_OVERFLOW */
MUST_USE enum err minor_share(int64_t whole, int64_t part, int64_t of, int64_t *ret);
