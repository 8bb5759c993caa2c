#include "flow/refetch.h"
#include "base/check.h"
#include "flow/submit.h"

#define STEP_ROWS 20      /* asked for in a step */
#define LIST_ROWS 200     /* looked at, of one scope */
#define KIND_FAILED_MAX 3 /* of one scope in a step: others of the kind are likely to fail too */

struct asking { /* one step */
    const struct refetch_setup *setup;
    struct refetch_counts *counts;
    uint32_t asked;
    struct ask_away away;
    bool is_full; /* of the memory for a step */
};

struct asked { /* a scope */
    const struct account *account;
    struct provider_api *api;
    struct str below;
    uint32_t failed[ID_KIND_COUNT];
};

static void tell(const struct asking *asking,
    const struct asked *asked,
    const struct refetch_row *row,
    struct ask_trouble trouble)
{
    const struct refetch_setup *setup = asking->setup;
    trouble.account = asked->account->says.name;
    trouble.kind = row->want.kind;
    trouble.provider_id = row->want.provider_id;
    if (setup->on_trouble != NULL) {
        setup->on_trouble(setup->context, &trouble);
    }
}

static enum err claim(struct asking *asking,
    const struct refetch_row *row,
    bool *ret_claimed,
    struct err_info *reterr)
{
    struct store *store = asking->setup->store;
    int64_t until_us = env_now(asking->setup->env) + ASK_CLAIM_US;
    TRY(store_begin(store, STORE_WRITE, reterr));
    CLEANUP(store_rollback) struct store *transaction = store;
    TRY(refetch_claim(store, row, until_us, ret_claimed, reterr));
    transaction = NULL;
    return store_commit(store, reterr);
}

static enum err give_up(struct asking *asking,
    const struct asked *asked,
    const struct refetch_row *row,
    enum err why,
    const struct err_info *info,
    struct err_info *reterr)
{
    struct store *store = asking->setup->store;
    TRY(store_begin(store, STORE_WRITE, reterr));
    CLEANUP(store_rollback) struct store *transaction = store;
    TRY(refetch_give_up(store, &row->want, why, reterr));
    transaction = NULL;
    TRY(store_commit(store, reterr));
    asking->counts->given_up++;
    tell(asking, asked, row,
        (struct ask_trouble){.end = ASK_GIVEN_UP, .err = why, .text = info->text});
    return ERR_OK;
}

/* `why`: ERR_OK when nothing failed, but the answer was too early. */
static enum err put_off(struct asking *asking,
    const struct asked *asked,
    const struct refetch_row *row,
    enum err why,
    const struct err_info *info,
    struct err_info *reterr)
{
    struct store *store = asking->setup->store;
    int64_t wait_us = ask_put_off_us(row->attempts);
    if (row->attempts + 1 >= ASK_ATTEMPTS_MAX) {
        return give_up(asking, asked, row, why, info, reterr);
    }
    TRY(store_begin(store, STORE_WRITE, reterr));
    CLEANUP(store_rollback) struct store *transaction = store;
    TRY(refetch_put_off(store, &row->want, why, env_now(asking->setup->env) + wait_us, reterr));
    transaction = NULL;
    TRY(store_commit(store, reterr));
    asking->counts->put_off++;
    if (why != ERR_OK && !str_eq(row->error, str_from(err_name(why)))) {
        tell(asking, asked, row,
            (struct ask_trouble){
                .end = ASK_PUT_OFF, .err = why, .text = info->text, .again_in_us = wait_us});
    }
    return ERR_OK;
}

/* What came and the end of the want, in one transaction. */
static enum err keep(struct asking *asking,
    const struct asked *asked,
    const struct refetch_row *row,
    const struct fetched *fetched,
    bool *ret_too_large,
    struct err_info *reterr)
{
    const struct refetch_setup *setup = asking->setup;
    struct submitted sums = {0};
    bool removed = false;
    TRY(store_begin(setup->store, STORE_WRITE, reterr));
    CLEANUP(store_rollback) struct store *transaction = setup->store;
    TRY(submit_fetched(setup->store, asked->account, CHANNEL_FETCH, UNLESS_RENDERED, fetched, 1,
        env_now(setup->env), setup->arena, &sums, reterr));
    TRY(refetch_done(setup->store, &row->want, &removed, reterr));
    *ret_too_large = sums.refused > 0;
    if (!removed || sums.refused > 0) {
        return ERR_OK; /* another node was quicker, or it is wanted anew */
    }
    transaction = NULL;
    TRY(store_commit(setup->store, reterr));
    asking->counts->fetched++;
    if (fetched->is_cut) {
        tell(asking, asked, row,
            (struct ask_trouble){.end = ASK_CUT,
                .err = ERR_TOO_LARGE,
                .text = "a list in it is longer than is read, and stays cut off"});
    }
    return ERR_OK;
}

