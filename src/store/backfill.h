/* backfill: how far a walk over the provider's lists has come, so that it goes on where it stopped;
 * and which gap scan is due.
 *
 * Layer: store.
 */
#pragma once

#include "store/store.h"

struct backfill_mark { /* of the last walk of one kind in one scope */
    int64_t from_us, to_us;
    struct str cursor; /* of the next page; empty at the beginning */
    bool done;
    int64_t found, added, known, missing;
    int64_t updated_us;
    int64_t retry_us; /* of a gap scan: none before then; one is under way, or failed */
    /* Of kind GAP_OFTEN in the scope of a connected account. */
    int64_t wait_us; /* after the last failure; 0: it did not fail */
    bool refused;    /* the provider lets nobody ask for it */
};

/* The marks of a scope's gap scans. */
#define GAP_OFTEN STR("gap")
#define GAP_DAILY STR("gap.daily")

/* *ret_found is false when there was none yet. Its cursor lies in the arena. */
MUST_USE enum err backfill_mark_read(struct store *store,
    int64_t scope,
    struct str kind,
    struct arena *arena,
    struct backfill_mark *ret,
    bool *ret_found,
    struct err_info *reterr);

/* In the transaction with what the page brought. */
MUST_USE enum err backfill_mark_write(struct store *store,
    int64_t scope,
    struct str kind,
    const struct backfill_mark *mark,
    struct err_info *reterr);

/* Which scan is due first: that of `root`, or that of an account connected to it. */
struct gap_query {
    int64_t root;
    bool below;
    bool daily;
    int64_t now_us;
    int64_t every_us;  /* from the end of one to the next of its kind */
    int64_t behind_us; /* a scope that is farther behind, or was never scanned, is left to the daily
                          one */
    int64_t held_us_max; /* a lease is never longer */
};
struct gap_due {
    int64_t scope; /* 0: there is none to scan */
    struct str account_key;
    int64_t due_us;     /* 0: since ever, also when the clock was set back */
    int64_t held_us;    /* of the mark that its lease stands in: retry_us */
    int64_t updated_us; /* of the same mark */
};
MUST_USE enum err gap_next(struct store *store,
    const struct gap_query *query,
    struct arena *arena,
    struct gap_due *ret,
    struct err_info *reterr);

/* A scan is one node's from then to until_us, unless the mark is another's or has changed since:
 * then *ret_taken is false. Prolongs it too, and gives it back with until_us 0. A mark that is not
 * there yet is made. */
struct gap_lease {
    int64_t scope;
    struct str kind;    /* of the mark */
    int64_t was_us;     /* its retry_us as it was read */
    int64_t until_us;   /* from now on */
    int64_t updated_us; /* as it was read; -1: whatever it is */
};
MUST_USE enum err gap_lease(
    struct store *store, const struct gap_lease *lease, bool *ret_taken, struct err_info *reterr);

/* What the last scans of `root` and of the accounts connected to it found, together. */
struct gap_sums {
    int64_t compared, refused, new_ones; /* accounts; new: not compared yet */
    int64_t checked, missing;            /* events of those compared */
    int64_t as_of_us; /* of the one that is farthest behind, those that refuse left out; 0: never */
};
MUST_USE enum err gap_sums_read(
    struct store *store, int64_t root, struct gap_sums *ret, struct err_info *reterr);
