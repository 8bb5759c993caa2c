/* discrepancies: what becomes of findings: a run raises, observes, reopens and clears; people
 * acknowledge, explain, resolve and write off. Every step is kept, told as a domain event and, of
 * people, written to the audit log, in one transaction.
 *
 * Layer: flow.
 */
#pragma once

#include "base/env.h"
#include "store/discrepancies.h"

struct settle_counts {
    int64_t found, raised, observed, reopened, cleared;
    int64_t open, critical; /* not over, afterwards; critical: of them */
};

/* All that a run has found of a scope, each id once, sorted by finding_compare. What is open, was
 * found by an earlier run and is not there any more is cleared, if `whole` says that the run looked
 * at everything of that kind. Some hundred steps a transaction; may be repeated after a crash, with
 * the same outcome. */
struct settling {
    int64_t scope, run, as_of_us;
    const struct finding *findings; /* those that are due */
    uint32_t count;
    unsigned whole; /* bits 1 << enum discrepancy_code: what this run could have found */
};
MUST_USE enum err discrepancies_settle(struct store *store,
    const struct settling *settling,
    int64_t now_us,
    struct settle_counts *ret_counts,
    struct err_info *reterr);

/* What a person wants done. */
struct discrepancy_wish {
    struct own_id id;
    enum deed deed;
    struct str who;
    bool has_reason;
    enum reason_code reason; /* RESOLVE, WRITE_OFF: must; EXPLAIN: must */
    struct str note, incident;
    /* RESOLVE: may; where the amount goes. What stands in clearing or suspense is then posted
     * there. WRITE_OFF: always to expenses:writeoff. */
    bool has_account;
    enum ledger_account account;
    int64_t threshold_minor; /* -1: threshold_default_minor() */
};
struct wish_answer {
    enum deed deed; /* what was done: ASK_... when a second person is wanted */
    struct discrepancy now;
    int64_t entry; /* 0: nothing was posted */
    int64_t posted_minor;
};
/* Inside a write transaction. ERR_NOT_FOUND; ERR_CONFLICT: not from its state; ERR_UNPROVEN: the
 * second person is the first; ERR_INVALID: nothing of it can be posted, or a reason is missing. */
MUST_USE enum err discrepancy_do(struct store *store,
    const struct discrepancy_wish *wish,
    int64_t now_us,
    struct arena *arena,
    struct wish_answer *ret,
    struct err_info *reterr);
