/* Several at once: threads with a connection each, and processes of their own. */
#include "base/check.h"
#include "world.h"
#include <pthread.h>
#include <stdatomic.h>

/* --- opposite orders do not deadlock --- */

enum { KEYS = 40, OPPOSITE_ROUNDS = 25 };

struct opposite {
    struct world *world;
    struct store *store;
    struct arena *arena;
    bool backwards;
    int busy, failures;
    struct own_id ids[KEYS];
};

static enum err resolve_and_append(struct opposite *me, int round)
{
    struct ref refs[KEYS];
    char names[KEYS][32];
    struct sample samples[KEYS];
    struct inbox_append rows[KEYS];
    for (int i = 0; i < KEYS; i++) {
        int key = me->backwards ? KEYS - 1 - i : i;
        (void)snprintf(names[i], sizeof names[i], "id_%d_%d", round, key);
        refs[i] = (struct ref){me->world->scope, ID_PAYMENT, str_from(names[i]), me->ids[i], false};
        refs[i].id.bytes[0] = (uint8_t)(round + 1);
        samples[i] = (struct sample){.envelope = {.event_id = str_from(names[i])}};
        samples[i].envelope.type = samples[i].envelope.api_version = STR("x");
        rows[i] = (struct inbox_append){.scope = me->world->scope,
            .channel = CHANNEL_WEBHOOK,
            .envelope = &samples[i].envelope,
            .body = STR("{}"),
            .proof = STR("p"),
            .received_us = WORLD_NOW_US};
    }
    arena_reset(me->arena);
    TRY(store_begin(me->store, STORE_WRITE, NULL));
    TRY(inbox_append(me->store, me->arena, rows, KEYS, NULL));
    TRY(refs_resolve(me->store, me->arena, refs, KEYS, NULL));
    return store_commit(me->store, NULL);
}

static void *run_opposite(void *context)
{
    struct opposite *me = context;
    for (int round = 0; round < OPPOSITE_ROUNDS; round++) {
        enum err err = resolve_and_append(me, round);
        (void)store_rollback(me->store);
        me->busy += err == ERR_BUSY;
        me->failures += err != ERR_OK && err != ERR_BUSY;
    }
    return NULL;
}

static void batches_in_opposite_order_do_not_deadlock(void **state)
{
    struct world *world = world_of(state);
    struct opposite threads[2];
    pthread_t handles[2];
    for (int i = 0; i < 2; i++) {
        threads[i] = (struct opposite){.world = world,
            .store = world_another(world, STORE_WRITE),
            .arena = arena_new(16 * 1024 * 1024),
            .backwards = i == 1};
        for (int key = 0; key < KEYS; key++) {
            threads[i].ids[key] = world_id(world);
        }
    }
    for (int i = 0; i < 2; i++) {
        assert_int_equal(pthread_create(&handles[i], NULL, run_opposite, &threads[i]), 0);
    }
    for (int i = 0; i < 2; i++) {
        assert_int_equal(pthread_join(handles[i], NULL), 0);
        (void)store_close(threads[i].store);
        (void)arena_free(threads[i].arena);
        assert_int_equal(threads[i].failures, 0);
        assert_int_equal(threads[i].busy, 0);
    }
    assert_int64_equal(raw_int(world, "SELECT count(*) FROM provider_ref"), KEYS * OPPOSITE_ROUNDS);
    assert_int64_equal(raw_int(world, "SELECT count(*) FROM inbox_event"), KEYS * OPPOSITE_ROUNDS);
    assert_int64_equal(raw_int(world, "SELECT count(*) FROM inbox_work"), KEYS * OPPOSITE_ROUNDS);
}

/* --- workers share the queue --- */

enum { EVENTS = 300, WORKERS = 3 };

struct worker {
    struct world *world;
    struct store *store;
    struct arena *arena;
    int64_t token;
    int done, failures;
};

static enum err work_once(struct worker *me, uint32_t *ret_count)
{
    struct inbox_event *events = NULL;
    struct inbox_outcome outcomes[16];
    arena_reset(me->arena);
    TRY(store_begin(me->store, STORE_WRITE, NULL));
    TRY(inbox_claim(
        me->store, me->token, WORLD_NOW_US, LEASE_US, 16, me->arena, &events, ret_count, NULL));
    TRY(store_commit(me->store, NULL));
    for (uint32_t i = 0; i < *ret_count; i++) {
        outcomes[i] = (struct inbox_outcome){.seq = events[i].seq, .status = WORK_APPLIED};
    }
    TRY(store_begin(me->store, STORE_WRITE, NULL));
    TRY(inbox_finish(me->store, me->token, WORLD_NOW_US, outcomes, *ret_count, NULL));
    return store_commit(me->store, NULL);
}

static void *work_off(void *context)
{
    struct worker *me = context;
    uint32_t count = 1;
    while (count > 0) {
        enum err err = work_once(me, &count);
        (void)store_rollback(me->store);
        me->failures += err != ERR_OK && err != ERR_BUSY;
        me->done += err == ERR_OK ? (int)count : 0;
    }
    return NULL;
}

