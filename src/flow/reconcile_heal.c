#include "base/check.h"
#include "base/timestamp.h"
#include "flow/project.h"
#include "flow/reconcile_inside.h"
#include "flow/refetch.h"
#include <stdlib.h>

#define HEALED_MAX 5000 /* objects asked for again in one run; the others are the next one's */
#define WAIT_STEP_US (100 * INT64_C(1000))
#define WAIT_MAX_US (60 * US_PER_SECOND) /* for somebody else to decide what came */
#define FAILED_MAX 3 /* objects that alone cannot be had; more: it is the provider that fails */

struct healing {
    int64_t deadline_us; /* monotonic; 0: nobody is waited for yet */
    int64_t received_us; /* what came in until then is waited for */
    uint32_t failed;     /* objects for which the provider had no answer */
    bool was_asked, was_connected_asked, is_decided;
};

struct healing *healing_free(struct healing *healing)
{
    free(healing);
    return NULL;
}

/* --- what is asked for again --- */

/* A balance has no id to ask by: find_connected.c asks its account for it. */
static bool can_heal(const struct reconcile *run, const struct finding *finding)
{
    return code_row(finding->code)->heals && finding->subject_kind >= 0 &&
           finding->subject_kind != ID_BALANCE && finding->name.len > 0 && run->setup.api != NULL;
}

static enum err want(struct reconcile *run, struct err_info *reterr)
{
    struct store *store = run->setup.store;
    struct refetch_want *wants = arena_new_array(run->pages, struct refetch_want, HEALED_MAX);
    uint32_t count = 0;
    int64_t now_us = env_now(run->setup.env);
    if (wants == NULL) {
        return err_set(reterr, ERR_TOO_LARGE, "out of the memory for healing");
    }
    for (uint32_t i = 0; i < run->finding_count && count < HEALED_MAX; i++) {
        if (can_heal(run, &run->findings[i])) {
            wants[count++] = (struct refetch_want){.scope = run->run.scope,
                .kind = (enum id_kind)run->findings[i].subject_kind,
                .provider_id = run->findings[i].name,
                .why = REFETCH_DISAGREES};
        }
    }
    if (count == 0) {
        return ERR_OK;
    }
    TRY(store_begin(store, STORE_WRITE, reterr));
    CLEANUP(store_rollback) struct store *transaction = store;
    TRY(refetch_want(store, wants, count, now_us, now_us, reterr));
    transaction = NULL;
    return store_commit(store, reterr);
}

/* --- asking --- */

static const struct account *account_of(
    void *context, struct str root_key, bool live, struct provider_api **ret_api)
{
    struct reconcile *run = context;
    const struct account *account = run->setup.account;
    if (account->says.live != live || !str_eq(account->says.account_key, root_key)) {
        return NULL;
    }
    *ret_api = run->setup.api;
    return account;
}

/* What could not be asked for is not missing: without the provider the run knows nothing. One
 * object that always fails holds up none, when the provider answers otherwise. */
static enum err check_answers(struct reconcile *run, uint32_t failed, struct err_info *reterr)
{
    const struct provider_api_ops *ops = run->setup.account->provider->api;
    struct fetch_account unused;
    run->healing->failed += failed;
    if (run->healing->failed > FAILED_MAX) {
        return err_set(reterr, ERR_NET_IO,
            "the provider has no answer for objects that do not agree: whether they are there is "
            "not known");
    }
    return ops->look(run->setup.api, run->pages, &unused, reterr);
}

static enum err ask(struct reconcile *run, bool *ret_more, struct err_info *reterr)
{
    struct refetch_counts counts = {0};
    const struct refetch_setup setup = {.store = run->setup.store,
        .env = run->setup.env,
        .account_of = account_of,
        .context = run,
        .arena = run->pages};
    TRY(refetch_step(&setup, &counts, ret_more, reterr));
    run->progress.healed += counts.fetched;
    if (counts.failed > 0) {
        *ret_more = true;
        return check_answers(run, counts.failed, reterr);
    }
    return ERR_OK;
}

/* --- deciding --- */

