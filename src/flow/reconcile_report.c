#include "base/check.h"
#include "flow/reconcile_inside.h"
#include <stdlib.h>

enum err report_out_of_room(struct err_info *reterr)
{
    return err_set(reterr, ERR_TOO_LARGE, "the report needs more memory than it may have");
}

/* --- payouts --- */

static int compare_payouts(const void *a, const void *b)
{
    const struct report_payout *left = a;
    const struct report_payout *right = b;
    if (left->arrival_us != right->arrival_us) {
        return left->arrival_us < right->arrival_us ? -1 : 1;
    }
    return str_compare(left->provider_id, right->provider_id);
}

struct payouts {
    struct reconcile_report *report;
    uint32_t room;
};

static enum err make_room(struct reconcile *run, struct payouts *payouts, struct err_info *reterr)
{
    struct reconcile_report *report = payouts->report;
    if (report->payout_count < payouts->room) {
        return ERR_OK;
    }
    uint32_t room = payouts->room == 0 ? 16 : 2 * payouts->room;
    struct report_payout *rows = arena_new_array(run->setup.arena, struct report_payout, room);
    if (rows == NULL || room > 2 * REPORT_PAYOUTS_MAX) {
        return report_out_of_room(reterr);
    }
    if (report->payout_count > 0) {
        memcpy(rows, report->payouts, report->payout_count * sizeof *rows);
    }
    report->payouts = rows;
    payouts->room = room;
    return ERR_OK;
}

static int compare_sums(const void *a, const void *b)
{
    return own_id_compare(
        ((const struct payout_sum *)a)->payout, ((const struct payout_sum *)b)->payout);
}

/* One that came since it was looked for has no lines yet. */
static struct payout_sum sum_of(const struct reconcile *run, struct own_id payout)
{
    const struct payout_sum wanted = {.payout = payout};
    const struct payout_sum *found =
        run->payout_count == 0
            ? NULL
            : bsearch(&wanted, run->payouts, run->payout_count, sizeof wanted, compare_sums);
    return found != NULL ? *found : wanted;
}

static enum err add_payout(struct reconcile *run,
    const struct payout *payout,
    struct payouts *payouts,
    struct err_info *reterr)
{
    struct payout_sum sum = sum_of(run, payout->head.id);
    struct payout_left left;
    struct str name = STR_NONE;
    TRY(make_room(run, payouts, reterr));
    TRY(proof_names(run->setup.store, &sum.payout, 1, run->setup.arena, &name, reterr));
    TRY(payout_remainder(run, payout, &sum, name, &left, reterr));
    payouts->report->payouts[payouts->report->payout_count++] = (struct report_payout){
        .id = payout->head.id,
        .provider_id = name,
        .state = payout->state,
        .automatic = payout->automatic,
        .arrival_us = payout->arrival_at,
        .amount_minor = payout->amount_minor,
        .currency = payout->currency,
        .line_count = sum.count,
        .lines_minor = sum.net_minor,
        .remainder_minor = left.minor,
        .remainder = left.why,
    };
    return ERR_OK;
}

static enum err state_page(
    struct reconcile *run, void *context, void **records, uint32_t count, struct err_info *reterr)
{
    for (uint32_t i = 0; i < count; i++) {
        if (payout_is_of_days(run, records[i])) {
            TRY(add_payout(run, records[i], context, reterr));
        }
    }
    return ERR_OK;
}

static enum err state_payouts(
    struct reconcile *run, struct reconcile_report *report, struct err_info *reterr)
{
    struct payouts payouts = {report, 0};
    TRY(reconcile_records(run, ID_PAYOUT, state_page, &payouts, reterr));
    if (report->payout_count > 0) {
        qsort(report->payouts, report->payout_count, sizeof *report->payouts, compare_payouts);
    }
    return ERR_OK;
}

/* --- the whole --- */

static int compare_waiting(const void *a, const void *b)
{
    const struct report_waiting *left = a;
    const struct report_waiting *right = b;
    if (left->account != right->account) {
        return left->account < right->account ? -1 : 1;
    }
    return strcmp(left->currency.code, right->currency.code);
}

static enum err state_movements(
    struct reconcile *run, struct reconcile_report *report, struct err_info *reterr)
{
    const struct moved moved = run->moved;
    report->currencies = run->currencies;
    report->currency_count = run->currency_count;
    report->movements =
        arena_new_array(run->setup.arena, struct report_movement, (size_t)moved.count + 1);
    if (report->movements == NULL) {
        return report_out_of_room(reterr);
    }
    for (uint32_t i = 0; i < moved.count; i++) {
        const struct line_sums *sums = &moved.rows[i];
        report->movements[i] = (struct report_movement){sums->currency, sums->kind, sums->count,
            sums->amount_minor, sums->fee_minor, sums->net_minor};
    }
    report->movement_count = moved.count;
    return ERR_OK;
}

enum err reconcile_state(struct reconcile *run, struct err_info *reterr)
{
    const struct reconcile_setup *setup = &run->setup;
    struct reconcile_report *report = arena_new_array(setup->arena, struct reconcile_report, 1);
    if (report == NULL) {
        return report_out_of_room(reterr);
    }
    *report = (struct reconcile_report){
        .scope = run->run.scope,
        .account = setup->below.len > 0 ? setup->below : setup->account->says.name,
        .environment = setup->account->says.live ? STR("live") : STR("test"),
        .zone = setup->zone.len > 0 ? setup->zone : STR("UTC"),
        .from_us = setup->from_us,
        .to_us = setup->to_us,
        .as_of_us = setup->as_of_us,
        .start_us = run->start.start_us,
        .covered_from_us = run->covered_from_us,
        .covered_to_us = run->covered_to_us,
        .waiting = run->waiting,
        .waiting_count = run->waiting_count,
    };
    if (report->waiting_count > 0) {
        qsort(report->waiting, report->waiting_count, sizeof *report->waiting, compare_waiting);
    }
    TRY(state_movements(run, report, reterr));
    TRY(reconcile_compare_balances(
        run, setup->arena, &report->balances, &report->balance_count, reterr));
    TRY(state_payouts(run, report, reterr));
    TRY(reconcile_state_open(run, report, reterr));
    TRY(reconcile_measure(run, report, reterr));
    run->report = report;
    return ERR_OK;
}
