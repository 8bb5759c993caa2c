/* history: plays what a provider says, in some order, into one payment with its attempts, its
 * refunds and a customer, as the flow would, but in memory; and compares where two orders end.
 *
 * Own ids are random in each history, as they are in life, so whatever depends on them shows up.
 *
 * Layer: tests.
 */
#pragma once

#include "domain/decide.h"

#define LIFE_ATTEMPTS 6
#define LIFE_REFUNDS 4
#define LIFE_CUSTOMERS 2
#define LIFE_SAYINGS 64

/* One provider event: a notice and, instead of own ids, which of the life's objects it is about and
 * which ones it names. The links' state in the notice says whether it names any. */
struct saying {
    struct notice notice;
    union {
        struct refund refund;
        struct customer customer;
    } says;             /* the record of a refund's or customer's notice, which stays where it is */
    uint32_t object;    /* index of the attempt, refund or customer */
    uint32_t attempt;   /* named by a payment or a refund */
    uint32_t customer;  /* named by a payment or an attempt */
    uint32_t tie_order; /* what decides a tie: the higher one wins */
    bool orderless;     /* nobody knows the order of its second: the winner is contested */
};

/* All that a provider says about one payment and what belongs to it, in the order in which it
 * happened. */
struct life {
    struct saying sayings[LIFE_SAYINGS];
    uint32_t count;
};

struct history {
    struct payment_aggregate aggregate;
    struct attempt *joined[LIFE_ATTEMPTS]; /* the aggregate's array */
    struct attempt attempts[LIFE_ATTEMPTS];
    struct refund refunds[LIFE_REFUNDS];
    struct customer customers[LIFE_CUSTOMERS];
    bool heard[LIFE_SAYINGS];
    /* How often each milestone was published, by type and by attempt or refund or customer. */
    uint8_t facts[EVENT_TYPE_COUNT][LIFE_ATTEMPTS + 1];
};

/* Plays sayings[order[0]], sayings[order[1]], ... Fails the running test when a decide fails. */
void history_play(struct history *history,
    const struct life *life,
    const uint32_t *order,
    uint32_t count,
    uint64_t *chance);

/* NULL when both ended equal, else what differs. */
const char *histories_differ(const struct history *a, const struct history *b);
