#include "base/check.h"
#include "flow/posting.h"
#include <stddef.h>

#define POSTINGS_BESIDES 16 /* those of a target that it has not one each of */

uint32_t posting_room(const struct entry *subject)
{
    const struct payment_links *links = &subject->posting->links;
    return POSTINGS_BESIDES + subject->aggregate.attempt_count * 2 + links->invoice_count +
           links->account_count;
}

/* --- every kind that is posted --- */

static enum err payment_target(const struct entry *subject, struct ledger_entry *entry)
{
    const struct payment_links *links = &subject->posting->links;
    return target_payment(&subject->aggregate, links->invoices, links->invoice_count,
        links->accounts, links->account_count, &subject->posting->policy, entry);
}

static enum err invoice_target(const struct entry *subject, struct ledger_entry *entry)
{
    return target_invoice(subject->record, &subject->posting->settlement, entry);
}

static enum err credit_note_target(const struct entry *subject, struct ledger_entry *entry)
{
    return target_credit_note(subject->record, entry);
}

static enum err refund_target(const struct entry *subject, struct ledger_entry *entry)
{
    return target_refund(subject->record, &subject->posting->cover, entry);
}

static enum err dispute_target(const struct entry *subject, struct ledger_entry *entry)
{
    return target_dispute(subject->record, entry);
}

static enum err payout_target(const struct entry *subject, struct ledger_entry *entry)
{
    return target_payout(subject->record, &subject->posting->policy, entry);
}

static enum err topup_target(const struct entry *subject, struct ledger_entry *entry)
{
    return target_topup(subject->record, &subject->posting->policy, entry);
}

static enum err transfer_target(const struct entry *subject, struct ledger_entry *entry)
{
    return target_transfer(subject->record, entry);
}

static const struct posted_kind {
    enum id_kind kind;
    enum err (*target)(const struct entry *subject, struct ledger_entry *entry);
    size_t first_at; /* of the record: when what a first entry tells of happened */
} posted_kinds[] = {
    {ID_PAYMENT, payment_target, offsetof(struct payment, succeeded_at)},
    {ID_INVOICE, invoice_target, offsetof(struct invoice, finalized_at)},
    {ID_CREDIT_NOTE, credit_note_target, offsetof(struct credit_note, made_at)},
    {ID_REFUND, refund_target, offsetof(struct refund, made_at)},
    {ID_DISPUTE, dispute_target, offsetof(struct dispute, made_at)},
    {ID_PAYOUT, payout_target, offsetof(struct payout, arrival_at)},
    {ID_TOPUP, topup_target, offsetof(struct topup, made_at)},
    {ID_TRANSFER, transfer_target, offsetof(struct transfer, made_at)},
};
#define POSTED_KINDS (sizeof posted_kinds / sizeof posted_kinds[0])

/* NULL: the books do not look at it by itself. */
static const struct posted_kind *posted_kind(enum id_kind kind)
{
    for (size_t i = 0; i < POSTED_KINDS; i++) {
        if (posted_kinds[i].kind == kind) {
            return &posted_kinds[i];
        }
    }
    return NULL;
}

bool posting_kind(uint32_t at, enum id_kind *ret_kind)
{
    if (at >= POSTED_KINDS) {
        return false;
    }
    *ret_kind = posted_kinds[at].kind;
    return true;
}

bool posting_is_of(enum id_kind kind)
{
    return posted_kind(kind) != NULL;
}

enum err posting_target(const struct entry *subject, struct ledger_entry *entry)
{
    const struct posted_kind *row = posted_kind(subject->kind);
    INVARIANT(row != NULL);
    return row->target(subject, entry);
}

int64_t posting_first_at(const struct entry *subject)
{
    const struct posted_kind *row = posted_kind(subject->kind);
    int64_t at_us = 0;
    INVARIANT(row != NULL);
    memcpy(&at_us, (const char *)subject->record + row->first_at, sizeof at_us);
    return at_us;
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

uint64_t posting_print(struct entry *subject)
{
    struct posting postings[PRINT_POSTINGS];
    struct posting_part alone = {0}; /* of the defaults: what they post changes with everything */
    struct ledger_entry entry;
    uint64_t print = 0;
    if (!posting_is_of(subject->kind) || subject->record == NULL) {
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
