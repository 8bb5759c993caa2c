/* exchange: what was gained or lost because an attempt's money went back at another rate than it
 * had come at. What stayed keeps the rate that it came at; open positions are not revalued.
 *
 * Layer: ledger.
 */
#pragma once

#include "ledger/line.h"

/* The lines of one attempt in one pair of currencies, added up. */
struct exchange {
    struct currency payer, settled;
    int64_t payer_in_minor, settled_in_minor; /* by payments */
    int64_t payer_out_minor,
        settled_out_minor; /* by refunds and failures; less what failed of these */
};

/* What the gains and losses of an attempt's exchange are posted for. Behind the attempt's own time.
 */
struct own_id exchange_id(int64_t scope, struct own_id attempt, const struct exchange *pair);

/* Adds a line that is exchanged (line_is_exchanged), in any order. ERR_OVERFLOW
 * Requires: the line's currencies are the exchange's. */
MUST_USE enum err exchange_add(struct exchange *exchange, const struct statement_line *line);

/* settled_out - settled_in * payer_out / payer_in, rounded once; positive: lost. 0 while no payment
 * is known. ERR_OVERFLOW */
MUST_USE enum err exchange_loss(const struct exchange *exchange, int64_t *ret_minor);

/* Into a begun entry of the money stream, which the caller subtracts what was posted of that
 * attempt and pair from and finishes. ERR_OVERFLOW, ERR_TOO_LARGE */
MUST_USE enum err exchange_post(
    const struct exchange *exchange, struct own_id attempt, struct ledger_entry *entry);
