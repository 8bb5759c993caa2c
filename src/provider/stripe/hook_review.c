#include "provider/stripe/hooks.h"

enum err stripe_hook_review(struct stripe_decoding *decoding,
    const struct stripe_subject *subject,
    struct stripe_said *said)
{
    struct stripe_review view = {.open = {false, false}};
    TRY(stripe_fields_read(STRIPE_REVIEW, subject->json, subject->place, &view, decoding->reterr));
    if (view.open.said) {
        said->status = stripe_status_rule(
            view.open.value ? STRIPE_RULE_REVIEW_OPEN : STRIPE_RULE_REVIEW_CLOSED);
    }
    return ERR_OK;
}
