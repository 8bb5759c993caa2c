/* fees: what lines of the statement cost, grouped by what it was for.
 *
 * The sum of all groups is what the line posts to accounts of fees and of tax on them.
 *
 * Layer: ledger. Table: fees.def.
 */
#pragma once

#include "ledger/line.h"

enum fee_group {
#define FEE_GROUP(NAME, word, title) FEE_GROUP_##NAME,
#include "ledger/fees.def"
#undef FEE_GROUP
    FEE_GROUP_COUNT
};
const char *fee_group_word(enum fee_group group);
const char *fee_group_title(enum fee_group group);

/* Minor units of one currency. Net and tax are less what was given back; their sum is the gross. */
struct fee_sum {
    int64_t count; /* lines */
    int64_t net_minor, tax_minor;
    int64_t
        returned_minor; /* gross of the lines that gave back more than they took; not negative */
};

/* Into sums that begin zeroed: one for each group, count 0 where the line has nothing.
 * ERR_OVERFLOW */
MUST_USE enum err fees_of_line(
    const struct statement_line *line, struct fee_sum ret[static FEE_GROUP_COUNT]);
MUST_USE enum err fee_sum_add(struct fee_sum *to, const struct fee_sum *more); /* ERR_OVERFLOW */

/* What a fee that was charged on its own is called, without the days and numbers that stand behind
 * it: a part of `text`, which may be empty. */
#define FEE_NAME_BYTES 64
struct str fee_name(struct str text);
