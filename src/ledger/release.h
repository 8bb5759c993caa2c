/* release: what became available at the provider at one time, moved there out of what was pending.
 *
 * One entry of the money stream for each scope, currency and available_us, posted as a difference
 * to what was posted for them before: so the books do not depend on when a line was read.
 *
 * Layer: ledger.
 */
#pragma once

#include "ledger/line.h"

/* What a release is posted for. */
struct own_id release_id(int64_t scope, struct currency currency, int64_t available_us);

/* Adds what the line releases at its available_us; of many it releases nothing. ERR_OVERFLOW */
MUST_USE enum err release_add(const struct statement_line *line, int64_t *net_minor);

/* Into a begun entry, which the caller subtracts what was posted from and finishes.
 * ERR_OVERFLOW, ERR_TOO_LARGE */
MUST_USE enum err release_post(
    int64_t net_minor, struct currency currency, struct ledger_entry *entry);