static void workers_take_every_event_exactly_once(void **state)
{
    struct world *world = world_of(state);
    struct inbox_append *rows = arena_new_array(world->arena, struct inbox_append, EVENTS);
    for (int i = 0; i < EVENTS; i++) {
        char id[32];
        (void)snprintf(id, sizeof id, "evt_%d", i);
        rows[i] = sample_new(world, id)->row;
    }
    world_write(world);
    assert_done(inbox_append(world->store, world->arena, rows, EVENTS, reterr));
    world_commit(world);
    struct worker workers[WORKERS];
    pthread_t handles[WORKERS];
    int done = 0;
    for (int i = 0; i < WORKERS; i++) {
        workers[i] = (struct worker){
            world, world_another(world, STORE_WRITE), arena_new(16 * 1024 * 1024), 100 + i, 0, 0};
    }
    for (int i = 0; i < WORKERS; i++) {
        assert_int_equal(pthread_create(&handles[i], NULL, work_off, &workers[i]), 0);
    }
    for (int i = 0; i < WORKERS; i++) {
        assert_int_equal(pthread_join(handles[i], NULL), 0);
        assert_int_equal(workers[i].failures, 0);
        done += workers[i].done;
        (void)store_close(workers[i].store);
        (void)arena_free(workers[i].arena);
    }
    assert_int_equal(done, EVENTS);
    assert_int64_equal(world_stats(world).by_status[WORK_APPLIED], EVENTS);
    assert_int64_equal(raw_int(world, "SELECT sum(attempts) FROM inbox_work"), EVENTS);
}

/* --- the same record, changed by many --- */

enum { INCREMENTS = 40 };

static enum err increment_once(struct worker *me, struct own_id id)
{
    void **records = NULL;
    arena_reset(me->arena);
    TRY(store_begin(me->store, STORE_WRITE, NULL));
    /* Without the lock, so that versions have to hold it. */
    TRY(records_load(
        me->store, record_kind_of(ID_PAYMENT), &id, 1, false, me->arena, &records, NULL));
    ((struct payment *)records[0])->amount_minor++;
    TRY(records_save(me->store, record_kind_of(ID_PAYMENT), records, 1, NULL));
    return store_commit(me->store, NULL);
}

static struct own_id counter_id;

static void *increment(void *context)
{
    struct worker *me = context;
    while (me->done < INCREMENTS) {
        enum err err = increment_once(me, counter_id);
        (void)store_rollback(me->store);
        me->failures += err != ERR_OK && err != ERR_BUSY && err != ERR_CONFLICT;
        me->done += err == ERR_OK;
    }
    return NULL;
}

static void no_change_of_a_record_is_lost(void **state)
{
    struct world *world = world_of(state);
    struct payment *payment = payment_new(world);
    payment->amount_minor = 0;
    world_save(world, ID_PAYMENT, payment);
    counter_id = payment->head.id;
    struct worker workers[WORKERS];
    pthread_t handles[WORKERS];
    for (int i = 0; i < WORKERS; i++) {
        workers[i] = (struct worker){
            world, world_another(world, STORE_WRITE), arena_new(1024 * 1024), 0, 0, 0};
    }
    for (int i = 0; i < WORKERS; i++) {
        assert_int_equal(pthread_create(&handles[i], NULL, increment, &workers[i]), 0);
    }
    for (int i = 0; i < WORKERS; i++) {
        assert_int_equal(pthread_join(handles[i], NULL), 0);
        assert_int_equal(workers[i].failures, 0);
        (void)store_close(workers[i].store);
        (void)arena_free(workers[i].arena);
    }
    struct payment *stands = world_load(world, ID_PAYMENT, counter_id);
    assert_int64_equal(stands->amount_minor, WORKERS * INCREMENTS);
    assert_int64_equal(stands->head.version, 1 + WORKERS * INCREMENTS);
}

/* --- a process of its own, as the command line is --- */

static enum err other_process(struct world *world, const char *url)
{
    struct store *store = NULL;
    struct inbox_stats stats;
    TRY(store_open(str_from(url), STORE_WRITE, env_system(), &store, NULL));
    for (int i = 0; i < 20; i++) {
        char id[32];
        (void)snprintf(id, sizeof id, "evt_other_%d", i);
        struct sample *sample = sample_new(world, id);
        enum err err = ERR_BUSY;
        while (err == ERR_BUSY) {
            TRY(store_begin(store, STORE_WRITE, NULL));
            err = inbox_append(store, world->arena, &sample->row, 1, NULL);
            if (err == ERR_OK) {
                err = store_commit(store, NULL);
            }
            (void)store_rollback(store);
        }
        TRY(err);
        TRY(store_begin(store, STORE_READ, NULL));
        TRY(inbox_stats(store, &stats, NULL));
        TRY(store_commit(store, NULL));
        if (stats.total < i + 1) {
            return ERR_DIFFERS;
        }
    }
    (void)store_close(store);
    return ERR_OK;
}

static void command_line_reads_and_writes_beside_a_busy_writer(void **state)
{
    struct world *world = world_of(state);
    /* SQLite's locks belong to the process: the child must not inherit an open file. */
    world->fixture.store = store_close(world->store);
    (void)fflush(stdout);
    pid_t child = fork();
    if (child == 0) {
        _exit((int)other_process(world, world->fixture.url));
    }
    world->store = world->fixture.store = world_another(world, STORE_WRITE);
    int status = 0;
    int written = 0;
    while (waitpid(child, &status, WNOHANG) == 0) {
        char id[32];
        (void)snprintf(id, sizeof id, "evt_%d", written++);
        (void)world_append(world, id);
    }
    assert_true(WIFEXITED(status));
    assert_err((enum err)WEXITSTATUS(status), ERR_OK);
    assert_int64_equal(world_stats(world).total, written + 20);
}

TESTS_MAIN("together",
    WORLD_TEST(batches_in_opposite_order_do_not_deadlock),
    WORLD_TEST(workers_take_every_event_exactly_once),
    WORLD_TEST(no_change_of_a_record_is_lost),
    WORLD_TEST(command_line_reads_and_writes_beside_a_busy_writer))
