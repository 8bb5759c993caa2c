#include "base/check.h"
#include "base/timestamp.h"
#include "flow/pull.h"
#include "flow/submit.h"
#include "cli/reconciler_inside.h"

#define CAUGHT_UP_DAYS_MAX 7 /* of one run: what is older is for people */
#define RUNS_MAX 100         /* that are looked at for the first day */
#define LOOK_EVERY_US (30 * US_PER_SECOND)

/* A run as of then, or later, knows all of the day. */
static int64_t done_from(
    const struct reconciler *reconciler, const struct reconciled *reconciled, struct day day)
{
    return day_clock(reconciled->zone, day_next(day), reconciler->setup.config->reconcile_at_us);
}

/* Was it reconciled when it was over, and its time had come? */
static enum err is_done(struct reconciler *reconciler,
    const struct reconciled *reconciled,
    struct day day,
    bool *ret_done,
    struct err_info *reterr)
{
    struct reconcile_run run = {0};
    int64_t from_us = 0;
    int64_t to_us = 0;
    day_bounds(reconciled->zone, day, &from_us, &to_us);
    TRY(run_covering(reconciler->store, reconciled->scope, from_us, to_us, &run, reterr));
    *ret_done = run.number > 0 && run.as_of_us >= done_from(reconciler, reconciled, day);
    return ERR_OK;
}

/* The first day's beginning that anybody reconciled lately; INT64_MAX: nobody ever has. */
static enum err first_reconciled(struct reconciler *reconciler,
    const struct reconciled *reconciled,
    int64_t *ret_from_us,
    struct err_info *reterr)
{
    struct reconcile_run *runs = NULL;
    uint32_t count = 0;
    arena_reset(reconciler->pages);
    TRY(runs_list(
        reconciler->store, reconciled->scope, RUNS_MAX, reconciler->pages, &runs, &count, reterr));
    *ret_from_us = INT64_MAX;
    for (uint32_t i = 0; i < count; i++) {
        bool counts = runs[i].finished_us > 0 && runs[i].from_us < *ret_from_us;
        *ret_from_us = counts ? runs[i].from_us : *ret_from_us;
    }
    return ERR_OK;
}

static enum err start_of_books(struct reconciler *reconciler,
    const struct reconciled *reconciled,
    int64_t *ret_start_us,
    struct err_info *reterr)
{
    struct books_start start = {0};
    arena_reset(reconciler->pages);
    TRY(books_start_get(reconciler->store, reconciled->scope, reconciler->pages, &start, reterr));
    *ret_start_us = start.start_us;
    return ERR_OK;
}

static enum err look_at_size(struct reconciler *reconciler,
    struct reconciled *reconciled,
    int64_t now_us,
    struct err_info *reterr)
{
    struct pull_due due;
    TRY(pull_next(reconciler->store, reconciled->scope, now_us, &due, reterr));
    reconciled->is_large = due.is_large;
    return ERR_OK;
}

/* From the first day that was missed, but not before the books, nor days that were there before
 * anybody reconciled. */
static enum err look_at_closed(struct reconciler *reconciler,
    struct reconciled *reconciled,
    int64_t now_us,
    bool *ret_due,
    struct err_info *reterr)
{
    int64_t due_us = 0;
    int64_t start_us = 0;
    int64_t unused = 0;
    bool done = false;
    int64_t first_us = 0;
    struct days days = {0};
    struct day last =
        day_closed(reconciled->zone, reconciler->setup.config->reconcile_at_us, now_us, &due_us);
    struct day first = last;
    TRY(is_done(reconciler, reconciled, last, &done, reterr));
    if (done) {
        *ret_due = false;
        return ERR_OK;
    }
    TRY(first_reconciled(reconciler, reconciled, &first_us, reterr));
    TRY(start_of_books(reconciler, reconciled, &start_us, reterr));
    day_bounds(reconciled->zone, first, &days.from_us, &unused);
    for (int i = 1; days.from_us > first_us && i < CAUGHT_UP_DAYS_MAX; i++) {
        TRY(is_done(reconciler, reconciled, day_before(first), &done, reterr));
        if (done) {
            break;
        }
        first = day_before(first);
        day_bounds(reconciled->zone, first, &days.from_us, &unused);
    }
    day_bounds(reconciled->zone, last, &unused, &days.to_us);
    days.from_us = days.from_us < start_us ? start_us : days.from_us;
    *ret_due = days.from_us < days.to_us;
    reconciled->days = days;
    reconciled->is_open_day = false;
    reconciled->done_as_of_us = done_from(reconciler, reconciled, last);
    return *ret_due ? look_at_size(reconciler, reconciled, now_us, reterr) : ERR_OK;
}

static bool look_at_open(
    const struct reconciler *reconciler, struct reconciled *reconciled, int64_t now_us)
{
    struct days days = {0};
    int64_t every_us = reconciler->setup.config->reconcile_every_us;
    bool clock_went_back = reconciled->open_due_us > now_us + every_us;
    if (every_us == 0 || reconciled->above != NULL ||
        (reconciled->open_due_us > now_us && !clock_went_back)) {
        return false;
    }
    day_bounds(reconciled->zone, day_of(reconciled->zone, now_us), &days.from_us, &days.to_us);
    reconciled->days = days;
    reconciled->is_open_day = true;
    reconciled->is_large = false; /* the provider has no reports of it yet */
    reconciled->done_as_of_us = now_us - every_us / 2;
    return true;
}

static enum err find_scope(
    struct reconciler *reconciler, struct reconciled *reconciled, struct err_info *reterr)
{
    if (reconciled->scope != 0) {
        return ERR_OK;
    }
    int64_t scope = 0;
    TRY(store_begin(reconciler->store, STORE_WRITE, reterr));
    CLEANUP(store_rollback) struct store *transaction = reconciler->store;
    TRY(submit_scope(reconciler->store, reconciled->account, STR_NONE, &scope, reterr));
    TRY(store_commit(reconciler->store, reterr));
    transaction = NULL;
    reconciled->scope = scope;
    return ERR_OK;
}

enum err reconciler_look(struct reconciler *reconciler,
    struct reconciled *reconciled,
    int64_t now_us,
    bool *ret_due,
    struct err_info *reterr)
{
    bool clock_went_back = reconciled->look_us > now_us + LOOK_EVERY_US;
    bool is_due = look_at_open(reconciler, reconciled, now_us);
    if (reconciler->setup.config->reconcile_at_us >= 0 &&
        (is_due || reconciled->look_us <= now_us || clock_went_back)) {
        bool closed = false;
        const struct reconciled open = *reconciled;
        TRY(find_scope(reconciler, reconciled, reterr));
        TRY(store_begin(reconciler->store, STORE_READ, reterr));
        CLEANUP(store_rollback) struct store *transaction = reconciler->store;
        TRY(look_at_closed(reconciler, reconciled, now_us, &closed, reterr));
        transaction = store_rollback(transaction);
        reconciled->look_us = now_us + LOOK_EVERY_US;
        if (!closed && is_due) {
            reconciled->days = open.days;
            reconciled->done_as_of_us = open.done_as_of_us;
            reconciled->is_open_day = true;
        }
        is_due = is_due || closed;
    }
    *ret_due = is_due;
    return ERR_OK;
}
