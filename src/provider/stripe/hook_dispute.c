#include "provider/stripe/hooks.h"

/* One line of the provider's statement: what it took or gave back. */
static enum err add_movement(struct dispute *dispute,
    const struct json *json,
    const struct stripe_place *place,
    struct err_info *reterr)
{
    struct stripe_money money = {.amount = {false, 0}};
    TRY(stripe_fields_read(STRIPE_MONEY, json, place, &money, reterr));
    if (dispute->settlement_currency.code[0] != '\0' &&
        !currency_eq(dispute->settlement_currency, money.currency)) {
        return stripe_field_refuse(
            place, "currency", ERR_INVALID, "is not that of the line before", reterr);
    }
    int64_t withdrawn = 0;
    if (__builtin_sub_overflow(dispute->withdrawn_minor, money.amount.value, &withdrawn)) {
        return stripe_field_refuse(
            place, "amount", ERR_OVERFLOW, "makes a sum that does not fit into 64 bits", reterr);
    }
    dispute->withdrawn_minor = withdrawn;
    dispute->settlement_currency = money.currency;
    dispute->funds_withdrawn |= money.amount.value < 0;
    dispute->funds_reinstated |= money.amount.value > 0;
    return ERR_OK;
}

enum err stripe_hook_dispute(struct stripe_decoding *decoding,
    const struct stripe_subject *subject,
    struct stripe_said *said)
{
    struct dispute *dispute = said->record;
    struct stripe_dispute view = {.status = STR_NONE};
    TRY(stripe_fields_read(STRIPE_DISPUTE, subject->json, subject->place, &view, decoding->reterr));
    dispute->is_inquiry = str_starts_with(view.status, STR("warning_"));
    int64_t index = 0;
    for (const struct json *at = view.balance_transactions.first; at != NULL; at = at->next) {
        struct stripe_place place = {subject->place, "balance_transactions", index++};
        if (at->kind == JSON_OBJECT) {
            TRY(add_movement(dispute, at, &place, decoding->reterr));
        }
    }
    /* Money moves without a change of the status. */
    return stripe_raise_rank(decoding, said, index);
}
