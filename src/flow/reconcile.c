#include "flow/reconcile.h"
#include "base/check.h"
#include "flow/reconcile_inside.h"
#include "flow/submit.h"
#include <stdlib.h>

#define PAGES_BYTES ((size_t)256 * 1024 * 1024)

static const char *const stage_words[] = {"asking for events", "asking for lines",
    "asking for the balance", "healing", "comparing", "settling", "stating", "done"};

const char *reconcile_stage_word(enum reconcile_stage stage)
{
    REQUIRE((unsigned)stage <= RECONCILE_DONE);
    return stage_words[stage];
}

struct reconcile *reconcile_new(const struct reconcile_setup *setup)
{
    REQUIRE(setup != NULL && setup->store != NULL && setup->account != NULL);
    REQUIRE(setup->arena != NULL && setup->env != NULL);
    REQUIRE(setup->from_us < setup->to_us);
    struct reconcile *run = calloc(1, sizeof *run);
    if (run == NULL) {
        return NULL;
    }
    run->setup = *setup;
    env_random(setup->env, &run->holder, sizeof run->holder);
    run->pages = arena_new(PAGES_BYTES);
    return run->pages != NULL ? run : reconcile_free(run);
}

struct reconcile *reconcile_free(struct reconcile *run)
{
    if (run != NULL) {
        run->pulling = pulling_free(run->pulling);
        run->healing = healing_free(run->healing);
        reconcile_lease_end(run);
        (void)arena_free(run->pages);
        free(run);
    }
    return NULL;
}

/* --- the beginning --- */

/* Reading commands make no scope: an account that nothing is known of has no books. */
static enum err find_scope(struct reconcile *run, struct err_info *reterr)
{
    const struct reconcile_setup *setup = &run->setup;
    struct scope_key key = submit_scope_key(setup->account, setup->below);
    struct scope_row *rows = NULL;
    uint32_t count = 0;
    TRY(scope_list(setup->store, run->pages, &rows, &count, reterr));
    for (uint32_t i = 0; i < count; i++) {
        if (str_eq(rows[i].account_key, key.account_key) &&
            str_eq(rows[i].environment, key.live ? STR("live") : STR("test")) &&
            str_eq(rows[i].provider, key.provider)) {
            run->run.scope = rows[i].scope;
            return ERR_OK;
        }
    }
    return err_set(reterr, ERR_NOT_FOUND,
        "nothing is known of that account yet: run `serve`, `backfill` or `import` first");
}

static enum err begin_dry(struct reconcile *run, struct err_info *reterr)
{
    TRY(store_begin(run->setup.store, STORE_READ, reterr));
    CLEANUP(store_rollback) struct store *transaction = run->setup.store;
    (void)transaction;
    TRY(find_scope(run, reterr));
    return books_start_get(run->setup.store, run->run.scope, run->setup.arena, &run->start, reterr);
}

static enum err check_done(struct reconcile *run, struct err_info *reterr)
{
    const struct reconcile_setup *setup = &run->setup;
    struct reconcile_run done = {0};
    if (setup->done_as_of_us == 0) {
        return ERR_OK;
    }
    TRY(run_covering(setup->store, run->run.scope, setup->from_us, setup->to_us, &done, reterr));
    return done.number == 0 || done.as_of_us < setup->done_as_of_us
               ? ERR_OK
               : err_set(reterr, ERR_DUPLICATE, "these days have been reconciled meanwhile");
}

/* Whose graces and ages count on from where they did. */
static enum err resume(struct reconcile *run, struct err_info *reterr)
{
    struct reconcile_setup *setup = &run->setup;
    struct reconcile_run left = {0};
    if (setup->resume_since_us != 0) {
        TRY(run_interrupted(setup->store, run->run.scope, setup->from_us, setup->to_us,
            setup->resume_since_us, &left, reterr));
    }
    setup->as_of_us = left.number > 0 ? left.as_of_us : setup->as_of_us;
    return ERR_OK;
}

static enum err begin_run(struct reconcile *run, struct err_info *reterr)
{
    const struct reconcile_setup *setup = &run->setup;
    TRY(store_begin(setup->store, STORE_WRITE, reterr));
    CLEANUP(store_rollback) struct store *transaction = setup->store;
    TRY(submit_scope(setup->store, setup->account, setup->below, &run->run.scope, reterr));
    TRY(reconcile_lease_take(run, reterr));
    TRY(check_done(run, reterr));
    TRY(resume(run, reterr));
    run->run.from_us = setup->from_us;
    run->run.to_us = setup->to_us;
    run->run.as_of_us = setup->as_of_us;
    run->run.started_us = env_now(setup->env);
    TRY(run_begin(setup->store, &run->run, reterr));
    TRY(books_start_get(setup->store, run->run.scope, setup->arena, &run->start, reterr));
    transaction = NULL;
    return store_commit(setup->store, reterr);
}

static enum err begin(struct reconcile *run, struct err_info *reterr)
{
    enum err err = run->setup.dry_run ? begin_dry(run, reterr) : begin_run(run, reterr);
    if (err != ERR_OK) {
        run->run.scope = 0; /* begins anew */
    }
    return err;
}

/* --- stages --- */

static bool asks(const struct reconcile *run)
{
    return run->setup.api != NULL && !run->setup.dry_run;
}

typedef enum err work_fn(struct reconcile *run, struct err_info *reterr);

static enum err in_write(struct reconcile *run, work_fn *work, struct err_info *reterr)
{
    TRY(store_begin(run->setup.store, STORE_WRITE, reterr));
    CLEANUP(store_rollback) struct store *transaction = run->setup.store;
    TRY(reconcile_lease_keep(run, reterr));
    TRY(work(run, reterr));
    transaction = NULL;
    return store_commit(run->setup.store, reterr);
}

