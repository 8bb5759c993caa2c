#include "cli/bench_heard.h"
#include "base/check.h"
#include "store/journal.h"
#include "store/records.h"
#include "store/refs.h"
#include "ledger/target.h"

#define RECORDS_MAX (MADE_GROUP + 1)
#define POSTINGS_MAX 8
enum { RECONCILIATION_COMPLETED = 2 }; /* of payout_reconciliations */

static const struct target_policy policy; /* every default */

struct heard { /* what a group leaves; all in the arena */
    struct store *store;
    struct arena *arena;
    int64_t scope, now_us;
    uint64_t seed;
    struct ref *refs;
    uint32_t ref_count;
    void **records[ID_KIND_COUNT];
    uint32_t record_counts[ID_KIND_COUNT];
    struct journal_entry *entries;
    uint32_t entry_count;
};

static enum err out_of_room(struct err_info *reterr)
{
    return err_set(reterr, ERR_TOO_LARGE, "a group needs more memory than it may have");
}

/* --- records --- */

/* A new one with its id and its reference; NULL without room. */
static void *new_record(
    struct heard *heard, enum id_kind kind, const char *provider_id, int64_t made_us)
{
    if (heard->records[kind] == NULL) {
        heard->records[kind] =
            arena_alloc_array(heard->arena, sizeof *heard->records[kind], RECORDS_MAX);
    }
    void *record = arena_alloc(heard->arena, record_kind_of(kind)->size);
    if (heard->records[kind] == NULL || record == NULL) {
        return NULL;
    }
    struct record_head *head = record;
    head->id = made_own_id(heard->seed, made_us, provider_id);
    head->scope = heard->scope;
    head->created_us = head->updated_us = heard->now_us;
    heard->records[kind][heard->record_counts[kind]++] = record;
    heard->refs[heard->ref_count++] = (struct ref){
        .scope = heard->scope, .kind = kind, .provider_id = str_from(provider_id), .id = head->id};
    return record;
}

static void fill_attempt(struct attempt *attempt, const struct made_payment *made)
{
    attempt->seen = true;
    attempt->state = ATTEMPT_SUCCEEDED;
    attempt->amount_minor = attempt->captured_minor = made->amount_minor;
    attempt->refunded_minor = made->refunded_minor;
    attempt->currency = made_currency();
    attempt->milestones = milestone_bit(EVENT_PAYMENT_SUCCEEDED);
    attempt->made_at = attempt->said_at = made->made_us;
    (void)str_copy_to(attempt->method, sizeof attempt->method, STR("card"));
}

static void fill_payment(struct payment *payment, const struct attempt *attempt)
{
    payment->state = payment->said_state = PAYMENT_SUCCEEDED;
    payment->amount_minor = payment->said_amount_minor = attempt->amount_minor;
    payment->received_minor = payment->said_received_minor = attempt->captured_minor;
    payment->refunded_minor = attempt->refunded_minor;
    payment->currency = payment->said_currency = attempt->currency;
    payment->attempt_id = payment->said_attempt_id = attempt->head.id;
    payment->attempt_count = 1;
    payment->milestones =
        milestone_bit(EVENT_PAYMENT_OPENED) | milestone_bit(EVENT_PAYMENT_SUCCEEDED);
    payment->said_seen = true;
    payment->opened_at = payment->succeeded_at = payment->said_at = attempt->made_at;
    payment->said_created_at = payment->said_succeeded_at = attempt->made_at;
}

static void fill_refund(
    struct refund *refund, const struct made_payment *made, const struct attempt *attempt)
{
    refund->state = REFUND_SUCCEEDED;
    refund->milestones = milestone_bit(EVENT_REFUND_OPENED) | milestone_bit(EVENT_REFUND_SUCCEEDED);
    refund->amount_minor = made->refunded_minor;
    refund->currency = attempt->currency;
    refund->attempt_id = attempt->head.id;
    refund->payment_id = attempt->payment_id;
    refund->made_at = refund->said_at = made->made_us;
}

static void fill_dispute(
    struct dispute *dispute, const struct made_payment *made, const struct attempt *attempt)
{
    dispute->state = DISPUTE_NEEDS_RESPONSE;
    dispute->amount_minor = dispute->withdrawn_minor = made->amount_minor;
    dispute->currency = dispute->settlement_currency = attempt->currency;
    dispute->funds_withdrawn = true;
    dispute->milestones = milestone_bit(EVENT_DISPUTE_OPENED) |
                          milestone_bit(EVENT_DISPUTE_NEEDS_RESPONSE) |
                          milestone_bit(EVENT_DISPUTE_FUNDS_WITHDRAWN);
    dispute->attempt_id = attempt->head.id;
    dispute->payment_id = attempt->payment_id;
    dispute->made_at = dispute->said_at = made->made_us;
}

static void fill_payout(struct payout *payout, const struct made_group *group)
{
    payout->state = PAYOUT_PAID;
    payout->amount_minor = group->payout_minor;
    payout->currency = made_currency();
    payout->milestones = milestone_bit(EVENT_PAYOUT_OPENED) | milestone_bit(EVENT_PAYOUT_PAID) |
                         milestone_bit(EVENT_PAYOUT_RECONCILED);
    payout->automatic = payout->reconciled = true;
    payout->reconciliation = RECONCILIATION_COMPLETED;
    payout->arrival_at = payout->made_at = payout->said_at = group->payout_us;
}

/* --- postings --- */

