#include "cli/workers.h"
#include "base/check.h"
#include "base/limits.h"
#include "base/metrics.h"
#include "base/timestamp.h"
#include "store/inbox.h"
#include "flow/project.h"
#include "cli/aside.h"
#include "cli/log_mover.h"
#include <errno.h>
#include <poll.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <sys/eventfd.h>
#include <unistd.h>

#define PROJECTORS_MAX 64
#define BATCH_MIN 16           /* deliveries in a commit, however few the connections */
#define PROJECT_EVERY_US 50000 /* at least so often, however many deliveries wait */
#define PROBE_EVERY_US US_PER_SECOND
#define BACKOFF_MIN_US 50000
#define BACKOFF_MAX_US (2 * US_PER_SECOND)
#define LOOK_EVERY_MS 1000
#define STALLED_US (5 * US_PER_SECOND)

struct worker {
    struct workers *workers;
    struct store *store;
    struct projector *projector;
    struct aside *decoding; /* SQLite: the next batch is decoded beside the intake's commits */
    pthread_t thread;
    bool started;
};

struct workers {
    struct workers_setup setup;
    int stop_fd; /* readable once stopping */
    atomic_bool stopping;
    struct worker intake;                     /* SQLite: the writer, which projects too */
    struct worker projecting[PROJECTORS_MAX]; /* PostgreSQL */
    struct log_mover *log_mover;              /* SQLite */
    uint32_t projecting_count;
    struct worker looking; /* gauges */
    atomic_llong alive_us; /* monotonic: the intake thread's last turn that could commit */
    atomic_int trouble;    /* enum err of the last store error; ERR_OK: none since */
};

/* --- trouble with the store --- */

struct backoff {
    int64_t delay_us;
    int64_t until_us; /* monotonic */
    bool said;
};

static void note_trouble(struct workers *workers,
    struct backoff *backoff,
    const char *doing,
    enum err err,
    const struct err_info *info)
{
    struct env *env = workers->setup.env;
    if (!backoff->said || backoff->delay_us >= BACKOFF_MAX_US) {
        log_event(LOG_ERROR, "store_trouble", log_text("doing", doing),
            log_text("error", err_name(err)), log_text("text", info->text));
    }
    backoff->said = true;
    backoff->delay_us = backoff->delay_us == 0 ? BACKOFF_MIN_US : backoff->delay_us * 2;
    if (backoff->delay_us > BACKOFF_MAX_US) {
        backoff->delay_us = BACKOFF_MAX_US;
    }
    backoff->until_us = env_monotonic(env) + backoff->delay_us;
}

static void note_recovery(struct backoff *backoff, const char *doing)
{
    if (backoff->said) {
        log_event(LOG_INFO, "store_recovered", log_text("doing", doing));
    }
    *backoff = (struct backoff){0};
}

static void alive(struct workers *workers)
{
    atomic_store(&workers->alive_us, env_monotonic(workers->setup.env));
    atomic_store(&workers->trouble, ERR_OK);
}

/* Waits for a delivery, for stopping, or until the time has come. */
static void wait_for_work(struct workers *workers, int64_t us)
{
    struct pollfd fds[2] = {
        {.fd = intake_wake_fd(workers->setup.intake), .events = POLLIN},
        {.fd = workers->stop_fd, .events = POLLIN},
    };
    /* Stopping is level-triggered: the loop ends by itself once the queue is empty. */
    nfds_t count = atomic_load(&workers->stopping) ? 1 : 2;
    int64_t ms = us <= 0 ? 0 : (us + 999) / 1000;
    (void)poll(fds, count, ms > 1000 ? 1000 : (int)ms);
}

/* --- the intake's turn --- */

static uint32_t batch_rows(struct workers *workers)
{
    int64_t wish = workers->setup.config->batch_rows;
    if (wish <= 0) {
        /* Waking every connection at once would leave the network idle during the next commit. */
        wish = workers->setup.connections(workers->setup.context) / 2;
    }
    if (wish < BATCH_MIN) {
        wish = BATCH_MIN;
    }
    return wish > LIMIT_INTAKE_BATCH ? LIMIT_INTAKE_BATCH : (uint32_t)wish;
}

