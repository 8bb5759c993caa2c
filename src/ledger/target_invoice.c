#include "base/check.h"
#include "ledger/target.h"

static const struct own_id no_key;

static enum err subtract(int64_t *from, int64_t minor)
{
    return minor == INT64_MIN ? ERR_OVERFLOW : minor_add(*from, -minor, from);
}

static bool is_owed(const struct invoice *invoice)
{
    return invoice->state == INVOICE_OPEN || invoice->state == INVOICE_PAID ||
           invoice->state == INVOICE_UNCOLLECTIBLE;
}

/* What is neither settled by the balance nor by credit notes nor by payments through the provider.
 */
static enum err find_unsettled(
    const struct invoice *invoice, const struct settlement *settlement, int64_t *ret)
{
    int64_t left = invoice->total_minor;
    TRY(subtract(&left, invoice->applied_balance_minor));
    TRY(subtract(&left, invoice->pre_payment_credit_minor));
    TRY(subtract(&left, settlement->provider_minor));
    *ret = left > 0 ? left : 0;
    return ERR_OK;
}

static enum err post(struct entry *entry,
    const struct invoice *invoice,
    enum account account,
    struct own_id key,
    int64_t minor)
{
    TRY(entry_debit(entry, account, key, invoice->currency, minor));
    return entry_credit(
        entry, ACCOUNT_RECEIVABLE_INVOICES, invoice->head.id, invoice->currency, minor);
}

enum err target_invoice(
    const struct invoice *invoice, const struct settlement *settlement, struct entry *entry)
{
    REQUIRE(invoice != NULL && settlement != NULL && entry != NULL);
    struct currency currency = invoice->currency;
    int64_t net = invoice->total_minor;
    int64_t unsettled = 0;
    if (!is_owed(invoice)) {
        return ERR_OK;
    }
    TRY(subtract(&net, invoice->tax_minor));
    TRY(find_unsettled(invoice, settlement, &unsettled));
    int64_t out_of_band = invoice->paid_out_of_band ? unsettled : settlement->external_minor;
    TRY(subtract(&unsettled, out_of_band));
    int64_t written_off = invoice->state == INVOICE_UNCOLLECTIBLE && unsettled > 0 ? unsettled : 0;

    TRY(entry_debit(
        entry, ACCOUNT_RECEIVABLE_INVOICES, invoice->head.id, currency, invoice->total_minor));
    TRY(entry_credit(entry, ACCOUNT_SALES, no_key, currency, net));
    TRY(entry_credit(entry, ACCOUNT_TAX_PAYABLE, no_key, currency, invoice->tax_minor));
    TRY(post(entry, invoice, ACCOUNT_CUSTOMER_CREDIT, invoice->customer_id,
        invoice->applied_balance_minor));
    TRY(invoice->overpaid_minor == INT64_MIN ? ERR_OVERFLOW
                                             : post(entry, invoice, ACCOUNT_CUSTOMER_CREDIT,
                                                   invoice->customer_id, -invoice->overpaid_minor));
    TRY(post(entry, invoice, ACCOUNT_BANK, no_key, out_of_band));
    return post(entry, invoice, ACCOUNT_BAD_DEBT, no_key, written_off);
}

/* --- credit notes --- */

struct halves { /* of a note: before the invoice was paid, and after */
    int64_t before, before_tax, after, after_tax;
};

static enum err split(const struct credit_note *note, struct halves *ret)
{
    *ret = (struct halves){.before = note->pre_payment_minor, .after = note->post_payment_minor};
    int64_t whole = 0;
    TRY(minor_add(ret->before, ret->after, &whole));
    if (whole > 0) {
        TRY(minor_share(note->tax_minor, ret->before, whole, &ret->before_tax));
    }
    ret->after_tax = note->tax_minor;
    return subtract(&ret->after_tax, ret->before_tax);
}

/* A note without either half is one of whose halves nothing is known: it posts nothing. */
static enum err post_taken_back(const struct credit_note *note,
    enum account income,
    int64_t minor,
    int64_t tax,
    struct entry *entry)
{
    int64_t net = minor;
    TRY(subtract(&net, tax));
    TRY(entry_debit(entry, income, no_key, note->currency, net));
    return entry_debit(entry, ACCOUNT_TAX_PAYABLE, no_key, note->currency, tax);
}

static enum err post_given_back(const struct credit_note *note, int64_t minor, struct entry *entry)
{
    int64_t left = minor;
    int64_t refunded = note->refunded_minor;
    TRY(subtract(&left, note->balance_minor));
    TRY(subtract(&left, note->out_of_band_minor));
    if (!own_id_is_none(note->refund_id) && note->refund_count == 1 && refunded == 0) {
        refunded = left; /* the provider's older notes do not say how much */
    }
    TRY(subtract(&left, refunded));
    TRY(entry_credit(
        entry, ACCOUNT_CUSTOMER_CREDIT, note->customer_id, note->currency, note->balance_minor));
    TRY(entry_credit(entry, ACCOUNT_BANK, no_key, note->currency, note->out_of_band_minor));
    TRY(entry_credit(entry, ACCOUNT_REFUND_DUE, note->refund_id, note->currency, refunded));
    return entry_credit(entry, ACCOUNT_REFUND_DUE, no_key, note->currency, left);
}

enum err target_credit_note(const struct credit_note *note, struct entry *entry)
{
    REQUIRE(note != NULL && entry != NULL);
    struct halves halves;
    if (note->state != CREDIT_NOTE_ISSUED) {
        return ERR_OK;
    }
    TRY(split(note, &halves));
    if (halves.before == 0 && halves.after == 0) {
        return ERR_OK;
    }
    TRY(post_taken_back(note, ACCOUNT_SALES, halves.before, halves.before_tax, entry));
    TRY(entry_credit(
        entry, ACCOUNT_RECEIVABLE_INVOICES, note->invoice_id, note->currency, halves.before));
    TRY(post_taken_back(note, ACCOUNT_REFUNDS, halves.after, halves.after_tax, entry));
    return post_given_back(note, halves.after, entry);
}
