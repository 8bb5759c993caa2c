/* reconcile_days: which days a run of reconciliation is about: as people ask for them, and as serve
 * does by itself.
 *
 * Layer: cli.
 */
#pragma once

#include "reconcile/day.h"

/* Words of the command line; empty: not given. */
struct days_wish {
    struct str day, from, to, start;
};

struct days {
    int64_t from_us, to_us; /* from <= t < to */
    int64_t start_us;       /* when the books begin; 0: nobody said */
};

/* Days of the zone (NULL: UTC): the one before that of as_of; or what is wished, each day to its
 * end. Books that begin are reconciled from their beginning. ERR_USAGE says what is wrong. */
MUST_USE enum err reconcile_days(const struct days_wish *wish,
    const struct zone *zone,
    int64_t as_of_us,
    struct days *ret_days,
    struct err_info *reterr);

/* The first moment of that day at which its clocks show `at_us` since midnight, or later: there is
 * one whether that time exists, or comes twice. */
int64_t day_clock(const struct zone *zone, struct day day, int64_t at_us);

/* The newest day that is to be reconciled as closed at `now_us`: it is over, and `at_us` has come
 * since. *ret_due_us: when it had. */
struct day day_closed(const struct zone *zone, int64_t at_us, int64_t now_us, int64_t *ret_due_us);
