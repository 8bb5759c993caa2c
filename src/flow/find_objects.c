#include "base/check.h"
#include "base/timestamp.h"
#include "store/feed.h"
#include "store/pull.h"
#include "flow/reconcile_inside.h"

/* Payouts that arrived longer before the days have been summed by the runs of those days. */
#define PAYOUTS_BACK_US (35 * US_PER_DAY)

enum err reconcile_records(struct reconcile *run,
    enum id_kind kind,
    record_page_fn *each,
    void *context,
    struct err_info *reterr)
{
    struct own_id after = {{0}};
    uint32_t count = FINDING_PAGE;
    while (count == FINDING_PAGE) {
        void **records = NULL;
        arena_reset(run->pages);
        TRY(records_scan(run->setup.store, record_kind_of(kind), run->run.scope, after,
            FINDING_PAGE, run->pages, &records, &count, reterr));
        if (count > 0) {
            after = ((const struct record_head *)records[count - 1])->id;
            TRY(each(run, context, records, count, reterr));
        }
        run->progress.looked_at += count;
    }
    return ERR_OK;
}

static enum err name_of(
    struct reconcile *run, struct own_id id, struct str *ret_name, struct err_info *reterr)
{
    return proof_names(run->setup.store, &id, 1, run->pages, ret_name, reterr);
}

/* --- payouts --- */

static enum err was_pulled(
    struct reconcile *run, struct str name, bool *ret_pulled, struct err_info *reterr)
{
    const struct pull_row key = {.scope = run->run.scope, .what = PULL_PAYOUT, .subject = name};
    struct pull_row row;
    bool is_there = false;
    TRY(pull_read(run->setup.store, &key, run->pages, &row, &is_there, reterr));
    *ret_pulled = is_there && row.finished_us != 0;
    return ERR_OK;
}

enum err payout_remainder(struct reconcile *run,
    const struct payout *payout,
    const struct payout_sum *sum,
    struct str name,
    struct payout_left *ret,
    struct err_info *reterr)
{
    struct remainder_facts facts = {
        .has_lines = sum->count > 0, .is_before_books = is_before_books(run, payout->made_at)};
    if (minor_subtract(payout->amount_minor, sum->net_minor, &ret->minor) != ERR_OK) {
        ret->minor = INT64_MAX;
    }
    facts.adds_up = ret->minor == 0 && !sum->other_currency;
    if (!facts.adds_up && payout->automatic) {
        TRY(was_pulled(run, name, &facts.is_taken_whole, reterr));
    }
    ret->why = remainder_judge(payout, &facts);
    return ERR_OK;
}

static bool is_summed(const struct reconcile *run, const struct payout *payout)
{
    return payout->automatic && payout_is_settled(payout) && payout->state != PAYOUT_CANCELED &&
           payout->arrival_at >= run->setup.from_us - PAYOUTS_BACK_US &&
           !is_before_books(run, payout->made_at);
}

static enum err failed_after_paid(
    struct reconcile *run, const struct payout *payout, struct err_info *reterr)
{
    struct finding finding = {.code = CODE_PAYOUT_FAILED_AFTER_PAID,
        .subject_kind = ID_PAYOUT,
        .subject = payout->head.id,
        .currency = payout->currency,
        .theirs_minor = payout->amount_minor,
        .since_us = payout->arrival_at,
        .text = STR("the payout was paid, and failed afterwards: the bank sent the money back")};
    if (payout->state != PAYOUT_FAILED ||
        (payout->milestones & milestone_bit(EVENT_PAYOUT_PAID)) == 0 ||
        is_before_books(run, payout->made_at)) {
        return ERR_OK;
    }
    TRY(name_of(run, payout->head.id, &finding.name, reterr));
    return finding_add(run, &finding);
}

