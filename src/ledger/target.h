/* target: what the books should show of an aggregate as it stands. What is posted is the difference
 * to what was posted of it before, so states may go back, links may come late, and the books
 * follow.
 *
 * Every function adds to a begun entry of the business stream, which the caller subtracts what was
 * posted from and finishes. Nothing here depends on the order in which anything became known.
 * Errors: ERR_OVERFLOW, ERR_TOO_LARGE (the entry's room).
 *
 * Layer: ledger. Table: chart.def.
 */
#pragma once

#include "domain/decide.h"
#include "ledger/entry.h"

struct target_policy {
    bool hold_unlinked; /* a payment without an invoice is a debt to the customer, not a sale */
    bool bank_unknown;  /* payouts stay in clearing until the bank's own statement is there */
};

/* A part of a payment that settles an invoice, or goes to a connected account; in its currency. */
struct share {
    struct own_id id;
    int64_t minor;
};

/* Captured: money of its attempts. For: its invoices, else a sale; less what connected accounts got
 * of either. Their shares are what was transferred, less what came back for no refund: that is the
 * platform's. */
MUST_USE enum err target_payment(const struct payment_aggregate *aggregate,
    const struct share *invoices,
    uint32_t invoice_count,
    const struct share *accounts,
    uint32_t account_count,
    const struct target_policy *policy,
    struct ledger_entry *entry);

/* What the payments of an invoice settled of it. */
struct settlement {
    int64_t provider_minor; /* by payments that captured money: their shares in target_payment */
    int64_t external_minor; /* by others, as far as they are known one by one */
};

/* What is owed, from the moment it is final: less what the customer's balance settled, what was
 * paid out of band, and what was written off. Credit notes and payments post their own parts. */
MUST_USE enum err target_invoice(
    const struct invoice *invoice, const struct settlement *settlement, struct ledger_entry *entry);

/* Taken off what is owed, or given back of what was paid. */
MUST_USE enum err target_credit_note(const struct credit_note *note, struct ledger_entry *entry);
/* How much of it is for its refund; 0 without one, and while it does not stand. */
MUST_USE enum err credit_note_refunded(const struct credit_note *note, int64_t *ret_minor);

/* Why money is given back. */
struct refund_cover {
    int64_t credited_minor; /* by credit notes: see credit_note_refunded */
    struct share account; /* what a connected account gave back for it; never ours, so not income */
    /* Of the one invoice that was paid; 0: none. And what refunds before this one gave back of it
     * that no credit note explains: so that the taxes of parts are the tax of the whole. */
    int64_t invoice_tax_minor, invoice_total_minor, refunded_before_minor;
    bool is_capture_release; /* the part of a payment that was never captured */
    bool is_in_statement;    /* its money has moved, though its state may not say so yet */
};
/* By its state, or seen to move in the statement: then it counts. */
bool refund_has_moved(const struct refund *refund, const struct refund_cover *cover);
MUST_USE enum err target_refund(
    const struct refund *refund, const struct refund_cover *cover, struct ledger_entry *entry);

MUST_USE enum err target_dispute(const struct dispute *dispute, struct ledger_entry *entry);
MUST_USE enum err target_payout(
    const struct payout *payout, const struct target_policy *policy, struct ledger_entry *entry);
MUST_USE enum err target_topup(
    const struct topup *topup, const struct target_policy *policy, struct ledger_entry *entry);
MUST_USE enum err target_transfer(const struct transfer *transfer, struct ledger_entry *entry);
