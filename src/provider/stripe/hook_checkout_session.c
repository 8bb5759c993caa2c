#include "provider/stripe/hooks.h"

enum err stripe_hook_checkout_session(struct stripe_decoding *decoding,
    const struct stripe_subject *subject,
    struct stripe_said *said)
{
    (void)decoding;
    struct checkout *checkout = said->record;
    struct stripe_checkout_session view = {.status = STR_NONE};
    (void)stripe_fields_read_what_can_be(STRIPE_CHECKOUT_SESSION, subject->json, &view);
    checkout->paid = str_eq(view.payment_status, STR("paid"));
    bool is_complete = str_eq(view.status, STR("complete"));
    bool is_silent = view.status.len == 0;
    if (checkout->paid && (is_complete || is_silent)) {
        said->status = stripe_status_rule(STRIPE_RULE_CHECKOUT_SESSION_PAID);
    } else if (is_silent && str_eq(view.payment_status, STR("no_payment_required"))) {
        said->status = stripe_status_rule(STRIPE_RULE_CHECKOUT_SESSION_NOTHING_TO_PAY);
    }
    return ERR_OK;
}
