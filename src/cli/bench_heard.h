/* bench_heard: the business's side of `bench reconcile`: what projection leaves of the events of
 * made payments, written by the store's own verbs: references, records, postings.
 *
 * Layer: cli; for bench.
 */
#pragma once

#include "store/store.h"
#include "cli/bench_made.h"

/* In a transaction of its own. All but what was never heard of. */
MUST_USE enum err bench_heard_write(struct store *store,
    int64_t scope,
    const struct made_group *group,
    struct arena *arena,
    int64_t now_us,
    struct err_info *reterr);
