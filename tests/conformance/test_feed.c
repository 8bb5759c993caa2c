/* feed.h: positions without gaps. */
#include "base/check.h"
#include "world.h"
#include <pthread.h>
#include <stdatomic.h>

static struct feed_entry entry_of(struct world *world, struct own_id aggregate)
{
    return (struct feed_entry){
        .scope = world->scope,
        .type = EVENT_PAYMENT_SUCCEEDED,
        .schema = 1,
        .aggregate_id = aggregate,
        .attempt_id = world_id(world),
        .occurred_at_us = WORLD_NOW_US - 7,
        .recorded_at_us = WORLD_NOW_US,
        .cause_seq = 17,
        .late = true,
        .body = STR("{\"payment\":{\"name\":\"\xc3\xa9\"}}"),
    };
}

static int64_t second_scope(struct world *world)
{
    struct scope_key key = {STR("stripe"), false, STR("acct_1")};
    int64_t scope = 0;
    world_write(world);
    assert_done(scope_ensure(world->store, &key, &scope, reterr));
    world_commit(world);
    return scope;
}

static uint32_t read_feed(struct world *world,
    int64_t scope,
    int64_t after,
    uint32_t limit,
    struct feed_entry **ret_entries)
{
    uint32_t count = 0;
    world_read(world);
    assert_done(
        feed_read(world->store, scope, after, limit, world->arena, ret_entries, &count, reterr));
    world_commit(world);
    return count;
}

static void entry_comes_back_as_it_was_written(void **state)
{
    struct world *world = world_of(state);
    struct feed_entry entry = entry_of(world, world_id(world));
    world_write(world);
    assert_done(feed_append(world->store, world->arena, &entry, 1, reterr));
    world_commit(world);
    assert_int64_equal(entry.position, 1);
    struct feed_entry *read = NULL;
    assert_int_equal(read_feed(world, world->scope, 0, 10, &read), 1);
    assert_int_equal(read->type, EVENT_PAYMENT_SUCCEEDED);
    assert_int_equal(read->schema, 1);
    assert_int64_equal(read->scope, world->scope);
    assert_int64_equal(read->position, 1);
    assert_true(own_id_eq(read->aggregate_id, entry.aggregate_id));
    assert_true(own_id_eq(read->attempt_id, entry.attempt_id));
    assert_int64_equal(read->occurred_at_us, entry.occurred_at_us);
    assert_int64_equal(read->recorded_at_us, entry.recorded_at_us);
    assert_int64_equal(read->cause_seq, 17);
    assert_true(read->late);
    assert_strs_equal(read->body, entry.body);
}

static void positions_follow_the_rows_in_each_scope(void **state)
{
    struct world *world = world_of(state);
    int64_t other = second_scope(world);
    struct feed_entry entries[6];
    for (int i = 0; i < 6; i++) {
        entries[i] = entry_of(world, world_id(world));
        entries[i].scope = i % 3 == 1 ? other : world->scope;
    }
    for (int round = 0; round < 2; round++) {
        world_write(world);
        assert_done(feed_append(world->store, world->arena, entries, 6, reterr));
        world_commit(world);
        static const int expected[] = {1, 1, 2, 3, 2, 4};
        for (int i = 0; i < 6; i++) {
            int64_t base = entries[i].scope == other ? 2 * round : 4 * round;
            assert_int64_equal(entries[i].position, base + expected[i]);
        }
    }
    struct feed_entry *read = NULL;
    assert_int_equal(read_feed(world, other, 0, 100, &read), 4);
    assert_int_equal(read_feed(world, world->scope, 3, 2, &read), 2);
    assert_int64_equal(read[0].position, 4);
    assert_int64_equal(read[1].position, 5);
    assert_int_equal(read_feed(world, world->scope, 8, 2, &read), 0);
}

static void rolled_back_entries_leave_no_gap(void **state)
{
    struct world *world = world_of(state);
    struct feed_entry entry = entry_of(world, world_id(world));
    for (int i = 0; i < 4; i++) {
        world_write(world);
        assert_done(feed_append(world->store, world->arena, &entry, 1, reterr));
        if (i % 2 == 0) {
            (void)store_rollback(world->store);
        } else {
            world_commit(world);
        }
    }
    assert_int64_equal(entry.position, 2);
    assert_int64_equal(raw_int(world, "SELECT position FROM feed_head"), 2);
}

static void scope_without_a_head_is_refused(void **state)
{
    struct world *world = world_of(state);
    struct feed_entry entry = entry_of(world, world_id(world));
    entry.scope = 999;
    world_write(world);
    assert_err(feed_append(world->store, world->arena, &entry, 1, NULL), ERR_STORE_IO);
    (void)store_rollback(world->store);
}

static void history_of_one_aggregate_is_in_order(void **state)
{
    struct world *world = world_of(state);
    struct own_id mine = world_id(world);
    struct feed_entry entries[5];
    for (int i = 0; i < 5; i++) {
        entries[i] = entry_of(world, i % 2 == 0 ? mine : world_id(world));
    }
    struct feed_entry *read = NULL;
    uint32_t count = 0;
    world_write(world);
    assert_done(feed_append(world->store, world->arena, entries, 5, reterr));
    assert_done(feed_of(world->store, mine, world->arena, &read, &count, reterr));
    world_commit(world);
    assert_int_equal(count, 3);
    assert_int64_equal(read[0].position, 1);
    assert_int64_equal(read[1].position, 3);
    assert_int64_equal(read[2].position, 5);
}

