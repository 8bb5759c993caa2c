/* pull: asks the provider for its account statement and takes what comes: page by page, newest
 * first, or by files that it makes when asked. A page, or a file, a step; lines and how far it came
 * in one transaction.
 *
 * It goes on where the one before it stopped, and then asks for what that one did not reach: what
 * is newer, what is older. Behind the lines come those of automatic payouts that stand, since a
 * line of a list by time does not say which payout it is in.
 *
 * Layer: flow. Source: docs/statement.md.
 */
#pragma once

#include "store/pull.h"
#include "provider/statement.h"
#include "flow/accounts.h"

struct pull;

enum pull_way {
    PULL_BY_PAGES,
    PULL_BY_REPORTS,
    PULL_BY_EITHER, /* reports where the key may and as far as they reach; pages for the rest */
    PULL_PAYOUTS,   /* only the lines of payouts that stand and were not asked for yet */
};

struct pull_setup { /* all borrowed */
    struct store *store;
    const struct account *account; /* whose provider has a statement */
    struct provider_api *api;
    struct env *env;
    struct str below;       /* an account below the account; empty: itself */
    int64_t from_us, to_us; /* whole seconds, both included; at most until the second before now */
    enum pull_way way;
    int64_t reports_to_us; /* by either: reports of what is newer are not wanted; 0: of all */
    bool only_look;        /* keeps nothing, and leaves payouts and reports alone */
    const char *temporary_folder; /* for files; NULL: /tmp */
    const atomic_bool *cancelled; /* may be NULL; once it is set a file is given up: ERR_CLOSED */
};

enum pull_stage {
    PULL_ASKS_LINES,
    PULL_ASKS_PAYOUTS,
    PULL_ASKS_REPORTS,
    PULL_AWAITS_REPORT,
    PULL_TAKES_REPORT,
    PULL_IS_DONE
};

struct pull_progress {
    enum pull_stage stage;
    int64_t from_us, to_us;      /* what is pulled, as far as it can be had */
    bool resumed;                /* it went on where another one stopped */
    int64_t walked_us, left_us;  /* of the time to be walked page by page */
    int64_t lines;               /* those of payouts and what several files tell count once */
    struct taken_counts counts;  /* of all that was told */
    int64_t refused;             /* lines that cannot be read ... */
    struct err_info why_refused; /* ... the first of them */
    int64_t payouts;             /* whose lines were asked for to the end */
    int64_t payouts_refused;     /* that the provider does not give the lines of; not asked again */
    struct err_info why_payout_refused;
    int64_t files;            /* reports that were taken */
    bool too_young;           /* no report reaches into the time yet: ERR_INVALID was of that */
    enum statement_file file; /* the report at hand */
};

struct pull *pull_new(const struct pull_setup *setup); /* NULL without memory */
struct pull *pull_free(struct pull *pull);             /* NULL does nothing */
DEFINE_CLEANUP(struct pull *, pull_free);

/* One piece of it, outside any transaction. *ret_more: call again. After an error of class BUSY or
 * IO the same step may be tried again: nothing is lost. Errors of statement_ops and of the store;
 * ERR_INVALID: no report reaches into that time yet; ERR_BUSY: the provider could not make a
 * report, the next step asks for a new one; ERR_TIMEOUT: it takes longer than half an hour, the
 * next pull goes on with the same run. A report that is awaited sleeps by env_sleep. */
MUST_USE enum err pull_step(struct pull *pull, bool *ret_more, struct err_info *reterr);

struct pull_progress pull_progress(const struct pull *pull);

/* --- what is due --- */

struct pull_due {
    bool is_due;
    bool daily;             /* the last two days, in which lines may have come late */
    int64_t from_us, to_us; /* valid when it is due */
    bool is_large;          /* so many lines that reports are the better way */
    int64_t wake_us;        /* when it is not due: look again then */
};
/* Once an hour since a little before the end of the last one; once a day 48 hours; never with a gap
 * between. Inside a transaction. */
MUST_USE enum err pull_next(struct store *store,
    int64_t scope,
    int64_t now_us,
    struct pull_due *ret,
    struct err_info *reterr);

/* --- the balance --- */

struct pulled_balance { /* in the arena */
    struct said_balances balances;
    struct str head;  /* the newest line at that moment, as the provider names it; empty: none */
    int64_t asked_us; /* of our clock */
};
/* The balance between two looks at the newest line that agree, so that it is that of all lines up
 * to it. Of the setup, the time does not matter. ERR_BUSY: lines came whenever it was asked. */
MUST_USE enum err pull_balance(const struct pull_setup *setup,
    struct arena *arena,
    struct pulled_balance *ret,
    struct err_info *reterr);
