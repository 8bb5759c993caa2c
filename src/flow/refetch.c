#include "flow/refetch.h"
#include "base/check.h"
#include "base/timestamp.h"
#include "flow/submit.h"

#define STEP_ROWS 20
#define PUT_OFF_MIN_US (30 * US_PER_SECOND)
#define PUT_OFF_MAX_US (6 * 60 * US_PER_MINUTE)

struct asking { /* one step */
    const struct refetch_setup *setup;
    struct refetch_counts *counts;
    uint32_t looked_at;
};

static int64_t put_off_us(int64_t attempts)
{
    int64_t wait_us = PUT_OFF_MIN_US;
    for (int64_t i = 0; i < attempts && wait_us < PUT_OFF_MAX_US; i++) {
        wait_us *= 2;
    }
    return wait_us < PUT_OFF_MAX_US ? wait_us : PUT_OFF_MAX_US;
}

static enum err put_off(
    struct asking *asking, const struct refetch_row *row, enum err why, struct err_info *reterr)
{
    struct store *store = asking->setup->store;
    int64_t due_us = env_now(asking->setup->env) + put_off_us(row->attempts);
    TRY(store_begin(store, STORE_WRITE, reterr));
    CLEANUP(store_rollback) struct store *transaction = store;
    TRY(refetch_put_off(store, &row->want, why, due_us, reterr));
    transaction = NULL;
    TRY(store_commit(store, reterr));
    asking->counts->put_off++;
    return ERR_OK;
}

/* What came, if anything did, and the end of the want, in one transaction. */
static enum err settle(struct asking *asking,
    const struct refetch_row *row,
    const struct account *account,
    const struct fetched *fetched,
    struct err_info *reterr)
{
    const struct refetch_setup *setup = asking->setup;
    struct submitted sums = {0};
    bool removed = false;
    TRY(store_begin(setup->store, STORE_WRITE, reterr));
    CLEANUP(store_rollback) struct store *transaction = setup->store;
    if (fetched != NULL) {
        TRY(submit_fetched(setup->store, account, CHANNEL_FETCH, UNLESS_RENDERED, fetched, 1,
            env_now(setup->env), setup->arena, &sums, reterr));
    }
    TRY(refetch_done(setup->store, &row->want, &removed, reterr));
    if (!removed) {
        return ERR_OK; /* another node was quicker, or it is wanted anew */
    }
    transaction = NULL;
    TRY(store_commit(setup->store, reterr));
    bool is_kept = fetched != NULL && sums.refused == 0;
    asking->counts->fetched += is_kept ? 1 : 0;
    asking->counts->given_up += is_kept ? 0 : 1;
    return ERR_OK;
}

static bool is_gone(enum err err)
{
    return err == ERR_NOT_FOUND || err == ERR_INVALID;
}

/* *ret_is_refused: such objects need not be asked for again just now. */
static enum err ask(struct asking *asking,
    const struct refetch_row *row,
    const struct account *account,
    struct provider_api *api,
    struct str below,
    bool *ret_is_refused,
    struct err_info *reterr)
{
    const struct refetch_setup *setup = asking->setup;
    const struct refetch_want *want = &row->want;
    struct fetched fetched;
    struct err_info info = {""};
    enum err err = setup->provider->api->object(
        api, below, want->kind, want->provider_id, setup->arena, &fetched, &info);
    if (err == ERR_OK && fetched.envelope.occurred_at_us <= want->since_us) {
        return put_off(asking, row, ERR_OK, reterr); /* it would be no younger */
    }
    if (err == ERR_OK || is_gone(err)) {
        return settle(asking, row, account, err == ERR_OK ? &fetched : NULL, reterr);
    }
    if (err_is_retryable(err)) {
        return err_set(reterr, err, "%s", info.text);
    }
    if (asking->counts->refused == ERR_OK) {
        asking->counts->refused = err;
        asking->counts->why_refused = info;
    }
    *ret_is_refused = err == ERR_UNPROVEN;
    return put_off(asking, row, err, reterr);
}

static enum err list_due(struct asking *asking,
    int64_t scope,
    struct refetch_row **ret_rows,
    uint32_t *ret_count,
    struct err_info *reterr)
{
    const struct refetch_setup *setup = asking->setup;
    TRY(store_begin(setup->store, STORE_READ, reterr));
    enum err err = refetch_due(setup->store, scope, env_now(setup->env),
        STEP_ROWS - asking->looked_at, setup->arena, ret_rows, ret_count, reterr);
    (void)store_rollback(setup->store);
    return err;
}

/* A key may be refused for one kind and taken for another. */
static enum err ask_scope(
    struct asking *asking, const struct refetch_scope *scope, struct err_info *reterr)
{
    const struct refetch_setup *setup = asking->setup;
    struct str below = account_below(scope->account_key, scope->root_key);
    struct provider_api *api = NULL;
    const struct account *account = setup->account_of(
        setup->context, scope->root_key, str_eq(scope->environment, STR("live")), &api);
    if (account == NULL) {
        return ERR_OK;
    }
    struct refetch_row *rows = NULL;
    uint32_t count = 0;
    bool is_refused[ID_KIND_COUNT] = {false};
    TRY(list_due(asking, scope->scope, &rows, &count, reterr));
    for (uint32_t i = 0; i < count; i++) {
        bool *refused = &is_refused[rows[i].want.kind];
        asking->looked_at++;
        if (*refused) {
            TRY(put_off(asking, &rows[i], ERR_UNPROVEN, reterr));
        } else {
            TRY(ask(asking, &rows[i], account, api, below, refused, reterr));
        }
    }
    return ERR_OK;
}

static enum err list_scopes(struct asking *asking,
    struct refetch_scope **ret_scopes,
    uint32_t *ret_count,
    struct err_info *reterr)
{
    const struct refetch_setup *setup = asking->setup;
    struct refetch_stats stats;
    TRY(store_begin(setup->store, STORE_READ, reterr));
    CLEANUP(store_rollback) struct store *reading = setup->store;
    TRY(refetch_stats(setup->store, &stats, reterr));
    TRY(refetch_scopes(
        setup->store, env_now(setup->env), setup->arena, ret_scopes, ret_count, reterr));
    for (int i = 0; i < REFETCH_WHY_COUNT; i++) {
        asking->counts->open += stats.open[i];
    }
    (void)reading;
    return ERR_OK;
}

enum err refetch_step(const struct refetch_setup *setup,
    struct refetch_counts *ret_counts,
    bool *ret_more,
    struct err_info *reterr)
{
    REQUIRE(setup != NULL && setup->account_of != NULL);
    REQUIRE(ret_counts != NULL && ret_more != NULL);
    struct asking asking = {.setup = setup, .counts = ret_counts};
    struct refetch_scope *scopes = NULL;
    uint32_t count = 0;
    *ret_counts = (struct refetch_counts){0};
    *ret_more = false;
    arena_reset(setup->arena);
    TRY(list_scopes(&asking, &scopes, &count, reterr));
    for (uint32_t i = 0; i < count && asking.looked_at < STEP_ROWS; i++) {
        TRY(ask_scope(&asking, &scopes[i], reterr));
    }
    *ret_more = asking.looked_at == STEP_ROWS;
    return ERR_OK;
}
