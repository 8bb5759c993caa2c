/* posting: what the books should show of everything that a batch changed, posted in the batch's own
 * transaction as the difference to what was posted before.
 *
 *   workset_save -> workset_post -> workset_feed
 *
 * An aggregate is posted when it changed, and when something changed that its target looks at: a
 * payment when an invoice_payment names it, a refund when a credit note does. What is looked at is
 * read under the lock of the scope's journal, so two workers cannot miss each other's half.
 *
 *   posting.c         the entries
 *   posting_wants.c   which aggregates are posted
 *   posting_links.c   what payments look at
 *   posting_invoices.c what invoices look at
 *   posting_refunds.c what refunds look at, also in the statement
 *   posting_target.c  the target of one
 *
 * Layer: flow; private to the workset's files and to projection.
 */
#pragma once

#include "store/journal.h"
#include "flow/workset_inside.h"
#include "ledger/target.h"

/* After workset_save, in its transaction. */
MUST_USE enum err workset_post(struct workset *set, struct err_info *reterr);
/* The same, for who appends them himself; in the arena. */
MUST_USE enum err workset_entries(struct workset *set,
    struct journal_entry **ret_entries,
    uint32_t *ret_count,
    struct err_info *reterr);
/* A refund of which the statement says something, then. Into a loaded workset. */
MUST_USE enum err posting_want_refund(
    struct workset *set, int64_t scope, struct own_id refund, int64_t at_us);

/* Why a record is looked at. */
enum {
    WANTED_POSTED = 1 << 0,
    WANTED_RELINKED = 1 << 1,    /* a payment: what it was for may have changed */
    WANTED_FOR_LINKS = 1 << 2,   /* a payment: one of its refunds asks what it was for */
    WANTED_FOR_PAYMENT = 1 << 3, /* an attempt: its payment is wanted, and relinked */
};

/* What the captured money of a payment was for. */
struct payment_links {
    struct share *invoices, *accounts;
    uint32_t invoice_count, account_count;
};

struct posting_part { /* of a loaded record; in the arena */
    unsigned wanted;
    struct target_policy policy;    /* once it is posted: its scope's */
    int64_t cause_seq, cause_at_us; /* the newest event that brought a change */
    struct payment_links links;     /* PAYMENT */
    struct settlement settlement;   /* INVOICE */
    struct refund_cover cover;      /* REFUND */
};

struct entry_list {
    struct entry **items;
    uint32_t count;
};
/* Those that are stored, are wanted so, and are of that kind; -1: of any. */
MUST_USE enum err posting_list(struct workset *set,
    int kind,
    unsigned wanted,
    struct entry_list *ret,
    struct err_info *reterr);
/* The loaded payment that is named so, or by its attempt; NULL: it is not stored. */
const struct entry *posting_payment(
    const struct workset *set, struct own_id payment_id, struct own_id attempt_id);
/* All attempts of the payments, in their order. */
MUST_USE enum err posting_attempts(struct workset *set,
    const struct entry_list *payments,
    struct entry_list *ret,
    struct err_info *reterr);
/* The records of `kind` whose `field` names each of the list, in its order. */
MUST_USE enum err posting_linked(struct workset *set,
    const struct entry_list *list,
    enum id_kind kind,
    const char *field,
    struct linked **ret,
    struct err_info *reterr);

/* Locks the journals, and loads everything that is to be posted, and what that needs. */
MUST_USE enum err posting_want(struct workset *set, struct err_info *reterr);
/* What is wanted and not there yet. */
MUST_USE enum err posting_load(struct workset *set, struct err_info *reterr);
/* Before it: one that nothing in the batch changed. */
MUST_USE enum err posting_want_one(
    struct workset *set, enum id_kind kind, const struct record_head *head);
/* Fills in what the targets look at. */
MUST_USE enum err posting_look(struct workset *set, struct err_info *reterr);
/* The refunds of payments, and the invoices that they settle. */
MUST_USE enum err posting_want_of_payments(
    struct workset *set, const struct entry_list *payments, struct err_info *reterr);

/* The payments of attempts that are looked at; to be loaded. */
MUST_USE enum err posting_want_payments_of_attempts(struct workset *set);
/* The payments that settle an invoice; to be loaded. */
MUST_USE enum err posting_want_settling(
    struct workset *set, const struct entry *invoice, const struct linked *shares);
/* Fill in what settles invoices, and the covers of refunds. */
MUST_USE enum err posting_look_at_invoices(struct workset *set, struct err_info *reterr);
MUST_USE enum err posting_look_at_refunds(struct workset *set, struct err_info *reterr);

/* The kinds that are posted, by number from 0; false: there are no more. */
bool posting_kind(uint32_t at, enum id_kind *ret_kind);
bool posting_is_of(enum id_kind kind);

/* A hash of all that the books look at in the record alone, whatever else they look at: while it
 * stays, the record's own changes post nothing. 0: nothing. */
uint64_t posting_print(struct entry *subject);

/* Adds the target of one to a begun entry of posting_room(). */
MUST_USE enum err posting_target(const struct entry *subject, struct ledger_entry *entry);
uint32_t posting_room(const struct entry *subject);
/* When what a first entry tells of happened, by the object; 0: it does not say. */
int64_t posting_first_at(const struct entry *subject);
