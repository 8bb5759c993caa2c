#include "base/check.h"
#include "domain/derive.h"

static enum standing standing_of(
    const struct attempt *attempt, const struct notice *notice, int64_t content)
{
    struct said said = {
        attempt->seen, {attempt->said_at, attempt->said_rank}, attempt->said_content};
    return snapshot_standing(&said, notice->stamp, content);
}

enum standing attempt_standing(
    const struct attempt *a, const struct notice *n, const struct notice_ids *ids)
{
    REQUIRE(n->kind == ID_ATTEMPT);
    return standing_of(a, n, notice_content(n, ids));
}

/* More captured than tried, and more given back than captured, is odd and the provider's word. */
static enum err check(const struct payment_aggregate *aggregate,
    const struct attempt *attempt,
    const struct notice *notice,
    const struct notice_ids *ids)
{
    const struct attempt_notice *says = &notice->attempt_says;
    if (says->amount_minor < 0 || says->captured_minor < 0 || says->refunded_minor < 0) {
        return ERR_IMPOSSIBLE;
    }
    if (attempt->seen && currency_differs(attempt->currency, says->currency)) {
        return ERR_IMPOSSIBLE;
    }
    /* An attempt does not move from one payment to another. */
    struct own_id payment_id = aggregate->payment.head.id;
    bool elsewhere =
        !own_id_is_none(attempt->payment_id) && !own_id_eq(attempt->payment_id, payment_id);
    bool names_another = !own_id_is_none(ids->payment) && !own_id_eq(ids->payment, payment_id);
    return elsewhere || names_another ? ERR_IMPOSSIBLE : ERR_OK;
}

static void take(struct attempt *attempt,
    const struct notice *notice,
    const struct notice_ids *ids,
    int64_t content)
{
    const struct attempt_notice *says = &notice->attempt_says;
    attempt->seen = true;
    attempt->said_at = notice->stamp.at_us;
    attempt->said_rank = notice->stamp.rank;
    attempt->said_content = content;
    attempt->state = (int)says->state;
    attempt->amount_minor = says->amount_minor;
    attempt->currency = says->currency;
    attempt->captured_minor = says->captured_minor;
    attempt->refunded_minor = says->refunded_minor;
    attempt->customer_id = link_target(notice->customer, ids->customer);
    (void)str_copy_to(attempt->method, sizeof attempt->method, says->method);
    (void)str_copy_to(attempt->failure_code, sizeof attempt->failure_code, says->failure_code);
}

/* Publishes a fact about this one attempt, once. */
static void learn_own(const struct payment *payment,
    struct attempt *attempt,
    enum domain_event_type type,
    int64_t occurred_at_us,
    bool late,
    struct decision *decision)
{
    milestone_learn(decision, &attempt->milestones,
        (struct domain_event){.type = type,
            .aggregate_id = payment->head.id,
            .attempt_id = attempt->head.id,
            .occurred_at_us = occurred_at_us,
            .late = late});
}

/* Success and failure of the same attempt: the failure came late, whichever is heard of first.
 * `attempt` is still what it was before this notice. */
static void learn_late_failure(const struct payment *payment,
    struct attempt *attempt,
    const struct notice *notice,
    bool late,
    struct decision *decision)
{
    if (!milestone_is_known(attempt->milestones, EVENT_PAYMENT_SUCCEEDED) ||
        !milestone_is_known(attempt->milestones, EVENT_PAYMENT_ATTEMPT_FAILED)) {
        return;
    }
    bool failure_is_older_news =
        notice->attempt_says.state != ATTEMPT_FAILED && attempt->state == ATTEMPT_FAILED;
    int64_t failed_us = failure_is_older_news ? attempt->said_at : notice->stamp.at_us;
    learn_own(
        payment, attempt, EVENT_PAYMENT_FAILED_LATE, time_earliest(failed_us, 0), late, decision);
}

/* What every notice teaches, however old. The attempt's own bits of what the payment has published
 * say which attempt it was that proved it. */
