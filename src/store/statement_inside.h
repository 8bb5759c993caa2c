/* statement_inside: a line's columns and how they are read. Private to statement*.c.
 *
 * Layer: store.
 */
#pragma once

#include "store/internal.h"
#include "store/statement.h"

/* Those that never change, those that are learned, and who brought it. */
#define FIXED_COLUMNS                                                                              \
    "line, scope, provider_id, amount_minor, fee_minor, net_minor, currency, first_source, "       \
    "entered_us"
#define LEARNED_COLUMNS                                                                            \
    "kind, type, category, bucket, created_us, available_us, effective_us, source_kind, source, "  \
    "attempt, customer_minor, customer_currency, payout, fee_provider, fee_passthrough, "          \
    "fee_application, fee_tax, fee_unspecified, text, available, learned, flaws, told"
#define LINE_COLUMNS FIXED_COLUMNS ", " LEARNED_COLUMNS
enum { FIXED_COUNT = 9, LEARNED_COUNT = 23, LINE_COUNT = FIXED_COUNT + LEARNED_COUNT };

/* The LINE_COLUMNS of a row; texts in the arena. */
MUST_USE enum err statement_take_line(const struct sql_value *columns,
    struct arena *arena,
    struct kept_line *ret,
    struct err_info *reterr);
