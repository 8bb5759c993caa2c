#include "flow/project.h"
#include "base/check.h"
#include "base/fault.h"
#include "base/limits.h"
#include "base/metrics.h"
#include "domain/retry.h"
#include "flow/claim.h"
#include "flow/drift.h"
#include "flow/posting.h"
#include "flow/refetch.h"
#include "flow/thin.h"
#include "flow/workset.h"
#include <stdlib.h>

#define RERUNS_MAX 8         /* of a batch that lost a race with another worker */
#define BODY_BYTES_MAX 65536 /* of one domain event */
#define IDLE_LOOK_US 1000000 /* how often an idle worker looks for leases that ended */

struct projector {
    struct store *store;
    const struct provider_ops *provider;
    struct env *env;
    struct projector_limits limits;
    struct accounts_current *accounts; /* NULL: none are followed */
    struct claim now, ahead;           /* what is worked, and what rode on its commit */
    struct drift *drift;
    bool drift_loaded;
    bool one_by_one; /* the engine refused the batch: find out whose fault it is */
    struct arena *arena, *scratch;
    struct buf body;
};

struct projector *projector_new(struct store *store,
    const struct provider_ops *provider,
    struct env *env,
    const struct projector_limits *limits)
{
    REQUIRE(store != NULL && provider != NULL && env != NULL && limits != NULL);
    REQUIRE(limits->batch_rows_max > 0 && limits->batch_rows_max <= LIMIT_CLAIM_BATCH);
    REQUIRE(limits->lease_us > 0);
    struct projector *projector = calloc(1, sizeof *projector);
    if (projector == NULL) {
        return NULL;
    }
    projector->store = store;
    projector->provider = provider;
    projector->env = env;
    projector->limits = *limits;
    if (projector->limits.thin_wait_us == 0) {
        projector->limits.thin_wait_us = THIN_WAIT_US;
    }
    bool have_room = claim_init(&projector->now);
    have_room = claim_init(&projector->ahead) && have_room; /* both are ended, come what may */
    projector->arena = arena_new(LIMIT_BATCH_ARENA_BYTES);
    projector->scratch = arena_new(LIMIT_BATCH_ARENA_BYTES);
    projector->drift = drift_new();
    buf_init(&projector->body, BODY_BYTES_MAX);
    if (!have_room || projector->drift == NULL || projector->arena == NULL ||
        projector->scratch == NULL) {
        return projector_free(projector);
    }
    return projector;
}

struct projector *projector_free(struct projector *projector)
{
    if (projector != NULL) {
        claim_fini(&projector->now);
        claim_fini(&projector->ahead);
        (void)arena_free(projector->arena);
        (void)arena_free(projector->scratch);
        (void)drift_free(projector->drift);
        buf_fini(&projector->body);
        free(projector);
    }
    return NULL;
}

void projector_follow(struct projector *projector, struct accounts_current *accounts)
{
    REQUIRE(projector != NULL);
    projector->accounts = accounts;
}

/* --- claiming --- */

static enum err claim_more(
    struct projector *projector, struct claim *claim, int64_t now_us, struct err_info *reterr)
{
    return claim_take(claim, projector->store, projector->env, now_us, projector->limits.lease_us,
        projector->limits.batch_rows_max, reterr);
}

static enum err claim_first(
    struct projector *projector, int64_t now_us, int64_t *ret_wake_us, struct err_info *reterr)
{
    int64_t due_us = INT64_MAX;
    TRY(store_begin(projector->store, STORE_READ, reterr));
    CLEANUP(store_rollback) struct store *looking = projector->store;
    if (!projector->drift_loaded) {
        TRY(drift_load(projector->drift, projector->store, reterr));
        projector->drift_loaded = true;
    }
    TRY(inbox_next_due(projector->store, &due_us, reterr));
    looking = store_rollback(looking);
    *ret_wake_us = due_us;
    if (due_us > now_us) {
        return ERR_OK;
    }
    TRY(store_begin(projector->store, STORE_WRITE, reterr));
    CLEANUP(store_rollback) struct store *tx = projector->store;
    enum err err = claim_more(projector, &projector->now, now_us, reterr);
    if (err == ERR_OK) {
        err = store_commit(projector->store, reterr);
        tx = NULL;
    }
    if (err != ERR_OK) {
        claim_drop(&projector->now);
    } else if (projector->now.count == 0) {
        *ret_wake_us = now_us + IDLE_LOOK_US; /* another worker was quicker */
    }
    return err;
}