static enum err take(struct asking *asking,
    const struct asked *asked,
    const struct refetch_row *row,
    const struct fetched *fetched,
    struct err_info *reterr)
{
    struct err_info info = {""};
    bool too_large = false;
    if (fetched->envelope.occurred_at_us <= row->want.since_us) {
        return put_off(asking, asked, row, ERR_OK, &info, reterr); /* it would be no younger */
    }
    TRY(keep(asking, asked, row, fetched, &too_large, reterr));
    if (!too_large) {
        return ERR_OK;
    }
    (void)err_set(&info, ERR_TOO_LARGE, "it is larger than an event may be");
    return give_up(asking, asked, row, ERR_TOO_LARGE, &info, reterr);
}

static enum err ask(struct asking *asking,
    struct asked *asked,
    const struct refetch_row *row,
    struct err_info *reterr)
{
    const struct refetch_want *want = &row->want;
    struct fetched fetched;
    struct err_info info = {""};
    bool claimed = false;
    TRY(claim(asking, row, &claimed, reterr));
    if (!claimed) {
        return ERR_OK;
    }
    asking->asked++;
    enum err err = asked->account->provider->api->object(asked->api, asked->below, want->kind,
        want->provider_id, asking->setup->arena, &fetched, &info);
    if (err == ERR_OK) {
        return take(asking, asked, row, &fetched, reterr);
    }
    if (err == ERR_CLOSED) {
        return err_set(reterr, err, "%s", info.text);
    }
    if (ask_is_gone(err)) {
        return give_up(asking, asked, row, err, &info, reterr);
    }
    asked->failed[want->kind]++;
    asking->is_full = err == ERR_TOO_LARGE;
    if (err_is_retryable(err)) {
        ask_away_add(&asking->away, asked->account);
        asking->counts->failed++;
    }
    return put_off(asking, asked, row, err, &info, reterr);
}

static enum err list_due(struct asking *asking,
    int64_t scope,
    struct refetch_row **ret_rows,
    uint32_t *ret_count,
    struct err_info *reterr)
{
    const struct refetch_setup *setup = asking->setup;
    TRY(store_begin(setup->store, STORE_READ, reterr));
    enum err err = refetch_due(setup->store, scope, env_now(setup->env), LIST_ROWS, setup->arena,
        ret_rows, ret_count, reterr);
    (void)store_rollback(setup->store);
    return err;
}

static bool is_over(const struct asking *asking)
{
    return asking->asked == STEP_ROWS || asking->is_full;
}

static enum err ask_scope(
    struct asking *asking, const struct refetch_scope *scope, struct err_info *reterr)
{
    const struct refetch_setup *setup = asking->setup;
    struct asked asked = {.below = account_below(scope->account_key, scope->root_key)};
    asked.account = setup->account_of(
        setup->context, scope->root_key, str_eq(scope->environment, STR("live")), &asked.api);
    if (asked.account == NULL || ask_away_has(&asking->away, asked.account)) {
        return ERR_OK;
    }
    struct refetch_row *rows = NULL;
    uint32_t count = 0;
    TRY(list_due(asking, scope->scope, &rows, &count, reterr));
    for (uint32_t i = 0; i < count && !is_over(asking); i++) {
        if (ask_away_has(&asking->away, asked.account)) {
            return ERR_OK;
        }
        if (asked.failed[rows[i].want.kind] < KIND_FAILED_MAX) {
            TRY(ask(asking, &asked, &rows[i], reterr));
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
    /* Begun anywhere, so that a scope that fails each time holds up none behind it. */
    uint32_t first = count > 0 ? (uint32_t)env_random_below(setup->env, count) : 0;
    for (uint32_t i = 0; i < count && !is_over(&asking); i++) {
        TRY(ask_scope(&asking, &scopes[(first + i) % count], reterr));
    }
    *ret_more = is_over(&asking);
    return ERR_OK;
}
