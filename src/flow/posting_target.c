#include "base/check.h"
#include "flow/posting.h"

static const struct target_policy policy; /* every default */

#define POSTINGS_BESIDES 16 /* those of a target that it has not one each of */

uint32_t posting_room(const struct entry *subject)
{
    const struct payment_links *links = &subject->posting->links;
    return POSTINGS_BESIDES + subject->aggregate.attempt_count * 2 + links->invoice_count +
           links->account_count;
}

enum err posting_target(const struct entry *subject, struct ledger_entry *entry)
{
    const struct payment_links *links = &subject->posting->links;
    const void *record = subject->record;
    enum id_kind kind = subject->kind;
    if (kind == ID_PAYMENT) {
        return target_payment(&subject->aggregate, links->invoices, links->invoice_count,
            links->accounts, links->account_count, &policy, entry);
    }
    if (kind == ID_INVOICE) {
        return target_invoice(record, &subject->posting->settlement, entry);
    }
    if (kind == ID_CREDIT_NOTE) {
        return target_credit_note(record, entry);
    }
    if (kind == ID_REFUND) {
        return target_refund(record, &subject->posting->cover, entry);
    }
    if (kind == ID_DISPUTE) {
        return target_dispute(record, entry);
    }
    if (kind == ID_PAYOUT) {
        return target_payout(record, &policy, entry);
    }
    if (kind == ID_TOPUP) {
        return target_topup(record, &policy, entry);
    }
    INVARIANT(kind == ID_TRANSFER);
    return target_transfer(record, entry);
}

int64_t posting_first_at(const struct entry *subject)
{
    const void *record = subject->record;
    switch ((int)subject->kind) {
    case ID_PAYMENT:
        return ((const struct payment *)record)->succeeded_at;
    case ID_INVOICE:
        return ((const struct invoice *)record)->finalized_at;
    case ID_CREDIT_NOTE:
        return ((const struct credit_note *)record)->made_at;
    case ID_REFUND:
        return ((const struct refund *)record)->made_at;
    case ID_DISPUTE:
        return ((const struct dispute *)record)->made_at;
    case ID_PAYOUT:
        return ((const struct payout *)record)->arrival_at;
    case ID_TRANSFER:
        return ((const struct transfer *)record)->made_at;
    default:
        return 0;
    }
}