/* Books that begin in the middle of a history: see reconcile_start.h. */
static enum err open_books(struct reconcile *run, struct err_info *reterr)
{
    bool is_open = run->start.start_us == 0 || run->start.opened_us != 0;
    if (is_open || run->setup.dry_run || !run->balance_held) {
        return ERR_OK;
    }
    TRY(in_write(run, reconcile_open_books, reterr));
    run->start.opened_us = env_now(run->setup.env); /* not before it is kept */
    return ERR_OK;
}

static enum err file_older(struct reconcile *run, struct err_info *reterr)
{
    if (run->older_count == 0 || run->setup.dry_run) {
        return ERR_OK;
    }
    TRY(in_write(run, reconcile_file_older, reterr));
    return reconcile_find(run, reterr);
}

static enum err settle(struct reconcile *run, struct err_info *reterr)
{
    struct settle_counts counts = {0};
    const struct settling settling = {.scope = run->run.scope,
        .run = run->run.number,
        .as_of_us = run->setup.as_of_us,
        .findings = run->findings,
        .count = run->finding_count,
        .looked = run->looked,
        .may_write = reconcile_lease_keep,
        .may_write_context = run};
    TRY(discrepancies_settle(
        run->setup.store, &settling, env_now(run->setup.env), &counts, reterr));
    run->run.found = counts.found;
    run->run.raised = counts.raised + counts.reopened;
    run->run.cleared = counts.cleared;
    run->run.open = counts.open;
    run->run.agreed = counts.open == 0;
    return ERR_OK;
}

static enum err state(struct reconcile *run, struct err_info *reterr)
{
    TRY(store_begin(run->setup.store, STORE_READ, reterr));
    CLEANUP(store_rollback) struct store *transaction = run->setup.store;
    (void)transaction;
    return reconcile_state(run, reterr);
}

static enum err finish(struct reconcile *run, struct err_info *reterr)
{
    if (run->setup.dry_run) {
        return ERR_OK;
    }
    bool is_over = false;
    TRY(store_begin(run->setup.store, STORE_WRITE, reterr));
    CLEANUP(store_rollback) struct store *transaction = run->setup.store;
    TRY(reconcile_lease_last(run, &is_over, reterr));
    if (is_over) {
        return ERR_OK;
    }
    run->run.finished_us = env_now(run->setup.env);
    TRY(run_finish(run->setup.store, &run->run, reterr));
    TRY(run_lease_end(run->setup.store, run->run.scope, run->holder, reterr));
    transaction = NULL;
    return store_commit(run->setup.store, reterr);
}

/* Healing asks again for what the first look has found; the second look counts. */
static enum err look(struct reconcile *run, bool *ret_again, struct err_info *reterr)
{
    TRY(open_books(run, reterr));
    TRY(reconcile_find(run, reterr));
    TRY(file_older(run, reterr));
    *ret_again = asks(run) && !run->has_healed && run->finding_count > 0;
    return ERR_OK;
}

static enum err do_stage(struct reconcile *run, bool *ret_more, struct err_info *reterr)
{
    bool again = false;
    switch (run->progress.stage) {
    case RECONCILE_PULL_EVENTS:
        return asks(run) ? reconcile_pull_events(run, ret_more, reterr) : ERR_OK;
    case RECONCILE_PULL_LINES:
        return asks(run) ? reconcile_pull_lines(run, ret_more, reterr) : ERR_OK;
    case RECONCILE_PULL_BALANCE:
        return asks(run) ? reconcile_pull_balance(run, ret_more, reterr) : ERR_OK;
    case RECONCILE_HEAL:
        return asks(run) ? reconcile_heal(run, ret_more, reterr) : ERR_OK;
    case RECONCILE_FIND:
        TRY(reconcile_look_twice(run, ret_more, reterr));
        if (*ret_more) {
            return ERR_OK;
        }
        TRY(look(run, &again, reterr));
        if (again) {
            run->progress.stage = RECONCILE_HEAL;
            *ret_more = true;
        }
        return ERR_OK;
    case RECONCILE_SETTLE:
        return run->setup.dry_run ? ERR_OK : settle(run, reterr);
    case RECONCILE_REPORT:
        TRY(state(run, reterr));
        return finish(run, reterr);
    case RECONCILE_DONE:
    default:
        UNREACHABLE();
    }
}

enum err reconcile_step(
    struct reconcile *run, enum reconcile_stage *ret_stage, struct err_info *reterr)
{
    REQUIRE(run != NULL && ret_stage != NULL);
    REQUIRE(run->progress.stage != RECONCILE_DONE);
    bool more = false;
    arena_reset(run->pages);
    if (run->run.scope == 0) {
        TRY(begin(run, reterr));
    }
    TRY(reconcile_lease_prolong(run, reterr));
    TRY(do_stage(run, &more, reterr));
    if (!more) {
        run->progress.stage++;
    }
    *ret_stage = run->progress.stage;
    return ERR_OK;
}

/* --- what came of it --- */

struct reconcile_progress reconcile_progress(const struct reconcile *run)
{
    REQUIRE(run != NULL);
    return run->progress;
}

const struct reconcile_report *reconcile_report(const struct reconcile *run)
{
    REQUIRE(run != NULL && run->report != NULL);
    return run->report;
}

struct reconcile_run reconcile_run(const struct reconcile *run)
{
    REQUIRE(run != NULL);
    return run->run;
}
