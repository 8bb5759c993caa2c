/* decide: takes notices into aggregates; pure. The order of arrival does not change where an
 * aggregate ends.
 *
 *  1. Every contributing object (the payment itself, each attempt, refund, customer...) keeps its
 * newest accepted snapshot; older ones are STALE.
 *  2. A Payment's own state, amounts and links are a pure function of those snapshots and of
 * milestones.
 *  3. Milestones are taken from every notice, stale or not, once per object; late: true when stale.
 *  4. On equal stamps with other content the caller decides by the whole set (see flow/ties) and
 * says so.
 *
 * Layer: domain.
 */
#pragma once

#include "domain/domain_event.h"
#include "domain/notice.h"

enum standing {
    STANDING_NEWER, /* nothing known yet, or a larger stamp */
    STANDING_SAME,  /* equal stamp and content: says nothing new */
    STANDING_TIE,   /* equal stamp, other content */
    STANDING_OLDER
};

/* How a tie was decided by the set of that object's events of that second. */
enum tie { TIE_NONE, TIE_WINS, TIE_LOSES };

enum effect { EFFECT_APPLIED, EFFECT_STALE, EFFECT_SAME, EFFECT_COUNT };
const char *effect_name(enum effect effect); /* "applied", "stale", "same" */

#define DECISION_EVENTS_MAX 24

struct decision {
    enum effect effect;   /* APPLIED also when only a milestone or a link was learned */
    bool unexpected_move; /* a state change outside the life cycle table */
    uint32_t event_count;
    struct domain_event events[DECISION_EVENTS_MAX];
};

/* A Payment and all its attempts, in memory. The array is the caller's and has room for one more.
 */
struct payment_aggregate {
    struct payment payment;
    struct attempt **attempts;
    uint32_t attempt_count;
};

enum standing payment_standing(
    const struct payment *p, const struct notice *n, const struct notice_ids *ids);
enum standing attempt_standing(
    const struct attempt *a, const struct notice *n, const struct notice_ids *ids);
enum standing object_standing(
    const void *record, const struct notice *n, const struct notice_ids *ids);

/* Each takes one notice: on ERR_OK the records in memory are the new ones and *ret says what
 * happened; on an error (ERR_OVERFLOW, ERR_IMPOSSIBLE: say a currency that changed) nothing was
 * changed. `tie` is said for STANDING_TIE, and for STANDING_SAME where others share the second;
 * `contested` says that the set of that second had no order: the winner's record is marked.
 *
 * An event of CLASS CHANGE is published only when no milestone of the same decision carries the
 * record. `unexpected_move` is about the object's own snapshots and only when the notice is newer.
 *
 * payment_decide: a notice of ID_PAYMENT; an attempt of the array that it names and that has no
 * payment yet gets this one. attempt_decide: a notice of ID_ATTEMPT; `attempt` is one of the
 * aggregate's (a stub that just got its payment was added by the caller before), and becomes this
 * payment's; an attempt that is another payment's is ERR_IMPOSSIBLE. */
MUST_USE enum err payment_decide(struct payment_aggregate *aggregate,
    const struct notice *notice,
    const struct notice_ids *ids,
    enum tie tie,
    bool contested,
    struct decision *ret);
MUST_USE enum err attempt_decide(struct payment_aggregate *aggregate,
    struct attempt *attempt,
    const struct notice *notice,
    const struct notice_ids *ids,
    enum tie tie,
    bool contested,
    struct decision *ret);
/* Any other aggregate, which is one object: `record` is of the notice's kind. */
MUST_USE enum err object_decide(void *record,
    const struct notice *notice,
    const struct notice_ids *ids,
    enum tie tie,
    bool contested,
    struct decision *ret);