static enum err wrong_sum(struct reconcile *run,
    const struct payout *payout,
    const struct payout_sum *sum,
    struct err_info *reterr)
{
    struct payout_left left;
    struct str name = STR_NONE;
    struct finding finding = {.code = CODE_PAYOUT_SUM,
        .subject_kind = ID_PAYOUT,
        .subject = payout->head.id,
        .currency = payout->currency,
        .ours_minor = sum->net_minor,
        .theirs_minor = payout->amount_minor,
        .since_us = payout->arrival_at};
    TRY(name_of(run, payout->head.id, &name, reterr));
    TRY(payout_remainder(run, payout, sum, name, &left, reterr));
    if (!remainder_is_open(left.why)) {
        return ERR_OK;
    }
    finding.name = name;
    finding.text = finding_text(run->pages, "%lld lines are in it%s", (long long)sum->count,
        sum->other_currency ? ", not all in its currency" : "");
    return finding_add(run, &finding);
}

bool payout_is_of_days(const struct reconcile *run, const struct payout *payout)
{
    return payout->arrival_at >= run->setup.from_us && payout->arrival_at < run->setup.to_us &&
           payout->said_at != 0;
}

/* For the report; in the order of ids, as records are walked. */
static enum err keep_sum(struct reconcile *run, const struct payout_sum *sum)
{
    if (run->payout_count == run->payout_room) {
        uint32_t room = run->payout_room == 0 ? 64 : 2 * run->payout_room;
        struct payout_sum *kept = arena_new_array(run->setup.arena, struct payout_sum, room);
        if (kept == NULL || room > 2 * REPORT_PAYOUTS_MAX) {
            return ERR_TOO_LARGE;
        }
        if (run->payout_count > 0) {
            memcpy(kept, run->payouts, run->payout_count * sizeof *kept);
        }
        run->payouts = kept;
        run->payout_room = room;
    }
    run->payouts[run->payout_count++] = *sum;
    return ERR_OK;
}

static enum err judge_payouts(
    struct reconcile *run, void *context, void **records, uint32_t count, struct err_info *reterr)
{
    (void)context;
    struct payout_sum *sums = arena_new_array(run->pages, struct payout_sum, count);
    const struct payout **summed = arena_new_array(run->pages, const struct payout *, count);
    uint32_t summed_count = 0;
    if (sums == NULL || summed == NULL) {
        return ERR_TOO_LARGE;
    }
    for (uint32_t i = 0; i < count; i++) {
        const struct payout *payout = records[i];
        TRY(failed_after_paid(run, payout, reterr));
        if (is_summed(run, payout) || payout_is_of_days(run, payout)) {
            sums[summed_count].payout = payout->head.id;
            summed[summed_count++] = payout;
        }
    }
    TRY(proof_payouts(run->setup.store, sums, summed_count, reterr));
    for (uint32_t i = 0; i < summed_count; i++) {
        if (is_summed(run, summed[i])) {
            TRY(wrong_sum(run, summed[i], &sums[i], reterr));
        }
        if (payout_is_of_days(run, summed[i])) {
            TRY(keep_sum(run, &sums[i]));
        }
    }
    return ERR_OK;
}

enum err find_in_payouts(struct reconcile *run, struct err_info *reterr)
{
    run->payout_count = 0;
    run->looked.reach[CODE_PAYOUT_SUM] =
        (struct settle_reach){.from_us = run->setup.from_us - PAYOUTS_BACK_US, .to_us = INT64_MAX};
    return reconcile_records(run, ID_PAYOUT, judge_payouts, NULL, reterr);
}

/* --- disputes --- */

/* What the outcome says should be with the provider, against what is there. */
static bool is_in_conflict(const struct dispute *dispute, const char **ret_text)
{
    if (dispute->state == DISPUTE_WON && dispute->withdrawn_minor != 0) {
        *ret_text = "the dispute is won, and its money has not come back";
        return true;
    }
    if (dispute->state == DISPUTE_LOST && dispute->funds_reinstated &&
        dispute->withdrawn_minor == 0) {
        *ret_text = "the dispute is lost, and its money has come back";
        return true;
    }
    return false;
}

