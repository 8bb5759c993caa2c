#include "flow/intake.h"
#include "base/check.h"
#include "base/fault.h"
#include "base/limits.h"
#include "base/metrics.h"
#include "store/inbox.h"
#include "flow/scopes.h"
#include <errno.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/eventfd.h>
#include <unistd.h>

#define RUNS_MAX 3      /* of a batch that lost a race with another node */
#define PROOF_BYTES 160 /* the label is bounded by the configuration, the rest by its format */

struct intake {
    struct intake_limits limits;
    struct env *env;
    int wake_fd;
    struct scopes *scopes; /* the stepping thread's */
    struct arena *arena;   /* the stepping thread's */
    pthread_mutex_t lock;  /* over what follows */
    struct delivery *first, **last;
    uint64_t queued_bytes;
    bool closed;
    atomic_uint waiting;
};

struct intake *intake_new(const struct intake_limits *limits, struct env *env)
{
    REQUIRE(limits != NULL && limits->queue_rows_max > 0 && limits->queue_bytes_max > 0);
    REQUIRE(env != NULL);
    struct intake *intake = calloc(1, sizeof *intake);
    if (intake == NULL) {
        return NULL;
    }
    intake->limits = *limits;
    intake->env = env;
    intake->last = &intake->first;
    (void)pthread_mutex_init(&intake->lock, NULL);
    intake->wake_fd = eventfd(0, EFD_NONBLOCK | EFD_CLOEXEC);
    intake->scopes = scopes_new();
    intake->arena = arena_new(LIMIT_BATCH_ARENA_BYTES);
    if (intake->wake_fd < 0 || intake->scopes == NULL || intake->arena == NULL) {
        return intake_free(intake);
    }
    return intake;
}

struct intake *intake_free(struct intake *intake)
{
    if (intake == NULL) {
        return NULL;
    }
    REQUIRE(intake->first == NULL);
    if (intake->wake_fd >= 0) {
        (void)close(intake->wake_fd);
    }
    (void)scopes_free(intake->scopes);
    (void)arena_free(intake->arena);
    (void)pthread_mutex_destroy(&intake->lock);
    free(intake);
    return NULL;
}

int intake_wake_fd(const struct intake *intake)
{
    REQUIRE(intake != NULL);
    return intake->wake_fd;
}

uint32_t intake_waiting(const struct intake *intake)
{
    REQUIRE(intake != NULL);
    return atomic_load_explicit(&intake->waiting, memory_order_relaxed);
}

static void wake(struct intake *intake)
{
    uint64_t one = 1;
    ssize_t written = write(intake->wake_fd, &one, sizeof one);
    (void)written; /* EAGAIN: the counter is full, so it is readable already */
}

enum err intake_submit(struct intake *intake, struct delivery *delivery)
{
    REQUIRE(intake != NULL);
    REQUIRE(delivery != NULL && delivery->done != NULL && delivery->account != NULL);
    REQUIRE(delivery->envelope.event_id.len > 0);
    delivery->next = NULL;
    enum err err = ERR_OK;
    bool was_empty = false;
    (void)pthread_mutex_lock(&intake->lock);
    uint32_t rows = atomic_load_explicit(&intake->waiting, memory_order_relaxed);
    if (intake->closed) {
        err = ERR_CLOSED;
    } else if (rows >= intake->limits.queue_rows_max ||
               intake->queued_bytes + delivery->body.len > intake->limits.queue_bytes_max) {
        err = ERR_BUSY;
    } else {
        was_empty = intake->first == NULL;
        *intake->last = delivery;
        intake->last = &delivery->next;
        intake->queued_bytes += delivery->body.len;
        atomic_store_explicit(&intake->waiting, rows + 1, memory_order_relaxed);
    }
    (void)pthread_mutex_unlock(&intake->lock);
    if (was_empty) {
        wake(intake);
    }
    return err;
}

static uint32_t take(struct intake *intake, struct delivery **batch, uint32_t row_max)
{
    uint64_t ignored = 0;
    ssize_t got = read(intake->wake_fd, &ignored, sizeof ignored);
    (void)got; /* EAGAIN: nothing was signalled since */
    uint32_t count = 0;
    (void)pthread_mutex_lock(&intake->lock);
    while (count < row_max && intake->first != NULL) {
        struct delivery *delivery = intake->first;
        intake->first = delivery->next;
        intake->queued_bytes -= delivery->body.len;
        batch[count++] = delivery;
    }
    if (intake->first == NULL) {
        intake->last = &intake->first;
    }
    uint32_t rows = atomic_load_explicit(&intake->waiting, memory_order_relaxed);
    INVARIANT(rows >= count);
    atomic_store_explicit(&intake->waiting, rows - count, memory_order_relaxed);
    bool more = intake->first != NULL;
    (void)pthread_mutex_unlock(&intake->lock);
    if (more) {
        wake(intake);
    }
    return count;
}

