/* verify: compares the truth that a sandbox wrote down with what a store has made of its events.
 *
 * Every object that was acknowledged must be there and say what its newest acknowledged snapshot
 * said, or a newer one that was sent and not answered. What a payment derives from its attempts is
 * checked against them. A contested object is counted and not compared: with a lost event between
 * two of one second nobody can tell the order.
 *
 * Layer: sandbox.
 */
#pragma once

#include "store/store.h"
#include "sandbox/compare.h"

struct verify_counts {
    uint64_t objects, equal, different, missing, contested;
    uint64_t unanswered; /* equal to a snapshot that was sent and never acknowledged */
    uint64_t untold; /* nothing about it was acknowledged, and the store has nothing: right so */
    uint64_t acked_events, acked_missing, acked_twice; /* of the log, when one was given */
};

struct verify_finding {
    const char *kind;  /* "payment_intent", "event" */
    struct str id;     /* the provider's */
    const char *field; /* "" when the whole is concerned */
    const char *truth, *store;
};
typedef void verify_finding_fn(void *context, const struct verify_finding *finding);

/* With `newest` every object must be there and say what its newest event said, lost or not: after
 * what was lost has been back-filled. Reads the state file; own read transactions, in batches.
 * ERR_FILE_IO, ERR_MALFORMED (names the line), or an error of the store. Differences are no error:
 * see *ret_counts. */
MUST_USE enum err verify_state(struct store *store,
    const char *path,
    bool newest,
    verify_finding_fn *finding,
    void *context,
    struct verify_counts *ret_counts,
    struct err_info *reterr);

/* Every id in the log must be in the inbox, once. Adds to *counts. */
MUST_USE enum err verify_acked(struct store *store,
    const char *path,
    verify_finding_fn *finding,
    void *context,
    struct verify_counts *counts,
    struct err_info *reterr);

bool verify_is_good(const struct verify_counts *counts);
