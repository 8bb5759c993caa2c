#include "base/check.h"
#include "store/statement.h"
#include "flow/posting.h"
#include <stdlib.h>

/* Only where one invoice is all that the payment was for is the refund's tax certain. */
static const struct invoice *invoice_of(const struct workset *set, const struct entry *payment)
{
    if (payment == NULL || payment->posting == NULL || payment->posting->links.invoice_count != 1) {
        return NULL;
    }
    const struct entry *invoice = table_find(&set->table, payment->posting->links.invoices[0].id);
    return invoice != NULL ? invoice->record : NULL;
}

static enum err fill_cover(
    const struct workset *set, struct entry *subject, const struct linked *notes)
{
    struct refund_cover *cover = &subject->posting->cover;
    const struct refund *refund = subject->record;
    const struct invoice *invoice =
        invoice_of(set, posting_payment(set, refund->payment_id, refund->attempt_id));
    for (uint32_t i = 0; i < notes->count; i++) {
        int64_t refunded = 0;
        TRY(credit_note_refunded(notes->records[i], &refunded));
        TRY(minor_add(cover->credited_minor, refunded, &cover->credited_minor));
    }
    if (invoice != NULL) {
        cover->invoice_tax_minor = invoice->tax_minor;
        cover->invoice_total_minor = invoice->total_minor;
    }
    return ERR_OK;
}

/* The statement may know more of a refund than its state says. */
static enum err look_at_statement(
    struct workset *set, const struct entry_list *refunds, struct err_info *reterr)
{
    struct refund_moved *moved =
        arena_new_array(set->setup.arena, struct refund_moved, refunds->count);
    if (moved == NULL) {
        return workset_out_of_room(reterr);
    }
    for (uint32_t i = 0; i < refunds->count; i++) {
        moved[i].refund = refunds->items[i]->id;
    }
    TRY(statement_refunds(set->setup.store, moved, refunds->count, reterr));
    for (uint32_t i = 0; i < refunds->count; i++) {
        struct refund_cover *cover = &refunds->items[i]->posting->cover;
        cover->is_in_statement = moved[i].is_in_statement;
        cover->is_capture_release = moved[i].is_capture_release;
    }
    return ERR_OK;
}

/* --- refunds of one payment, one after the other --- */

struct sibling {
    const struct entry *payment;
    struct entry *refund;
};

/* Ids are random, but what refunds of one second add up to does not depend on which is first. */
static int compare_siblings(const void *a, const void *b)
{
    const struct sibling *left = a;
    const struct sibling *right = b;
    int payments = own_id_compare(left->payment->id, right->payment->id);
    int64_t left_us = ((const struct refund *)left->refund->record)->made_at;
    int64_t right_us = ((const struct refund *)right->refund->record)->made_at;
    if (payments != 0 || left_us == right_us) {
        return payments != 0 ? payments : own_id_compare(left->refund->id, right->refund->id);
    }
    return left_us < right_us ? -1 : 1;
}

static enum err uncredited(const struct entry *entry, int64_t *ret)
{
    const struct refund *refund = entry->record;
    const struct refund_cover *cover = &entry->posting->cover;
    *ret = 0;
    if (!refund_has_moved(refund, cover) || cover->credited_minor >= refund->amount_minor) {
        return ERR_OK;
    }
    return cover->credited_minor == INT64_MIN
               ? ERR_OVERFLOW
               : minor_add(refund->amount_minor, -cover->credited_minor, ret);
}

static enum err fill_before(struct sibling *siblings, uint32_t count)
{
    int64_t before = 0;
    if (count > 0) {
        qsort(siblings, count, sizeof *siblings, compare_siblings);
    }
    for (uint32_t i = 0; i < count; i++) {
        int64_t minor = 0;
        before = i > 0 && siblings[i - 1].payment == siblings[i].payment ? before : 0;
        siblings[i].refund->posting->cover.refunded_before_minor = before;
        TRY(uncredited(siblings[i].refund, &minor));
        TRY(minor_add(before, minor, &before));
    }
    return ERR_OK;
}

enum err posting_look_at_refunds(struct workset *set, struct err_info *reterr)
{
    struct entry_list refunds = {0};
    struct linked *notes = NULL;
    uint32_t count = 0;
    TRY(posting_list(set, ID_REFUND, WANTED_POSTED, &refunds, reterr));
    TRY(posting_linked(set, &refunds, ID_CREDIT_NOTE, "refund_id", &notes, reterr));
    TRY(look_at_statement(set, &refunds, reterr));
    struct sibling *siblings = arena_new_array(set->setup.arena, struct sibling, refunds.count);
    if (siblings == NULL) {
        return workset_out_of_room(reterr);
    }
    for (uint32_t i = 0; i < refunds.count; i++) {
        struct entry *refund = refunds.items[i];
        const struct refund *record = refund->record;
        const struct entry *payment = posting_payment(set, record->payment_id, record->attempt_id);
        TRY(fill_cover(set, refund, &notes[i]));
        if (payment != NULL) {
            siblings[count++] = (struct sibling){payment, refund};
        }
    }
    return fill_before(siblings, count);
}