static void drop_claims(struct projector *projector)
{
    claim_drop(&projector->now);
    claim_drop(&projector->ahead);
}

/* --- one batch --- */

/* A permanent error of the event itself is dead at once; one that the store brought is put off,
 * whatever its class: a constraint or a missing column says nothing about the event. */
static void judge_failure(struct projector *projector,
    const struct inbox_event *event,
    enum err err,
    bool of_the_store,
    struct str text,
    int64_t now_us,
    struct inbox_outcome *outcome)
{
    uint64_t random = 0;
    env_random(projector->env, &random, sizeof random);
    int64_t first_us = event->first_failed_us > 0 ? event->first_failed_us : now_us;
    struct retry_verdict verdict = retry_after(event->attempts > 0 ? event->attempts : 1,
        now_us > first_us ? now_us - first_us : 0, random);
    bool dead = (err_class(err) == ERR_CLASS_INPUT && !of_the_store) || verdict.dead;
    outcome->status = dead ? WORK_DEAD : WORK_WAITING;
    outcome->error = err;
    outcome->error_text =
        arena_copy(projector->arena, text.len > 0 ? text : str_from(err_text(err)));
    outcome->due_us = dead ? 0 : now_us + verdict.delay_us;
}

/* Adds to the workset what says something; the rest has its outcome already. ret_taken[i] is the
 * event's place in the workset, or UINT32_MAX. */
static enum err sort_decoded(struct projector *projector,
    uint32_t count,
    int64_t now_us,
    struct workset *set,
    struct inbox_outcome *outcomes,
    uint32_t *ret_taken)
{
    struct claim *claim = &projector->now;
    const struct inbox_event *events = claim->events + claim->done;
    const struct decoded *decoded = claim->decoded + (claim->done - claim->decoded_from);
    uint32_t added = 0;
    for (uint32_t i = 0; i < count; i++) {
        ret_taken[i] = UINT32_MAX;
        outcomes[i] = (struct inbox_outcome){.seq = events[i].seq};
        if (decoded[i].err != ERR_OK) {
            judge_failure(projector, &events[i], decoded[i].err, false, decoded[i].error_text,
                now_us, &outcomes[i]);
        } else if (decoded[i].notices->count == 0) {
            outcomes[i].status = WORK_RECORDED;
            outcomes[i].reason = decoded[i].notices->reason;
        } else {
            TRY(workset_add(set, &events[i], decoded[i].notices));
            ret_taken[i] = added++;
        }
    }
    return ERR_OK;
}

static enum err decide_batch(struct projector *projector,
    const struct inbox_event *events,
    uint32_t count,
    int64_t now_us,
    struct workset *set,
    struct inbox_outcome *outcomes,
    const uint32_t *taken,
    struct err_info *reterr)
{
    for (uint32_t i = 0; i < count; i++) {
        if (taken[i] == UINT32_MAX) {
            continue;
        }
        struct err_info info = {{0}};
        enum err err = workset_take(set, taken[i], &outcomes[i].status, &info);
        if (err != ERR_OK && err_class(err) != ERR_CLASS_INPUT) {
            return err_set(reterr, err, "%s", info.text);
        }
        if (err == ERR_TOO_LARGE && count > 1) {
            return err_set(reterr, err, "%s", info.text);
        }
        if (err != ERR_OK) {
            judge_failure(
                projector, &events[i], err, false, str_from(info.text), now_us, &outcomes[i]);
        }
    }
    return ERR_OK;
}

static void count_outcomes(
    const struct inbox_outcome *outcomes, uint32_t count, struct workset_counts counts)
{
    static const int metric_of[WORK_STATUS_COUNT] = {
        [WORK_APPLIED] = METRIC_EVENTS_APPLIED,
        [WORK_STALE] = METRIC_EVENTS_STALE,
        [WORK_RECORDED] = METRIC_EVENTS_RECORDED,
        [WORK_DEAD] = METRIC_EVENTS_DEAD,
        [WORK_WAITING] = METRIC_EVENTS_RETRIED,
    };
    for (uint32_t i = 0; i < count; i++) {
        if (outcomes[i].status != WORK_WAITING || outcomes[i].error != ERR_OK) {
            metric_add((enum metric)metric_of[outcomes[i].status], 1);
        }
    }
    metric_add(METRIC_DOMAIN_EVENTS, counts.domain_events);
    metric_add(METRIC_CONTESTED, counts.contested);
    metric_add(METRIC_MOVES_UNEXPECTED, counts.unexpected_moves);
    metric_add(METRIC_PROJECT_BATCHES, 1);
}