/* How many deliveries were committed. */
static uint32_t intake_turn(struct workers *workers, struct store *store, struct backoff *backoff)
{
    struct intake *intake = workers->setup.intake;
    if (backoff->until_us > env_monotonic(workers->setup.env)) {
        intake_fail(intake, (enum err)atomic_load(&workers->trouble));
        return 0;
    }
    struct err_info info = {{0}};
    uint32_t count = 0;
    enum err err = intake_step(intake, store, batch_rows(workers), &count, &info);
    if (err != ERR_OK) {
        atomic_store(&workers->trouble, err);
        note_trouble(workers, backoff, "intake", err, &info);
        return 0;
    }
    if (count > 0) {
        note_recovery(backoff, "intake");
        alive(workers);
    }
    return count;
}

static enum err write_probe(struct store *store, struct err_info *reterr)
{
    TRY(store_begin(store, STORE_WRITE, reterr));
    CLEANUP(store_rollback) struct store *tx = store;
    TRY(store_probe(store, reterr));
    enum err err = store_commit(store, reterr);
    tx = NULL;
    return err;
}

/* A tiny commit of its own: notices that the store went away, or came back, without traffic. */
static void probe(struct workers *workers, struct store *store, struct backoff *backoff)
{
    int64_t now_us = env_monotonic(workers->setup.env);
    if (now_us - atomic_load(&workers->alive_us) < PROBE_EVERY_US || backoff->until_us > now_us) {
        return;
    }
    struct err_info info = {{0}};
    enum err err = write_probe(store, &info);
    if (err != ERR_OK) {
        atomic_store(&workers->trouble, err);
        note_trouble(workers, backoff, "probe", err, &info);
        return;
    }
    note_recovery(backoff, "probe");
    alive(workers);
}

/* --- the projection's turn --- */

static int64_t project_turn(
    struct workers *workers, struct worker *worker, uint32_t *ret_count, struct backoff *backoff)
{
    struct env *env = workers->setup.env;
    *ret_count = 0;
    if (backoff->until_us > env_monotonic(env)) {
        return backoff->until_us - env_monotonic(env);
    }
    struct err_info info = {{0}};
    int64_t now_us = env_now(env);
    int64_t wake_us = now_us;
    enum err err = project_step(worker->projector, now_us, ret_count, &wake_us, &info);
    if (err != ERR_OK) {
        note_trouble(workers, backoff, "projection", err, &info);
        return backoff->delay_us;
    }
    if (*ret_count > 0) {
        note_recovery(backoff, "projection");
    }
    return wake_us - now_us;
}

/* --- SQLite: one writer --- */

/* Every commit costs a sync. While deliveries keep coming the projection waits until there is a
 * whole batch for it, but not for long. */
static bool is_projections_turn(struct workers *workers, uint32_t kept_since, int64_t projected_us)
{
    return intake_waiting(workers->setup.intake) == 0 || kept_since >= LIMIT_CLAIM_BATCH ||
           env_monotonic(workers->setup.env) - projected_us >= PROJECT_EVERY_US;
}

static void decode_next(void *context)
{
    struct worker *worker = context;
    project_decode(worker->projector);
}

static int64_t project_and_decode_ahead(
    struct workers *workers, struct worker *worker, uint32_t *ret_count, struct backoff *backoff)
{
    aside_wait(worker->decoding);
    int64_t idle_us = project_turn(workers, worker, ret_count, backoff);
    if (project_has_claim(worker->projector)) {
        aside_begin(worker->decoding);
    }
    return idle_us;
}

static void *write_in_turns(void *context)
{
    struct worker *worker = context;
    struct workers *workers = worker->workers;
    struct backoff intake_trouble = {0};
    struct backoff project_trouble = {0};
    uint32_t kept_since = 0;
    int64_t projected_us = 0;
    while (!atomic_load(&workers->stopping) || intake_waiting(workers->setup.intake) > 0) {
        log_mover_wait(workers->log_mover);
        uint32_t kept = intake_turn(workers, worker->store, &intake_trouble);
        kept_since += kept;
        uint32_t projected = 0;
        int64_t idle_us = PROBE_EVERY_US;
        if (worker->projector != NULL && !atomic_load(&workers->stopping) &&
            is_projections_turn(workers, kept_since, projected_us)) {
            idle_us = project_and_decode_ahead(workers, worker, &projected, &project_trouble);
            projected_us = env_monotonic(workers->setup.env);
            kept_since = 0;
        }
        if (kept == 0 && projected == 0) {
            probe(workers, worker->store, &intake_trouble);
            wait_for_work(workers, idle_us);
        }
    }
    return NULL;
}

