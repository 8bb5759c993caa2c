/* reconciler_inside: what the files of the reconciler share. Private to them.
 *
 *   reconciler.c          the thread, and the accounts that it reconciles
 *   reconciler_due.c      which days are due
 *   reconciler_below.c    accounts that are connected to them, in turns
 *   reconciler_run.c      a run, step by step, and what is said of its end
 *   reconciler_gauges.c   /metrics
 *
 * Layer: cli.
 */
#pragma once

#include "base/limits.h"
#include "flow/reconcile.h"
#include "cli/reconcile_days.h"
#include "cli/reconciler.h"
#include "cli/who.h"
#include <pthread.h>
#include <stdatomic.h>

struct completeness { /* of the last run */
    bool is_known;
    int64_t ppm; /* of the currency that is furthest behind */
};

/* An account that has a key, or one that is connected to it. */
struct reconciled {
    const struct account *account;           /* of the set that is held */
    struct reconciled *above;                /* NULL: it is an account of the configuration */
    char below[LIMIT_PROVIDER_ID_BYTES + 1]; /* the one connected to it; empty: itself */
    struct zone *zone;                       /* NULL: UTC */
    bool zone_is_open;
    int64_t scope;            /* 0: not looked up yet */
    struct provider_api *api; /* NULL: to be opened */

    /* When it is looked whether anything is due, and when the open day is; UTC. */
    int64_t look_us, open_due_us;
    int64_t retry_us, backoff_us; /* monotonic: not before; 0: nothing failed */

    struct reconcile *run; /* under way; NULL: none */
    struct arena *arena;   /* of its report */
    struct days days;
    int64_t as_of_us;      /* of the run at hand, or of one that failed and goes on; 0: neither */
    int64_t done_as_of_us; /* such a run of these days would do, whoever made it */
    bool is_open_day, is_large;

    struct completeness complete[MEASURE_COUNT];

    /* The turns of those that are connected to it. */
    struct completeness below_complete[MEASURE_COUNT]; /* of the newest day of any: the least */
    int64_t below_to_us;                               /* when that day ended */
    int64_t below_after;  /* the scope that had its turn last; 0: a round begins */
    int64_t round_due_us; /* monotonic: not before */
};

struct reconciler {
    struct reconciler_setup setup;
    struct store *store;
    struct accounts *accounts; /* held; NULL at first */
    struct reconciled reconciled[LIMIT_ACCOUNTS];
    uint32_t reconciled_count;
    struct reconciled below; /* whose turn it is; api and zone are those of the one above */
    struct str *types;       /* that the mapping needs */
    uint32_t type_count;
    struct arena *pages; /* of looking */
    char who[WHO_HOLDS_BYTES];
    int64_t gauges_due_us; /* monotonic */
    atomic_bool stopping;
    int stop_fd; /* readable once stopping */
    pthread_t thread;
    bool started;
};

/* Which days are to be reconciled now; *ret_due: none. Looks into the store. */
MUST_USE enum err reconciler_look(struct reconciler *reconciler,
    struct reconciled *reconciled,
    int64_t now_us,
    bool *ret_due,
    struct err_info *reterr);

/* Begins, or goes on with, what is due; true when there is more to be done at once. */
bool reconciler_work(struct reconciler *reconciler, struct reconciled *reconciled);
void reconciler_give_up(struct reconciled *reconciled); /* the run; what it has pulled is kept */

MUST_USE enum err reconciler_open_api(
    struct reconciler *reconciler, struct reconciled *reconciled, struct err_info *reterr);
/* The next one that is connected to an account has its turn; false: there is none now. */
bool reconciler_work_below(struct reconciler *reconciler, struct reconciled *above);

/* It failed: *ret_wait_us is when it has a turn again. */
void reconciler_put_off_below(struct reconciler *reconciler,
    const struct reconciled *below,
    enum err err,
    int64_t *ret_wait_us);

/* What is open, and how complete it is, when that is due. */
void reconciler_export(struct reconciler *reconciler);
