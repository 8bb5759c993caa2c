#include "provider/stripe/hooks.h"

static enum err add_refund(struct stripe_decoding *decoding,
    const struct json *json,
    const struct stripe_place *place,
    struct credit_note *note,
    struct link *first)
{
    struct stripe_credited_refund refund = {.amount_refunded = {false, 0}};
    TRY(stripe_fields_read(STRIPE_CREDITED_REFUND, json, place, &refund, decoding->reterr));
    if (minor_add(note->refunded_minor, refund.amount_refunded.value, &note->refunded_minor) !=
        ERR_OK) {
        return stripe_field_refuse(place, "amount_refunded", ERR_OVERFLOW,
            "makes a sum that does not fit into 64 bits", decoding->reterr);
    }
    note->refund_count++;
    if (first->state != LINK_NAMED) {
        *first = refund.refund.link;
    }
    return ERR_OK;
}

/* No field says how much went to the customer's balance, only that something did. */
static void settle_balance(const struct stripe_credit_note *view, struct credit_note *note)
{
    int64_t rest = note->post_payment_minor; /* all three are not negative */
    rest -= note->refunded_minor;
    rest = rest > 0 ? rest - note->out_of_band_minor : 0;
    note->balance_minor = view->customer_balance_transaction && rest > 0 ? rest : 0;
}

/* Credit notes were once wholly before or wholly after the payment. */
static void settle_type(const struct stripe_credit_note *view, struct credit_note *note)
{
    if (!view->pre_payment_amount.said && str_eq(view->type, STR("pre_payment"))) {
        note->pre_payment_minor = note->amount_minor;
    }
    if (!view->post_payment_amount.said && str_eq(view->type, STR("post_payment"))) {
        note->post_payment_minor = note->amount_minor;
    }
}

enum err stripe_hook_credit_note(struct stripe_decoding *decoding,
    const struct stripe_subject *subject,
    struct stripe_said *said)
{
    struct credit_note *note = said->record;
    struct stripe_credit_note view = {.type = STR_NONE};
    TRY(stripe_fields_read(
        STRIPE_CREDIT_NOTE, subject->json, subject->place, &view, decoding->reterr));
    TRY(stripe_sum_amounts(decoding, subject, "total_taxes", &view.total_taxes, &note->tax_minor));
    struct link *refund =
        stripe_said_link(said, ID_CREDIT_NOTE, offsetof(struct credit_note, refund_id));
    refund->state = view.refunds.said ? LINK_NONE : LINK_UNSAID;
    int64_t index = 0;
    for (const struct json *at = view.refunds.first; at != NULL; at = at->next) {
        struct stripe_place place = {subject->place, "refunds", index++};
        if (at->kind == JSON_OBJECT) {
            TRY(add_refund(decoding, at, &place, note, refund));
        }
    }
    settle_type(&view, note);
    settle_balance(&view, note);
    return ERR_OK;
}
