#include "provider/stripe/hooks.h"

enum err stripe_hook_payout(struct stripe_decoding *decoding,
    const struct stripe_subject *subject,
    struct stripe_said *said)
{
    struct payout *payout = said->record;
    struct stripe_payout view = {.reconciliation_status = STR_NONE};
    (void)stripe_fields_read_what_can_be(STRIPE_PAYOUT, subject->json, &view);
    payout->reconciled = str_eq(view.reconciliation_status, STR("completed"));
    return stripe_raise_rank(decoding, said, payout->reconciled ? 1 : 0);
}
