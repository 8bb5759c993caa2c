/* Every call of the engine fails once: the transaction that a projection is made of either happened
 * or did not, and the next try finds everything as if the failed one had never been. */
#include "store/postgres/engine.h"
#include "store/sqlite/engine.h"
#include "fault_engine.h"
#include "world.h"

static struct store *open_faulty(struct world *world)
{
    static const struct sql_engine_opener *const engines[] = {
        &sqlite_engine_opener, &postgres_engine_opener, &fault_engine_opener};
    store_use_engines(engines, 3);
    char url[600];
    struct store *store = NULL;
    (void)snprintf(url, sizeof url, "fault:%s", world->fixture.url);
    fault_plan = (struct fault_plan){0};
    assert_done(store_open(str_from(url), STORE_WRITE, env_system(), &store, reterr));
    return store;
}

struct
try {
    int64_t token;
    struct ref refs[3];
    int64_t last_position;
};

static enum err write_records(
    struct world *world, struct store *store, const struct try *try, int64_t seq)
{
    for (int i = 0; i < 2; i++) {
        const struct record_kind *kind = record_kind_of(i == 0 ? ID_PAYMENT : ID_ATTEMPT);
        struct own_id id = try->refs[i].id;
        void **records = NULL;
        TRY(records_load(store, kind, &id, 1, true, world->arena, &records, NULL));
        if (records[0] == NULL) {
            struct record_head *head = arena_alloc(world->arena, kind->size);
            head->id = id;
            head->scope = world->scope;
            records[0] = head;
        }
        ((struct record_head *)records[0])->updated_seq = seq;
        TRY(records_save(store, kind, records, 1, NULL));
    }
    return ERR_OK;
}

/* What one projection of one event does, all verbs of the hot way included. */
static enum err project_one(struct world *world, struct store *store, struct try *try)
{
    struct inbox_event *events = NULL;
    uint32_t count = 0;
    TRY(store_begin(store, STORE_WRITE, NULL));
    TRY(inbox_claim(store, try->token, WORLD_NOW_US + try->token * 2 * LEASE_US, LEASE_US, 1,
        world->arena, &events, &count, NULL));
    if (count == 0) {
        return ERR_NOT_FOUND;
    }
    static const enum id_kind kinds[] = {ID_PAYMENT, ID_ATTEMPT, ID_CUSTOMER};
    for (int i = 0; i < 3; i++) {
        try->refs[i] =
            (struct ref){world->scope, kinds[i], STR("provider_id"), world_id(world), false};
    }
    TRY(refs_resolve(store, world->arena, try->refs, 3, NULL));
    TRY(write_records(world, store, try, events[0].seq));
    struct inbox_effect effect = {
        events[0].seq, ID_PAYMENT, try->refs[0].id, {WORLD_NOW_US, 1}, EFFECT_APPLIED, false};
    TRY(effects_append(store, &effect, 1, NULL));
    TRY(finish_on(world, store, try->token, events, 1, WORK_APPLIED));
    struct feed_entry entries[2];
    for (int i = 0; i < 2; i++) {
        entries[i] = (struct feed_entry){.scope = world->scope,
            .type = EVENT_PAYMENT_CHANGED,
            .schema = 1,
            .aggregate_id = try->refs[0].id,
            .cause_seq = events[0].seq,
            .body = STR("{}")};
    }
    TRY(feed_append(store, world->arena, entries, 2, NULL));
    TRY(store_notify(store, NULL));
    TRY(store_commit(store, NULL));
    try->last_position = entries[1].position;
    return ERR_OK;
}

/* All of it, or nothing of it. */
static void assert_whole(struct world *world, int64_t done)
{
    assert_int64_equal(raw_int(world, "SELECT position FROM feed_head"), 2 * done);
    assert_int64_equal(raw_int(world, "SELECT count(*) FROM domain_event"), 2 * done);
    assert_int64_equal(raw_int(world, "SELECT count(*) FROM inbox_effect"), done);
    assert_int64_equal(
        raw_int(world, "SELECT count(*) FROM inbox_work WHERE status = 'applied'"), done);
    assert_int64_equal(raw_int(world, "SELECT coalesce(sum(count), 0) FROM inbox_total"), done);
    assert_int64_equal(raw_int(world, "SELECT count(*) FROM provider_ref"), done > 0 ? 3 : 0);
    assert_int64_equal(raw_int(world, "SELECT coalesce(sum(version), 0) FROM payment"), done);
    assert_int64_equal(raw_int(world, "SELECT coalesce(sum(version), 0) FROM attempt"), done);
}

