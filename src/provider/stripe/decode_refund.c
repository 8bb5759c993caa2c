#include "base/check.h"
#include "provider/stripe/decode.h"

static const struct stripe_status *status_of(const struct stripe_refund *refund)
{
    if (refund->status.len == 0 && refund->balance_transaction) {
        return stripe_status_rule(STRIPE_RULE_REFUND_OLD_SUCCEEDED);
    }
    const struct stripe_status *status = stripe_status_find(STRIPE_REFUND, refund->status);
    return status != NULL ? status : stripe_status_rule(STRIPE_RULE_REFUND_UNKNOWN);
}

enum err stripe_decode_refund(
    struct stripe_decoding *decoding, const struct stripe_subject *subject)
{
    struct stripe_refund refund = {0};
    TRY(stripe_fields_read(
        STRIPE_REFUND, subject->json, subject->place, &refund, decoding->reterr));

    const struct stripe_status *status = status_of(&refund);
    struct link attempt = refund.charge.link;
    if (attempt.state != LINK_NAMED && subject->parent_id.len > 0) {
        attempt = (struct link){LINK_NAMED, subject->parent_id};
    }
    struct notice notice = {
        .kind = NOTICE_REFUND,
        .stamp = stripe_stamp(decoding, subject, status),
        .object = refund.id,
        .payment = refund.payment_intent.link,
        .attempt = attempt,
        .refund_says =
            {
                .state = (enum refund_state)status->state,
                .amount_minor = refund.amount.value,
                .currency = refund.currency,
                .created_at_us = refund.created.value,
                .reason = refund.reason,
                .failure_reason = refund.failure_reason,
            },
    };
    bool added = false;
    TRY(stripe_notice_add(decoding, &notice, &added));
    if (!added) {
        return ERR_OK;
    }
    TRY(stripe_decode_expanded(
        decoding, subject, "charge", &refund.charge, STRIPE_CHARGE, STR_NONE));
    return stripe_decode_expanded(decoding, subject, "payment_intent", &refund.payment_intent,
        STRIPE_PAYMENT_INTENT, STR_NONE);
}