/* --- PostgreSQL: intake and projectors apart --- */

static void *take_in(void *context)
{
    struct worker *worker = context;
    struct workers *workers = worker->workers;
    struct backoff trouble = {0};
    while (!atomic_load(&workers->stopping) || intake_waiting(workers->setup.intake) > 0) {
        if (intake_turn(workers, worker->store, &trouble) == 0) {
            probe(workers, worker->store, &trouble);
            wait_for_work(workers, PROBE_EVERY_US);
        }
    }
    return NULL;
}

static void *project_on(void *context)
{
    struct worker *worker = context;
    struct workers *workers = worker->workers;
    struct backoff trouble = {0};
    while (!atomic_load(&workers->stopping)) {
        uint32_t count = 0;
        int64_t idle_us = project_turn(workers, worker, &count, &trouble);
        if (count == 0 && idle_us > 0) {
            store_wait(worker->store, workers->stop_fd,
                idle_us > PROBE_EVERY_US ? PROBE_EVERY_US : idle_us);
        }
    }
    return NULL;
}

/* --- gauges: a thread of their own, because a store that hangs must not hold up who asks for them
 * --- */

static void set_age(enum metric metric, int64_t since_us, int64_t now_us)
{
    metric_set(metric, since_us > 0 && now_us > since_us ? (now_us - since_us) / 1000000 : 0);
}

static void look(struct workers *workers, struct store *store)
{
    struct inbox_stats stats = {0};
    if (store_begin(store, STORE_READ, NULL) != ERR_OK) {
        return;
    }
    if (inbox_stats(store, &stats, NULL) == ERR_OK) {
        int64_t now_us = env_now(workers->setup.env);
        metric_set(METRIC_EVENTS_OPEN, stats.by_status[WORK_NEW] + stats.by_status[WORK_CLAIMED] +
                                           stats.by_status[WORK_WAITING]);
        metric_set(METRIC_DEAD_LETTERS, stats.by_status[WORK_DEAD]);
        set_age(METRIC_EVENTS_OPEN_AGE, stats.oldest_open_us, now_us);
        set_age(METRIC_DEAD_LETTERS_AGE, stats.oldest_dead_us, now_us);
    }
    (void)store_rollback(store);
}

static void *look_now_and_then(void *context)
{
    struct worker *worker = context;
    struct workers *workers = worker->workers;
    struct pollfd fd = {.fd = workers->stop_fd, .events = POLLIN};
    do {
        look(workers, worker->store);
        metric_set(METRIC_INTAKE_QUEUE, intake_waiting(workers->setup.intake));
    } while (poll(&fd, 1, LOOK_EVERY_MS) == 0);
    return NULL;
}

/* --- starting and stopping --- */

static enum err open_worker(struct workers *workers,
    struct worker *worker,
    bool projects,
    enum store_access access,
    struct err_info *reterr)
{
    const struct config *config = workers->setup.config;
    worker->workers = workers;
    TRY(store_open(config->store_url, access, workers->setup.env, &worker->store, reterr));
    if (!projects) {
        return ERR_OK;
    }
    struct projector_limits limits = {.batch_rows_max = LIMIT_CLAIM_BATCH,
        .lease_us = config->lease_us,
        .thin_wait_us = config->scan_thin_wait_us};
    worker->projector =
        projector_new(worker->store, workers->setup.provider, workers->setup.env, &limits);
    if (worker->projector == NULL) {
        return err_set(reterr, ERR_STORE_IO, "out of memory");
    }
    projector_follow(worker->projector, workers->setup.accounts);
    return ERR_OK;
}

static enum err no_thread(struct err_info *reterr)
{
    return err_set(reterr, ERR_BUSY, "no thread can be started: raise the limit on tasks");
}

static enum err start_worker(
    struct worker *worker, void *(*run)(void *context), struct err_info *reterr)
{
    if (pthread_create(&worker->thread, NULL, run, worker) != 0) {
        return no_thread(reterr);
    }
    worker->started = true;
    return ERR_OK;
}

