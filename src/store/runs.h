/* runs: runs of reconciliation, numbered without gaps for each scope, and when the books of a scope
 * begin.
 *
 * Layer: store.
 */
#pragma once

#include "store/store.h"

struct reconcile_run {
    int64_t scope, number;                /* number: out of run_begin */
    int64_t from_us, to_us, as_of_us;     /* to_us: the moment before which the days end */
    int64_t started_us, finished_us;      /* by the clock; 0: under way, or interrupted */
    int64_t found, raised, cleared, open; /* of discrepancies; once finished */
    bool agreed;
    bool resumed; /* out of run_begin: it was there */
};

/* The number of an interrupted run of the same days and the same as_of, or a new one. */
MUST_USE enum err run_begin(
    struct store *store, struct reconcile_run *run, struct err_info *reterr);
/* The newest one of the same days, as of since_us or later, that did not end, unless one that is as
 * of a later moment has ended since; number 0: none. Under the lease nobody is at it any more. */
MUST_USE enum err run_interrupted(struct store *store,
    int64_t scope,
    int64_t from_us,
    int64_t to_us,
    int64_t since_us,
    struct reconcile_run *ret_run,
    struct err_info *reterr);
MUST_USE enum err run_finish(
    struct store *store, const struct reconcile_run *run, struct err_info *reterr);
/* The newest finished run of a scope that covers a moment; number 0: none. */
MUST_USE enum err run_covering(struct store *store,
    int64_t scope,
    int64_t from_us,
    int64_t to_us,
    struct reconcile_run *ret_run,
    struct err_info *reterr);
/* As of when a scope agreed last; 0: never. */
MUST_USE enum err run_last_agreed(
    struct store *store, int64_t scope, int64_t *ret_as_of_us, struct err_info *reterr);
/* The same of all that are connected to it: how many agreed since `since_us`, before it and never;
 * and the one of those that did that is furthest behind, 0: none did. */
struct runs_below {
    int64_t agreed, behind, never, oldest_us;
};
MUST_USE enum err runs_last_agreed_below(struct store *store,
    int64_t scope,
    int64_t since_us,
    struct runs_below *ret,
    struct err_info *reterr);
MUST_USE enum err runs_list(struct store *store,
    int64_t scope,  /* 0: all */
    uint32_t limit, /* newest first */
    struct arena *arena,
    struct reconcile_run **ret_runs,
    uint32_t *ret_count,
    struct err_info *reterr);

/* One process at a time: until `until_us` nobody but `holder`, who made the number up, reconciles
 * the scope. *ret_taken. */
struct run_lease {
    int64_t scope, holder, now_us, until_us;
    struct str who; /* for people: what runs where */
};
MUST_USE enum err run_lease(
    struct store *store, const struct run_lease *lease, bool *ret_taken, struct err_info *reterr);
/* The same for one that was taken; *ret_ours is false when another one has taken it since, also one
 * that has given it back. */
MUST_USE enum err run_lease_keep(
    struct store *store, const struct run_lease *lease, bool *ret_ours, struct err_info *reterr);
/* Whose it is, whatever the time; nobody's: until_us is 0. */
MUST_USE enum err run_lease_get(struct store *store,
    int64_t scope,
    struct arena *arena,
    struct run_lease *ret,
    struct err_info *reterr);
/* Gives it back, if it is still that holder's. */
MUST_USE enum err run_lease_end(
    struct store *store, int64_t scope, int64_t holder, struct err_info *reterr);

/* When the books of a scope begin: what is older is before them. 0: they have no beginning. */
struct books_start {
    int64_t scope, start_us, decided_us;
    int64_t opened_us; /* when what the provider held was posted; 0: not yet */
    struct str who;
};
MUST_USE enum err books_start_get(struct store *store,
    int64_t scope,
    struct arena *arena,
    struct books_start *ret,
    struct err_info *reterr);
/* Once; ERR_DUPLICATE: they began at another time before. */
MUST_USE enum err books_start_set(
    struct store *store, const struct books_start *start, struct err_info *reterr);
/* In the transaction that posts it. */
MUST_USE enum err books_start_opened(
    struct store *store, int64_t scope, int64_t now_us, struct err_info *reterr);
