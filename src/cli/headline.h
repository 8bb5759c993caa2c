/* headline: which of a kind's fields stand for the whole when there is one line for it.
 *
 * Layer: cli; for events and show.
 */
#pragma once

#include "domain/record.h"

/* `amount_minor`, else `total_minor`, else the first amount that is a business field; NULL: none.
 */
const struct field *headline_amount(const struct record_kind *kind);
/* The currency of its amounts; NULL: none. */
const struct field *headline_currency(const struct record_kind *kind);
