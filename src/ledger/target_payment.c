#include "base/check.h"
#include "ledger/minor.h"
#include "ledger/target.h"

static const struct own_id no_key;

/* One that failed after it had succeeded has captured nothing. */
static int64_t captured(const struct attempt *attempt)
{
    return attempt->state == ATTEMPT_SUCCEEDED ? attempt->captured_minor : 0;
}

static enum err take_share(struct ledger_entry *entry,
    enum ledger_account account,
    const struct share *share,
    struct currency currency,
    int64_t *left)
{
    TRY(entry_credit(entry, account, share->id, currency, share->minor));
    return minor_subtract(*left, share->minor, left);
}

/* More than was captured cannot be a sale: what is too much shows as less than nothing unapplied.
 */
static enum err take_rest(const struct payment_aggregate *aggregate,
    int64_t left,
    const struct target_policy *policy,
    struct ledger_entry *entry)
{
    struct currency currency = aggregate->payment.currency;
    if (policy->hold_unlinked || left < 0) {
        return entry_credit(entry, ACCOUNT_UNAPPLIED, aggregate->payment.head.id, currency, left);
    }
    return entry_credit(entry, ACCOUNT_SALES, no_key, currency, left);
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
    struct currency currency = aggregate->payment.currency;
    int64_t left = 0;
    for (uint32_t i = 0; i < aggregate->attempt_count; i++) {
        const struct attempt *attempt = aggregate->attempts[i];
        int64_t minor = captured(attempt);
        TRY(entry_debit(
            entry, ACCOUNT_CLEARING_PAYMENT, attempt->head.id, attempt->currency, minor));
        if (currency_eq(attempt->currency, currency)) {
            TRY(minor_add(left, minor, &left));
        } else {
            TRY(entry_credit(entry, ACCOUNT_SALES, no_key, attempt->currency, minor));
        }
    }
    if (left == 0) {
        return ERR_OK; /* nothing was captured, so nothing was settled */
    }
    for (uint32_t i = 0; i < invoice_count; i++) {
        TRY(take_share(entry, ACCOUNT_RECEIVABLE_INVOICES, &invoices[i], currency, &left));
    }
    for (uint32_t i = 0; i < account_count; i++) {
        TRY(take_share(entry, ACCOUNT_CONNECTED, &accounts[i], currency, &left));
    }
    return take_rest(aggregate, left, policy, entry);
}