/* Only what was committed is counted: a batch may run again. */
static void count_fields(struct projector *projector, const struct claim *claim, uint32_t count)
{
    const struct decoded *decoded = claim->decoded + (claim->done - claim->decoded_from);
    drift_saved(projector->drift);
    for (uint32_t i = 0; i < count; i++) {
        const struct inbox_event *event = &claim->events[claim->done + i];
        if (decoded[i].err == ERR_OK) {
            drift_note(projector->drift, event->type, event->api_version, decoded[i].notices);
            struct str newest = str_from(projector->provider->newest_version);
            bool newer = projector->provider->compare_versions(event->api_version, newest) > 0;
            metric_add(METRIC_VERSIONS_NEWER, newer ? 1 : 0);
            bool is_cut = decoded[i].notices->is_answer && decoded[i].notices->truncated;
            metric_add(METRIC_REFETCH_CUT, is_cut ? 1 : 0);
        }
    }
}

/* decode -> decide -> apply -> feed for `count` events of the claim, in one transaction. */
static enum err run_batch(struct projector *projector, uint32_t count, struct err_info *reterr)
{
    struct claim *claim = &projector->now;
    const struct inbox_event *events = claim->events + claim->done;
    bool last = claim->done + count == claim->count;
    int64_t now_us = env_now(projector->env);
    int64_t began_us = env_monotonic(projector->env);
    arena_reset(projector->arena);
    struct inbox_outcome *outcomes = arena_new_array(projector->arena, struct inbox_outcome, count);
    uint32_t *taken = arena_new_array(projector->arena, uint32_t, count);
    CLEANUP(accounts_drop)
    struct accounts *accounts =
        projector->accounts == NULL ? NULL : accounts_current_hold(projector->accounts);
    struct workset *set = workset_new(&(struct workset_setup){
        .store = projector->store,
        .arena = projector->arena,
        .scratch = projector->scratch,
        .body = &projector->body,
        .env = projector->env,
        .provider = projector->provider,
        .now_us = now_us,
        .event_max = count,
        .accounts = accounts,
    });
    if (outcomes == NULL || taken == NULL || set == NULL) {
        return err_set(reterr, ERR_TOO_LARGE, "no memory for a batch");
    }
    TRY(claim_decode(claim, projector->provider, count));
    TRY(sort_decoded(projector, count, now_us, set, outcomes, taken));

    TRY(store_begin(projector->store, STORE_WRITE, reterr));
    CLEANUP(store_rollback) struct store *tx = projector->store;
    TRY(workset_load(set, reterr));
    TRY(decide_batch(projector, events, count, now_us, set, outcomes, taken, reterr));
    TRY(thin_judge(projector->store, events, claim->decoded + (claim->done - claim->decoded_from),
        count, projector->limits.thin_wait_us, now_us, projector->arena, outcomes, reterr));
    TRY(workset_save(set, reterr));
    uint32_t want_count = 0;
    struct refetch_want *wants = workset_wants(set, &want_count);
    TRY(refetch_want(
        projector->store, wants, want_count, now_us, now_us + REFETCH_WAIT_US, reterr));
    TRY(inbox_finish(projector->store, claim->token, now_us, outcomes, count, reterr));
    TRY(drift_save(projector->drift, projector->store, now_us, reterr));
    claim_drop(&projector->ahead);
    if (last) {
        TRY(claim_more(projector, &projector->ahead, now_us, reterr));
    }
    TRY(workset_post(set, reterr));
    TRY(workset_feed(set, reterr));
    fault_point(FAULT_IN_PROJECTION);
    enum err err = store_commit(projector->store, reterr);
    tx = NULL;
    if (err != ERR_OK) {
        claim_drop(&projector->ahead);
        return err;
    }
    count_fields(projector, claim, count);
    claim->done += count;
    metric_observe_us(METRIC_PROJECT_COMMIT, env_monotonic(projector->env) - began_us);
    count_outcomes(outcomes, count, workset_counts(set));
    return ERR_OK;
}

/* The engine refuses this one event: it is put off in a transaction of its own, so that others go
 * on. */
