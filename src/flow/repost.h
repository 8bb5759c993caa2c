/* repost: posts what the books should show of aggregates and lines that nothing changed just now:
 * when the books are new to a store, when rules or an account's policy were changed, when a replay
 * changed aggregates.
 *
 * Only differences are posted, so it may run at any time, beside serve, and again: then nothing is.
 *
 * Layer: flow.
 */
#pragma once

#include "store/store.h"
#include "flow/accounts.h"

struct repost;

struct repost_counts {
    int64_t looked_at; /* aggregates */
    int64_t lines;     /* of the statement, looked at */
    int64_t entries;   /* posted */
};

/* Borrows all; NULL without memory. `accounts`: as whose policies all is posted; NULL: defaults. */
struct repost *repost_new(struct store *store,
    const struct provider_ops *provider,
    const struct accounts *accounts,
    struct env *env);
struct repost *repost_free(struct repost *repost); /* NULL does nothing; returns NULL */
DEFINE_CLEANUP(struct repost *, repost_free);

/* Some hundred aggregates or lines in a transaction of their own; `dry_run`: which is rolled back.
 * *ret_more: call again. ERR_BUSY, ERR_CONFLICT: somebody else was quicker, call again. An error of
 * class INPUT is about one aggregate, which *reterr names. */
MUST_USE enum err repost_step(struct repost *repost,
    bool dry_run,
    struct repost_counts *ret_counts,
    bool *ret_more,
    struct err_info *reterr);
