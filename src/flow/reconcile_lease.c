#include "base/check.h"
#include "base/timestamp.h"
#include "flow/reconcile_inside.h"

#define LEASE_US (2 * US_PER_MINUTE) /* kept in time; so long a killed one is waited for */
#define LONG_US (30 * US_PER_MINUTE) /* over a step that may take long: a report and its lines */

static struct run_lease lease_of(const struct reconcile *run, bool is_long)
{
    int64_t now_us = env_now(run->setup.env);
    return (struct run_lease){run->run.scope, run->holder, now_us,
        now_us + (is_long ? LONG_US : LEASE_US), run->setup.who};
}

static void note_kept(struct reconcile *run, bool is_long)
{
    run->kept_us = env_monotonic(run->setup.env);
    run->kept_long = is_long;
}

static enum err say_holder(struct reconcile *run, struct err_info *reterr)
{
    struct run_lease other;
    char until[TIMESTAMP_TEXT_BYTES];
    TRY(run_lease_get(run->setup.store, run->run.scope, run->pages, &other, reterr));
    if (other.until_us == 0) {
        return err_set(reterr, ERR_LOCKED,
            "this run was held up, and another one of the account has begun and ended meanwhile");
    }
    timestamp_format(other.until_us, until);
    return err_set(reterr, ERR_LOCKED,
        "the account is being reconciled by " STR_FMT "; should that have been killed, its hold "
        "ends at %s",
        STR_ARG(other.who), until);
}

enum err reconcile_lease_take(struct reconcile *run, struct err_info *reterr)
{
    const struct run_lease lease = lease_of(run, false);
    bool is_taken = false;
    TRY(run_lease(run->setup.store, &lease, &is_taken, reterr));
    note_kept(run, false);
    return is_taken ? ERR_OK : say_holder(run, reterr);
}

enum err reconcile_lease_keep(void *context, struct err_info *reterr)
{
    struct reconcile *run = context;
    const struct run_lease lease = lease_of(run, run->kept_long);
    bool is_ours = false;
    TRY(run_lease_keep(run->setup.store, &lease, &is_ours, reterr));
    return is_ours ? ERR_OK : say_holder(run, reterr);
}

enum err reconcile_lease_last(struct reconcile *run, bool *ret_is_over, struct err_info *reterr)
{
    struct run_lease held;
    bool was_tried = run->run.finished_us != 0;
    if (was_tried) {
        TRY(run_lease_get(run->setup.store, run->run.scope, run->pages, &held, reterr));
        if (held.until_us == 0) {
            *ret_is_over = true;
            return ERR_OK;
        }
    }
    return reconcile_lease_keep(run, reterr);
}

enum err reconcile_lease_prolong(struct reconcile *run, struct err_info *reterr)
{
    bool is_long = reconcile_is_long(run);
    bool is_due = env_monotonic(run->setup.env) - run->kept_us > LEASE_US / 4;
    if (run->setup.dry_run || (!is_due && is_long == run->kept_long)) {
        return ERR_OK;
    }
    const int64_t before_us = run->kept_us;
    const bool was_long = run->kept_long;
    note_kept(run, is_long);
    enum err err = store_begin(run->setup.store, STORE_WRITE, reterr);
    if (err == ERR_OK) {
        CLEANUP(store_rollback) struct store *transaction = run->setup.store;
        err = reconcile_lease_keep(run, reterr);
        if (err == ERR_OK) {
            transaction = NULL;
            err = store_commit(run->setup.store, reterr);
        }
    }
    if (err != ERR_OK) { /* no step is done until it is */
        run->kept_us = before_us;
        run->kept_long = was_long;
    }
    return err;
}

void reconcile_lease_end(struct reconcile *run)
{
    if (run->run.scope == 0 || run->setup.dry_run || run->progress.stage == RECONCILE_DONE ||
        store_begin(run->setup.store, STORE_WRITE, NULL) != ERR_OK) {
        return;
    }
    if (run_lease_end(run->setup.store, run->run.scope, run->holder, NULL) != ERR_OK ||
        store_commit(run->setup.store, NULL) != ERR_OK) {
        (void)store_rollback(run->setup.store); /* it runs out by itself */
    }
}