static enum err put_off(
    struct projector *projector, enum err why, const struct err_info *info, struct err_info *reterr)
{
    struct claim *claim = &projector->now;
    const struct inbox_event *event = &claim->events[claim->done];
    int64_t now_us = env_now(projector->env);
    struct inbox_outcome outcome = {.seq = event->seq};
    arena_reset(projector->arena);
    judge_failure(projector, event, why, true, str_from(info->text), now_us, &outcome);
    TRY(store_begin(projector->store, STORE_WRITE, reterr));
    CLEANUP(store_rollback) struct store *tx = projector->store;
    TRY(inbox_finish(projector->store, claim->token, now_us, &outcome, 1, reterr));
    enum err err = store_commit(projector->store, reterr);
    tx = NULL;
    if (err == ERR_OK) {
        claim->done++;
        metric_add(outcome.status == WORK_DEAD ? METRIC_EVENTS_DEAD : METRIC_EVENTS_RETRIED, 1);
    }
    return err;
}

static enum err run_some(struct projector *projector, uint32_t *ret_count, struct err_info *reterr)
{
    struct claim *claim = &projector->now;
    uint32_t count = projector->one_by_one ? 1 : claim->count - claim->done;
    struct err_info info = {{0}};
    enum err err = ERR_BUSY;
    for (int run = 0; run < RERUNS_MAX && (err == ERR_BUSY || err == ERR_CONFLICT); run++) {
        err = run_batch(projector, count, &info);
    }
    if (err == ERR_OK) {
        *ret_count = count;
        return ERR_OK;
    }
    claim_drop(&projector->ahead); /* what rode on the commit did not happen either */
    metric_add(METRIC_STORE_ERRORS, err == ERR_FENCED ? 0 : 1);
    if (err == ERR_FENCED) {
        metric_add(METRIC_CLAIMS_FENCED, 1);
        drop_claims(projector);
        *ret_count = 0;
        return ERR_OK;
    }
    if (err == ERR_SCHEMA || err == ERR_CONFIG) {
        *ret_count = 0;
        return err_set(reterr, err, "%s", info.text); /* no event's fault: all of them wait */
    }
    if (!projector->one_by_one && count > 1) {
        projector->one_by_one = true;
        *ret_count = 0;
        return err_class(err) == ERR_CLASS_INPUT ? ERR_OK : err_set(reterr, err, "%s", info.text);
    }
    *ret_count = 1;
    enum err put = put_off(projector, err, &info, reterr);
    if (put == ERR_FENCED) {
        drop_claims(projector);
        return ERR_OK;
    }
    return put;
}

enum err project_step(struct projector *projector,
    int64_t now_us,
    uint32_t *ret_count,
    int64_t *ret_wake_us,
    struct err_info *reterr)
{
    REQUIRE(projector != NULL && ret_count != NULL && ret_wake_us != NULL);
    struct claim *claim = &projector->now;
    *ret_count = 0;
    *ret_wake_us = now_us;
    if (claim->count == 0) {
        TRY(claim_first(projector, now_us, ret_wake_us, reterr));
        if (claim->count == 0) {
            return ERR_OK;
        }
    }
    INVARIANT(claim_is_open(claim));
    TRY(run_some(projector, ret_count, reterr));
    if (!claim_is_open(claim)) {
        struct claim finished = *claim;
        projector->now = projector->ahead;
        projector->ahead = finished;
        claim_drop(&projector->ahead);
        projector->one_by_one = false;
    }
    *ret_wake_us = now_us;
    return ERR_OK;
}

bool project_has_claim(const struct projector *projector)
{
    REQUIRE(projector != NULL);
    return claim_is_open(&projector->now);
}

void project_decode(struct projector *projector)
{
    REQUIRE(projector != NULL);
    struct claim *claim = &projector->now;
    if (claim_is_open(claim) && !projector->one_by_one) {
        /* What fails here for want of memory fails again in the step, which goes one by one. */
        enum err err = claim_decode(claim, projector->provider, claim->count - claim->done);
        (void)err;
    }
}

enum err projector_release(struct projector *projector, struct err_info *reterr)
{
    REQUIRE(projector != NULL);
    struct claim *claim = &projector->now;
    if (!claim_is_open(claim)) {
        return ERR_OK;
    }
    TRY(store_begin(projector->store, STORE_WRITE, reterr));
    CLEANUP(store_rollback) struct store *tx = projector->store;
    enum err err = inbox_unclaim(projector->store, claim->token, env_now(projector->env), reterr);
    if (err == ERR_OK) {
        err = store_commit(projector->store, reterr);
        tx = NULL;
    }
    drop_claims(projector);
    return err;
}
