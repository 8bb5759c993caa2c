#include "base/check.h"
#include "provider/stripe/decode.h"

/* Stripe sends a payment intent back to requires_payment_method when an attempt has failed: the
 * word alone does not tell that from a new one. */
static const struct stripe_status *status_of(const struct stripe_payment_intent *intent, bool tried)
{
    const struct stripe_status *status = stripe_status_find(STRIPE_PAYMENT_INTENT, intent->status);
    if (status == NULL) {
        return stripe_status_rule(STRIPE_RULE_PAYMENT_INTENT_UNKNOWN);
    }
    bool wants_method = str_eq(status->word, STR("requires_payment_method")) ||
                        str_eq(status->word, STR("requires_source"));
    if (wants_method && (intent->last_payment_error || tried)) {
        return stripe_status_rule(STRIPE_RULE_PAYMENT_INTENT_FAILED);
    }
    return status;
}

/* Until 2022-11-15 the newest attempt was the first of `charges`. */
static struct link latest_attempt(const struct stripe_payment_intent *intent)
{
    struct link link = intent->latest_charge.link;
    if (link.state != LINK_NAMED && intent->charges.said) {
        struct stripe_kind newest = {0};
        if (intent->charges.first != NULL && intent->charges.first->kind == JSON_OBJECT) {
            (void)stripe_fields_read_what_can_be(STRIPE_KIND, intent->charges.first, &newest);
        }
        link.state = newest.id.len > 0 ? LINK_NAMED : LINK_NONE;
        link.provider_id = newest.id;
    }
    return link;
}

enum err stripe_decode_payment_intent(
    struct stripe_decoding *decoding, const struct stripe_subject *subject)
{
    struct stripe_payment_intent intent = {0};
    TRY(stripe_fields_read(
        STRIPE_PAYMENT_INTENT, subject->json, subject->place, &intent, decoding->reterr));

    struct link attempt = latest_attempt(&intent);
    const struct stripe_status *status = status_of(&intent, attempt.state == LINK_NAMED);
    stripe_observe_object(decoding, subject, STRIPE_PAYMENT_INTENT);
    if (status == stripe_status_rule(STRIPE_RULE_PAYMENT_INTENT_UNKNOWN)) {
        stripe_observe_word(decoding, subject, "payment.state", intent.status);
    }
    int64_t received = status->state == PAYMENT_SUCCEEDED ? intent.amount.value : 0;
    struct notice notice = {
        .kind = ID_PAYMENT,
        .stamp = stripe_stamp(decoding, subject, status),
        .object = intent.id,
        .attempt = attempt,
        .customer = intent.customer.link,
        .payment_says =
            {
                .state = (enum payment_state)status->state,
                .amount_minor = intent.amount.value,
                .received_minor =
                    intent.amount_received.said ? intent.amount_received.value : received,
                .currency = intent.currency,
                .created_at_us = intent.created.value,
                .failure_code = intent.failure_code,
            },
    };
    bool added = false;
    TRY(stripe_notice_add(decoding, &notice, &added));
    if (!added) {
        return ERR_OK;
    }
    TRY(stripe_decode_expanded(decoding, subject, "customer", &intent.customer, STRIPE_CUSTOMER,
        (struct stripe_parent){0}));
    const struct stripe_parent parent = {.id = intent.id, .rank = notice.stamp.rank};
    TRY(stripe_decode_expanded(
        decoding, subject, "latest_charge", &intent.latest_charge, STRIPE_CHARGE, parent));
    return stripe_decode_list(
        decoding, subject, "charges.data", &intent.charges, STRIPE_CHARGE, parent);
}
