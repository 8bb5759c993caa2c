#include "base/check.h"
#include "ledger/minor.h"
#include "ledger/target.h"

static const struct own_id no_key;

static bool is_owed(const struct invoice *invoice)
{
    return invoice->state == INVOICE_OPEN || invoice->state == INVOICE_PAID ||
           invoice->state == INVOICE_UNCOLLECTIBLE;
}

/* What of an invoice no payment through the provider settles. */
struct rest {
    int64_t from_credit; /* of the customer's balance; negative: goes there */
    int64_t out_of_band, written_off;
};

static enum err find_unsettled(
    const struct invoice *invoice, const struct settlement *settlement, int64_t *ret)
{
    int64_t left = invoice->total_minor;
    TRY(minor_subtract(left, invoice->applied_balance_minor, &left));
    TRY(minor_subtract(left, invoice->pre_payment_credit_minor, &left));
    TRY(minor_subtract(left, settlement->provider_minor, &left));
    *ret = left > 0 ? left : 0;
    return ERR_OK;
}

/* The invoice and its payments tell of the same money, each as far as it knows. */
static int64_t external_of(const struct invoice *invoice, const struct settlement *settlement)
{
    return invoice->out_of_band_minor > settlement->external_minor ? invoice->out_of_band_minor
                                                                   : settlement->external_minor;
}

static enum err find_rest(
    const struct invoice *invoice, const struct settlement *settlement, struct rest *ret)
{
    int64_t unsettled = 0;
    int64_t owed = 0;
    TRY(minor_subtract(invoice->applied_balance_minor, invoice->overpaid_minor, &ret->from_credit));
    TRY(find_unsettled(invoice, settlement, &unsettled));
    ret->out_of_band = invoice->paid_out_of_band ? unsettled : external_of(invoice, settlement);
    TRY(minor_subtract(unsettled, ret->out_of_band, &owed));
    ret->written_off = invoice->state == INVOICE_UNCOLLECTIBLE && owed > 0 ? owed : 0;
    return ERR_OK;
}

static enum err post_sold(const struct invoice *invoice, struct ledger_entry *entry)
{
    struct currency currency = invoice->currency;
    int64_t net = 0;
    TRY(minor_subtract(invoice->total_minor, invoice->tax_minor, &net));
    TRY(entry_debit(
        entry, ACCOUNT_RECEIVABLE_INVOICES, invoice->head.id, currency, invoice->total_minor));
    TRY(entry_credit(entry, ACCOUNT_SALES, no_key, currency, net));
    return entry_credit(entry, ACCOUNT_TAX_PAYABLE, no_key, currency, invoice->tax_minor);
}

static enum err post_settled(const struct invoice *invoice,
    enum ledger_account account,
    struct own_id key,
    int64_t minor,
    struct ledger_entry *entry)
{
    TRY(entry_debit(entry, account, key, invoice->currency, minor));
    return entry_credit(
        entry, ACCOUNT_RECEIVABLE_INVOICES, invoice->head.id, invoice->currency, minor);
}

enum err target_invoice(
    const struct invoice *invoice, const struct settlement *settlement, struct ledger_entry *entry)
{
    REQUIRE(invoice != NULL && settlement != NULL && entry != NULL);
    struct own_id customer = invoice->customer_id;
    struct rest rest;
    if (!is_owed(invoice)) {
        return ERR_OK;
    }
    TRY(find_rest(invoice, settlement, &rest));
    TRY(post_sold(invoice, entry));
    TRY(post_settled(invoice, ACCOUNT_CUSTOMER_CREDIT, customer, rest.from_credit, entry));
    TRY(post_settled(invoice, ACCOUNT_BANK, no_key, rest.out_of_band, entry));
    return post_settled(invoice, ACCOUNT_BAD_DEBT, no_key, rest.written_off, entry);
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
    return minor_subtract(note->tax_minor, ret->before_tax, &ret->after_tax);
}

static enum err post_taken_back(const struct credit_note *note,
    enum ledger_account income,
    int64_t minor,
    int64_t tax,
    struct ledger_entry *entry)
{
    int64_t net = 0;
    TRY(minor_subtract(minor, tax, &net));
    TRY(entry_debit(entry, income, no_key, note->currency, net));
    return entry_debit(entry, ACCOUNT_TAX_PAYABLE, no_key, note->currency, tax);
}

/* Neither put on the balance nor given back past the provider. */
static enum err find_left(const struct credit_note *note, int64_t *ret)
{
    int64_t left = 0;
    TRY(minor_subtract(note->post_payment_minor, note->balance_minor, &left));
    return minor_subtract(left, note->out_of_band_minor, ret);
}

/* The provider's older notes do not say how much of the refund is for them. */
enum err credit_note_refunded(const struct credit_note *note, int64_t *ret_minor)
{
    REQUIRE(note != NULL && ret_minor != NULL);
    if (note->state != CREDIT_NOTE_ISSUED || own_id_is_none(note->refund_id)) {
        *ret_minor = 0;
        return ERR_OK;
    }
    if (note->refunded_minor == 0 && note->refund_count == 1) {
        return find_left(note, ret_minor);
    }
    *ret_minor = note->refunded_minor;
    return ERR_OK;
}

static enum err post_given_back(const struct credit_note *note, struct ledger_entry *entry)
{
    struct currency currency = note->currency;
    int64_t left = 0;
    int64_t refunded = 0;
    TRY(find_left(note, &left));
    TRY(credit_note_refunded(note, &refunded));
    TRY(minor_subtract(left, refunded, &left));
    TRY(entry_credit(
        entry, ACCOUNT_CUSTOMER_CREDIT, note->customer_id, currency, note->balance_minor));
    TRY(entry_credit(entry, ACCOUNT_BANK, no_key, currency, note->out_of_band_minor));
    TRY(entry_credit(entry, ACCOUNT_REFUND_DUE, note->refund_id, currency, refunded));
    return entry_credit(entry, ACCOUNT_REFUND_DUE, no_key, currency, left);
}

/* A note without either half is one of whose halves nothing is known: it posts nothing. */
enum err target_credit_note(const struct credit_note *note, struct ledger_entry *entry)
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
    return post_given_back(note, entry);
}