static struct ledger_entry begin_entry(struct heard *heard)
{
    struct ledger_entry entry;
    struct posting *postings = arena_new_array(heard->arena, struct posting, POSTINGS_MAX);
    entry_begin(&entry, STREAM_BUSINESS, postings, postings == NULL ? 0 : POSTINGS_MAX);
    return entry;
}

static enum err add_entry(struct heard *heard,
    enum id_kind kind,
    struct own_id subject,
    int64_t effective_us,
    struct ledger_entry *entry)
{
    TRY(entry_finish(entry));
    if (entry->count > 0) {
        heard->entries[heard->entry_count++] = (struct journal_entry){.scope = heard->scope,
            .stream = STREAM_BUSINESS,
            .subject_kind = (int)kind,
            .subject = subject,
            .effective_us = effective_us,
            .recorded_us = heard->now_us,
            .postings = entry->postings,
            .posting_count = entry->count};
    }
    return ERR_OK;
}

static enum err post_payment(
    struct heard *heard, const struct payment *payment, struct attempt *attempt)
{
    struct ledger_entry entry = begin_entry(heard);
    const struct payment_aggregate aggregate = {*payment, &attempt, 1};
    TRY(target_payment(&aggregate, NULL, 0, NULL, 0, &policy, &entry));
    return add_entry(heard, ID_PAYMENT, payment->head.id, payment->succeeded_at, &entry);
}

static enum err hear_refund(
    struct heard *heard, const struct made_payment *made, const struct attempt *attempt)
{
    static const struct refund_cover nothing;
    struct ledger_entry entry = begin_entry(heard);
    struct refund *refund = new_record(heard, ID_REFUND, made->later, made->made_us);
    if (refund == NULL) {
        return ERR_TOO_LARGE;
    }
    fill_refund(refund, made, attempt);
    TRY(target_refund(refund, &nothing, &entry));
    return add_entry(heard, ID_REFUND, refund->head.id, refund->made_at, &entry);
}

static enum err hear_dispute(
    struct heard *heard, const struct made_payment *made, const struct attempt *attempt)
{
    struct ledger_entry entry = begin_entry(heard);
    struct dispute *dispute = new_record(heard, ID_DISPUTE, made->later, made->made_us);
    if (dispute == NULL) {
        return ERR_TOO_LARGE;
    }
    fill_dispute(dispute, made, attempt);
    TRY(target_dispute(dispute, &entry));
    return add_entry(heard, ID_DISPUTE, dispute->head.id, dispute->made_at, &entry);
}

static enum err hear_payment(struct heard *heard, const struct made_payment *made)
{
    struct payment *payment = new_record(heard, ID_PAYMENT, made->payment, made->made_us);
    struct attempt *attempt = new_record(heard, ID_ATTEMPT, made->attempt, made->made_us);
    if (payment == NULL || attempt == NULL) {
        return ERR_TOO_LARGE;
    }
    attempt->payment_id = payment->head.id;
    fill_attempt(attempt, made);
    fill_payment(payment, attempt);
    TRY(post_payment(heard, payment, attempt));
    if (made->refunded_minor > 0) {
        return hear_refund(heard, made, attempt);
    }
    return made->is_disputed ? hear_dispute(heard, made, attempt) : ERR_OK;
}

static enum err hear_payout(struct heard *heard, const struct made_group *group)
{
    struct ledger_entry entry = begin_entry(heard);
    struct payout *payout = new_record(heard, ID_PAYOUT, group->payout, group->payout_us);
    if (payout == NULL) {
        return ERR_TOO_LARGE;
    }
    fill_payout(payout, group);
    TRY(target_payout(payout, &policy, &entry));
    return add_entry(heard, ID_PAYOUT, payout->head.id, payout->arrival_at, &entry);
}

/* --- a group --- */

static enum err hear_group(struct heard *heard, const struct made_group *group)
{
    size_t room = (size_t)RECORDS_MAX * 3;
    heard->refs = arena_new_array(heard->arena, struct ref, room);
    heard->entries = arena_new_array(heard->arena, struct journal_entry, room);
    if (heard->refs == NULL || heard->entries == NULL) {
        return ERR_TOO_LARGE;
    }
    for (uint32_t i = 0; i < group->count; i++) {
        if (group->payments[i].fault != MADE_UNHEARD) {
            TRY(hear_payment(heard, &group->payments[i]));
        }
    }
    return hear_payout(heard, group);
}

static enum err write_all(struct heard *heard, struct err_info *reterr)
{
    TRY(refs_resolve(heard->store, heard->arena, heard->refs, heard->ref_count, reterr));
    for (int kind = 0; kind < ID_KIND_COUNT; kind++) {
        if (heard->record_counts[kind] > 0) {
            TRY(records_save(heard->store, record_kind_of((enum id_kind)kind), heard->records[kind],
                heard->record_counts[kind], reterr));
        }
    }
    return journal_append(heard->store, heard->entries, heard->entry_count, reterr);
}

enum err bench_heard_write(struct store *store,
    int64_t scope,
    const struct made_group *group,
    struct arena *arena,
    int64_t now_us,
    struct err_info *reterr)
{
    REQUIRE(store != NULL && group != NULL && arena != NULL && scope > 0);
    struct heard heard = {
        .store = store, .arena = arena, .scope = scope, .now_us = now_us, .seed = group->seed};
    arena_reset(arena);
    if (hear_group(&heard, group) != ERR_OK) {
        return out_of_room(reterr);
    }
    TRY(store_begin(store, STORE_WRITE, reterr));
    CLEANUP(store_rollback) struct store *transaction = store;
    TRY(write_all(&heard, reterr));
    TRY(store_commit(store, reterr));
    transaction = NULL;
    return ERR_OK;
}
