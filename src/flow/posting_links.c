#include "base/check.h"
#include "base/limits.h"
#include "flow/posting.h"

enum err posting_list(
    struct workset *set, int kind, unsigned wanted, struct entry_list *ret, struct err_info *reterr)
{
    uint32_t all = set->table.entry_count;
    *ret = (struct entry_list){arena_new_array(set->setup.arena, struct entry *, all), 0};
    if (ret->items == NULL) {
        return workset_out_of_room(reterr);
    }
    for (uint32_t i = 0; i < all; i++) {
        struct entry *entry = set->table.entries[i];
        if (entry->posting != NULL && (entry->posting->wanted & wanted) != 0 &&
            entry->record != NULL && (kind < 0 || (int)entry->kind == kind)) {
            ret->items[ret->count++] = entry;
        }
    }
    return ERR_OK;
}

enum err posting_linked(struct workset *set,
    const struct entry_list *list,
    enum id_kind kind,
    const char *field,
    struct linked **ret,
    struct err_info *reterr)
{
    const struct record_kind *record_kind = record_kind_of(kind);
    struct own_id *ids = arena_new_array(set->setup.arena, struct own_id, list->count);
    if (ids == NULL) {
        return workset_out_of_room(reterr);
    }
    for (uint32_t i = 0; i < list->count; i++) {
        ids[i] = list->items[i]->id;
    }
    return records_linked_to(set->setup.store, record_kind,
        record_field(record_kind, str_from(field)), ids, list->count, LIMIT_LINKED,
        set->setup.arena, ret, reterr);
}

enum err posting_attempts(struct workset *set,
    const struct entry_list *payments,
    struct entry_list *ret,
    struct err_info *reterr)
{
    uint32_t room = 0;
    for (uint32_t i = 0; i < payments->count; i++) {
        room += payments->items[i]->aggregate.attempt_count;
    }
    *ret = (struct entry_list){arena_new_array(set->setup.arena, struct entry *, room), 0};
    if (ret->items == NULL) {
        return workset_out_of_room(reterr);
    }
    for (uint32_t i = 0; i < payments->count; i++) {
        const struct payment_aggregate *aggregate = &payments->items[i]->aggregate;
        for (uint32_t k = 0; k < aggregate->attempt_count; k++) {
            ret->items[ret->count] = table_find(&set->table, aggregate->attempts[k]->head.id);
            INVARIANT(ret->items[ret->count] != NULL);
            ret->count++;
        }
    }
    return ERR_OK;
}

const struct entry *posting_payment(
    const struct workset *set, struct own_id payment_id, struct own_id attempt_id)
{
    const struct entry *payment = table_find(&set->table, payment_id);
    const struct entry *attempt = table_find(&set->table, attempt_id);
    if ((payment == NULL || payment->record == NULL) && attempt != NULL &&
        attempt->record != NULL) {
        payment = table_find(&set->table, ((const struct attempt *)attempt->record)->payment_id);
    }
    return payment != NULL && payment->record != NULL ? payment : NULL;
}

/* --- payments --- */

/* Everything that may say what payments were for, by payment and by attempt. */
struct sources {
    struct entry_list payments, attempts;
    struct linked *shares, *shares_by_attempt;     /* invoice_payment */
    struct linked *invoices, *invoices_by_attempt; /* that name a payment themselves */
    struct linked *transfers;                      /* by attempt */
};

/* One that never captured anything was never posted, and has nothing to post. */
static bool has_captured(const struct entry *payment)
{
    return payment->aggregate.payment.succeeded_at != 0 ||
           payment->aggregate.payment.received_minor != 0;
}

static enum err list_payments(struct workset *set, struct sources *sources, struct err_info *reterr)
{
    struct entry_list all = {0};
    TRY(posting_list(set, ID_PAYMENT, WANTED_POSTED | WANTED_FOR_LINKS, &all, reterr));
    sources->payments.items = all.items;
    for (uint32_t i = 0; i < all.count; i++) {
        if (has_captured(all.items[i])) {
            sources->payments.items[sources->payments.count++] = all.items[i];
        }
    }
    return posting_attempts(set, &sources->payments, &sources->attempts, reterr);
}

static enum err read_sources(struct workset *set, struct sources *sources, struct err_info *reterr)
{
    const struct entry_list *payments = &sources->payments;
    const struct entry_list *attempts = &sources->attempts;
    TRY(posting_linked(set, payments, ID_INVOICE_PAYMENT, "payment_id", &sources->shares, reterr));
    TRY(posting_linked(
        set, attempts, ID_INVOICE_PAYMENT, "attempt_id", &sources->shares_by_attempt, reterr));
    TRY(posting_linked(set, payments, ID_INVOICE, "payment_id", &sources->invoices, reterr));
    TRY(posting_linked(
        set, attempts, ID_INVOICE, "attempt_id", &sources->invoices_by_attempt, reterr));
    return posting_linked(set, attempts, ID_TRANSFER, "attempt_id", &sources->transfers, reterr);
}

struct gathering {
    const struct workset *set;
    struct currency currency; /* the payment's: what is in another cannot be a part of it */
    struct payment_links *links;
};

