#include "flow/thin.h"
#include "base/check.h"
#include "base/timestamp.h"
#include "flow/submit.h"

#define STEP_ROWS 20
#define GIVE_UP_US (8 * US_PER_DAY)

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

struct asking { /* one step */
    const struct thin_setup *setup;
    struct thin_counts *counts;
    struct ask_away away;
    bool is_full; /* of the memory for a step */
};

struct asked { /* what an event is about */
    struct inbox_awaiting row;
    const struct account *account;
    struct provider_api *api;
    struct thin_says says;
};

/* A worker that looks for the twin makes an event due within the wait; one that is put off is due
 * later than that. */
static enum err list(const struct thin_setup *setup,
    struct inbox_awaiting **ret_rows,
    uint32_t *ret_count,
    struct err_info *reterr)
{
    int64_t now_us = env_now(setup->env);
    TRY(store_begin(setup->store, STORE_READ, reterr));
    enum err err = inbox_list_awaiting(setup->store, now_us - setup->wait_us,
        now_us + setup->wait_us, STEP_ROWS, setup->arena, ret_rows, ret_count, reterr);
    (void)store_rollback(setup->store);
    return err;
}

/* Nobody asks before `wait_us` have passed. */
static enum err leave(const struct thin_setup *setup,
    struct inbox_awaiting *row,
    int64_t wait_us,
    bool *ret_moved,
    struct err_info *reterr)
{
    int64_t due_us = env_now(setup->env) + setup->wait_us + wait_us;
    TRY(store_begin(setup->store, STORE_WRITE, reterr));
    CLEANUP(store_rollback) struct store *transaction = setup->store;
    TRY(inbox_await_until(setup->store, row, due_us, ret_moved, reterr));
    transaction = NULL;
    TRY(store_commit(setup->store, reterr));
    row->due_us = due_us;
    return ERR_OK;
}

static void tell(const struct asking *asking, const struct asked *asked, struct ask_trouble trouble)
{
    const struct thin_setup *setup = asking->setup;
    trouble.account = asked->account->says.name;
    trouble.kind = asked->says.kind;
    trouble.provider_id = asked->says.object;
    if (setup->on_trouble != NULL) {
        setup->on_trouble(setup->context, &trouble);
    }
}

/* What came, if anything did, and the end of the wait, in one transaction. */
static enum err settle(struct asking *asking,
    const struct asked *asked,
    const struct fetched *fetched,
    bool *ret_kept,
    struct err_info *reterr)
{
    const struct thin_setup *setup = asking->setup;
    int64_t now_us = env_now(setup->env);
    struct submitted sums = {0};
    bool settled = false;
    TRY(store_begin(setup->store, STORE_WRITE, reterr));
    CLEANUP(store_rollback) struct store *transaction = setup->store;
    if (fetched != NULL) {
        TRY(submit_fetched(setup->store, asked->account, CHANNEL_FETCH, UNLESS_RENDERED, fetched, 1,
            now_us, setup->arena, &sums, reterr));
    }
    bool is_kept = fetched != NULL && sums.refused == 0;
    *ret_kept = is_kept;
    TRY(inbox_settle(setup->store, asked->row.seq, is_kept ? REASON_FETCHED : REASON_THIN_EVENT,
        now_us, &settled, reterr));
    if (!settled) {
        return ERR_OK; /* a worker looks at it again just now: next time */
    }
    transaction = NULL;
    TRY(store_commit(setup->store, reterr));
    asking->counts->fetched += is_kept ? 1 : 0;
    asking->counts->given_up += is_kept ? 0 : 1;
    return ERR_OK;
}

static enum err give_up(struct asking *asking,
    const struct asked *asked,
    enum err why,
    const struct err_info *info,
    struct err_info *reterr)
{
    bool kept = false;
    TRY(settle(asking, asked, NULL, &kept, reterr));
    tell(asking, asked, (struct ask_trouble){.end = ASK_GIVEN_UP, .err = why, .text = info->text});
    return ERR_OK;
}

