#include "base/check.h"
#include "flow/posting.h"
#include <stdlib.h>

/* The scopes' journals are locked, so nothing else needs to be. */
enum err posting_load(struct workset *set, struct err_info *reterr)
{
    return table_load(&set->table, set->setup.store, false, reterr);
}

struct cause {
    int64_t scope, seq, at_us;
};

static struct cause cause_of_change(const struct entry *changed)
{
    return (struct cause){changed->scope, changed->touched_by, changed->touched_at_us};
}

static struct cause cause_handed_on(const struct entry *wanted)
{
    return (struct cause){wanted->scope, wanted->posting->cause_seq, wanted->posting->cause_at_us};
}

static enum err want(
    struct workset *set, enum id_kind kind, struct own_id id, struct cause cause, unsigned why)
{
    if (own_id_is_none(id)) {
        return ERR_OK;
    }
    TRY(table_expect(&set->table, kind, id, cause.scope, false));
    struct entry *entry = table_find(&set->table, id);
    if (entry->posting == NULL) {
        entry->posting = arena_alloc(set->setup.arena, sizeof *entry->posting);
        if (entry->posting == NULL) {
            return ERR_TOO_LARGE;
        }
    }
    entry->posting->wanted |= why;
    if (cause.seq > entry->posting->cause_seq ||
        (cause.seq == entry->posting->cause_seq && cause.at_us > entry->posting->cause_at_us)) {
        entry->posting->cause_seq = cause.seq;
        entry->posting->cause_at_us = cause.at_us;
    }
    return ERR_OK;
}

/* What a payment was for has changed; an attempt leads to its payment once it is loaded. */
static enum err want_relinked(
    struct workset *set, struct own_id payment, struct own_id attempt, struct cause cause)
{
    TRY(want(set, ID_PAYMENT, payment, cause, WANTED_POSTED | WANTED_RELINKED));
    return want(set, ID_ATTEMPT, attempt, cause, WANTED_FOR_PAYMENT);
}

/* --- because something changed --- */

static enum err want_of_invoice_payment(
    struct workset *set, const struct invoice_payment *share, struct cause cause)
{
    TRY(want(set, ID_INVOICE, share->invoice_id, cause, WANTED_POSTED));
    return want_relinked(set, share->payment_id, share->attempt_id, cause);
}

static enum err want_of_invoice(
    struct workset *set, const struct invoice *invoice, struct cause cause)
{
    TRY(want(set, ID_INVOICE, invoice->head.id, cause, WANTED_POSTED));
    return want_relinked(set, invoice->payment_id, invoice->attempt_id, cause);
}

static enum err want_of_credit_note(
    struct workset *set, const struct credit_note *note, struct cause cause)
{
    TRY(want(set, ID_CREDIT_NOTE, note->head.id, cause, WANTED_POSTED));
    return want(set, ID_REFUND, note->refund_id, cause, WANTED_POSTED);
}

static enum err want_of_transfer(
    struct workset *set, const struct transfer *transfer, struct cause cause)
{
    static const struct own_id no_payment;
    TRY(want(set, ID_TRANSFER, transfer->head.id, cause, WANTED_POSTED));
    return want_relinked(set, no_payment, transfer->attempt_id, cause);
}

/* Most changes are nothing to the books: a description, a time, a state on the way. */
static bool is_as_posted(struct entry *entry)
{
    return entry->has_print && posting_print(entry) == entry->print;
}

static enum err want_of_attempt(
    struct workset *set, const struct attempt *attempt, struct cause cause)
{
    struct entry *payment = table_find(&set->table, attempt->payment_id);
    if (payment != NULL && is_as_posted(payment)) {
        return ERR_OK;
    }
    return want(set, ID_PAYMENT, attempt->payment_id, cause, WANTED_POSTED);
}

