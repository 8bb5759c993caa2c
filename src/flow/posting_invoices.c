#include "base/check.h"
#include "flow/posting.h"

/* A payment that failed after all settles nothing, whatever the invoice says of it. */
static bool has_money(const struct entry *payment)
{
    for (uint32_t i = 0; payment != NULL && i < payment->aggregate.attempt_count; i++) {
        const struct attempt *attempt = payment->aggregate.attempts[i];
        if (attempt->state == ATTEMPT_SUCCEEDED && attempt->captured_minor != 0) {
            return true;
        }
    }
    return false;
}

static enum err settle(
    const struct workset *set, struct entry *subject, const struct linked *shares)
{
    const struct invoice *invoice = subject->record;
    struct settlement *settlement = &subject->posting->settlement;
    for (uint32_t i = 0; i < shares->count; i++) {
        const struct invoice_payment *share = shares->records[i];
        int64_t *sum = share->external ? &settlement->external_minor : &settlement->provider_minor;
        if (share->state == INVOICE_PAYMENT_PAID &&
            (share->external ||
                has_money(posting_payment(set, share->payment_id, share->attempt_id)))) {
            TRY(minor_add(*sum, share->paid_minor, sum));
        }
    }
    if (shares->count == 0 && !invoice->paid_out_of_band &&
        has_money(posting_payment(set, invoice->payment_id, invoice->attempt_id))) {
        settlement->provider_minor = invoice->paid_minor; /* of an older version of the API */
    }
    return ERR_OK;
}

enum err posting_look_at_invoices(struct workset *set, struct err_info *reterr)
{
    struct entry_list invoices = {0};
    struct linked *shares = NULL;
    TRY(posting_list(set, ID_INVOICE, WANTED_POSTED, &invoices, reterr));
    TRY(posting_linked(set, &invoices, ID_INVOICE_PAYMENT, "invoice_id", &shares, reterr));
    for (uint32_t i = 0; i < invoices.count; i++) {
        TRY(posting_want_settling(set, invoices.items[i], &shares[i]));
    }
    TRY(posting_load(set, reterr));
    TRY(posting_want_payments_of_attempts(set));
    TRY(posting_load(set, reterr));
    for (uint32_t i = 0; i < invoices.count; i++) {
        TRY(settle(set, invoices.items[i], &shares[i]));
    }
    return ERR_OK;
}
