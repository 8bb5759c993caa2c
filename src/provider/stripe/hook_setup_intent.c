#include "provider/stripe/hooks.h"

enum err stripe_hook_setup_intent(struct stripe_decoding *decoding,
    const struct stripe_subject *subject,
    struct stripe_said *said)
{
    (void)decoding;
    struct stripe_setup_intent view = {.status = STR_NONE};
    (void)stripe_fields_read_what_can_be(STRIPE_SETUP_INTENT, subject->json, &view);
    bool wants_method = str_eq(view.status, STR("requires_payment_method")) ||
                        str_eq(view.status, STR("requires_source"));
    if (wants_method && view.last_setup_error) {
        said->status = stripe_status_rule(STRIPE_RULE_SETUP_INTENT_FAILED);
    }
    return ERR_OK;
}
