/* What connected accounts have, what moves to them and what is earned of them. */
#include "provider/stripe/hooks.h"

enum err stripe_hook_account(struct stripe_decoding *decoding,
    const struct stripe_subject *subject,
    struct stripe_said *said)
{
    (void)decoding;
    struct connected_account *account = said->record;
    struct stripe_account view = {.default_currency = {""}};
    (void)stripe_fields_read_what_can_be(STRIPE_ACCOUNT, subject->json, &view);
    (void)str_copy_to(account->default_currency, sizeof account->default_currency,
        str_from(view.default_currency.code));
    return ERR_OK;
}

enum err stripe_hook_transfer(struct stripe_decoding *decoding,
    const struct stripe_subject *subject,
    struct stripe_said *said)
{
    struct transfer *transfer = said->record;
    struct stripe_transfer view = {.reversed = {false, false}};
    TRY(stripe_fields_read(
        STRIPE_TRANSFER, subject->json, subject->place, &view, decoding->reterr));
    transfer->was_reversed = transfer->reversed_minor > 0 || view.reversed.value;
    return ERR_OK;
}

enum err stripe_hook_application_fee(struct stripe_decoding *decoding,
    const struct stripe_subject *subject,
    struct stripe_said *said)
{
    struct application_fee *fee = said->record;
    struct stripe_application_fee view = {.refunded = {false, false}};
    TRY(stripe_fields_read(
        STRIPE_APPLICATION_FEE, subject->json, subject->place, &view, decoding->reterr));
    fee->was_refunded = fee->refunded_minor > 0 || view.refunded.value;
    return ERR_OK;
}
