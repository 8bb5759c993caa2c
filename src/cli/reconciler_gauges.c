#include "base/metrics.h"
#include "base/timestamp.h"
#include "cli/reconciler_inside.h"

#define EVERY_US (10 * US_PER_SECOND)
#define BEHIND_US (2 * US_PER_DAY)

_Static_assert(METRIC_COMPLETE_EVENTS + MEASURE_COUNT - 1 == METRIC_COMPLETE_EXPLAINED,
    "a gauge for each measure, in their order");
_Static_assert(METRIC_DISCREPANCIES_MEDIUM + SEVERITY_COUNT - 1 == METRIC_DISCREPANCIES_CRITICAL,
    "a gauge for each severity, in their order");

/* Kinds about one side that has waited for the other for too long. */
static bool is_of_clearing(enum discrepancy_code code)
{
    return code == CODE_AMOUNT_MISMATCH || code == CODE_CURRENCY_MISMATCH ||
           code == CODE_MISSING_AT_PROVIDER || code == CODE_MISSING_LOCAL_OBJECT ||
           code == CODE_STATUS_MISMATCH || code == CODE_DISPUTE_OUTCOME_CONFLICT ||
           code == CODE_PAYOUT_STUCK;
}

static enum err export_open(struct reconciler *reconciler)
{
    struct discrepancy_total *totals = NULL;
    uint32_t count = 0;
    int64_t open[SEVERITY_COUNT] = {0};
    int64_t late = 0;
    arena_reset(reconciler->pages);
    TRY(discrepancy_totals(reconciler->store, 0, reconciler->pages, &totals, &count, NULL));
    for (uint32_t i = 0; i < count; i++) {
        open[code_row(totals[i].code)->severity] += totals[i].count;
        late += is_of_clearing(totals[i].code) ? totals[i].count : 0;
    }
    for (int i = 0; i < SEVERITY_COUNT; i++) {
        metric_set((enum metric)(METRIC_DISCREPANCIES_MEDIUM + i), open[i]);
    }
    metric_set(METRIC_CLEARING_LATE, late);
    return ERR_OK;
}

/* Runs of other nodes and of people count too. */
static enum err export_last_agreed(struct reconciler *reconciler)
{
    int64_t oldest_us = INT64_MAX;
    for (uint32_t i = 0; i < reconciler->reconciled_count; i++) {
        int64_t scope = reconciler->reconciled[i].scope;
        int64_t last_us = 0;
        TRY(scope == 0 ? ERR_OK : run_last_agreed(reconciler->store, scope, &last_us, NULL));
        oldest_us = last_us < oldest_us ? last_us : oldest_us;
    }
    metric_set(METRIC_RECONCILE_LAST_AGREED,
        reconciler->reconciled_count > 0 ? oldest_us / US_PER_SECOND : 0);
    return ERR_OK;
}

/* One series each would be as many as there are accounts. */
static enum err export_connected(struct reconciler *reconciler)
{
    int64_t since_us = env_now(reconciler->setup.env) - BEHIND_US;
    struct runs_below all = {0};
    for (uint32_t i = 0; i < reconciler->reconciled_count; i++) {
        int64_t scope = reconciler->reconciled[i].scope;
        struct runs_below one = {0};
        TRY(scope == 0 ? ERR_OK
                       : runs_last_agreed_below(reconciler->store, scope, since_us, &one, NULL));
        bool is_oldest =
            one.oldest_us != 0 && (all.oldest_us == 0 || one.oldest_us < all.oldest_us);
        all.agreed += one.agreed;
        all.behind += one.behind;
        all.never += one.never;
        all.oldest_us = is_oldest ? one.oldest_us : all.oldest_us;
    }
    metric_set(METRIC_CONNECTED_LAST_AGREED, all.oldest_us / US_PER_SECOND);
    metric_set(METRIC_CONNECTED_AGREED, all.agreed);
    metric_set(METRIC_CONNECTED_BEHIND, all.behind);
    metric_set(METRIC_CONNECTED_NEVER, all.never);
    return ERR_OK;
}

static int64_t lesser(int64_t least, const struct completeness *complete)
{
    return complete->is_known && (least < 0 || complete->ppm < least) ? complete->ppm : least;
}

static void export_completeness(const struct reconciler *reconciler)
{
    for (int measure = 0; measure < MEASURE_COUNT; measure++) {
        int64_t least = -1;
        for (uint32_t i = 0; i < reconciler->reconciled_count; i++) {
            least = lesser(least, &reconciler->reconciled[i].complete[measure]);
            least = lesser(least, &reconciler->reconciled[i].below_complete[measure]);
        }
        metric_set((enum metric)(METRIC_COMPLETE_EVENTS + measure), least);
    }
}

/* Trouble with the store is said by those who write. */
void reconciler_export(struct reconciler *reconciler)
{
    int64_t now_us = env_monotonic(reconciler->setup.env);
    if (now_us < reconciler->gauges_due_us) {
        return;
    }
    reconciler->gauges_due_us = now_us + EVERY_US;
    export_completeness(reconciler);
    if (store_begin(reconciler->store, STORE_READ, NULL) == ERR_OK) {
        enum err err = export_open(reconciler);
        err = err == ERR_OK ? export_last_agreed(reconciler) : err;
        err = err == ERR_OK ? export_connected(reconciler) : err;
        (void)err;
        (void)store_rollback(reconciler->store);
    }
}
