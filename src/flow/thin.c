#include "flow/thin.h"
#include "base/check.h"
#include "flow/submit.h"

#define STEP_ROWS 20

/* --- waiting --- */

static bool awaits_twin(const struct decoded *decoded)
{
    return decoded->err == ERR_OK && decoded->notices->thin != NULL;
}

static void judge(const struct inbox_event *event,
    bool twin_is_there,
    int64_t wait_us,
    int64_t now_us,
    struct inbox_outcome *outcome)
{
    int64_t until_us = event->received_us + wait_us;
    *outcome = (struct inbox_outcome){.seq = event->seq};
    if (twin_is_there) {
        outcome->status = WORK_RECORDED;
        outcome->reason = REASON_SUBSET;
    } else {
        /* Past the wait thin_step has it; the twin may still come while the provider is away. */
        outcome->status = WORK_WAITING;
        outcome->due_us = now_us < until_us ? until_us : now_us + wait_us;
    }
}

enum err thin_judge(struct store *store,
    const struct inbox_event *events,
    const struct decoded *decoded,
    uint32_t count,
    int64_t wait_us,
    int64_t now_us,
    struct arena *arena,
    struct inbox_outcome *outcomes,
    struct err_info *reterr)
{
    REQUIRE(wait_us > 0);
    uint32_t thin_count = 0;
    for (uint32_t i = 0; i < count; i++) {
        thin_count += awaits_twin(&decoded[i]) ? 1 : 0;
    }
    if (thin_count == 0) {
        return ERR_OK; /* nearly always */
    }
    struct inbox_key *keys = arena_new_array(arena, struct inbox_key, thin_count);
    bool *there = arena_new_array(arena, bool, thin_count);
    if (keys == NULL || there == NULL) {
        return err_set(reterr, ERR_TOO_LARGE, "no memory for a batch");
    }
    uint32_t at = 0;
    for (uint32_t i = 0; i < count; i++) {
        if (awaits_twin(&decoded[i])) {
            keys[at++] = (struct inbox_key){events[i].scope, decoded[i].notices->thin->twin};
        }
    }
    TRY(inbox_has(store, keys, thin_count, there, reterr));
    at = 0;
    for (uint32_t i = 0; i < count; i++) {
        if (awaits_twin(&decoded[i])) {
            judge(&events[i], there[at++], wait_us, now_us, &outcomes[i]);
        }
    }
    return ERR_OK;
}

/* --- asking instead --- */

static enum err list(const struct thin_setup *setup,
    struct inbox_awaiting **ret_rows,
    uint32_t *ret_count,
    struct err_info *reterr)
{
    int64_t received_to_us = env_now(setup->env) - setup->wait_us;
    TRY(store_begin(setup->store, STORE_READ, reterr));
    enum err err = inbox_list_awaiting(
        setup->store, received_to_us, STEP_ROWS, setup->arena, ret_rows, ret_count, reterr);
    (void)store_rollback(setup->store);
    return err;
}

/* What came, if anything did, and the end of the wait, in one transaction. */
static enum err settle(const struct thin_setup *setup,
    const struct inbox_awaiting *row,
    const struct account *account,
    const struct fetched *fetched,
    struct thin_counts *counts,
    struct err_info *reterr)
{
    int64_t now_us = env_now(setup->env);
    struct submitted sums = {0};
    bool settled = false;
    TRY(store_begin(setup->store, STORE_WRITE, reterr));
    CLEANUP(store_rollback) struct store *transaction = setup->store;
    if (fetched != NULL) {
        TRY(submit_fetched(setup->store, account, CHANNEL_FETCH, UNLESS_RENDERED, fetched, 1,
            now_us, setup->arena, &sums, reterr));
    }
    bool is_kept = fetched != NULL && sums.refused == 0;
    TRY(inbox_settle(setup->store, row->seq, is_kept ? REASON_FETCHED : REASON_THIN_EVENT, now_us,
        &settled, reterr));
    if (!settled) {
        return ERR_OK; /* a worker looks at it again just now: next time */
    }
    transaction = NULL;
    TRY(store_commit(setup->store, reterr));
    counts->fetched += is_kept ? 1 : 0;
    counts->given_up += is_kept ? 0 : 1;
    return ERR_OK;
}

static enum err ask(const struct thin_setup *setup,
    const struct inbox_awaiting *row,
    struct thin_counts *counts,
    struct err_info *reterr)
{
    struct stored_event stored = {row->body, row->type, row->occurred_at_us};
    struct notice_list notices = {0};
    enum err err = setup->provider->decode(&stored, setup->arena, &notices, NULL);
    bool can_be_asked = err == ERR_OK && notices.thin != NULL && notices.thin->can_be_asked;
    struct str below = account_below(row->account_key, row->root_key);
    struct provider_api *api = NULL;
    const struct account *account = can_be_asked ? setup->account_of(setup->context, row->root_key,
                                                       str_eq(row->environment, STR("live")), &api)
                                                 : NULL;
    if (account == NULL) {
        return settle(setup, row, NULL, NULL, counts, reterr);
    }
    struct fetched fetched;
    err = setup->provider->api->object(
        api, below, notices.thin->kind, notices.thin->object, setup->arena, &fetched, reterr);
    /* A key that is refused may be mended, so it ends no wait. */
    bool is_gone = err == ERR_NOT_FOUND || err == ERR_INVALID;
    if (err != ERR_OK && !is_gone) {
        return err;
    }
    return settle(setup, row, account, err == ERR_OK ? &fetched : NULL, counts, reterr);
}

enum err thin_step(const struct thin_setup *setup,
    struct thin_counts *ret_counts,
    bool *ret_more,
    struct err_info *reterr)
{
    REQUIRE(setup != NULL && setup->account_of != NULL && setup->wait_us > 0);
    REQUIRE(ret_counts != NULL && ret_more != NULL);
    struct inbox_awaiting *rows = NULL;
    uint32_t count = 0;
    *ret_counts = (struct thin_counts){0};
    *ret_more = false;
    arena_reset(setup->arena);
    TRY(list(setup, &rows, &count, reterr));
    enum err first = ERR_OK;
    for (uint32_t i = 0; i < count && !err_is_retryable(first); i++) {
        struct err_info info = {""};
        enum err err = ask(setup, &rows[i], ret_counts, &info);
        if (err != ERR_OK && (first == ERR_OK || err_is_retryable(err))) {
            first = err_set(reterr, err, "%s", info.text);
        }
    }
    *ret_more = count == STEP_ROWS && ret_counts->fetched + ret_counts->given_up > 0;
    return first;
}