static enum err want_of(struct workset *set, struct entry *changed)
{
    struct cause cause = cause_of_change(changed);
    const void *record = changed->record;
    if (changed->kind == ID_ATTEMPT) {
        return want_of_attempt(set, record, cause);
    }
    if (changed->kind == ID_INVOICE_PAYMENT) {
        return want_of_invoice_payment(set, record, cause);
    }
    if (is_as_posted(changed)) {
        return ERR_OK;
    }
    if (changed->kind == ID_INVOICE) {
        return want_of_invoice(set, record, cause);
    }
    if (changed->kind == ID_CREDIT_NOTE) {
        return want_of_credit_note(set, record, cause);
    }
    if (changed->kind == ID_TRANSFER) {
        return want_of_transfer(set, record, cause);
    }
    return posting_is_of(changed->kind)
               ? want(set, changed->kind, changed->id, cause, WANTED_POSTED)
               : ERR_OK;
}

static enum err want_of_changed(struct workset *set)
{
    uint32_t count = set->table.entry_count; /* it grows meanwhile */
    for (uint32_t i = 0; i < count; i++) {
        struct entry *entry = set->table.entries[i];
        if (entry->dirty && entry->record != NULL) {
            TRY(want_of(set, entry));
        }
    }
    return ERR_OK;
}

/* --- because something else is wanted --- */

static enum err want_payments_of_invoices(struct workset *set, struct err_info *reterr)
{
    struct entry_list invoices = {0};
    struct linked *shares = NULL;
    TRY(posting_list(set, ID_INVOICE, WANTED_POSTED, &invoices, reterr));
    TRY(posting_linked(set, &invoices, ID_INVOICE_PAYMENT, "invoice_id", &shares, reterr));
    for (uint32_t i = 0; i < invoices.count; i++) {
        for (uint32_t k = 0; k < shares[i].count; k++) {
            const struct invoice_payment *share = shares[i].records[k];
            TRY(want_relinked(
                set, share->payment_id, share->attempt_id, cause_handed_on(invoices.items[i])));
        }
    }
    return ERR_OK;
}

/* An attempt leads to its payment for the reason for which it is looked at itself. */
enum err posting_want_payments_of_attempts(struct workset *set)
{
    uint32_t count = set->table.entry_count;
    for (uint32_t i = 0; i < count; i++) {
        const struct entry *entry = set->table.entries[i];
        if (entry->kind != ID_ATTEMPT || entry->posting == NULL || entry->record == NULL) {
            continue;
        }
        unsigned why = (entry->posting->wanted & WANTED_FOR_PAYMENT) != 0
                           ? WANTED_POSTED | WANTED_RELINKED
                           : WANTED_FOR_LINKS;
        TRY(want(set, ID_PAYMENT, ((const struct attempt *)entry->record)->payment_id,
            cause_handed_on(entry), why));
    }
    return ERR_OK;
}

static enum err want_payments_of_refunds(struct workset *set, struct err_info *reterr)
{
    struct entry_list refunds = {0};
    TRY(posting_list(set, ID_REFUND, WANTED_POSTED, &refunds, reterr));
    for (uint32_t i = 0; i < refunds.count; i++) {
        const struct refund *refund = refunds.items[i]->record;
        struct cause cause = cause_handed_on(refunds.items[i]);
        TRY(want(set, ID_PAYMENT, refund->payment_id, cause, WANTED_FOR_LINKS));
        TRY(want(set, ID_ATTEMPT, refund->attempt_id, cause, WANTED_FOR_LINKS));
    }
    return ERR_OK;
}

enum err posting_want_refund(
    struct workset *set, int64_t scope, struct own_id refund, int64_t at_us)
{
    return want(set, ID_REFUND, refund, (struct cause){scope, 0, at_us}, WANTED_POSTED);
}

enum err posting_want_one(struct workset *set, enum id_kind kind, const struct record_head *head)
{
    struct cause cause = {head->scope, head->updated_seq, head->updated_us};
    return want(set, kind, head->id, cause, WANTED_POSTED);
}

static int compare_scopes(const void *a, const void *b)
{
    int64_t left = *(const int64_t *)a;
    int64_t right = *(const int64_t *)b;
    return (left > right) - (left < right);
}

