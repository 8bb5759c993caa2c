#include "world.h"
#include "base/digest.h"

static const char *engine_under_test(void)
{
    const char *engine = getenv("COUNTERFOIL_TEST_ENGINE");
    return engine == NULL ? "sqlite" : engine;
}

static void make_scope(struct world *world)
{
    struct scope_key key = {STR("stripe"), true, STR("acct_1")};
    world_write(world);
    assert_done(scope_ensure(world->store, &key, &world->scope, reterr));
    world_commit(world);
}

int world_open(void **state)
{
    struct world *world = calloc(1, sizeof *world);
    assert_non_null(world);
    store_fixture_open(&world->fixture, engine_under_test());
    world->store = world->fixture.store;
    world->is_sqlite = strcmp(engine_under_test(), "sqlite") == 0;
    world->arena = arena_new((size_t)512 * 1024 * 1024);
    assert_non_null(world->arena);
    (void)env_virtual_init(&world->virtual, WORLD_NOW_US, test_seed());
    make_scope(world);
    *state = world;
    return 0;
}

int world_close(void **state)
{
    struct world *world = *state;
    store_fixture_close(&world->fixture);
    (void)arena_free(world->arena);
    free(world);
    return 0;
}

struct store *world_another(struct world *world, enum store_access access)
{
    return store_fixture_another(&world->fixture, access);
}

void begin_on(struct store *store, enum store_access access)
{
    assert_done(store_begin(store, access, reterr));
}

void commit_on(struct store *store)
{
    assert_done(store_commit(store, reterr));
}

/* --- inbox events --- */

void sample_set_body(struct sample *sample, struct str body)
{
    sample->row.body = body;
    sha256(body, sample->envelope.body_sha256);
    sha256(body, sample->envelope.content_sha256);
}

struct sample *sample_new(struct world *world, const char *event_id)
{
    struct sample *sample = arena_alloc(world->arena, sizeof *sample);
    char body[256];
    (void)snprintf(body, sizeof body, "{\"id\":\"%s\",\"object\":\"event\"}", event_id);
    sample->envelope.event_id = arena_copy(world->arena, str_from(event_id));
    sample->envelope.type = STR("charge.succeeded");
    sample->envelope.api_version = STR("2024-06-20");
    sample->envelope.subject = STR("ch_1");
    sample->envelope.occurred_at_us = WORLD_NOW_US - US_PER_SECOND;
    sample->envelope.live = true;
    sample->row.scope = world->scope;
    sample->row.channel = CHANNEL_WEBHOOK;
    sample->row.envelope = &sample->envelope;
    sample->row.proof = STR("webhook acme-live secret 0 at 1790000000");
    sample->row.received_us = WORLD_NOW_US;
    sample_set_body(sample, arena_copy(world->arena, str_from(body)));
    return sample;
}

int64_t world_append(struct world *world, const char *event_id)
{
    struct sample *sample = sample_new(world, event_id);
    world_write(world);
    assert_done(inbox_append(world->store, world->arena, &sample->row, 1, reterr));
    world_commit(world);
    return sample->row.seq;
}

uint32_t claim_on(struct world *world,
    struct store *store,
    int64_t token,
    int64_t now_us,
    uint32_t row_max,
    struct inbox_event **ret_events)
{
    uint32_t count = 0;
    assert_done(inbox_claim(
        store, token, now_us, LEASE_US, row_max, world->arena, ret_events, &count, reterr));
    return count;
}

enum err finish_on(struct world *world,
    struct store *store,
    int64_t token,
    const struct inbox_event *events,
    uint32_t count,
    enum work_status status)
{
    struct inbox_outcome *outcomes = arena_new_array(world->arena, struct inbox_outcome, count);
    bool failed = status == WORK_WAITING || status == WORK_DEAD;
    for (uint32_t i = 0; i < count; i++) {
        outcomes[i] = (struct inbox_outcome){
            .seq = events[i].seq,
            .status = status,
            .reason = status == WORK_RECORDED ? REASON_NOT_MODELLED : REASON_NONE,
            .error = failed ? ERR_MALFORMED : ERR_OK,
            .error_text = failed ? STR("data.object.amount") : STR_NONE,
            .due_us = status == WORK_WAITING ? WORLD_NOW_US + 5 * US_PER_SECOND : 0,
        };
    }
    return inbox_finish(store, token, WORLD_NOW_US + 1, outcomes, count, NULL);
}

struct inbox_stats world_stats(struct world *world)
{
    struct inbox_stats stats = {0};
    world_read(world);
    assert_done(inbox_stats(world->store, &stats, reterr));
    world_commit(world);
    return stats;
}

struct inbox_row world_row(struct world *world, int64_t seq)
{
    struct inbox_row row = {0};
    struct str body = STR_NONE;
    world_read(world);
    assert_done(inbox_get(world->store, seq, world->arena, &row, &body, reterr));
    world_commit(world);
    return row;
}

/* --- ids and records --- */

struct own_id world_id(struct world *world)
{
    uint8_t random[10];
    env_random(&world->virtual.env, random, sizeof random);
    return own_id_make(WORLD_NOW_US, random);
}

static void *record_new(struct world *world, enum id_kind kind)
{
    struct record_head *head = arena_alloc(world->arena, record_kind_of(kind)->size);
    head->id = world_id(world);
    head->scope = world->scope;
    head->created_us = head->updated_us = WORLD_NOW_US;
    return head;
}

struct payment *payment_new(struct world *world)
{
    struct payment *payment = record_new(world, ID_PAYMENT);
    payment->amount_minor = 1250;
    (void)str_copy_to(payment->currency.code, sizeof payment->currency.code, STR("EUR"));
    return payment;
}

struct attempt *attempt_new(struct world *world, struct own_id payment)
{
    struct attempt *attempt = record_new(world, ID_ATTEMPT);
    attempt->payment_id = payment;
    attempt->seen = true;
    return attempt;
}

struct refund *refund_new(struct world *world, struct own_id payment, struct own_id attempt)
{
    struct refund *refund = record_new(world, ID_REFUND);
    refund->payment_id = payment;
    refund->attempt_id = attempt;
    return refund;
}

void world_save(struct world *world, enum id_kind kind, void *record)
{
    world_write(world);
    assert_done(records_save(world->store, record_kind_of(kind), &record, 1, reterr));
    world_commit(world);
}

void *world_load(struct world *world, enum id_kind kind, struct own_id id)
{
    void **records = NULL;
    world_read(world);
    assert_done(records_load(
        world->store, record_kind_of(kind), &id, 1, false, world->arena, &records, reterr));
    world_commit(world);
    return records[0];
}

struct world *world_empty(void **state)
{
    struct world *world = world_of(state);
    if (world->is_sqlite) {
        world->store = world->fixture.store = store_close(world->store);
        char path[512];
        static const char *const ends[] = {"", "-wal", "-shm"};
        for (int i = 0; i < 3; i++) {
            (void)snprintf(path, sizeof path, "%s/books.db%s", world->fixture.directory, ends[i]);
            (void)unlink(path);
        }
        world->store = world->fixture.store = world_another(world, STORE_WRITE);
    } else {
        assert_true(raw_run(world, "DROP SCHEMA public CASCADE"));
        assert_true(raw_run(world, "CREATE SCHEMA public"));
    }
    return world;
}
