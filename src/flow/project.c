#include "flow/project.h"
#include "base/check.h"
#include "base/fault.h"
#include "base/limits.h"
#include "base/metrics.h"
#include "domain/retry.h"
#include "flow/workset.h"
#include <stdlib.h>

#define RERUNS_MAX 8         /* of a batch that lost a race with another worker */
#define BODY_BYTES_MAX 65536 /* of one domain event */
#define IDLE_LOOK_US 1000000 /* how often an idle worker looks for leases that ended */

struct claim {
    int64_t token;
    struct inbox_event *events; /* in the claim's arena */
    uint32_t count;
    uint32_t done; /* decided so far */
    struct arena *arena;
};

struct projector {
    struct store *store;
    const struct provider_ops *provider;
    struct env *env;
    struct projector_limits limits;
    struct claim now, ahead; /* what is worked, and what rode on its commit */
    bool one_by_one;         /* the engine refused the batch: find out whose fault it is */
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
    projector->now.arena = arena_new(LIMIT_BATCH_ARENA_BYTES);
    projector->ahead.arena = arena_new(LIMIT_BATCH_ARENA_BYTES);
    projector->arena = arena_new(LIMIT_BATCH_ARENA_BYTES);
    projector->scratch = arena_new(LIMIT_BATCH_ARENA_BYTES);
    buf_init(&projector->body, BODY_BYTES_MAX);
    if (projector->now.arena == NULL || projector->ahead.arena == NULL ||
        projector->arena == NULL || projector->scratch == NULL) {
        return projector_free(projector);
    }
    return projector;
}

struct projector *projector_free(struct projector *projector)
{
    if (projector != NULL) {
        (void)arena_free(projector->now.arena);
        (void)arena_free(projector->ahead.arena);
        (void)arena_free(projector->arena);
        (void)arena_free(projector->scratch);
        buf_fini(&projector->body);
        free(projector);
    }
    return NULL;
}

/* --- claiming --- */

static enum err claim_more(
    struct projector *projector, struct claim *claim, int64_t now_us, struct err_info *reterr)
{
    arena_reset(claim->arena);
    claim->done = 0;
    claim->count = 0;
    do {
        env_random(projector->env, &claim->token, sizeof claim->token);
    } while (claim->token == 0);
    return inbox_claim(projector->store, claim->token, now_us, projector->limits.lease_us,
        projector->limits.batch_rows_max, claim->arena, &claim->events, &claim->count, reterr);
}

static enum err claim_first(
    struct projector *projector, int64_t now_us, int64_t *ret_wake_us, struct err_info *reterr)
{
    int64_t due_us = INT64_MAX;
    TRY(store_begin(projector->store, STORE_READ, reterr));
    CLEANUP(store_rollback) struct store *looking = projector->store;
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
        projector->now.count = 0;
    } else if (projector->now.count == 0) {
        *ret_wake_us = now_us + IDLE_LOOK_US; /* another worker was quicker */
    }
    return err;
}

static void drop_claims(struct projector *projector)
{
    projector->now.count = 0;
    projector->now.done = 0;
    projector->ahead.count = 0;
}

/* --- one batch --- */

/* A permanent error of the event itself is dead at once; one that the store brought is put off,
 * whatever its class: a constraint or a missing column says nothing about the event. */
static void judge_failure(struct projector *projector,
    const struct inbox_event *event,
    enum err err,
    bool of_the_store,
    const struct err_info *info,
    int64_t now_us,
    struct inbox_outcome *outcome)
{
    uint64_t random = 0;
    env_random(projector->env, &random, sizeof random);
    int64_t first_us = event->first_failed_us > 0 ? event->first_failed_us : now_us;
    struct retry_verdict verdict = retry_after(event->attempts > 0 ? event->attempts : 1,
        now_us > first_us ? now_us - first_us : 0, random);
    bool dead = (err_class(err) == ERR_CLASS_INPUT && !of_the_store) || verdict.dead;
    struct str text = str_from(info->text[0] != '\0' ? info->text : err_text(err));
    outcome->status = dead ? WORK_DEAD : WORK_WAITING;
    outcome->error = err;
    outcome->error_text = arena_copy(projector->arena, text);
    outcome->due_us = dead ? 0 : now_us + verdict.delay_us;
}