/* Whatever the wanted ones lead to is in their scopes too. */
static enum err lock_scopes(struct workset *set, struct err_info *reterr)
{
    int64_t *scopes = arena_new_array(set->setup.arena, int64_t, set->table.entry_count);
    uint32_t count = 0;
    uint32_t kept = 0;
    if (scopes == NULL) {
        return workset_out_of_room(reterr);
    }
    for (uint32_t i = 0; i < set->table.entry_count; i++) {
        if (set->table.entries[i]->posting != NULL) {
            scopes[count++] = set->table.entries[i]->scope;
        }
    }
    if (count > 0) {
        qsort(scopes, count, sizeof *scopes, compare_scopes);
    }
    for (uint32_t i = 0; i < count; i++) {
        if (kept == 0 || scopes[kept - 1] != scopes[i]) {
            scopes[kept++] = scopes[i];
        }
    }
    return journal_lock(set->setup.store, scopes, kept, reterr);
}

enum err posting_want(struct workset *set, struct err_info *reterr)
{
    TRY(want_of_changed(set));
    TRY(lock_scopes(set, reterr));
    TRY(posting_load(set, reterr));
    TRY(want_payments_of_invoices(set, reterr));
    TRY(want_payments_of_refunds(set, reterr));
    TRY(posting_load(set, reterr));
    TRY(posting_want_payments_of_attempts(set));
    return posting_load(set, reterr);
}

/* --- because of what a payment was for --- */

static enum err want_refunds(
    struct workset *set, const struct linked *refunds, const struct entry *payment)
{
    for (uint32_t i = 0; i < refunds->count; i++) {
        const struct record_head *refund = refunds->records[i];
        TRY(want(set, ID_REFUND, refund->id, cause_handed_on(payment), WANTED_POSTED));
    }
    return ERR_OK;
}

/* How much tax is in a refund is said by the invoice that its payment settled; and whether an
 * invoice is settled, by payments that have money. */
enum err posting_want_of_payments(
    struct workset *set, const struct entry_list *payments, struct err_info *reterr)
{
    struct entry_list attempts = {0};
    struct linked *by_payment = NULL;
    struct linked *by_attempt = NULL;
    uint32_t attempt = 0;
    TRY(posting_attempts(set, payments, &attempts, reterr));
    TRY(posting_linked(set, payments, ID_REFUND, "payment_id", &by_payment, reterr));
    TRY(posting_linked(set, &attempts, ID_REFUND, "attempt_id", &by_attempt, reterr));
    for (uint32_t i = 0; i < payments->count; i++) {
        const struct entry *payment = payments->items[i];
        const struct payment_links *links = &payment->posting->links;
        TRY(want_refunds(set, &by_payment[i], payment));
        for (uint32_t k = 0; k < payment->aggregate.attempt_count; k++) {
            TRY(want_refunds(set, &by_attempt[attempt++], payment));
        }
        for (uint32_t k = 0; k < links->invoice_count; k++) {
            TRY(want(
                set, ID_INVOICE, links->invoices[k].id, cause_handed_on(payment), WANTED_POSTED));
        }
    }
    return posting_load(set, reterr);
}

/* The payments that settle an invoice. */
enum err posting_want_settling(
    struct workset *set, const struct entry *invoice, const struct linked *shares)
{
    const struct invoice *record = invoice->record;
    struct cause cause = cause_handed_on(invoice);
    TRY(want(set, ID_PAYMENT, record->payment_id, cause, WANTED_FOR_LINKS));
    TRY(want(set, ID_ATTEMPT, record->attempt_id, cause, WANTED_FOR_LINKS));
    for (uint32_t i = 0; i < shares->count; i++) {
        const struct invoice_payment *share = shares->records[i];
        TRY(want(set, ID_PAYMENT, share->payment_id, cause, WANTED_FOR_LINKS));
        TRY(want(set, ID_ATTEMPT, share->attempt_id, cause, WANTED_FOR_LINKS));
    }
    return ERR_OK;
}
