#include "base/check.h"
#include "domain/snapshot.h"

/* The first notice, whatever its age, opens the refund; so this bit also says that it was seen. */
static enum standing standing_of(
    const struct refund *refund, const struct notice *notice, int64_t content)
{
    struct said said = {milestone_is_known(refund->milestones, EVENT_REFUND_OPENED),
        {refund->said_at, refund->said_rank}, refund->said_content};
    return snapshot_standing(&said, notice->stamp, content);
}

enum standing refund_standing(
    const struct refund *r, const struct notice *n, const struct notice_ids *ids)
{
    REQUIRE(n->kind == NOTICE_REFUND);
    return standing_of(r, n, notice_content(n, ids));
}

static void take(struct refund *refund, const struct notice *notice, int64_t content)
{
    const struct refund_notice *says = &notice->refund_says;
    refund->said_at = notice->stamp.at_us;
    refund->said_rank = notice->stamp.rank;
    refund->said_content = content;
    refund->state = (int)says->state;
    refund->amount_minor = says->amount_minor;
    refund->currency = says->currency;
    (void)str_copy_to(refund->reason, sizeof refund->reason, says->reason);
    (void)str_copy_to(refund->failure_reason, sizeof refund->failure_reason, says->failure_reason);
}

/* The fact that a state proves, or EVENT_TYPE_COUNT. */
static enum domain_event_type fact_of(enum refund_state state)
{
    switch (state) {
    case REFUND_ACTION_REQUIRED:
        return EVENT_REFUND_ACTION_REQUIRED;
    case REFUND_SUCCEEDED:
        return EVENT_REFUND_SUCCEEDED;
    case REFUND_FAILED:
        return EVENT_REFUND_FAILED;
    case REFUND_CANCELED:
        return EVENT_REFUND_CANCELED;
    case REFUND_PENDING:
    case REFUND_UNKNOWN:
        return EVENT_TYPE_COUNT;
    case REFUND_STATE_COUNT:
    default:
        UNREACHABLE();
    }
}

/* What every notice teaches, however old. */
static void learn(
    struct refund *refund, const struct notice *notice, bool late, struct decision *decision)
{
    const struct refund_notice *says = &notice->refund_says;
    struct domain_event event = {.type = EVENT_REFUND_OPENED,
        .aggregate_id = refund->head.id,
        .occurred_at_us = time_of_object(says->created_at_us, notice->stamp),
        .late = late};
    milestone_learn(decision, &refund->milestones, event);
    event.type = fact_of(says->state);
    if (event.type != EVENT_TYPE_COUNT) {
        event.occurred_at_us = time_of_outcome(says->created_at_us, notice->stamp);
        milestone_learn(decision, &refund->milestones, event);
    }
    refund->made_at = time_earliest(refund->made_at, says->created_at_us);
}

enum err refund_decide(struct refund *refund,
    const struct notice *notice,
    const struct notice_ids *ids,
    enum tie tie,
    bool contested,
    struct decision *ret)
{
    REQUIRE(notice->kind == NOTICE_REFUND);
    REQUIRE(!own_id_is_none(refund->head.id));
    REQUIRE(own_id_eq(refund->head.id, ids->object));
    const struct record_kind *kind = record_kind_of(ID_REFUND);
    const struct refund_notice *says = &notice->refund_says;
    int64_t content = notice_content(notice, ids);
    struct verdict verdict = snapshot_judge(standing_of(refund, notice, content), tie);
    struct refund now = *refund;
    if (says->amount_minor < 0 || currency_differs(refund->currency, says->currency) ||
        !link_learn(&now.payment_id, notice->payment, ids->payment) ||
        !link_learn(&now.attempt_id, notice->attempt, ids->attempt)) {
        return ERR_IMPOSSIBLE;
    }

    struct decision decision = {.event_count = 0};
    learn(&now, notice, verdict.late, &decision);
    if (verdict.takes) {
        take(&now, notice, content);
    }
    if (verdict.settles) {
        now.contested = contested;
    }
    if (decision.event_count == 0 && !record_business_equal(kind, refund, &now, NULL)) {
        decision_add(&decision, (struct domain_event){.type = EVENT_REFUND_CHANGED,
                                    .aggregate_id = refund->head.id,
                                    .occurred_at_us = time_earliest(notice->stamp.at_us, 0),
                                    .late = verdict.late});
    }
    decision.unexpected_move =
        milestone_is_known(refund->milestones, EVENT_REFUND_OPENED) &&
        verdict.standing == STANDING_NEWER &&
        !refund_move_is_allowed((enum refund_state)refund->state, says->state);
    decision.effect = decision_effect(verdict, !record_equal(kind, refund, &now));
    ENSURE(decision.event_count == 0 || decision.effect == EFFECT_APPLIED);
    *refund = now;
    *ret = decision;
    return ERR_OK;
}
