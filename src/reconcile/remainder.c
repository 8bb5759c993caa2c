#include "reconcile/remainder.h"
#include "base/check.h"

static const struct {
    const char *word, *what, *next;
} remainders[] = {
#define REMAINDER(NAME, word, what, next) {word, what, next},
#include "reconcile/remainders.def"
#undef REMAINDER
};

const char *remainder_word(enum remainder remainder)
{
    REQUIRE((unsigned)remainder < REMAINDER_COUNT);
    return remainders[remainder].word;
}

const char *remainder_what(enum remainder remainder)
{
    REQUIRE((unsigned)remainder < REMAINDER_COUNT);
    return remainders[remainder].what;
}

const char *remainder_next(enum remainder remainder)
{
    REQUIRE((unsigned)remainder < REMAINDER_COUNT);
    return remainders[remainder].next;
}

bool payout_is_settled(const struct payout *payout)
{
    REQUIRE(payout != NULL);
    const char *word = payout_reconciliations.words[payout->reconciliation];
    return payout->reconciled || !str_eq(str_from(word), STR("in_progress"));
}

/* It will never be settled. */
static bool is_returned(const struct payout *payout)
{
    return !payout->reconciled &&
           (payout->state == PAYOUT_FAILED || payout->state == PAYOUT_CANCELED);
}

enum remainder remainder_judge(const struct payout *payout, const struct remainder_facts *facts)
{
    REQUIRE(payout != NULL && facts != NULL);
    if (facts->adds_up) {
        return REMAINDER_NONE;
    }
    if (is_returned(payout)) {
        return REMAINDER_RETURNED;
    }
    if (!payout->automatic) {
        return REMAINDER_BY_HAND;
    }
    if (!payout_is_settled(payout)) {
        return REMAINDER_UNFINISHED;
    }
    if (facts->is_taken_whole) {
        return REMAINDER_NOT_THE_SUM;
    }
    if (facts->is_before_books) {
        return REMAINDER_BEFORE_BOOKS;
    }
    return facts->has_lines ? REMAINDER_UNEXPLAINED : REMAINDER_NO_LINES;
}

bool remainder_is_open(enum remainder remainder)
{
    return remainder == REMAINDER_UNEXPLAINED || remainder == REMAINDER_NOT_THE_SUM;
}
