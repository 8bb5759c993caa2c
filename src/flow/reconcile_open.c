#include "base/check.h"
#include "flow/reconcile_inside.h"
#include "flow/reconcile_listed.h"
#include <stdlib.h>

#define OPEN_STATES                                                                                \
    (1U << DISCREPANCY_OPEN | 1U << DISCREPANCY_ACKNOWLEDGED | 1U << DISCREPANCY_EXPLAINED)
#define OPEN_KINDS_MAX 1024 /* codes by currencies */

static enum err count_open(struct reconcile *run,
    struct reconcile_report *report,
    const struct finding *found,
    struct err_info *reterr)
{
    struct report_open *row = NULL;
    for (uint32_t i = 0; i < report->open_count; i++) {
        if (report->open[i].code == found->code &&
            currency_eq(report->open[i].currency, found->currency)) {
            row = &report->open[i];
        }
    }
    if (row == NULL && report->open_count == OPEN_KINDS_MAX) {
        return report_out_of_room(reterr);
    }
    if (row == NULL) {
        row = &report->open[report->open_count++];
        *row = (struct report_open){.code = found->code, .currency = found->currency};
    }
    uint32_t age = age_bucket(found->since_us, run->setup.as_of_us);
    row->count[age]++;
    row->minor[age] = minor_grow(row->minor[age], finding_size(found));
    report->open_total++;
    report->critical_total += code_row(found->code)->severity == SEVERITY_CRITICAL ? 1 : 0;
    return ERR_OK;
}

static int compare_open(const void *a, const void *b)
{
    const struct report_open *left = a;
    const struct report_open *right = b;
    if (left->code != right->code) {
        return left->code < right->code ? -1 : 1;
    }
    return strcmp(left->currency.code, right->currency.code);
}

static void sort_open(struct reconcile_report *report)
{
    if (report->open_count > 0) {
        qsort(report->open, report->open_count, sizeof *report->open, compare_open);
    }
}

/* What is not over is counted and listed. */
struct stating {
    struct reconcile *run;
    struct reconcile_report *report;
    struct listed *listed;
};

static enum err take_open(
    const struct stating *stating, const struct discrepancy *discrepancy, struct err_info *reterr)
{
    if (listed_add(stating->listed, discrepancy) != ERR_OK) {
        return report_out_of_room(reterr);
    }
    return count_open(stating->run, stating->report, &discrepancy->found, reterr);
}

/* --- what would be open, had the run settled --- */

static int compare_ids(const void *a, const void *b)
{
    return own_id_compare(*(const struct own_id *)a, *(const struct own_id *)b);
}

/* A run that settles would raise, observe or reopen it, or leave it as it is. */
static void foresee_found(struct discrepancy *known, const struct finding *found)
{
    enum deed deed = DEED_RAISE;
    enum discrepancy_state state = known->state;
    if (known->step_count == 0) {
        state = DISCREPANCY_OPEN;
    } else {
        (void)run_judge_found(known->state, code_row(found->code)->is_fact,
            finding_says_the_same(&known->found, found), &deed, &state);
    }
    known->found = *found;
    known->state = state;
}

static enum err take_found(
    const struct stating *stating, const struct own_id *ids, struct err_info *reterr)
{
    struct reconcile *run = stating->run;
    struct arena *arena = run->setup.arena;
    uint32_t count = run->finding_count;
    struct discrepancy *known = arena_new_array(arena, struct discrepancy, count + 1);
    if (known == NULL) {
        return report_out_of_room(reterr);
    }
    TRY(discrepancies_known(run->setup.store, ids, count, arena, known, reterr));
    for (uint32_t i = 0; i < count; i++) {
        known[i].id = ids[i];
        foresee_found(&known[i], &run->findings[i]);
        if (!discrepancy_is_over(known[i].state)) {
            TRY(take_open(stating, &known[i], reterr));
        }
    }
    return ERR_OK;
}

/* What this run cannot find any more it would clear, where it has looked at everything. */
static bool stays_open(
    const struct reconcile *run, const struct own_id *found, const struct discrepancy *row)
{
    enum deed deed;
    enum discrepancy_state state;
    bool is_found = run->finding_count > 0 && bsearch(&row->id, found, run->finding_count,
                                                  sizeof *found, compare_ids) != NULL;
    bool was_looked_at = settle_looked_at(&run->looked, &row->found);
    return !is_found && !(was_looked_at && run_judge_lost(row->state, &deed, &state));
}

/* Those that are stored as not over; of a dry run (`found`: what it has found, sorted), those that
 * it would leave so. */
static enum err take_stored(
    const struct stating *stating, const struct own_id *found, struct err_info *reterr)
{
    struct reconcile *run = stating->run;
    const struct discrepancy_filter filter = {.scope = run->run.scope, .states = OPEN_STATES};
    struct own_id after = {{0}};
    uint32_t count = FINDING_PAGE;
    while (count == FINDING_PAGE) {
        struct discrepancy *rows = NULL;
        arena_reset(run->pages);
        TRY(discrepancies_list(
            run->setup.store, &filter, after, FINDING_PAGE, run->pages, &rows, &count, reterr));
        for (uint32_t i = 0; i < count; i++) {
            after = rows[i].id;
            if (found == NULL || stays_open(run, found, &rows[i])) {
                TRY(take_open(stating, &rows[i], reterr));
            }
        }
    }
    return ERR_OK;
}

static enum err foresee_open(const struct stating *stating, struct err_info *reterr)
{
    struct reconcile *run = stating->run;
    uint32_t count = run->finding_count;
    struct own_id *found = arena_new_array(run->setup.arena, struct own_id, count + 1);
    if (found == NULL) {
        return report_out_of_room(reterr);
    }
    for (uint32_t i = 0; i < count; i++) {
        found[i] = finding_id(&run->findings[i]);
    }
    TRY(take_found(stating, found, reterr));
    if (count > 0) {
        qsort(found, count, sizeof *found, compare_ids);
    }
    return take_stored(stating, found, reterr);
}

enum err reconcile_state_open(
    struct reconcile *run, struct reconcile_report *report, struct err_info *reterr)
{
    struct arena *arena = run->setup.arena;
    report->open = arena_new_array(arena, struct report_open, OPEN_KINDS_MAX);
    CLEANUP(listed_free) struct listed *listed = listed_new(REPORT_LISTED_MAX);
    if (report->open == NULL || listed == NULL) {
        return report_out_of_room(reterr);
    }
    const struct stating stating = {run, report, listed};
    TRY(run->setup.dry_run ? foresee_open(&stating, reterr) : take_stored(&stating, NULL, reterr));
    if (listed_take(listed, arena, &report->discrepancies, &report->discrepancy_count) != ERR_OK) {
        return report_out_of_room(reterr);
    }
    sort_open(report);
    report->agreed = report->open_total == 0;
    return ERR_OK;
}
