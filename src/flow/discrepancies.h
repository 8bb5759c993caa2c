/* discrepancies: what becomes of findings: a run raises, observes, reopens and clears; people
 * acknowledge, explain, resolve and write off. Every step is kept, told as a domain event and, of
 * people, written to the audit log, in one transaction.
 *
 * Layer: flow.
 */
#pragma once

#include "base/env.h"
#include "base/json.h"
#include "store/discrepancies.h"

struct settle_counts {
    int64_t found, raised, observed, reopened, cleared; /* by this run */
    int64_t open, critical; /* not over, afterwards; critical: of them */
};

/* What a run looked at of each kind: `whole` has the bit 1 << enum discrepancy_code when that was
 * everything within its reach, which is what could first be seen (since_us) in [from_us, to_us), or
 * with just_these what is of exactly these days (period_us, period_to_us); to_us of 0: all of it.
 */
struct settle_reach {
    int64_t from_us, to_us;
    bool just_these;
};
struct settle_looked {
    unsigned whole;
    struct settle_reach reach[CODE_COUNT];
};
bool settle_looked_at(const struct settle_looked *looked, const struct finding *finding);

/* All that a run has found of a scope; of what is there twice the first counts. What is open and
 * not there any more is cleared, if the run looked where it was.
 * Own transactions, of some hundred steps each; may be repeated after a crash, with the same
 * outcome, counts included. ERR_CONFLICT: a person took a step meanwhile; call again. */
struct settling {
    int64_t scope, run, as_of_us;
    const struct finding *findings; /* those that are due; each of that scope */
    uint32_t count;
    struct settle_looked looked;
    /* May: asked first in each transaction; what it returns, unless ERR_OK, ends the settling. */
    MUST_USE enum err (*may_write)(void *context, struct err_info *reterr);
    void *may_write_context;
};
MUST_USE enum err discrepancies_settle(struct store *store,
    const struct settling *settling,
    int64_t now_us,
    struct settle_counts *ret_counts,
    struct err_info *reterr);

#define WISH_NOTE_BYTES_MAX 1000
#define WISH_INCIDENT_BYTES_MAX 200
#define THRESHOLD_UNITS_MAX 1000000

/* What a person wants done. */
struct discrepancy_wish {
    struct own_id id;
    enum deed deed;
    struct str who; /* the operating-system user */
    bool has_reason;
    enum reason_code reason; /* RESOLVE, WRITE_OFF: must; EXPLAIN: must */
    struct str note, incident;
    /* RESOLVE: may; where the amount goes, an account without keys. What stands in clearing or
     * suspense is then posted there. WRITE_OFF: always to expenses:writeoff. */
    bool has_account;
    enum ledger_account account;
    /* Above it two people are wanted, of what is off, or stands, whichever is more. */
    int64_t threshold_units; /* as configured: units of the currency, 0 to THRESHOLD_UNITS_MAX */
    int64_t threshold_minor; /* wished for, not more than that; -1: nothing */
};
struct wish_answer {
    enum deed deed; /* what was done: ASK_... when a second person is wanted */
    struct discrepancy now;
    struct discrepancy_step step;
    int64_t posted_minor; /* out of where it stood; step.entry is 0: nothing was posted */
};
/* Opening it again takes back what was posted because of it (step.entry).
 * Inside a write transaction. ERR_NOT_FOUND; ERR_CONFLICT: not from its state; ERR_UNPROVEN: the
 * second person is the first; ERR_INVALID: nothing of it can be posted, a reason is missing, a
 * text is too long, or the threshold is above the configured one. */
MUST_USE enum err discrepancy_do(struct store *store,
    const struct discrepancy_wish *wish,
    int64_t now_us,
    struct arena *arena,
    struct wish_answer *ret,
    struct err_info *reterr);

/* Where money stands because of it. */
struct standing_amount {
    bool is_there; /* false: of its kind there is no such place, or nothing stands there */
    enum ledger_account account;
    struct own_id key;
    struct currency currency;
    int64_t minor; /* as the books have it: positive is a debit */
};
MUST_USE enum err discrepancy_standing(struct store *store,
    const struct discrepancy *of,
    struct arena *arena,
    struct standing_amount *ret,
    struct err_info *reterr);

/* As domain events and answers have them; `key` as the writer wants it. */
void discrepancy_to_json(
    const struct discrepancy *discrepancy, struct str key, struct json_writer *json);
void discrepancy_step_to_json(
    const struct discrepancy_step *step, struct str key, struct json_writer *json);