static enum err start_sqlite(struct workers *workers, struct err_info *reterr)
{
    bool projects = workers->setup.projectors > 0;
    TRY(open_worker(workers, &workers->intake, projects, STORE_WRITE, reterr));
    TRY(store_lock_serve(workers->intake.store, reterr));
    TRY(store_begin(workers->intake.store, STORE_WRITE, reterr));
    CLEANUP(store_rollback) struct store *tx = workers->intake.store;
    TRY(inbox_release_claims(workers->intake.store, env_now(workers->setup.env), reterr));
    enum err err = store_commit(workers->intake.store, reterr);
    tx = NULL;
    TRY(err);
    TRY(log_mover_start(
        workers->setup.config->store_url, workers->setup.env, &workers->log_mover, reterr));
    if (projects) {
        workers->intake.decoding = aside_new(decode_next, &workers->intake);
        if (workers->intake.decoding == NULL) {
            return no_thread(reterr);
        }
    }
    return start_worker(&workers->intake, write_in_turns, reterr);
}

static enum err start_postgres(struct workers *workers, struct err_info *reterr)
{
    TRY(open_worker(workers, &workers->intake, false, STORE_WRITE, reterr));
    TRY(start_worker(&workers->intake, take_in, reterr));
    for (int64_t i = 0; i < workers->setup.projectors && i < PROJECTORS_MAX; i++) {
        struct worker *worker = &workers->projecting[workers->projecting_count++];
        TRY(open_worker(workers, worker, true, STORE_WRITE, reterr));
        TRY(start_worker(worker, project_on, reterr));
    }
    return ERR_OK;
}

enum err workers_start(
    const struct workers_setup *setup, struct workers **ret_workers, struct err_info *reterr)
{
    REQUIRE(setup != NULL && ret_workers != NULL);
    REQUIRE(setup->intake != NULL && setup->connections != NULL);
    struct workers *workers = calloc(1, sizeof *workers);
    if (workers == NULL) {
        return err_set(reterr, ERR_STORE_IO, "out of memory");
    }
    workers->setup = *setup;
    workers->stop_fd = eventfd(0, EFD_NONBLOCK | EFD_CLOEXEC);
    alive(workers);
    enum err err = open_worker(workers, &workers->looking, false, STORE_READ, reterr);
    if (err == ERR_OK) {
        err = store_is_shared(workers->looking.store) ? start_postgres(workers, reterr)
                                                      : start_sqlite(workers, reterr);
    }
    if (err == ERR_OK) {
        err = start_worker(&workers->looking, look_now_and_then, reterr);
    }
    if (err != ERR_OK) {
        (void)workers_stop(workers);
        return err;
    }
    *ret_workers = workers;
    return ERR_OK;
}

static void end_worker(struct worker *worker)
{
    if (worker->started) {
        (void)pthread_join(worker->thread, NULL);
    }
    worker->decoding = aside_free(worker->decoding);
    if (worker->projector != NULL) {
        struct err_info info = {{0}};
        enum err err = projector_release(worker->projector, &info);
        if (err != ERR_OK) {
            log_event(LOG_WARNING, "claim_not_released", log_text("text", info.text));
        }
    }
    worker->projector = projector_free(worker->projector);
    worker->store = store_close(worker->store);
}

struct workers *workers_stop(struct workers *workers)
{
    if (workers == NULL) {
        return NULL;
    }
    atomic_store(&workers->stopping, true);
    uint64_t one = 1;
    ssize_t written = write(workers->stop_fd, &one, sizeof one);
    (void)written;
    for (uint32_t i = 0; i < workers->projecting_count; i++) {
        end_worker(&workers->projecting[i]);
    }
    end_worker(&workers->looking);
    end_worker(&workers->intake);
    workers->log_mover = log_mover_stop(workers->log_mover);
    intake_fail(workers->setup.intake, ERR_CLOSED);
    (void)close(workers->stop_fd);
    free(workers);
    return NULL;
}

/* --- what the private listener asks --- */

bool workers_ready(struct workers *workers, struct err_info *reterr)
{
    REQUIRE(workers != NULL);
    enum err trouble = (enum err)atomic_load(&workers->trouble);
    if (trouble != ERR_OK) {
        (void)err_set(reterr, trouble, "the last commit failed: %s", err_text(trouble));
        return false;
    }
    int64_t silent_us = env_monotonic(workers->setup.env) - atomic_load(&workers->alive_us);
    if (silent_us > STALLED_US) {
        (void)err_set(
            reterr, ERR_TIMEOUT, "no commit for %lld s", (long long)(silent_us / 1000000));
        return false;
    }
    return true;
}
