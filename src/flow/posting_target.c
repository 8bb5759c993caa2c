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

/* --- has anything changed that is posted? --- */

#define PRINT_POSTINGS 64 /* of a target without links; one that has more is posted each time */

static uint64_t print_id(struct own_id id, uint64_t print)
{
    return own_id_is_none(id) ? print : hash_bytes(id.bytes, sizeof id.bytes, print);
}

/* By which other targets find this record. */
static uint64_t print_links(const struct entry *subject, uint64_t print)
{
    if (subject->kind == ID_TRANSFER) {
        return print_id(((const struct transfer *)subject->record)->attempt_id, print);
    }
    if (subject->kind == ID_REFUND) { /* the statement may have moved it before its state says so */
        const struct refund *refund = subject->record;
        const int64_t said[] = {(int64_t)refund->state, refund->amount_minor};
        print = hash_bytes(refund->currency.code, sizeof refund->currency.code, print);
        return hash_bytes(said, sizeof said, print);
    }
    if (subject->kind == ID_INVOICE) {
        const struct invoice *invoice = subject->record;
        const int64_t said[] = {invoice->paid_minor, invoice->paid_out_of_band};
        print = print_id(invoice->attempt_id, print_id(invoice->payment_id, print));
        return hash_bytes(said, sizeof said, print);
    }
    return print;
}

static uint64_t print_posting(const struct posting *posting, uint64_t print)
{
    const int64_t said[] = {(int64_t)posting->account, posting->minor};
    print = hash_bytes(posting->currency.code, sizeof posting->currency.code, print);
    return hash_bytes(said, sizeof said, print_id(posting->key, print));
}

static bool is_posted(enum id_kind kind)
{
    return kind == ID_PAYMENT || kind == ID_INVOICE || kind == ID_CREDIT_NOTE ||
           kind == ID_REFUND || kind == ID_DISPUTE || kind == ID_PAYOUT || kind == ID_TOPUP ||
           kind == ID_TRANSFER;
}

uint64_t posting_print(struct entry *subject)
{
    struct posting postings[PRINT_POSTINGS];
    struct posting_part alone = {0};
    struct ledger_entry entry;
    uint64_t print = 0;
    if (!is_posted(subject->kind) || subject->record == NULL) {
        return 0;
    }
    struct posting_part *part = subject->posting;
    subject->posting = &alone;
    entry_begin(&entry, STREAM_BUSINESS, postings, PRINT_POSTINGS);
    enum err err = posting_target(subject, &entry);
    subject->posting = part;
    for (uint32_t i = 0; i < entry.count; i++) {
        print = print_posting(&postings[i], print);
    }
    return err == ERR_OK ? print_links(subject, print) : ~print;
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
