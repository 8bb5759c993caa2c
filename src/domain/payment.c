#include "base/check.h"
#include "domain/derive.h"

static enum standing standing_of(
    const struct payment *payment, const struct notice *notice, int64_t content)
{
    struct said said = {
        payment->said_seen, {payment->said_at, payment->said_rank}, payment->said_content};
    return snapshot_standing(&said, notice->stamp, content);
}

enum standing payment_standing(
    const struct payment *p, const struct notice *n, const struct notice_ids *ids)
{
    REQUIRE(n->kind == ID_PAYMENT);
    return standing_of(p, n, notice_content(n, ids));
}

static bool is_settled(int state)
{
    return state == PAYMENT_SUCCEEDED || state == PAYMENT_CANCELED;
}

/* A payment may be asked for in another currency as long as it is neither paid nor given up, so
 * what cannot be is another currency after that: in whatever comes after a settled snapshot. */
static enum err check(
    const struct payment *payment, const struct notice *notice, enum standing standing)
{
    const struct payment_notice *says = &notice->payment_says;
    if (says->amount_minor < 0 || says->received_minor < 0) {
        return ERR_IMPOSSIBLE;
    }
    if (!payment->said_seen || !currency_differs(payment->said_currency, says->currency)) {
        return ERR_OK;
    }
    bool after_settled = standing != STANDING_OLDER && is_settled(payment->said_state);
    bool before_settled = standing != STANDING_NEWER && is_settled((int)says->state);
    return after_settled || before_settled ? ERR_IMPOSSIBLE : ERR_OK;
}

static void take(struct payment *payment,
    const struct notice *notice,
    const struct notice_ids *ids,
    int64_t content)
{
    const struct payment_notice *says = &notice->payment_says;
    payment->said_seen = true;
    payment->said_at = notice->stamp.at_us;
    payment->said_rank = notice->stamp.rank;
    payment->said_content = content;
    payment->said_state = (int)says->state;
    payment->said_amount_minor = says->amount_minor;
    payment->said_currency = says->currency;
    payment->said_received_minor = says->received_minor;
    payment->said_customer_id = link_target(notice->customer, ids->customer);
    payment->said_attempt_id = link_target(notice->attempt, ids->attempt);
    (void)str_copy_to(
        payment->said_failure_code, sizeof payment->said_failure_code, says->failure_code);
}

/* What every notice teaches, however old. */
static void learn(
    struct payment *payment, const struct notice *notice, bool late, struct decision *decision)
{
    const struct payment_notice *says = &notice->payment_says;
    int64_t opened_us = time_of_object(says->created_at_us, notice->stamp);
    payment_learn(payment, EVENT_PAYMENT_OPENED, opened_us, late, decision);
    /* That it failed is no fact of its own: what failed is an attempt, and its notices tell. */
    int fact = record_kind_of(ID_PAYMENT)->state_facts[says->state];
    if (fact >= 0) {
        int64_t at_us = time_earliest(notice->stamp.at_us, 0);
        payment_learn(payment, (enum domain_event_type)fact, at_us, late, decision);
    }
    payment->said_created_at = time_earliest(payment->said_created_at, says->created_at_us);
    if (says->state == PAYMENT_SUCCEEDED) {
        payment->said_succeeded_at = time_earliest(payment->said_succeeded_at, notice->stamp.at_us);
    }
}

/* An attempt that the payment names is its own, also before the attempt itself was seen. */
static bool learn_attempt(
    struct payment_aggregate *aggregate, const struct notice *notice, const struct notice_ids *ids)
{
    struct own_id named = link_target(notice->attempt, ids->attempt);
    for (uint32_t i = 0; i < aggregate->attempt_count; i++) {
        struct attempt *attempt = aggregate->attempts[i];
        if (own_id_eq(attempt->head.id, named) && own_id_is_none(attempt->payment_id)) {
            attempt->payment_id = aggregate->payment.head.id;
            return true;
        }
    }
    return false;
}

enum err payment_decide(struct payment_aggregate *aggregate,
    const struct notice *notice,
    const struct notice_ids *ids,
    enum tie tie,
    bool contested,
    struct decision *ret)
{
    REQUIRE(notice->kind == ID_PAYMENT);
    REQUIRE(!own_id_is_none(aggregate->payment.head.id));
    REQUIRE(own_id_eq(aggregate->payment.head.id, ids->object));
    struct payment *payment = &aggregate->payment;
    const struct payment was = *payment;
    int64_t content = notice_content(notice, ids);
    struct verdict verdict = snapshot_judge(standing_of(payment, notice, content), tie);
    TRY(check(payment, notice, verdict.standing));

    struct decision decision = {.event_count = 0};
    learn(payment, notice, verdict.late, &decision);
    if (verdict.takes) {
        take(payment, notice, ids, content);
    }
    if (verdict.settles) {
        payment->contested = contested;
    }
    enum err err = payment_derive(aggregate);
    if (err != ERR_OK) {
        *payment = was;
        return err;
    }
    payment_tell_changes(&was, payment, notice->stamp.at_us, verdict.late, &decision);
    bool linked = learn_attempt(aggregate, notice, ids);
    decision.unexpected_move =
        was.said_seen && verdict.standing == STANDING_NEWER &&
        !life_move_is_allowed(ID_PAYMENT, was.said_state, (int)notice->payment_says.state);
    decision.effect = decision_effect(
        verdict, linked || !record_equal(record_kind_of(ID_PAYMENT), &was, payment));
    ENSURE(decision.event_count == 0 || decision.effect == EFFECT_APPLIED);
    *ret = decision;
    return ERR_OK;
}