static enum err add_share(const struct gathering *to,
    struct share **shares,
    uint32_t *count,
    struct own_id id,
    int64_t minor)
{
    uint32_t room = *count;
    if (minor == 0) {
        return ERR_OK;
    }
    struct share *larger = arena_new_array(to->set->setup.arena, struct share, room + 1);
    if (larger == NULL) {
        return ERR_TOO_LARGE;
    }
    if (room > 0) {
        memcpy(larger, *shares, room * sizeof *larger);
    }
    larger[room] = (struct share){id, minor};
    *shares = larger;
    (*count)++;
    return ERR_OK;
}

/* Was it named by the payment too? Then it was taken there. */
static bool is_among(const struct linked *linked, struct own_id id)
{
    for (uint32_t i = 0; i < linked->count; i++) {
        if (own_id_eq(((const struct record_head *)linked->records[i])->id, id)) {
            return true;
        }
    }
    return false;
}

static enum err add_invoice_payments(
    const struct gathering *to, const struct linked *linked, const struct linked *taken)
{
    for (uint32_t i = 0; i < linked->count; i++) {
        const struct invoice_payment *share = linked->records[i];
        if (share->state == INVOICE_PAYMENT_PAID && !share->external &&
            currency_eq(share->currency, to->currency) &&
            !(taken != NULL && is_among(taken, share->head.id))) {
            TRY(add_share(to, &to->links->invoices, &to->links->invoice_count, share->invoice_id,
                share->paid_minor));
        }
    }
    return ERR_OK;
}

static bool has_share(const struct payment_links *links, struct own_id invoice)
{
    for (uint32_t i = 0; i < links->invoice_count; i++) {
        if (own_id_eq(links->invoices[i].id, invoice)) {
            return true;
        }
    }
    return false;
}

/* Older ones have no invoice_payment: the invoice names its payment. */
static enum err add_invoices(const struct gathering *to, const struct linked *linked)
{
    for (uint32_t i = 0; i < linked->count; i++) {
        const struct invoice *invoice = linked->records[i];
        if (!has_share(to->links, invoice->head.id) && !invoice->paid_out_of_band &&
            currency_eq(invoice->currency, to->currency)) {
            TRY(add_share(to, &to->links->invoices, &to->links->invoice_count, invoice->head.id,
                invoice->paid_minor));
        }
    }
    return ERR_OK;
}

static enum err add_transfers(const struct gathering *to, const struct linked *linked)
{
    for (uint32_t i = 0; i < linked->count; i++) {
        const struct transfer *transfer = linked->records[i];
        int64_t moved = 0;
        if (!currency_eq(transfer->currency, to->currency)) {
            continue;
        }
        TRY(transfer->reversed_minor == INT64_MIN
                ? ERR_OVERFLOW
                : minor_add(transfer->amount_minor, -transfer->reversed_minor, &moved));
        TRY(add_share(
            to, &to->links->accounts, &to->links->account_count, transfer->account_id, moved));
    }
    return ERR_OK;
}

static enum err add_links(const struct gathering *to,
    const struct sources *sources,
    uint32_t payment,
    uint32_t first_attempt,
    uint32_t attempt_count)
{
    const struct linked *shares = &sources->shares[payment];
    TRY(add_invoice_payments(to, shares, NULL));
    for (uint32_t i = first_attempt; i < first_attempt + attempt_count; i++) {
        TRY(add_invoice_payments(to, &sources->shares_by_attempt[i], shares));
        TRY(add_transfers(to, &sources->transfers[i]));
    }
    TRY(add_invoices(to, &sources->invoices[payment]));
    for (uint32_t i = first_attempt; i < first_attempt + attempt_count; i++) {
        TRY(add_invoices(to, &sources->invoices_by_attempt[i]));
    }
    return ERR_OK;
}

static enum err look_at_payments(
    struct workset *set, struct sources *sources, struct err_info *reterr)
{
    uint32_t attempt = 0;
    TRY(list_payments(set, sources, reterr));
    TRY(read_sources(set, sources, reterr));
    for (uint32_t i = 0; i < sources->payments.count; i++) {
        struct entry *payment = sources->payments.items[i];
        struct gathering to = {set, payment->aggregate.payment.currency, &payment->posting->links};
        uint32_t attempts = payment->aggregate.attempt_count;
        enum err err = add_links(&to, sources, i, attempt, attempts);
        if (err != ERR_OK) {
            return err_set(reterr, err, "what a payment was for cannot be added up");
        }
        attempt += attempts;
    }
    return ERR_OK;
}

/* Refunds look at what their payments were for: those that were for an invoice, or may have been.
 */
static enum err look_for_refunds(
    struct workset *set, const struct sources *sources, struct err_info *reterr)
{
    struct entry_list list = {
        arena_new_array(set->setup.arena, struct entry *, sources->payments.count), 0};
    if (list.items == NULL) {
        return workset_out_of_room(reterr);
    }
    for (uint32_t i = 0; i < sources->payments.count; i++) {
        struct entry *payment = sources->payments.items[i];
        if ((payment->posting->wanted & WANTED_RELINKED) != 0 ||
            payment->posting->links.invoice_count > 0) {
            list.items[list.count++] = payment;
        }
    }
    return posting_want_of_payments(set, &list, reterr);
}

enum err posting_look(struct workset *set, struct err_info *reterr)
{
    struct sources sources = {0};
    TRY(look_at_payments(set, &sources, reterr));
    TRY(look_for_refunds(set, &sources, reterr));
    TRY(posting_look_at_invoices(set, reterr));
    return posting_look_at_refunds(set, reterr);
}
