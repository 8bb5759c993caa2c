#include "provider/stripe/hooks.h"

enum err stripe_hook_refund(struct stripe_decoding *decoding,
    const struct stripe_subject *subject,
    struct stripe_said *said)
{
    (void)decoding;
    struct stripe_refund refund = {0};
    (void)stripe_fields_read_what_can_be(STRIPE_REFUND, subject->json, &refund);
    if (refund.status.len == 0 && refund.balance_transaction) {
        said->status = stripe_status_find(STRIPE_REFUND, STR("succeeded"));
    }
    return ERR_OK;
}
