#include "provider/stripe/hooks.h"

static bool says_payment_failed(const struct stripe_subject *subject)
{
    return str_eq(subject->event_type, STR("invoice.payment_failed"));
}

/* Ranks of their own keep apart within one second an open invoice that was not tried, one that was,
 * and the one whose event says that it failed. */
static const struct stripe_status *status_of(const struct stripe_subject *subject,
    const struct stripe_status *said,
    const struct invoice *invoice)
{
    if (subject->event_deletes) {
        return stripe_status_find(STRIPE_INVOICE, STR("deleted"));
    }
    if (said == NULL || said->state != INVOICE_OPEN) {
        return said;
    }
    if (says_payment_failed(subject)) {
        return stripe_status_rule(STRIPE_RULE_INVOICE_PAYMENT_FAILED);
    }
    return invoice->attempt_count > 0 ? stripe_status_rule(STRIPE_RULE_INVOICE_ATTEMPTED) : said;
}

static enum err subtract(const struct stripe_decoding *decoding,
    const struct stripe_subject *subject,
    const char *path,
    int64_t from,
    int64_t less,
    int64_t *ret_rest)
{
    int64_t rest = 0;
    if (__builtin_sub_overflow(from, less, &rest)) {
        return stripe_field_refuse(subject->place, path, ERR_OVERFLOW,
            "makes a difference that does not fit into 64 bits", decoding->reterr);
    }
    *ret_rest = rest;
    return ERR_OK;
}

/* The one that the provider keeps in step with what remains to be paid, or the only one. */
static struct stripe_invoice_payment named_payment(const struct stripe_list *payments)
{
    struct stripe_invoice_payment named = {.is_default = {false, false}};
    for (const struct json *at = payments->first; at != NULL; at = at->next) {
        struct stripe_invoice_payment payment = {.is_default = {false, false}};
        if (at->kind != JSON_OBJECT) {
            continue;
        }
        (void)stripe_fields_read_what_can_be(STRIPE_INVOICE_PAYMENT, at, &payment);
        if (at == payments->first || payment.is_default.value) {
            named = payment;
        }
        if (payment.is_default.value) {
            break;
        }
    }
    return named;
}

/* Invoices did not always say these two. */
static enum err fill_amounts(const struct stripe_decoding *decoding,
    const struct stripe_subject *subject,
    const struct stripe_invoice *view,
    bool is_paid,
    bool has_payment,
    struct invoice *invoice)
{
    if (!view->amount_paid.said && is_paid && has_payment && invoice->due_minor > 0) {
        invoice->paid_minor = invoice->due_minor;
    }
    if (!view->amount_remaining.said && !is_paid) {
        return subtract(decoding, subject, "amount_due", invoice->due_minor, invoice->paid_minor,
            &invoice->remaining_minor);
    }
    return ERR_OK;
}

static void note_times(const struct stripe_decoding *decoding,
    const struct stripe_subject *subject,
    bool is_open,
    struct invoice *invoice)
{
    if (is_open && decoding->at_us > invoice->due_at) {
        invoice->overdue_at = invoice->due_at; /* 0 where there is none */
    }
    if (says_payment_failed(subject)) {
        invoice->payment_failed_at = decoding->at_us;
    }
}

static enum err add_up(struct stripe_decoding *decoding,
    const struct stripe_subject *subject,
    const struct stripe_invoice *view,
    struct invoice *invoice)
{
    TRY(stripe_sum_amounts(decoding, subject, "total_discount_amounts",
        &view->total_discount_amounts, &invoice->discount_minor));
    TRY(stripe_sum_amounts(
        decoding, subject, "total_taxes", &view->total_taxes, &invoice->tax_minor));
    if (!view->ending_balance.said) {
        return ERR_OK;
    }
    return subtract(decoding, subject, "ending_balance", invoice->ending_balance_minor,
        invoice->starting_balance_minor, &invoice->applied_balance_minor);
}

enum err stripe_hook_invoice(struct stripe_decoding *decoding,
    const struct stripe_subject *subject,
    struct stripe_said *said)
{
    struct invoice *invoice = said->record;
    struct stripe_invoice view = {.collection_method = STR_NONE};
    TRY(stripe_fields_read(STRIPE_INVOICE, subject->json, subject->place, &view, decoding->reterr));
    said->status = status_of(subject, said->status, invoice);
    const int state = said->status != NULL ? said->status->state : INVOICE_UNKNOWN;

    struct stripe_invoice_payment named = named_payment(&view.payments);
    *stripe_said_link(said, ID_INVOICE, offsetof(struct invoice, payment_id)) =
        named.payment_intent.link;
    *stripe_said_link(said, ID_INVOICE, offsetof(struct invoice, attempt_id)) = named.charge.link;
    bool has_payment =
        named.payment_intent.link.state == LINK_NAMED || named.charge.link.state == LINK_NAMED;

    TRY(add_up(decoding, subject, &view, invoice));
    TRY(fill_amounts(decoding, subject, &view, state == INVOICE_PAID, has_payment, invoice));
    invoice->paid_out_of_band |= invoice->out_of_band_minor > 0;
    invoice->collects_itself = !str_eq(view.collection_method, STR("send_invoice"));
    note_times(decoding, subject, state == INVOICE_OPEN, invoice);
    return ERR_OK;
}
