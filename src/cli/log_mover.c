#include "cli/log_mover.h"
#include "base/check.h"
#include "base/limits.h"
#include "base/log.h"
#include "base/metrics.h"
#include "base/timestamp.h"
#include <poll.h>
#include <pthread.h>
#include <stdlib.h>
#include <sys/eventfd.h>
#include <unistd.h>

#define CHECKPOINT_BYTES (32 * 1024 * 1024)
#define CATCH_UP_BYTES (4 * 1024 * 1024) /* of the log: so little is moved while all wait */
#define LOOK_EVERY_MS 25
#define PAUSE_AGAIN_US (10 * US_PER_SECOND) /* after a pause that a long reader made useless */

struct log_mover {
    struct env *env;
    struct store *store;
    pthread_t thread;
    int stop_fd; /* readable once stopping */
    pthread_mutex_t lock;
    pthread_cond_t moved;
    bool pause; /* the writer waits until the rest of the log is moved */
};

void log_mover_wait(struct log_mover *mover)
{
    REQUIRE(mover != NULL);
    (void)pthread_mutex_lock(&mover->lock);
    if (mover->pause) {
        struct timespec deadline;
        (void)clock_gettime(CLOCK_REALTIME, &deadline);
        deadline.tv_sec += 1;
        (void)pthread_cond_timedwait(&mover->moved, &mover->lock, &deadline);
    }
    (void)pthread_mutex_unlock(&mover->lock);
}

static void pause_writer(struct log_mover *mover, bool pause)
{
    (void)pthread_mutex_lock(&mover->lock);
    mover->pause = pause;
    (void)pthread_cond_broadcast(&mover->moved);
    (void)pthread_mutex_unlock(&mover->lock);
}

/* Most is moved while the writer writes; what came meanwhile is less each time, or the log grows
 * too long. */
static enum err move_log(struct log_mover *mover, int64_t *pause_from_us, struct err_info *reterr)
{
    struct store *store = mover->store;
    int64_t left = 0;
    int64_t left_before = INT64_MAX;
    TRY(store_checkpoint(store, false, &left, reterr));
    while (
        left > CATCH_UP_BYTES && left < left_before && store_wal_bytes(store) < LIMIT_WAL_BYTES) {
        left_before = left;
        TRY(store_checkpoint(store, false, &left, reterr));
    }
    bool is_worth_it = left <= CATCH_UP_BYTES || store_wal_bytes(store) >= LIMIT_WAL_BYTES;
    if (left == 0 || !is_worth_it || env_monotonic(mover->env) < *pause_from_us) {
        return ERR_OK;
    }
    pause_writer(mover, true);
    enum err err = store_checkpoint(store, true, &left, reterr);
    pause_writer(mover, false);
    *pause_from_us = left > 0 ? env_monotonic(mover->env) + PAUSE_AGAIN_US : 0;
    return err;
}

static void *move_now_and_then(void *context)
{
    struct log_mover *mover = context;
    struct pollfd fd = {.fd = mover->stop_fd, .events = POLLIN};
    int64_t pause_from_us = 0;
    while (poll(&fd, 1, LOOK_EVERY_MS) == 0) {
        if (store_wal_bytes(mover->store) >= CHECKPOINT_BYTES) {
            struct err_info info = {{0}};
            enum err err = move_log(mover, &pause_from_us, &info);
            if (err != ERR_OK && err_class(err) != ERR_CLASS_BUSY) {
                log_event(LOG_WARNING, "checkpoint_failed", log_text("text", info.text));
            }
        }
        metric_set(METRIC_WAL_BYTES, store_wal_bytes(mover->store));
    }
    return NULL;
}

static void free_mover(struct log_mover *mover)
{
    mover->store = store_close(mover->store);
    (void)close(mover->stop_fd);
    (void)pthread_cond_destroy(&mover->moved);
    (void)pthread_mutex_destroy(&mover->lock);
    free(mover);
}

enum err log_mover_start(
    struct str store_url, struct env *env, struct log_mover **ret, struct err_info *reterr)
{
    REQUIRE(env != NULL && ret != NULL);
    struct log_mover *mover = calloc(1, sizeof *mover);
    if (mover == NULL) {
        return err_set(reterr, ERR_STORE_IO, "out of memory");
    }
    mover->env = env;
    (void)pthread_mutex_init(&mover->lock, NULL);
    (void)pthread_cond_init(&mover->moved, NULL);
    mover->stop_fd = eventfd(0, EFD_NONBLOCK | EFD_CLOEXEC);
    enum err err = store_open(store_url, STORE_WRITE, env, &mover->store, reterr);
    if (err == ERR_OK && pthread_create(&mover->thread, NULL, move_now_and_then, mover) != 0) {
        err = err_set(reterr, ERR_BUSY, "no thread can be started: raise the limit on tasks");
    }
    if (err != ERR_OK) {
        free_mover(mover);
        return err;
    }
    *ret = mover;
    return ERR_OK;
}

struct log_mover *log_mover_stop(struct log_mover *mover)
{
    if (mover == NULL) {
        return NULL;
    }
    uint64_t one = 1;
    ssize_t written = write(mover->stop_fd, &one, sizeof one);
    (void)written;
    (void)pthread_join(mover->thread, NULL);
    free_mover(mover);
    return NULL;
}
