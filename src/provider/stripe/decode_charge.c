#include "base/check.h"
#include "provider/stripe/decode.h"

/* The word, or what stood in its place before charges had one. */
static const struct stripe_status *said_status(const struct stripe_charge *charge)
{
    if (charge->status.len > 0) {
        const struct stripe_status *status = stripe_status_find(STRIPE_CHARGE, charge->status);
        return status != NULL ? status : stripe_status_rule(STRIPE_RULE_CHARGE_UNKNOWN);
    }
    if (!charge->paid.said) {
        return stripe_status_rule(STRIPE_RULE_CHARGE_UNKNOWN);
    }
    return stripe_status_rule(
        charge->paid.value ? STRIPE_RULE_CHARGE_OLD_PAID : STRIPE_RULE_CHARGE_OLD_FAILED);
}

/* Nothing was ever captured, and nothing can be any more. */
static bool is_released(const struct stripe_charge *charge)
{
    if (charge->refunded.said) {
        return charge->refunded.value;
    }
    return charge->amount_refunded.value > 0 &&
           charge->amount_refunded.value >= charge->amount.value;
}

static const struct stripe_status *status_of(const struct stripe_charge *charge)
{
    const struct stripe_status *status = said_status(charge);
    if (status->state != ATTEMPT_SUCCEEDED) {
        return status;
    }
    if (charge->captured.said && !charge->captured.value) {
        return stripe_status_rule(
            is_released(charge) ? STRIPE_RULE_CHARGE_RELEASED : STRIPE_RULE_CHARGE_AUTHORIZED);
    }
    return charge->amount_refunded.value > 0 ? stripe_status_rule(STRIPE_RULE_CHARGE_REFUNDED)
                                             : status;
}

static int64_t captured_of(const struct stripe_charge *charge, const struct stripe_status *status)
{
    if (charge->amount_captured.said) {
        return charge->amount_captured.value;
    }
    return status->state == ATTEMPT_SUCCEEDED ? charge->amount.value : 0;
}

/* Stripe counts what was authorised and not captured as refunded. Nobody got that
 * back, because nobody had paid it: it is taken off here, as the provider's own
 * statement calls it a capture reversal. */
static int64_t given_back_of(const struct stripe_charge *charge, int64_t captured)
{
    int64_t never_captured = charge->amount.value > captured ? charge->amount.value - captured : 0;
    int64_t refunded = charge->amount_refunded.value;
    return refunded > never_captured ? refunded - never_captured : 0;
}

/* A charge that says it has no payment intent is a payment of its own, unless
 * it stands inside one. */
static struct link payment_of(const struct stripe_charge *charge, struct str parent_id)
{
    if (charge->payment_intent.link.state == LINK_NAMED) {
        return charge->payment_intent.link;
    }
    return (struct link){parent_id.len > 0 ? LINK_NAMED : LINK_NONE, parent_id};
}

enum err stripe_decode_charge(
    struct stripe_decoding *decoding, const struct stripe_subject *subject)
{
    struct stripe_charge charge = {0};
    TRY(stripe_fields_read(
        STRIPE_CHARGE, subject->json, subject->place, &charge, decoding->reterr));

    stripe_observe_object(decoding, subject, STRIPE_CHARGE);
    const struct stripe_status *status = status_of(&charge);
    if (status == stripe_status_rule(STRIPE_RULE_CHARGE_UNKNOWN)) {
        stripe_observe_word(decoding, subject, "attempt.state", charge.status);
    }
    int64_t captured = captured_of(&charge, status);
    struct notice notice = {
        .kind = ID_ATTEMPT,
        .stamp = stripe_stamp(decoding, subject, status),
        .object = charge.id,
        .payment = payment_of(&charge, subject->parent.id),
        .customer = charge.customer.link,
        .attempt_says =
            {
                .state = (enum attempt_state)status->state,
                .amount_minor = charge.amount.value,
                .captured_minor = captured,
                .refunded_minor = given_back_of(&charge, captured),
                .currency = charge.currency,
                .created_at_us = charge.created.value,
                .method = charge.method,
                .failure_code = charge.failure_code,
            },
    };
    ENSURE(notice.attempt_says.refunded_minor <= charge.amount_refunded.value);
    bool added = false;
    TRY(stripe_notice_add(decoding, &notice, &added));
    if (!added) {
        return ERR_OK;
    }
    TRY(stripe_decode_expanded(decoding, subject, "customer", &charge.customer, STRIPE_CUSTOMER,
        (struct stripe_parent){0}));
    TRY(stripe_decode_expanded(decoding, subject, "payment_intent", &charge.payment_intent,
        STRIPE_PAYMENT_INTENT, (struct stripe_parent){0}));
    return stripe_decode_list(decoding, subject, "refunds.data", &charge.refunds, STRIPE_REFUND,
        (struct stripe_parent){.id = charge.id, .rank = notice.stamp.rank});
}