/* As long again as it has waited, so the waits double. */
static enum err put_off(struct asking *asking,
    struct asked *asked,
    enum err why,
    const struct err_info *info,
    struct err_info *reterr)
{
    int64_t age_us = env_now(asking->setup->env) - asked->row.received_us;
    int64_t wait_us = age_us < ASK_PUT_OFF_MAX_US ? age_us : ASK_PUT_OFF_MAX_US;
    bool moved = false;
    if (age_us > GIVE_UP_US) {
        return give_up(asking, asked, why, info, reterr);
    }
    TRY(leave(asking->setup, &asked->row, wait_us, &moved, reterr));
    asking->counts->put_off++;
    tell(asking, asked,
        (struct ask_trouble){
            .end = ASK_PUT_OFF, .err = why, .text = info->text, .again_in_us = wait_us});
    return ERR_OK;
}

static enum err take(struct asking *asking,
    const struct asked *asked,
    const struct fetched *fetched,
    struct err_info *reterr)
{
    bool kept = false;
    TRY(settle(asking, asked, fetched, &kept, reterr));
    if (!kept || fetched->is_cut) {
        tell(asking, asked,
            (struct ask_trouble){.end = kept ? ASK_CUT : ASK_GIVEN_UP,
                .err = ERR_TOO_LARGE,
                .text = kept ? "a list in it is longer than is read, and stays cut off"
                             : "it is larger than an event may be"});
    }
    return ERR_OK;
}

static enum err ask_now(struct asking *asking, struct asked *asked, struct err_info *reterr)
{
    const struct thin_setup *setup = asking->setup;
    struct str below = account_below(asked->row.account_key, asked->row.root_key);
    struct fetched fetched;
    struct err_info info = {""};
    bool claimed = false;
    TRY(leave(setup, &asked->row, ASK_CLAIM_US, &claimed, reterr));
    if (!claimed) {
        return ERR_OK;
    }
    enum err err = asked->account->provider->api->object(
        asked->api, below, asked->says.kind, asked->says.object, setup->arena, &fetched, &info);
    if (err == ERR_OK) {
        return take(asking, asked, &fetched, reterr);
    }
    if (err == ERR_CLOSED) {
        return err_set(reterr, err, "%s", info.text);
    }
    if (ask_is_gone(err)) {
        return give_up(asking, asked, err, &info, reterr);
    }
    asking->is_full = err == ERR_TOO_LARGE;
    if (err_is_retryable(err)) {
        ask_away_add(&asking->away, asked->account);
    }
    return put_off(asking, asked, err, &info, reterr);
}

static enum err ask(
    struct asking *asking, const struct inbox_awaiting *row, struct err_info *reterr)
{
    const struct thin_setup *setup = asking->setup;
    struct stored_event stored = {row->body, row->type, row->occurred_at_us};
    struct notice_list notices = {0};
    struct asked asked = {.row = *row};
    bool ignored = false;
    enum err err = setup->provider->decode(&stored, setup->arena, &notices, NULL);
    if (err == ERR_OK && notices.thin != NULL && notices.thin->can_be_asked) {
        asked.says = *notices.thin;
        asked.account = setup->account_of(
            setup->context, row->root_key, str_eq(row->environment, STR("live")), &asked.api);
    }
    if (asked.account == NULL) {
        return settle(asking, &asked, NULL, &ignored, reterr);
    }
    if (ask_away_has(&asking->away, asked.account)) { /* behind those of other accounts */
        asking->counts->put_off++;
        return leave(setup, &asked.row, ask_put_off_us(0), &ignored, reterr);
    }
    return ask_now(asking, &asked, reterr);
}

enum err thin_step(const struct thin_setup *setup,
    struct thin_counts *ret_counts,
    bool *ret_more,
    struct err_info *reterr)
{
    REQUIRE(setup != NULL && setup->account_of != NULL && setup->wait_us > 0);
    REQUIRE(ret_counts != NULL && ret_more != NULL);
    struct asking asking = {.setup = setup, .counts = ret_counts};
    struct inbox_awaiting *rows = NULL;
    uint32_t count = 0;
    *ret_counts = (struct thin_counts){0};
    *ret_more = false;
    arena_reset(setup->arena);
    TRY(list(setup, &rows, &count, reterr));
    for (uint32_t i = 0; i < count && !asking.is_full; i++) {
        TRY(ask(&asking, &rows[i], reterr));
    }
    *ret_more =
        count == STEP_ROWS && ret_counts->fetched + ret_counts->given_up + ret_counts->put_off > 0;
    return ERR_OK;
}
