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
};

/* The number of an interrupted run of the same days and the same as_of, or a new one. */
MUST_USE enum err run_begin(
    struct store *store, struct reconcile_run *run, struct err_info *reterr);
MUST_USE enum err run_finish(
    struct store *store, const struct reconcile_run *run, struct err_info *reterr);
/* The newest finished run of a scope that covers a moment; number 0: none. */
MUST_USE enum err run_covering(struct store *store,
    int64_t scope,
    int64_t from_us,
    int64_t to_us,
    struct reconcile_run *ret_run,
    struct err_info *reterr);
MUST_USE enum err runs_list(struct store *store,
    int64_t scope,  /* 0: all */
    uint32_t limit, /* newest first */
    struct arena *arena,
    struct reconcile_run **ret_runs,
    uint32_t *ret_count,
    struct err_info *reterr);

/* One node at a time: until `until_us` nobody else reconciles the scope. *ret_taken. */
MUST_USE enum err run_lease(struct store *store,
    int64_t scope,
    int64_t now_us,
    int64_t until_us,
    bool *ret_taken,
    struct err_info *reterr);
MUST_USE enum err run_lease_end(struct store *store, int64_t scope, struct err_info *reterr);

/* When the books of a scope begin: what is older is before them. 0: they have no beginning. */
struct books_start {
    int64_t scope, start_us, decided_us;
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
