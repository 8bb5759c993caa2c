#include "base/check.h"
#include "base/timestamp.h"
#include "store/refs.h"
#include "cli/reconciler_inside.h"

#define ROUND_US US_PER_HOUR   /* what has failed, or is new, waits so long at most */
#define PAUSE_US US_PER_MINUTE /* of all, when the provider or the store cannot be asked */

/* The next of the round. */
struct next {
    int64_t scope; /* 0: there is none */
    char id[LIMIT_PROVIDER_ID_BYTES + 1];
    bool begins; /* its books begin with those of the one above it */
};

/* Books of a platform that begin in the middle of a history begin so for all below it, unless they
 * have begun otherwise. */
static enum err look_at_books(struct reconciler *reconciler,
    const struct reconciled *above,
    struct next *next,
    struct err_info *reterr)
{
    struct store *store = reconciler->store;
    struct books_start of_above = {0};
    struct books_start start = {0};
    struct reconcile_run *runs = NULL;
    uint32_t count = 0;
    TRY(books_start_get(store, above->scope, reconciler->pages, &of_above, reterr));
    TRY(books_start_get(store, next->scope, reconciler->pages, &start, reterr));
    TRY(runs_list(store, next->scope, 1, reconciler->pages, &runs, &count, reterr));
    next->begins = of_above.start_us != 0 && start.start_us == 0 && count == 0;
    return ERR_OK;
}

static enum err find_next(struct reconciler *reconciler,
    const struct reconciled *above,
    struct next *ret,
    struct err_info *reterr)
{
    struct scope_row *rows = NULL;
    uint32_t count = 0;
    *ret = (struct next){0};
    arena_reset(reconciler->pages);
    TRY(store_begin(reconciler->store, STORE_READ, reterr));
    CLEANUP(store_rollback) struct store *transaction = reconciler->store;
    (void)transaction;
    TRY(scope_list_below(reconciler->store, above->scope, above->below_after, 1, reconciler->pages,
        &rows, &count, reterr));
    if (count == 0) {
        return ERR_OK;
    }
    ret->scope = rows[0].scope;
    if (!str_copy_to(ret->id, sizeof ret->id, rows[0].account_key)) {
        return err_set(reterr, ERR_TOO_LARGE, "the connected account's id is too long");
    }
    return look_at_books(reconciler, above, ret, reterr);
}

static enum err begin_books(struct reconciler *reconciler,
    const struct reconciled *above,
    int64_t scope,
    struct err_info *reterr)
{
    struct books_start start = {0};
    TRY(store_begin(reconciler->store, STORE_WRITE, reterr));
    CLEANUP(store_rollback) struct store *transaction = reconciler->store;
    TRY(books_start_get(reconciler->store, above->scope, reconciler->pages, &start, reterr));
    start.scope = scope;
    enum err err = books_start_set(reconciler->store, &start, reterr);
    if (err != ERR_OK) {
        return err == ERR_DUPLICATE ? ERR_OK : err; /* another node, or a person, was first */
    }
    transaction = NULL;
    return store_commit(reconciler->store, reterr);
}

/* ERR_NOT_FOUND: the round is over. */
static enum err give_turn(
    struct reconciler *reconciler, struct reconciled *above, struct err_info *reterr)
{
    struct next next;
    TRY(reconciler_open_api(reconciler, above, reterr));
    TRY(find_next(reconciler, above, &next, reterr));
    above->below_after = next.scope;
    if (next.scope == 0) {
        above->round_due_us = env_monotonic(reconciler->setup.env) + ROUND_US;
        return ERR_NOT_FOUND;
    }
    struct reconciled *below = &reconciler->below;
    *below = (struct reconciled){.account = above->account,
        .above = above,
        .zone = above->zone,
        .zone_is_open = true,
        .scope = next.scope,
        .api = above->api};
    (void)str_copy_to(below->below, sizeof below->below, str_from(next.id));
    return next.begins ? begin_books(reconciler, above, next.scope, reterr) : ERR_OK;
}

bool reconciler_work_below(struct reconciler *reconciler, struct reconciled *above)
{
    struct err_info info = {""};
    int64_t now_us = env_monotonic(reconciler->setup.env);
    bool is_off = reconciler->setup.config->reconcile_at_us < 0;
    if (is_off || above->scope == 0 || above->retry_us > now_us || above->round_due_us > now_us) {
        return false;
    }
    enum err err = give_turn(reconciler, above, &info);
    if (err == ERR_OK) {
        (void)reconciler_work(reconciler, &reconciler->below);
    } else if (err != ERR_NOT_FOUND) {
        above->round_due_us = now_us + PAUSE_US; /* who writes says what is wrong with the store */
    }
    return err == ERR_OK;
}

void reconciler_put_off_below(struct reconciler *reconciler,
    const struct reconciled *below,
    enum err err,
    int64_t *ret_wait_us)
{
    REQUIRE(below->above != NULL);
    if (err_is_retryable(err)) {
        below->above->round_due_us = env_monotonic(reconciler->setup.env) + PAUSE_US;
    }
    *ret_wait_us = ROUND_US;
}