static void fail_each_call(struct world *world, bool after)
{
    struct store *store = open_faulty(world);
    int64_t done = 0;
    bool came = true;
    for (int64_t fail_at = 1; came; fail_at++) {
        char id[32];
        (void)snprintf(id, sizeof id, "evt_%d", (int)fail_at);
        (void)world_append(world, id);
        fault_plan = (struct fault_plan){.fail_at = fail_at, .after = after};
        struct try try = {.token = 2 * fail_at};
        enum err err = project_one(world, store, &try);
        (void)store_rollback(store);
        came = fault_plan.failed;
        if (came) {
            assert_err(err, ERR_STORE_IO);
            int64_t applied =
                raw_int(world, "SELECT count(*) FROM inbox_work WHERE status = 'applied'");
            /* A commit that is said to have failed may have happened: the caller knows neither. */
            assert_true(applied == done || (after && applied == done + 1));
            done = applied;
            assert_whole(world, done);
            fault_plan.fail_at = 0;
            try.token++;
            err = project_one(world, store, &try);
            (void)store_rollback(store);
            if (err == ERR_NOT_FOUND) {
                continue;
            }
        }
        assert_err(err, ERR_OK);
        done++;
        assert_whole(world, done);
        assert_int64_equal(try.last_position, 2 * done);
        arena_reset(world->arena);
    }
    assert_true(fault_plan.calls > 10);
    (void)store_close(store);
}

static void call_that_fails_leaves_nothing_half_done(void **state)
{
    fail_each_call(world_of(state), false);
}

static void call_that_fails_after_it_was_done_leaves_nothing_half_done(void **state)
{
    fail_each_call(world_of(state), true);
}

static void append_that_fails_keeps_nothing(void **state)
{
    struct world *world = world_of(state);
    struct store *store = open_faulty(world);
    bool came = true;
    for (int64_t fail_at = 1; came; fail_at++) {
        struct sample *recorded = sample_new(world, "evt_2");
        recorded->envelope.reason = REASON_NOT_JSON;
        struct inbox_append rows[] = {
            sample_new(world, "evt_1")->row, recorded->row, sample_new(world, "evt_1")->row};
        fault_plan = (struct fault_plan){.fail_at = fail_at};
        enum err err = store_begin(store, STORE_WRITE, NULL);
        if (err == ERR_OK) {
            err = inbox_append(store, world->arena, rows, 3, NULL);
        }
        if (err == ERR_OK) {
            err = store_commit(store, NULL);
        }
        (void)store_rollback(store);
        came = fault_plan.failed;
        assert_err(err, came ? ERR_STORE_IO : ERR_OK);
        int64_t kept = came ? 0 : 2;
        assert_int64_equal(raw_int(world, "SELECT count(*) FROM inbox_event"), kept);
        assert_int64_equal(raw_int(world, "SELECT count(*) FROM inbox_work"), kept);
        assert_int64_equal(
            raw_int(world, "SELECT coalesce(sum(count), 0) FROM inbox_total"), kept / 2);
    }
    (void)store_close(store);
}

static void migration_that_fails_is_taken_up_again(void **state)
{
    struct world *world = world_empty(state);
    struct store *store = open_faulty(world);
    struct schema_state was = {0};
    bool came = true;
    for (int64_t fail_at = 1; came; fail_at++) {
        fault_plan = (struct fault_plan){.fail_at = fail_at};
        enum err err = store_migrate(store, NULL, NULL, NULL);
        came = fault_plan.failed;
        fault_plan = (struct fault_plan){0};
        assert_err(err, came ? ERR_STORE_IO : ERR_OK);
        struct schema_state schema;
        assert_done(store_schema(store, &schema, reterr));
        assert_true(schema.version >= was.version);
        assert_true(came || schema.version == schema.wanted);
        was = schema;
    }
    assert_int64_equal(raw_int(world, "SELECT count(*) FROM schema_migration"), was.wanted);
    assert_int64_equal(raw_int(world, "SELECT count(*) FROM payment_view"), 0);
    (void)store_close(store);
}

TESTS_MAIN("faults",
    WORLD_TEST(call_that_fails_leaves_nothing_half_done),
    WORLD_TEST(call_that_fails_after_it_was_done_leaves_nothing_half_done),
    WORLD_TEST(append_that_fails_keeps_nothing),
    WORLD_TEST(migration_that_fails_is_taken_up_again))