static void one_aggregate_is_read_in_pages(void **state)
{
    struct world *world = world_of(state);
    struct own_id mine = world_id(world);
    struct feed_entry entries[5];
    for (int i = 0; i < 5; i++) {
        entries[i] = entry_of(world, i % 2 == 0 ? mine : world_id(world));
    }
    int64_t scope = entries[0].scope;
    struct feed_entry *read = NULL;
    uint32_t count = 0;
    world_write(world);
    assert_done(feed_append(world->store, world->arena, entries, 5, reterr));
    assert_done(feed_read_of(world->store, mine, scope, 0, 2, world->arena, &read, &count, reterr));
    assert_int_equal(count, 2);
    assert_int64_equal(read[1].position, 3);
    assert_done(feed_read_of(world->store, mine, scope, 3, 2, world->arena, &read, &count, reterr));
    assert_int_equal(count, 1);
    assert_int64_equal(read[0].position, 5);
    assert_done(
        feed_read_of(world->store, mine, scope + 1, 0, 2, world->arena, &read, &count, reterr));
    assert_int_equal(count, 0);
    world_commit(world);
}

static void event_type_of_a_newer_version_is_said_to_be_one(void **state)
{
    struct world *world = world_of(state);
    char sql[512];
    (void)snprintf(sql, sizeof sql,
        "INSERT INTO domain_event (scope, position, type, schema_version, aggregate_id, "
        "occurred_at_us, recorded_at_us, cause_seq, late, body) "
        "VALUES (1, 1, 'payment.teleported', 1, %s, 1, 1, 1, 0, '{}')",
        world->is_sqlite ? "x'00'" : "'\\x00'");
    assert_true(raw_run(world, sql));
    struct feed_entry *read = NULL;
    uint32_t count = 0;
    struct err_info info;
    world_read(world);
    assert_err(feed_read(world->store, 1, 0, 1, world->arena, &read, &count, &info), ERR_SCHEMA);
    assert_non_null(strstr(info.text, "newer"));
    world_commit(world);
}

/* --- two writers and a reader at once --- */

enum { ROUNDS = 60, ROWS_A_ROUND = 7 };

struct writer {
    struct store *store;
    struct feed_entry entries[ROWS_A_ROUND];
    int failures;
    atomic_int *running; /* the writers that have not ended */
};

static void *write_rounds(void *context)
{
    struct writer *writer = context;
    for (int i = 0; i < ROUNDS;) {
        enum err err = store_begin(writer->store, STORE_WRITE, NULL);
        if (err == ERR_OK) {
            err = feed_append(writer->store, NULL, writer->entries, ROWS_A_ROUND, NULL);
        }
        if (err == ERR_OK && i % 5 != 4) {
            err = store_commit(writer->store, NULL);
        } else {
            (void)store_rollback(writer->store);
        }
        if (err == ERR_OK) {
            i++;
        } else if (!err_is_retryable(err)) {
            writer->failures++;
            i++;
        }
    }
    (void)atomic_fetch_sub(writer->running, 1);
    return NULL;
}

static void reader_beside_two_writers_never_misses_a_position(void **state)
{
    struct world *world = world_of(state);
    struct writer writers[2];
    pthread_t threads[2];
    atomic_int running = 2;
    for (int i = 0; i < 2; i++) {
        writers[i].store = world_another(world, STORE_WRITE);
        writers[i].failures = 0;
        writers[i].running = &running;
        for (int row = 0; row < ROWS_A_ROUND; row++) {
            writers[i].entries[row] = entry_of(world, world_id(world));
        }
    }
    for (int i = 0; i < 2; i++) {
        assert_int_equal(pthread_create(&threads[i], NULL, write_rounds, &writers[i]), 0);
    }
    int64_t wanted = (int64_t)2 * ROUNDS / 5 * 4 * ROWS_A_ROUND;
    int64_t last = 0;
    bool gap = false;
    bool all_written = false;
    uint32_t count = 1;
    while (!all_written || count > 0) { /* what is read after the writers' end is all there is */
        all_written = atomic_load(&running) == 0;
        arena_reset(world->arena);
        struct feed_entry *read = NULL;
        count = read_feed(world, world->scope, last, 100, &read);
        for (uint32_t i = 0; i < count; i++) {
            gap = gap || read[i].position != last + 1;
            last = read[i].position;
        }
    }
    for (int i = 0; i < 2; i++) {
        assert_int_equal(pthread_join(threads[i], NULL), 0);
        assert_int_equal(writers[i].failures, 0);
        (void)store_close(writers[i].store);
    }
    assert_false(gap);
    assert_int64_equal(last, wanted);
    assert_int64_equal(raw_int(world, "SELECT position FROM feed_head"), wanted);
}

TESTS_MAIN("feed",
    WORLD_TEST(entry_comes_back_as_it_was_written),
    WORLD_TEST(positions_follow_the_rows_in_each_scope),
    WORLD_TEST(rolled_back_entries_leave_no_gap),
    WORLD_TEST(scope_without_a_head_is_refused),
    WORLD_TEST(history_of_one_aggregate_is_in_order),
    WORLD_TEST(one_aggregate_is_read_in_pages),
    WORLD_TEST(event_type_of_a_newer_version_is_said_to_be_one),
    WORLD_TEST(reader_beside_two_writers_never_misses_a_position))
