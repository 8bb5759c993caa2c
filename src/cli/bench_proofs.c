#include "cli/bench_proofs.h"
#include "base/check.h"
#include "base/limits.h"
#include "base/timestamp.h"
#include "store/pull.h"
#include "provider/stripe/stripe.h"
#include "flow/reconcile.h"
#include "cli/bench_peak.h"

/* When every grace is over. */
#define LATER_US (30 * US_PER_DAY)

/* What a pull leaves: only then it is known that no line is missing. */
static enum err note_whole(const struct bench_telling *telling, struct err_info *reterr)
{
    int64_t now_us = env_now(telling->env);
    const struct pull_row row = {.scope = telling->scope,
        .what = PULL_LINES,
        .from_us = made_begin_us(),
        .to_us = made_end_us(telling->payments) + LATER_US - US_PER_SECOND,
        .source = 1,
        .round = 1,
        .began_us = now_us,
        .updated_us = now_us,
        .finished_us = now_us};
    TRY(store_begin(telling->store, STORE_WRITE, reterr));
    CLEANUP(store_rollback) struct store *transaction = telling->store;
    TRY(pull_write(telling->store, &row, reterr));
    TRY(store_commit(telling->store, reterr));
    transaction = NULL;
    return ERR_OK;
}

static enum err run_to_end(struct reconcile *run, struct err_info *reterr)
{
    enum reconcile_stage stage = RECONCILE_PULL_EVENTS;
    while (stage != RECONCILE_DONE) {
        TRY(reconcile_step(run, &stage, reterr));
    }
    return ERR_OK;
}

enum err bench_prove(
    const struct bench_telling *telling, struct bench_proofs *ret_proofs, struct err_info *reterr)
{
    REQUIRE(telling != NULL && ret_proofs != NULL);
    const struct account account = {
        .says = {.name = STR(BENCH_ACCOUNT), .account_key = STR(BENCH_ACCOUNT)},
        .provider = &stripe_provider};
    CLEANUP(arena_free) struct arena *arena = arena_new(LIMIT_BATCH_ARENA_BYTES);
    const struct reconcile_setup setup = {.store = telling->store,
        .account = &account,
        .env = telling->env,
        .zone = STR("UTC"),
        .from_us = made_begin_us(),
        .to_us = made_end_us(telling->payments),
        .as_of_us = made_end_us(telling->payments) + LATER_US,
        .arena = arena};
    TRY(note_whole(telling, reterr));
    bench_peak_forget();
    int64_t begun_us = env_monotonic(telling->env);
    CLEANUP(reconcile_free) struct reconcile *run = arena == NULL ? NULL : reconcile_new(&setup);
    if (run == NULL) {
        return err_set(reterr, ERR_BUSY, "out of memory");
    }
    TRY(run_to_end(run, reterr));
    *ret_proofs = (struct bench_proofs){
        .elapsed_us = env_monotonic(telling->env) - begun_us,
        .memory_peak_bytes = bench_peak_bytes(),
        .open = reconcile_report(run)->open_total,
    };
    return ERR_OK;
}