static void learn(struct payment *payment,
    struct attempt *attempt,
    const struct notice *notice,
    bool late,
    struct decision *decision)
{
    const struct attempt_notice *says = &notice->attempt_says;
    int64_t made_us = time_of_object(says->created_at_us, notice->stamp);
    payment_learn(payment, EVENT_PAYMENT_OPENED, made_us, late, decision);
    switch (says->state) {
    case ATTEMPT_PENDING:
        payment_learn(payment, EVENT_PAYMENT_PROCESSING, made_us, late, decision);
        break;
    case ATTEMPT_AUTHORIZED:
        payment_learn(payment, EVENT_PAYMENT_AUTHORIZED, made_us, late, decision);
        attempt->milestones |= milestone_bit(EVENT_PAYMENT_AUTHORIZED);
        break;
    case ATTEMPT_SUCCEEDED:
        payment_learn(payment, EVENT_PAYMENT_SUCCEEDED, made_us, late, decision);
        attempt->milestones |= milestone_bit(EVENT_PAYMENT_SUCCEEDED);
        if (time_earliest(says->created_at_us, 0) == 0) {
            payment->said_succeeded_at =
                time_earliest(payment->said_succeeded_at, notice->stamp.at_us);
        }
        break;
    case ATTEMPT_FAILED:
        learn_own(payment, attempt, EVENT_PAYMENT_ATTEMPT_FAILED,
            time_of_outcome(says->created_at_us, notice->stamp), late, decision);
        break;
    case ATTEMPT_UNKNOWN:
        break;
    case ATTEMPT_STATE_COUNT:
    default:
        UNREACHABLE();
    }
    learn_late_failure(payment, attempt, notice, late, decision);
    attempt->made_at = time_earliest(attempt->made_at, says->created_at_us);
}

static bool holds(const struct payment_aggregate *aggregate, const struct attempt *attempt)
{
    for (uint32_t i = 0; i < aggregate->attempt_count; i++) {
        if (aggregate->attempts[i] == attempt) {
            return true;
        }
    }
    return false;
}

enum err attempt_decide(struct payment_aggregate *aggregate,
    struct attempt *attempt,
    const struct notice *notice,
    const struct notice_ids *ids,
    enum tie tie,
    bool contested,
    struct decision *ret)
{
    REQUIRE(notice->kind == ID_ATTEMPT);
    REQUIRE(!own_id_is_none(aggregate->payment.head.id));
    REQUIRE(own_id_eq(attempt->head.id, ids->object));
    REQUIRE(holds(aggregate, attempt));
    struct payment *payment = &aggregate->payment;
    const struct payment payment_was = *payment;
    const struct attempt was = *attempt;
    int64_t content = notice_content(notice, ids);
    struct verdict verdict = snapshot_judge(standing_of(attempt, notice, content), tie);
    TRY(check(aggregate, attempt, notice, ids));

    struct decision decision = {.event_count = 0};
    attempt->payment_id = payment->head.id;
    learn(payment, attempt, notice, verdict.late, &decision);
    if (verdict.takes) {
        take(attempt, notice, ids, content);
    }
    if (verdict.settles) {
        attempt->contested = contested;
    }
    enum err err = payment_derive(aggregate);
    if (err != ERR_OK) {
        *payment = payment_was;
        *attempt = was;
        return err;
    }
    payment_tell_changes(&payment_was, payment, notice->stamp.at_us, verdict.late, &decision);
    decision.unexpected_move =
        was.seen && verdict.standing == STANDING_NEWER &&
        !life_move_is_allowed(ID_ATTEMPT, was.state, (int)notice->attempt_says.state);
    decision.effect =
        decision_effect(verdict, !record_equal(record_kind_of(ID_PAYMENT), &payment_was, payment) ||
                                     !record_equal(record_kind_of(ID_ATTEMPT), &was, attempt));
    ENSURE(decision.event_count == 0 || decision.effect == EFFECT_APPLIED);
    *ret = decision;
    return ERR_OK;
}