/* Which secret proved it, never the secret itself. */
static struct str proof_of(struct intake *intake, const struct delivery *delivery)
{
    char *to = arena_alloc_unzeroed(intake->arena, PROOF_BYTES);
    if (to == NULL) {
        return STR_NONE;
    }
    struct str name = str_prefix_utf8(delivery->account->says.name, 80);
    int len = snprintf(to, PROOF_BYTES, "webhook " STR_FMT " secret %u at %lld", STR_ARG(name),
        delivery->envelope.secret_index, (long long)(delivery->envelope.proof_at_us / 1000000));
    ENSURE(len > 0 && len < PROOF_BYTES);
    return (struct str){to, (size_t)len};
}

static enum err write_batch(struct intake *intake,
    struct store *store,
    struct delivery **batch,
    struct inbox_append *rows,
    uint32_t count,
    struct err_info *reterr)
{
    TRY(store_begin(store, STORE_WRITE, reterr));
    CLEANUP(store_rollback) struct store *tx = store;
    for (uint32_t i = 0; i < count; i++) {
        const struct delivery *delivery = batch[i];
        int64_t scope = 0;
        TRY(scopes_get(
            intake->scopes, store, delivery->account, delivery->envelope.account, &scope, reterr));
        rows[i] = (struct inbox_append){
            .scope = scope,
            .channel = CHANNEL_WEBHOOK,
            .envelope = &delivery->envelope,
            .body = delivery->body,
            .proof = proof_of(intake, delivery),
            .received_us = delivery->received_us,
        };
    }
    TRY(inbox_append(store, intake->arena, rows, count, reterr));
    TRY(store_notify(store, reterr));
    fault_point(FAULT_BEFORE_COMMIT);
    TRY(store_commit(store, reterr));
    tx = NULL;
    fault_point(FAULT_AFTER_COMMIT);
    return ERR_OK;
}

enum err intake_step(struct intake *intake,
    struct store *store,
    uint32_t row_max,
    uint32_t *ret_count,
    struct err_info *reterr)
{
    REQUIRE(intake != NULL && store != NULL && ret_count != NULL);
    REQUIRE(row_max > 0 && row_max <= LIMIT_INTAKE_BATCH);
    struct delivery *batch[LIMIT_INTAKE_BATCH];
    uint32_t count = take(intake, batch, row_max);
    *ret_count = count;
    if (count == 0) {
        return ERR_OK;
    }
    arena_reset(intake->arena);
    struct inbox_append *rows = arena_new_array(intake->arena, struct inbox_append, count);
    int64_t began_us = env_monotonic(intake->env);
    enum err err =
        rows == NULL ? err_set(reterr, ERR_TOO_LARGE, "no memory for a batch") : ERR_BUSY;
    /* Two nodes that meet the same new accounts may lock each other out; the one that lost goes
     * again at once. */
    for (int run = 0; err == ERR_BUSY && run < (store_is_shared(store) ? RUNS_MAX : 1); run++) {
        err = write_batch(intake, store, batch, rows, count, reterr);
    }
    if (err == ERR_OK) {
        scopes_committed(intake->scopes);
        metric_observe_us(METRIC_INTAKE_COMMIT, env_monotonic(intake->env) - began_us);
        metric_add(METRIC_INTAKE_BATCHES, 1);
    } else {
        scopes_rolled_back(intake->scopes);
        metric_add(METRIC_STORE_ERRORS, 1);
    }
    for (uint32_t i = 0; i < count; i++) {
        if (err == ERR_OK) {
            ENSURE(rows[i].seq > 0);
            batch[i]->seq = rows[i].seq;
            batch[i]->duplicate = rows[i].duplicate;
        }
        batch[i]->done(batch[i], err);
    }
    return err;
}

void intake_close(struct intake *intake)
{
    REQUIRE(intake != NULL);
    (void)pthread_mutex_lock(&intake->lock);
    intake->closed = true;
    (void)pthread_mutex_unlock(&intake->lock);
    wake(intake);
}

void intake_fail(struct intake *intake, enum err err)
{
    REQUIRE(intake != NULL);
    REQUIRE(err != ERR_OK);
    struct delivery *batch[LIMIT_INTAKE_BATCH];
    uint32_t count = 0;
    while ((count = take(intake, batch, LIMIT_INTAKE_BATCH)) > 0) {
        for (uint32_t i = 0; i < count; i++) {
            batch[i]->done(batch[i], err);
        }
    }
}
