/* project: turns inbox events into aggregates and domain events: decode, decide, apply, feed, one
 * transaction a batch.
 *
 * A batch is decoded and decided before anything is written, so that a bad event parks itself and
 * takes nobody along. An error of the engine rolls the batch back and it runs again one event at a
 * time. The claim of the next batch rides on the commit of this one.
 *
 * Layer: flow.
 */
#pragma once

#include "store/inbox.h"
#include "flow/accounts.h"

struct projector;

struct projector_limits {
    uint32_t batch_rows_max; /* at most LIMIT_CLAIM_BATCH */
    int64_t lease_us;        /* how long a claim holds */
    int64_t thin_wait_us;    /* how long a thin event waits for its twin; 0: THIN_WAIT_US */
};

/* One for each worker; borrows everything. `provider` decodes by the scope's provider name. */
struct projector *projector_new(struct store *store,
    const struct provider_ops *provider,
    struct env *env,
    const struct projector_limits *limits);
struct projector *projector_free(struct projector *projector);
DEFINE_CLEANUP(struct projector *, projector_free);

/* From the next batch on the books are posted as those accounts say, which are borrowed; before, by
 * every default. */
void projector_follow(struct projector *projector, struct accounts_current *accounts);

/* Works at most one batch. *ret_count: events decided or put off. *ret_wake_us: when to come again
 * (now when there is more, INT64_MAX when nothing is due). An error is of the store: back off and
 * come again; nothing is lost, the claim is ours until the lease ends. */
MUST_USE enum err project_step(struct projector *projector,
    int64_t now_us,
    uint32_t *ret_count,
    int64_t *ret_wake_us,
    struct err_info *reterr);

/* Decodes the batch that the next step will work, which it otherwise does itself. Pure, so it may
 * run on another thread beside other uses of the store, but not beside a step. */
bool project_has_claim(const struct projector *projector);
void project_decode(struct projector *projector);

/* Gives back a claim that was taken ahead (riding on the last commit): at the end, so that nobody
 * waits. */
MUST_USE enum err projector_release(struct projector *projector, struct err_info *reterr);
