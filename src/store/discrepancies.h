/* discrepancies: what did not agree, each with all that became of it. Steps are append-only; a
 * discrepancy's row is what its last step left.
 *
 * Layer: store. Source of the meaning: reconcile/finding.h, reconcile/life.h.
 */
#pragma once

#include "store/store.h"
#include "reconcile/finding.h"
#include "reconcile/life.h"

struct discrepancy {
    struct own_id id;     /* finding_id() */
    struct finding found; /* as it was seen last; texts in the arena */
    enum discrepancy_state state;
    int64_t raised_us, changed_us; /* by the clock of the runs and deeds */
    int64_t first_run, last_run;   /* numbers of the scope's runs that found it */
    int64_t step_count;
    int64_t alarm_step; /* the one that opened it, while people are to be called; 0: they are not */
    struct str owner;   /* who acknowledged it; empty: nobody */
};

struct discrepancy_step {
    struct own_id discrepancy;
    int64_t number; /* out of append: 1, 2, 3... */
    enum deed deed;
    enum discrepancy_state state; /* after it */
    int64_t at_us;
    int64_t run;    /* 0: a person's */
    struct str who; /* the operating-system user; empty: a run */
    bool has_reason;
    enum reason_code reason;
    struct str note, incident;        /* a person's words; may be empty */
    struct str account;               /* where a person wants its amount; empty: nowhere */
    int64_t wanted_minor;             /* the amount that people decide over, without a sign */
    int64_t ours_minor, theirs_minor; /* what stood against what then */
    struct str text;
    int64_t entry; /* the journal entry that it posted; 0: none */
};

/* ret[i]: the discrepancy of ids[i], or one of step_count 0. In the arena. */
MUST_USE enum err discrepancies_known(struct store *store,
    const struct own_id *ids,
    uint32_t count,
    struct arena *arena,
    struct discrepancy *ret,
    struct err_info *reterr);

struct discrepancy_filter {
    int64_t scope;   /* 0: all */
    unsigned states; /* bits of enum discrepancy_state; 0: all */
    bool has_code;
    enum discrepancy_code code;
};
/* In the order of their ids, behind `after`, at most `limit`. */
MUST_USE enum err discrepancies_list(struct store *store,
    const struct discrepancy_filter *filter,
    struct own_id after,
    uint32_t limit,
    struct arena *arena,
    struct discrepancy **ret_rows,
    uint32_t *ret_count,
    struct err_info *reterr);

/* Those of these objects and lines that are not over, by id; at most `limit` of each. */
MUST_USE enum err discrepancies_about(struct store *store,
    const struct own_id *subjects,
    uint32_t count,
    uint32_t limit,
    struct arena *arena,
    struct discrepancy **ret_rows,
    uint32_t *ret_count,
    struct err_info *reterr);

/* All steps of one, in their order. */
MUST_USE enum err discrepancy_steps(struct store *store,
    struct own_id id,
    struct arena *arena,
    struct discrepancy_step **ret_steps,
    uint32_t *ret_count,
    struct err_info *reterr);

/* Writes rows as they are now and one step of each; steps[i] is of rows[i], which are sorted by id,
 * each once. Numbers the steps. ERR_CONFLICT: somebody else took a step since it was read: begin
 * the transaction again. */
MUST_USE enum err discrepancies_save(struct store *store,
    struct discrepancy *rows,
    struct discrepancy_step *steps,
    uint32_t count,
    struct err_info *reterr);

/* They were found again by that run of their scope, and nothing else is to say: no step. */
MUST_USE enum err discrepancies_seen(struct store *store,
    const struct own_id *ids,
    uint32_t count,
    int64_t run,
    struct err_info *reterr);

/* How many steps of each deed a run took. */
MUST_USE enum err discrepancies_done_by(struct store *store,
    int64_t scope,
    int64_t run,
    int64_t ret_counts[static DEED_COUNT],
    struct err_info *reterr);

/* Open ones of a scope that people are to be called for, by id; at most `limit`. */
struct discrepancy_alarm {
    struct own_id id;
    int64_t step; /* alarm_step */
};
MUST_USE enum err discrepancy_alarms(struct store *store,
    int64_t scope,
    uint32_t limit,
    struct arena *arena,
    struct discrepancy_alarm **ret_rows,
    uint32_t *ret_count,
    struct err_info *reterr);
/* They were called; not for one that was opened again since. No step. */
MUST_USE enum err discrepancy_alarms_end(struct store *store,
    const struct discrepancy_alarm *rows,
    uint32_t count,
    struct err_info *reterr);

/* For metrics and headlines: those that are not over, in the order of scopes, codes, currencies and
 * states. */
struct discrepancy_total {
    int64_t scope;
    enum discrepancy_code code;
    enum discrepancy_state state;
    struct currency currency;
    int64_t count, off_minor; /* sum of absolute amounts; INT64_MAX when it does not fit */
    int64_t oldest_us;        /* since_us of the oldest */
};
MUST_USE enum err discrepancy_totals(struct store *store,
    int64_t scope, /* 0: all */
    struct arena *arena,
    struct discrepancy_total **ret_rows,
    uint32_t *ret_count,
    struct err_info *reterr);
/* How many of a scope that are not over began before a moment. */
MUST_USE enum err discrepancies_begun(struct store *store,
    int64_t scope,
    int64_t before_us,
    int64_t *ret_count,
    struct err_info *reterr);