/* Not when it was said last: asking for it again would put it off. */
static enum err decided_at(
    struct reconcile *run, const struct dispute *dispute, int64_t *ret_us, struct err_info *reterr)
{
    struct feed_entry *entries = NULL;
    uint32_t count = 0;
    *ret_us = dispute->made_at;
    TRY(feed_of(run->setup.store, dispute->head.id, run->pages, &entries, &count, reterr));
    for (uint32_t i = 0; i < count; i++) {
        bool is_decision =
            entries[i].type == EVENT_DISPUTE_WON || entries[i].type == EVENT_DISPUTE_LOST;
        if (is_decision && entries[i].occurred_at_us > *ret_us) {
            *ret_us = entries[i].occurred_at_us;
        }
    }
    return ERR_OK;
}

static enum err judge_disputes(
    struct reconcile *run, void *context, void **records, uint32_t count, struct err_info *reterr)
{
    (void)context;
    for (uint32_t i = 0; i < count; i++) {
        const struct dispute *dispute = records[i];
        const char *text = "";
        if (!is_in_conflict(dispute, &text) || is_before_books(run, dispute->made_at)) {
            continue;
        }
        bool is_won = dispute->state == DISPUTE_WON;
        struct finding finding = {.code = CODE_DISPUTE_OUTCOME_CONFLICT,
            .subject_kind = ID_DISPUTE,
            .subject = dispute->head.id,
            .currency = is_won ? dispute->settlement_currency : dispute->currency,
            .ours_minor = is_won ? 0 : dispute->amount_minor,
            .theirs_minor = is_won ? dispute->withdrawn_minor : 0,
            .text = str_from(text)};
        TRY(decided_at(run, dispute, &finding.since_us, reterr));
        TRY(name_of(run, dispute->head.id, &finding.name, reterr));
        TRY(finding_add(run, &finding));
    }
    return ERR_OK;
}

enum err find_in_disputes(struct reconcile *run, struct err_info *reterr)
{
    return reconcile_records(run, ID_DISPUTE, judge_disputes, NULL, reterr);
}

/* --- invoices --- */

/* Of a page of receivables, the invoices that more was paid for than was owed, by two payments at
 * least. */
static enum err judge_overpaid(
    struct reconcile *run, const struct ledger_balance *balance, struct err_info *reterr)
{
    const struct record_kind *links = record_kind_of(ID_INVOICE_PAYMENT);
    void **records = NULL;
    uint32_t count = 0;
    uint32_t paid = 0;
    TRY(records_linked(run->setup.store, links, record_field(links, STR("invoice_id")),
        balance->key, LIMIT_LINKED, run->pages, &records, &count, reterr));
    for (uint32_t i = 0; i < count; i++) {
        paid += ((const struct invoice_payment *)records[i])->state == INVOICE_PAYMENT_PAID ? 1 : 0;
    }
    struct finding finding = {.code = CODE_DUPLICATE_CHARGE,
        .subject_kind = ID_INVOICE,
        .subject = balance->key,
        .currency = balance->currency,
        .since_us = balance->since_us};
    if (paid < 2 || is_before_books(run, balance->since_us)) {
        return ERR_OK;
    }
    TRY(minor_subtract(0, balance->minor, &finding.theirs_minor));
    finding.text = finding_text(run->pages, "%u payments have paid it, by more than it was", paid);
    TRY(name_of(run, balance->key, &finding.name, reterr));
    return finding_add(run, &finding);
}

enum err find_in_invoices(struct reconcile *run, struct err_info *reterr)
{
    struct ledger_balance last;
    struct ledger_balance *balances = NULL;
    uint32_t count = FINDING_PAGE;
    for (bool first = true; count == FINDING_PAGE; first = false) {
        arena_reset(run->pages);
        TRY(ledger_keys(run->setup.store, run->run.scope, ACCOUNT_RECEIVABLE_INVOICES,
            first ? NULL : &last, FINDING_PAGE, run->pages, &balances, &count, reterr));
        for (uint32_t i = 0; i < count; i++) {
            last = balances[i];
            if (balances[i].minor < 0) {
                TRY(judge_overpaid(run, &balances[i], reterr));
            }
        }
        run->progress.looked_at += count;
    }
    return ERR_OK;
}
