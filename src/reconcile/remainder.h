/* remainder: what the lines in a payout leave of its amount, and why.
 *
 * Layer: reconcile. Table: remainders.def.
 */
#pragma once

#include "domain/aggregates.h"

enum remainder {
#define REMAINDER(NAME, word, what, next) REMAINDER_##NAME,
#include "reconcile/remainders.def"
#undef REMAINDER
    REMAINDER_COUNT
};
const char *remainder_word(enum remainder remainder); /* "by_hand" */
const char *remainder_what(enum remainder remainder);
const char *remainder_next(enum remainder remainder); /* what to do; may be "" */

struct remainder_facts {
    bool adds_up;         /* its lines, but its own, are its amount in its currency */
    bool has_lines;       /* any of them is known */
    bool is_taken_whole;  /* the provider was asked for exactly its lines, to the end */
    bool is_before_books; /* it, or lines in it, are older than what is kept */
};
/* May the lines that it holds still change? Not of one that the provider says nothing about: older
 * versions of its API do not. */
bool payout_is_settled(const struct payout *payout);
enum remainder remainder_judge(const struct payout *payout, const struct remainder_facts *facts);
bool remainder_is_open(enum remainder remainder); /* nothing explains it */
