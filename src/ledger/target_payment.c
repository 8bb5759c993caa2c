#include "base/check.h"
#include "ledger/minor.h"
#include "ledger/target.h"

static const struct own_id no_key;

/* One that failed after it had succeeded has captured nothing. */
static int64_t captured(const struct attempt *attempt)
{
    return attempt->state == ATTEMPT_SUCCEEDED ? attempt->captured_minor : 0;
}

static enum err take_shares(struct ledger_entry *entry,
    enum ledger_account account,
    const struct share *shares,
    uint32_t count,
    struct currency currency,
    int64_t *left)
{
    for (uint32_t i = 0; i < count; i++) {
        TRY(entry_credit(entry, account, shares[i].id, currency, shares[i].minor));
        TRY(minor_subtract(*left, shares[i].minor, left));
    }
    return ERR_OK;
}

/* More than was captured settles nothing: it shows as less than nothing unapplied. */
static enum err settle_invoices(const struct payment_aggregate *aggregate,
    const struct share *invoices,
    uint32_t count,
    struct ledger_entry *entry,
    int64_t *left)
{
    const struct payment *payment = &aggregate->payment;
    TRY(take_shares(entry, ACCOUNT_RECEIVABLE_INVOICES, invoices, count, payment->currency, left));
    if (*left >= 0) {
        return ERR_OK;
    }
    TRY(entry_credit(entry, ACCOUNT_UNAPPLIED, payment->head.id, payment->currency, *left));
    *left = 0;
    return ERR_OK;
}

/* Below zero: what accounts got was sold by invoices, and is not ours. */
static enum err take_rest(const struct payment *payment,
    int64_t left,
    const struct target_policy *policy,
    struct ledger_entry *entry)
{
    if (policy->hold_unlinked && left > 0) {
        return entry_credit(entry, ACCOUNT_UNAPPLIED, payment->head.id, payment->currency, left);
    }
    return entry_credit(entry, ACCOUNT_SALES, no_key, payment->currency, left);
}

static enum err post_captured(
    const struct payment_aggregate *aggregate, struct ledger_entry *entry, int64_t *left)
{
    for (uint32_t i = 0; i < aggregate->attempt_count; i++) {
        const struct attempt *attempt = aggregate->attempts[i];
        int64_t minor = captured(attempt);
        TRY(entry_debit(
            entry, ACCOUNT_CLEARING_PAYMENT, attempt->head.id, attempt->currency, minor));
        if (currency_eq(attempt->currency, aggregate->payment.currency)) {
            TRY(minor_add(*left, minor, left));
        } else {
            TRY(entry_credit(entry, ACCOUNT_SALES, no_key, attempt->currency, minor));
        }
    }
    return ERR_OK;
}

enum err target_payment(const struct payment_aggregate *aggregate,
    const struct share *invoices,
    uint32_t invoice_count,
    const struct share *accounts,
    uint32_t account_count,
    const struct target_policy *policy,
    struct ledger_entry *entry)
{
    REQUIRE(aggregate != NULL && policy != NULL && entry != NULL);
    const struct payment *payment = &aggregate->payment;
    int64_t left = 0;
    TRY(post_captured(aggregate, entry, &left));
    if (left == 0) {
        return ERR_OK; /* nothing was captured, so nothing was settled */
    }
    TRY(settle_invoices(aggregate, invoices, invoice_count, entry, &left));
    TRY(take_shares(entry, ACCOUNT_CONNECTED, accounts, account_count, payment->currency, &left));
    return take_rest(payment, left, policy, entry);
}