/* Decodes what can be decoded; the rest has its outcome already. *ret_taken[i] is the event's place
 * in the workset, or UINT32_MAX. */
static enum err decode_batch(struct projector *projector,
    const struct inbox_event *events,
    uint32_t count,
    int64_t now_us,
    struct workset *set,
    struct inbox_outcome *outcomes,
    uint32_t *taken)
{
    uint32_t added = 0;
    for (uint32_t i = 0; i < count; i++) {
        const struct inbox_event *event = &events[i];
        struct err_info info = {{0}};
        taken[i] = UINT32_MAX;
        outcomes[i] = (struct inbox_outcome){.seq = event->seq};
        if (event->crashes >= LIMIT_CRASHES) {
            (void)err_set(&info, ERR_IMPOSSIBLE, "%d attempts never ended", LIMIT_CRASHES);
            judge_failure(projector, event, ERR_IMPOSSIBLE, false, &info, now_us, &outcomes[i]);
            continue;
        }
        struct notice_list *notices = arena_alloc(projector->arena, sizeof *notices);
        if (notices == NULL) {
            return ERR_TOO_LARGE;
        }
        struct stored_event stored = {event->body, event->type, event->occurred_at_us};
        enum err err = projector->provider->decode(&stored, projector->arena, notices, &info);
        if (err == ERR_TOO_LARGE && count > 1) {
            return err; /* perhaps the batch's memory, not this event: one by one */
        }
        if (err != ERR_OK) {
            judge_failure(projector, event, err, false, &info, now_us, &outcomes[i]);
        } else if (notices->count == 0) {
            outcomes[i].status = WORK_RECORDED;
            outcomes[i].reason = notices->reason;
        } else {
            TRY(workset_add(set, event, notices));
            taken[i] = added++;
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
            judge_failure(projector, &events[i], err, false, &info, now_us, &outcomes[i]);
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
        metric_add((enum metric)metric_of[outcomes[i].status], 1);
    }
    metric_add(METRIC_DOMAIN_EVENTS, counts.domain_events);
    metric_add(METRIC_CONTESTED, counts.contested);
    metric_add(METRIC_MOVES_UNEXPECTED, counts.unexpected_moves);
    metric_add(METRIC_PROJECT_BATCHES, 1);
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
    struct workset *set = workset_new(&(struct workset_setup){
        .store = projector->store,
        .arena = projector->arena,
        .scratch = projector->scratch,
        .body = &projector->body,
        .env = projector->env,
        .provider = projector->provider,
        .now_us = now_us,
        .event_max = count,
    });
    if (outcomes == NULL || taken == NULL || set == NULL) {
        return err_set(reterr, ERR_TOO_LARGE, "no memory for a batch");
    }
    TRY(decode_batch(projector, events, count, now_us, set, outcomes, taken));

    TRY(store_begin(projector->store, STORE_WRITE, reterr));
    CLEANUP(store_rollback) struct store *tx = projector->store;
    TRY(workset_load(set, reterr));
    TRY(decide_batch(projector, events, count, now_us, set, outcomes, taken, reterr));
    TRY(workset_save(set, reterr));
    TRY(inbox_finish(projector->store, claim->token, now_us, outcomes, count, reterr));
    projector->ahead.count = 0;
    if (last) {
        TRY(claim_more(projector, &projector->ahead, now_us, reterr));
    }
    TRY(workset_feed(set, reterr));
    fault_point(FAULT_IN_PROJECTION);
    enum err err = store_commit(projector->store, reterr);
    tx = NULL;
    if (err != ERR_OK) {
        projector->ahead.count = 0;
        return err;
    }
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
    judge_failure(projector, event, why, true, info, now_us, &outcome);
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
    projector->ahead.count = 0; /* what rode on the commit did not happen either */
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
    INVARIANT(claim->done < claim->count);
    TRY(run_some(projector, ret_count, reterr));
    if (claim->done == claim->count) {
        struct claim finished = *claim;
        projector->now = projector->ahead;
        projector->ahead = finished;
        projector->ahead.count = 0;
        projector->one_by_one = false;
    }
    *ret_wake_us = now_us;
    return ERR_OK;
}

enum err projector_release(struct projector *projector, struct err_info *reterr)
{
    REQUIRE(projector != NULL);
    struct claim *claim = &projector->now;
    if (claim->count == claim->done) {
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
