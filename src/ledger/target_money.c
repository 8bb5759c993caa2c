/* Aggregates that are one movement of money each. */
#include "base/check.h"
#include "ledger/minor.h"
#include "ledger/target.h"

static const struct own_id no_key;

/* --- refunds --- */

/* A capture release gives nothing back: its money is its payment's. */
bool refund_has_moved(const struct refund *refund, const struct refund_cover *cover)
{
    REQUIRE(refund != NULL && cover != NULL);
    bool came_back = refund->state == REFUND_FAILED || refund->state == REFUND_CANCELED;
    return !cover->is_capture_release &&
           (refund->state == REFUND_SUCCEEDED || (cover->is_in_statement && !came_back));
}

static enum err tax_of(const struct refund_cover *cover, int64_t minor, int64_t *ret)
{
    if (cover->invoice_total_minor <= 0) {
        *ret = 0;
        return ERR_OK;
    }
    return minor_share(minor, cover->invoice_tax_minor, cover->invoice_total_minor, ret);
}

/* What no credit note explains is given back as it was sold: with the invoice's share of tax. */
static enum err post_uncredited(const struct refund *refund,
    const struct refund_cover *cover,
    int64_t minor,
    struct ledger_entry *entry)
{
    int64_t after = 0;
    int64_t tax_before = 0;
    int64_t tax = 0;
    int64_t net = 0;
    TRY(minor_add(cover->refunded_before_minor, minor, &after));
    TRY(tax_of(cover, cover->refunded_before_minor, &tax_before));
    TRY(tax_of(cover, after, &tax));
    TRY(minor_subtract(tax, tax_before, &tax));
    TRY(minor_subtract(minor, tax, &net));
    TRY(entry_debit(entry, ACCOUNT_REFUNDS, no_key, refund->currency, net));
    return entry_debit(entry, ACCOUNT_TAX_PAYABLE, no_key, refund->currency, tax);
}

/* What an account gave back was never ours, so we give back less. */
static enum err post_returned(
    const struct refund *refund, const struct share *account, struct ledger_entry *entry)
{
    TRY(entry_debit(entry, ACCOUNT_CONNECTED, account->id, refund->currency, account->minor));
    return entry_credit(entry, ACCOUNT_REFUNDS, no_key, refund->currency, account->minor);
}

enum err target_refund(
    const struct refund *refund, const struct refund_cover *cover, struct ledger_entry *entry)
{
    REQUIRE(refund != NULL && cover != NULL && entry != NULL);
    struct own_id id = refund->head.id;
    int64_t amount = refund->amount_minor;
    int64_t credited = cover->credited_minor < amount ? cover->credited_minor : amount;
    int64_t left = 0;
    if (!refund_has_moved(refund, cover)) {
        return ERR_OK;
    }
    TRY(minor_subtract(amount, credited, &left));
    TRY(entry_credit(entry, ACCOUNT_CLEARING_REFUND, id, refund->currency, amount));
    TRY(entry_debit(entry, ACCOUNT_REFUND_DUE, id, refund->currency, credited));
    TRY(post_uncredited(refund, cover, left, entry));
    return post_returned(refund, &cover->account, entry);
}

/* --- disputes: in the currency of settlement --- */

enum err target_dispute(const struct dispute *dispute, struct ledger_entry *entry)
{
    REQUIRE(dispute != NULL && entry != NULL);
    struct currency currency = dispute->settlement_currency;
    bool is_lost = dispute->state == DISPUTE_LOST;
    enum ledger_account other = is_lost ? ACCOUNT_DISPUTE_LOSSES : ACCOUNT_RECEIVABLE_DISPUTES;
    struct own_id key = is_lost ? no_key : dispute->head.id;
    TRY(entry_credit(
        entry, ACCOUNT_CLEARING_DISPUTE, dispute->head.id, currency, dispute->withdrawn_minor));
    return entry_debit(entry, other, key, currency, dispute->withdrawn_minor);
}

/* --- to the bank and from it --- */

enum err target_payout(
    const struct payout *payout, const struct target_policy *policy, struct ledger_entry *entry)
{
    REQUIRE(payout != NULL && policy != NULL && entry != NULL);
    if (payout->state != PAYOUT_PAID || policy->bank_unknown) {
        return ERR_OK;
    }
    TRY(entry_credit(
        entry, ACCOUNT_CLEARING_PAYOUT, payout->head.id, payout->currency, payout->amount_minor));
    return entry_debit(entry, ACCOUNT_BANK, no_key, payout->currency, payout->amount_minor);
}

enum err target_topup(
    const struct topup *topup, const struct target_policy *policy, struct ledger_entry *entry)
{
    REQUIRE(topup != NULL && policy != NULL && entry != NULL);
    if (topup->state != TOPUP_SUCCEEDED || policy->bank_unknown) {
        return ERR_OK;
    }
    TRY(entry_debit(
        entry, ACCOUNT_CLEARING_TOPUP, topup->head.id, topup->currency, topup->amount_minor));
    return entry_credit(entry, ACCOUNT_BANK, no_key, topup->currency, topup->amount_minor);
}

/* --- to connected accounts --- */

enum err target_transfer(const struct transfer *transfer, struct ledger_entry *entry)
{
    REQUIRE(transfer != NULL && entry != NULL);
    int64_t moved = 0;
    TRY(minor_subtract(transfer->amount_minor, transfer->reversed_minor, &moved));
    TRY(entry_credit(
        entry, ACCOUNT_CLEARING_TRANSFER, transfer->head.id, transfer->currency, moved));
    return entry_debit(entry, ACCOUNT_CONNECTED, transfer->account_id, transfer->currency, moved);
}
