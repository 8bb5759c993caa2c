#include "base/check.h"
#include "provider/stripe/decode.h"

enum err stripe_decode_customer(
    struct stripe_decoding *decoding, const struct stripe_subject *subject)
{
    struct stripe_customer customer = {0};
    TRY(stripe_fields_read(
        STRIPE_CUSTOMER, subject->json, subject->place, &customer, decoding->reterr));

    /* customer.deleted carries the customer as it was, without a word that it is gone. A fetched
     * one is a stub of id and `deleted`. */
    bool deleted = subject->event_deletes || customer.deleted.value;
    if (!customer.created.said && !deleted) {
        return stripe_field_refuse(
            subject->place, "created", ERR_INVALID, "is missing", decoding->reterr);
    }
    const struct stripe_status *status =
        stripe_status_rule(deleted ? STRIPE_RULE_CUSTOMER_DELETED : STRIPE_RULE_CUSTOMER_PRESENT);
    struct notice notice = {
        .kind = NOTICE_CUSTOMER,
        .stamp = stripe_stamp(decoding, subject, status),
        .object = customer.id,
        .customer_says =
            {
                .name = customer.name,
                .email = customer.email,
                .deleted = deleted,
                .created_at_us = customer.created.value,
            },
    };
    bool added = false;
    return stripe_notice_add(decoding, &notice, &added);
}
