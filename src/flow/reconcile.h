/* reconcile: proves, or disproves, that the books of one account and its provider agree on some
 * days.
 *
 *   pull -> heal -> find -> settle -> report
 *
 * pull    asks for events, lines and balances that are missing (flow/backfill, flow/pull), which
 *         posts them
 * heal    asks again for objects that do not agree (store/refetch), and has the answers decided
 * find    looks at everything that may not agree: pure rules over what the store has
 * settle  raises, observes, clears (flow/discrepancies)
 * report  states it
 *
 * Every piece is a transaction of its own and may be repeated; a run that was interrupted goes on
 * under its number and ends in the same report.
 *
 * Layer: flow.
 */
#pragma once

#include "flow/accounts.h"
#include "flow/discrepancies.h"
#include "flow/reconcile_report.h"

struct reconcile;

enum reconcile_stage {
    RECONCILE_PULL_EVENTS,
    RECONCILE_PULL_LINES,
    RECONCILE_PULL_BALANCE,
    RECONCILE_HEAL,
    RECONCILE_FIND,
    RECONCILE_SETTLE,
    RECONCILE_REPORT,
    RECONCILE_DONE
};
const char *reconcile_stage_word(enum reconcile_stage stage);

struct projector;

/* Who decides what came in, asked for whenever something is undecided, outside any transaction:
 * *ret_projector is borrowed. NULL: somebody else does (serve), and is waited for. */
typedef enum err reconcile_decider_fn(
    void *context, struct projector **ret_projector, struct err_info *reterr);

struct reconcile_setup { /* all borrowed, until it is freed */
    struct store *store;
    const struct account *account;
    struct str below;         /* an account connected to it; empty: itself */
    struct provider_api *api; /* NULL: nothing is asked for; files must have been imported */
    struct env *env;
    const struct str *types; /* events that the books need */
    uint32_t type_count;
    struct str zone;        /* for the report */
    struct str who;         /* for others who wait: what runs where */
    int64_t from_us, to_us; /* days; to_us: the moment before which they end */
    int64_t as_of_us;       /* the clock of the run: graces and ages count from there */
    /* One of these days that was interrupted, and is as of this moment or a later one, goes on, as
     * of its own moment. 0: only one that is as of as_of_us. */
    int64_t resume_since_us;
    bool dry_run; /* changes nothing: neither asks nor settles */
    bool reports; /* ask for report runs of the days, too: their totals prove lines */
    bool large;   /* so many lines that reports tell those of the days, where the key may;
                   * the rest page by page */
    /* Nothing is to be done when a finished run of all these days has such an as_of, or a later
     * one: looked at once nobody else reconciles. 0: it is done in any case. */
    int64_t done_as_of_us;
    reconcile_decider_fn *decider; /* NULL: nobody here decides what healing brings */
    void *decider_context;
    const atomic_bool *cancelled; /* may be NULL; once it is set what waits soon ends: ERR_CLOSED */
    struct arena *arena;          /* of the report */
};

/* NULL without memory. */
struct reconcile *reconcile_new(const struct reconcile_setup *setup);
struct reconcile *reconcile_free(struct reconcile *run);
DEFINE_CLEANUP(struct reconcile *, reconcile_free);

/* A piece of the run, outside any transaction. *ret_stage: what comes next; DONE: there is a
 * report. ERR_LOCKED: another process reconciles the account, reterr says which; ERR_DUPLICATE: it
 * is done (done_as_of_us); ERR_BUSY, ERR_CONFLICT and errors of class IO: the same step may be
 * tried again. */
MUST_USE enum err reconcile_step(
    struct reconcile *run, enum reconcile_stage *ret_stage, struct err_info *reterr);

/* What was done so far, for progress. */
struct reconcile_progress {
    enum reconcile_stage stage;
    int64_t events_found, events_added, lines, lines_added, healed, looked_at, findings;
};
struct reconcile_progress reconcile_progress(const struct reconcile *run);

/* After DONE; lives as long as the setup's arena. */
const struct reconcile_report *reconcile_report(const struct reconcile *run);
/* The run's own counts; zero of a dry run. Its as_of_us, after the first step, may be that of one
 * that goes on. */
struct reconcile_run reconcile_run(const struct reconcile *run);