static enum err oldest_undecided(struct reconcile *run, int64_t *ret_us, struct err_info *reterr)
{
    struct inbox_stats stats;
    TRY(store_begin(run->setup.store, STORE_READ, reterr));
    CLEANUP(store_rollback) struct store *transaction = run->setup.store;
    (void)transaction;
    TRY(inbox_stats(run->setup.store, &stats, reterr));
    bool is_open = stats.by_status[WORK_NEW] + stats.by_status[WORK_CLAIMED] > 0;
    *ret_us = is_open ? stats.oldest_open_us : INT64_MAX;
    return ERR_OK;
}

/* Somebody else's work: what had come in by now is given a while. What is known and not decided
 * would be found missing. */
static enum err wait_for_others(
    struct reconcile *run, struct healing *healing, bool *ret_more, struct err_info *reterr)
{
    int64_t oldest_us = 0;
    int64_t now_us = env_monotonic(run->setup.env);
    TRY(oldest_undecided(run, &oldest_us, reterr));
    if (healing->deadline_us == 0) {
        healing->deadline_us = now_us + WAIT_MAX_US;
        healing->received_us = env_now(run->setup.env);
    }
    *ret_more = oldest_us <= healing->received_us;
    if (*ret_more && now_us >= healing->deadline_us) {
        return err_set(reterr, ERR_BUSY,
            "events are not decided yet, and nothing is known before they are: `counterfoil inbox "
            "stats` says how many");
    }
    if (*ret_more) {
        env_sleep(run->setup.env, WAIT_STEP_US);
    }
    return ERR_OK;
}

static enum err decide(struct reconcile *run, bool *ret_more, struct err_info *reterr)
{
    struct projector *projector = NULL;
    uint32_t count = 0;
    int64_t wake_us = 0;
    *ret_more = false;
    if (run->setup.decider == NULL) {
        return ERR_OK;
    }
    TRY(run->setup.decider(run->setup.decider_context, &projector, reterr));
    if (projector == NULL) {
        return ERR_OK;
    }
    TRY(project_step(projector, env_now(run->setup.env), &count, &wake_us, reterr));
    *ret_more = count > 0;
    return ERR_OK;
}

/* Others may have claimed what is left. */
static enum err decide_all(
    struct reconcile *run, struct healing *healing, bool *ret_more, struct err_info *reterr)
{
    TRY(decide(run, ret_more, reterr));
    return *ret_more ? ERR_OK : wait_for_others(run, healing, ret_more, reterr);
}

/* The first time nothing was looked at yet: then only what the pulls have brought is decided. */
enum err reconcile_heal(struct reconcile *run, bool *ret_more, struct err_info *reterr)
{
    bool is_second = run->finding_count > 0;
    if (run->healing == NULL) {
        run->healing = calloc(1, sizeof *run->healing);
        if (run->healing == NULL) {
            return err_set(reterr, ERR_BUSY, "out of memory");
        }
        enum err err = is_second ? want(run, reterr) : ERR_OK;
        if (err != ERR_OK) {
            run->healing = healing_free(run->healing); /* it is wanted again */
        }
        *ret_more = true;
        return err;
    }
    if (is_second && !run->healing->was_asked) {
        bool more = false;
        enum err err = ask(run, &more, reterr);
        if (err != ERR_OK) {
            run->healing = healing_free(run->healing); /* what was put off is wanted again */
            return err;
        }
        run->healing->was_asked = !more;
        *ret_more = true;
        return ERR_OK;
    }
    if (is_second && !run->healing->was_connected_asked) {
        bool more = false;
        TRY(reconcile_ask_connected(run, &more, reterr));
        run->healing->was_connected_asked = !more;
        *ret_more = true;
        return ERR_OK;
    }
    if (!run->healing->is_decided) {
        TRY(decide_all(run, run->healing, ret_more, reterr));
        run->healing->is_decided = !*ret_more;
        *ret_more = true;
        return ERR_OK;
    }
    TRY(reconcile_pull_payouts(run, ret_more, reterr));
    if (!*ret_more) {
        run->healing = healing_free(run->healing);
        run->has_healed = is_second;
    }
    return ERR_OK;
}
