/* Promise 3: any permutation, duplication or delay of the same events ends equal. Runs the real
 * projection on the real engines; each permutation is a scope of its own. */
#include "base/digest.h"
#include "base/limits.h"
#include "store/feed.h"
#include "store/records.h"
#include "store/refs.h"
#include "provider/stripe/stripe.h"
#include "flow/project.h"
#include "unit/store_fixture.h"
#include "unit/testing.h"

#define LIFE 7

struct told { /* one event of the life */
    const char *type, *body;
};

#define EVENT_BODY(id, type, created, object, previous)                                            \
    "{\"id\":\"evt_" id                                                                            \
    "\",\"object\":\"event\",\"api_version\":\"2026-10-28.endive\",\"created\":" #created          \
    ",\"livemode\":true,\"type\":\"" type "\",\"data\":{\"object\":" object previous "}}"
#define PREVIOUS(text) ",\"previous_attributes\":" text
#define CHARGE(refunded)                                                                           \
    "{\"id\":\"ch_1\",\"object\":\"charge\",\"amount\":5000,\"amount_captured\":5000,"             \
    "\"amount_refunded\":" refunded ",\"captured\":true,\"paid\":true,\"refunded\":false,"         \
    "\"created\":1790000002,\"currency\":\"eur\",\"customer\":\"cus_1\","                          \
    "\"payment_intent\":\"pi_1\",\"payment_method_details\":{\"type\":\"card\"},"                  \
    "\"status\":\"succeeded\"}"
#define INTENT(status, received, charge)                                                           \
    "{\"id\":\"pi_1\",\"object\":\"payment_intent\",\"amount\":5000,\"amount_received\":" received \
    ",\"created\":1790000000,\"currency\":\"eur\",\"customer\":\"cus_1\",\"latest_"                \
    "charge\":" charge ",\"status\":\"" status "\"}"
#define REFUND(status)                                                                             \
    "{\"id\":\"re_1\",\"object\":\"refund\",\"amount\":1200,\"charge\":\"ch_1\",\"created\":"      \
    "1790000009,"                                                                                  \
    "\"currency\":\"eur\",\"payment_intent\":\"pi_1\",\"reason\":\"requested_by_customer\","       \
    "\"status\":\"" status "\"}"

/* Three of them in one second, two about one charge; the refund fails after all. */
static const struct told life[LIFE] = {
    {"payment_intent.created", EVENT_BODY("1",
                                   "payment_intent.created",
                                   1790000000,
                                   INTENT("requires_payment_method", "0", "null"),
                                   "")},
    {"charge.succeeded", EVENT_BODY("2", "charge.succeeded", 1790000002, CHARGE("0"), "")},
    {"payment_intent.succeeded", EVENT_BODY("3",
                                     "payment_intent.succeeded",
                                     1790000002,
                                     INTENT("succeeded", "5000", "\"ch_1\""),
                                     "")},
    {"refund.created", EVENT_BODY("4", "refund.created", 1790000009, REFUND("succeeded"), "")},
    {"charge.refunded", EVENT_BODY("5",
                            "charge.refunded",
                            1790000009,
                            CHARGE("1200"),
                            PREVIOUS("{\"amount_refunded\":0}"))},
    {"charge.updated", EVENT_BODY("6",
                           "charge.updated",
                           1790000009,
                           CHARGE("1200"),
                           PREVIOUS("{\"balance_transaction\":null}"))},
    {"refund.failed", EVENT_BODY("7",
                          "refund.failed",
                          1790086400,
                          REFUND("failed"),
                          PREVIOUS("{\"status\":\"succeeded\"}"))},
};

struct world {
    struct store_fixture fixture;
    struct arena *arena;
    uint64_t random;
};

static int64_t scope_named(struct store *store, int64_t number)
{
    char name[48];
    (void)snprintf(name, sizeof name, "permutation-%lld", (long long)number);
    int64_t scope = 0;
    assert_err(
        scope_ensure(store, &(struct scope_key){STR("stripe"), true, str_from(name)}, &scope, NULL),
        ERR_OK);
    return scope;
}

/* Appends one delivery as the door would. */
static struct inbox_append delivery_of(
    struct world *world, int64_t scope, const struct told *told, struct envelope *envelope)
{
    struct str body = str_from(told->body);
    assert_err(stripe_envelope_read(body, true, world->arena, envelope), ERR_OK);
    assert_int_equal(envelope->reason, REASON_NONE);
    sha256(body, envelope->body_sha256);
    return (struct inbox_append){
        .scope = scope, .envelope = envelope, .body = body, .proof = STR("test"), .received_us = 1};
}

static void append_in_order(
    struct world *world, int64_t scope, const uint8_t *order, uint32_t duplicate_at)
{
    struct inbox_append rows[LIFE + 1];
    struct envelope envelopes[LIFE + 1];
    uint32_t count = 0;
    for (uint32_t i = 0; i < LIFE; i++) {
        rows[count] = delivery_of(world, scope, &life[order[i]], &envelopes[count]);
        count++;
        if (i == duplicate_at) {
            uint64_t earlier = test_random_below(&world->random, i + 1);
            rows[count] = delivery_of(world, scope, &life[order[earlier]], &envelopes[count]);
            count++;
        }
    }
    assert_err(inbox_append(world->fixture.store, world->arena, rows, count, NULL), ERR_OK);
    uint32_t duplicates = 0;
    for (uint32_t i = 0; i < count; i++) {
        duplicates += rows[i].duplicate ? 1 : 0;
    }
    assert_int_equal(duplicates, 1);
}

static void project_all(struct world *world, uint32_t batch)
{
    CLEANUP(projector_free)
    struct projector *projector = projector_new(world->fixture.store, &stripe_provider,
        env_system(), &(struct projector_limits){.batch_rows_max = batch, .lease_us = 60000000});
    int64_t wake_us = 0;
    while (wake_us != INT64_MAX) {
        uint32_t count = 0;
        struct err_info info = {{0}};
        enum err err = project_step(projector, env_now(env_system()), &count, &wake_us, &info);
        if (err != ERR_OK) {
            print_error("%s\n", info.text);
        }
        assert_err(err, ERR_OK);
        assert_true(count > 0 || wake_us == INT64_MAX);
    }
}

static const void *record_of(
    struct world *world, int64_t scope, enum id_kind kind, const char *provider_id)
{
    struct own_id id;
    int64_t found = 0;
    assert_err(
        ref_find(world->fixture.store, scope, kind, str_from(provider_id), &id, &found, NULL),
        ERR_OK);
    void **records = NULL;
    assert_err(records_load(world->fixture.store, record_kind_of(kind), &id, 1, false, world->arena,
                   &records, NULL),
        ERR_OK);
    return records[0];
}

/* Own ids differ from history to history; what they point to must not. */
static void forget_ids(enum id_kind kind, const void *record, void *to)
{
    const struct record_kind *rows = record_kind_of(kind);
    memcpy(to, record, rows->size);
    for (size_t i = 0; i < rows->field_count; i++) {
        if (rows->fields[i].type == FIELD_ID) {
            memset((char *)to + rows->fields[i].offset, 0, rows->fields[i].size);
        }
    }
}

static void assert_same_business(
    enum id_kind kind, const void *expected, const void *actual, int64_t scope)
{
    union {
        struct payment payment;
        struct attempt attempt;
        struct refund refund;
    } a = {0}, b = {0};
    const struct field *differs = NULL;
    forget_ids(kind, expected, &a);
    forget_ids(kind, actual, &b);
    if (!record_business_equal(record_kind_of(kind), &a, &b, &differs)) {
        print_error(
            "scope %lld: %s.%s differs\n", (long long)scope, id_kind_word(kind), differs->name);
        fail();
    }
}

static uint64_t milestones_of(struct world *world, int64_t scope)
{
    struct feed_entry *entries = NULL;
    uint32_t count = 0;
    assert_err(feed_read(world->fixture.store, scope, 0, 100, world->arena, &entries, &count, NULL),
        ERR_OK);
    uint64_t set = 0;
    for (uint32_t i = 0; i < count; i++) {
        assert_int64_equal(entries[i].position, i + 1);
        if (domain_event_is_milestone(entries[i].type)) {
            assert_int_equal(set & (UINT64_C(1) << entries[i].type), 0); /* one fact, one event */
            set |= UINT64_C(1) << entries[i].type;
        }
    }
    return set;
}

static void assert_ends_as_the_ordered_life(struct world *world, int64_t ordered, int64_t scope)
{
    static const struct {
        enum id_kind kind;
        const char *provider_id;
    } objects[] = {{ID_PAYMENT, "pi_1"}, {ID_ATTEMPT, "ch_1"}, {ID_REFUND, "re_1"}};
    for (size_t i = 0; i < sizeof objects / sizeof objects[0]; i++) {
        assert_same_business(objects[i].kind,
            record_of(world, ordered, objects[i].kind, objects[i].provider_id),
            record_of(world, scope, objects[i].kind, objects[i].provider_id), scope);
    }
    const struct attempt *attempt = record_of(world, scope, ID_ATTEMPT, "ch_1");
    const struct payment *payment = record_of(world, scope, ID_PAYMENT, "pi_1");
    const struct refund *refund = record_of(world, scope, ID_REFUND, "re_1");
    assert_true(own_id_eq(attempt->payment_id, payment->head.id));
    assert_true(own_id_eq(payment->attempt_id, attempt->head.id));
    assert_true(own_id_eq(refund->attempt_id, attempt->head.id));
    assert_true(own_id_eq(refund->payment_id, payment->head.id));
    assert_true(milestones_of(world, ordered) == milestones_of(world, scope));
}

static bool next_permutation(uint8_t *order, uint32_t count)
{
    uint32_t i = count - 1;
    while (i > 0 && order[i - 1] >= order[i]) {
        i--;
    }
    if (i == 0) {
        return false;
    }
    uint32_t k = count - 1;
    while (order[k] <= order[i - 1]) {
        k--;
    }
    uint8_t moved = order[i - 1];
    order[i - 1] = order[k];
    order[k] = moved;
    for (uint32_t a = i, b = count - 1; a < b; a++, b--) {
        moved = order[a];
        order[a] = order[b];
        order[b] = moved;
    }
    return true;
}

/* Seven small batches in some scopes, one large in others: what a batch cuts apart must not matter.
 */
static void each_permutation_of_a_payments_life_ends_equal(void **state, const char *engine)
{
    struct world world = {.arena = arena_new(64 * 1024 * 1024), .random = test_seed()};
    (void)state;
    store_fixture_open(&world.fixture, engine);
    struct store *store = world.fixture.store;
    uint8_t order[LIFE] = {0, 1, 2, 3, 4, 5, 6};
    int64_t first_scope = 0;
    int64_t scope = 0;
    bool more = true;
    int64_t permutations = 0;
    while (more) {
        assert_err(store_begin(store, STORE_WRITE, NULL), ERR_OK);
        for (int i = 0; i < 720 && more; i++) {
            scope = scope_named(store, permutations);
            first_scope = permutations == 0 ? scope : first_scope;
            append_in_order(&world, scope, order, (uint32_t)test_random_below(&world.random, LIFE));
            permutations++;
            more = next_permutation(order, LIFE);
        }
        assert_err(store_commit(store, NULL), ERR_OK);
        project_all(&world, 1 + (uint32_t)test_random_below(&world.random, LIMIT_CLAIM_BATCH));
        arena_reset(world.arena);
    }
    assert_int64_equal(permutations, 5040);
    assert_err(store_begin(store, STORE_READ, NULL), ERR_OK);
    for (int64_t i = 0; i < permutations; i++) {
        assert_ends_as_the_ordered_life(&world, first_scope, first_scope + i);
        arena_reset(world.arena);
    }
    struct inbox_stats stats = {0};
    assert_err(inbox_stats(store, &stats, NULL), ERR_OK);
    assert_int64_equal(stats.total, permutations * LIFE);
    assert_int64_equal(
        stats.by_status[WORK_APPLIED] + stats.by_status[WORK_STALE], permutations * LIFE);
    (void)store_rollback(store);
    store_fixture_close(&world.fixture);
    (void)arena_free(world.arena);
}

static void each_permutation_ends_equal_on_sqlite(void **state)
{
    each_permutation_of_a_payments_life_ends_equal(state, "sqlite");
}

static void each_permutation_ends_equal_on_postgresql(void **state)
{
    each_permutation_of_a_payments_life_ends_equal(state, "postgresql");
}

/* --- snapshots of one second --- */

#define CUSTOMER(name, key)                                                                        \
    "{\"id\":\"cus_1\",\"object\":\"customer\",\"created\":1790000000,\"name\":\"" name            \
    "\",\"metadata\":{\"k\":\"" key "\"}}"
#define PAID(currency, amount)                                                                     \
    "{\"id\":\"ch_1\",\"object\":\"charge\",\"amount\":" amount ",\"amount_captured\":" amount     \
    ",\"amount_refunded\":0,\"captured\":true,\"paid\":true,\"refunded\":false,"                   \
    "\"created\":1790000002,\"currency\":\"" currency                                              \
    "\",\"payment_intent\":\"pi_1\",\"status\":\"succeeded\"}"

/* The second and the third say the same of what is kept; only the second proves that it follows the
 * first. */
static const struct told renamed[3] = {
    {"customer.updated", EVENT_BODY("a",
                             "customer.updated",
                             1790000005,
                             CUSTOMER("X", "1"),
                             PREVIOUS("{\"name\":\"W\",\"metadata\":{\"k\":\"0\"}}"))},
    {"customer.updated", EVENT_BODY("b",
                             "customer.updated",
                             1790000005,
                             CUSTOMER("Y", "2"),
                             PREVIOUS("{\"name\":\"X\",\"metadata\":{\"k\":\"1\"}}"))},
    {"customer.updated", EVENT_BODY("c",
                             "customer.updated",
                             1790000005,
                             CUSTOMER("Y", "3"),
                             PREVIOUS("{\"metadata\":{\"k\":\"2\"}}"))},
};
/* The second cannot be: a charge does not change its currency. */
static const struct told impossible[3] = {
    {"charge.updated",
        EVENT_BODY("a", "charge.updated", 1790000005, PAID("usd", "100"), PREVIOUS("{\"x\":1}"))},
    {"charge.updated",
        EVENT_BODY("b", "charge.updated", 1790000005, PAID("eur", "200"), PREVIOUS("{\"x\":1}"))},
    {"charge.updated",
        EVENT_BODY("c", "charge.updated", 1790000005, PAID("usd", "300"), PREVIOUS("{\"x\":1}"))},
};

/* Keeps three events in that order, all before the projection or each before its own. */
static int64_t live_through(
    struct world *world, const struct told *told, const uint8_t *order, bool one_by_one)
{
    static int64_t number = 100000;
    struct store *store = world->fixture.store;
    int64_t scope = 0;
    number++;
    for (uint32_t i = 0; i < 3; i++) {
        struct envelope envelope;
        assert_err(store_begin(store, STORE_WRITE, NULL), ERR_OK);
        scope = scope_named(store, number);
        struct inbox_append row = delivery_of(world, scope, &told[order[i]], &envelope);
        assert_err(inbox_append(store, world->arena, &row, 1, NULL), ERR_OK);
        assert_err(store_commit(store, NULL), ERR_OK);
        if (one_by_one || i == 2) {
            project_all(world, LIMIT_CLAIM_BATCH);
        }
    }
    return scope;
}

static void open_world(struct world *world, const char *engine)
{
    *world = (struct world){.arena = arena_new(64 * 1024 * 1024), .random = test_seed()};
    store_fixture_open(&world->fixture, engine);
}

static void close_world(struct world *world)
{
    store_fixture_close(&world->fixture);
    (void)arena_free(world->arena);
}

static void a_second_is_decided_as_a_set(const char *engine)
{
    struct world world;
    open_world(&world, engine);
    uint8_t order[3] = {0, 1, 2};
    do {
        for (int one_by_one = 0; one_by_one < 2; one_by_one++) {
            int64_t scope = live_through(&world, renamed, order, one_by_one == 1);
            assert_err(store_begin(world.fixture.store, STORE_READ, NULL), ERR_OK);
            const struct customer *customer = record_of(&world, scope, ID_CUSTOMER, "cus_1");
            assert_string_equal(customer->name, "Y");
            assert_false(customer->contested);
            (void)store_rollback(world.fixture.store);
        }
    } while (next_permutation(order, 3));
    close_world(&world);
}

static void a_dead_event_has_no_say(const char *engine)
{
    struct world world;
    open_world(&world, engine);
    uint8_t order[3] = {0, 1, 2};
    int64_t amounts[2];
    for (int one_by_one = 0; one_by_one < 2; one_by_one++) {
        int64_t scope = live_through(&world, impossible, order, one_by_one == 1);
        assert_err(store_begin(world.fixture.store, STORE_READ, NULL), ERR_OK);
        const struct attempt *attempt = record_of(&world, scope, ID_ATTEMPT, "ch_1");
        amounts[one_by_one] = attempt->amount_minor;
        struct inbox_row *rows = NULL;
        uint32_t count = 0;
        struct inbox_filter dead = {.by_status = true, .status = WORK_DEAD, .scope = scope};
        assert_err(
            inbox_list(world.fixture.store, &dead, world.arena, &rows, &count, NULL), ERR_OK);
        assert_int_equal(count, 1);
        assert_str_equal_to(rows[0].event_id, "evt_b");
        (void)store_rollback(world.fixture.store);
    }
    assert_int64_equal(amounts[0], amounts[1]);
    close_world(&world);
}

static void a_second_is_decided_as_a_set_on_sqlite(void **state)
{
    (void)state;
    a_second_is_decided_as_a_set("sqlite");
}

static void a_second_is_decided_as_a_set_on_postgresql(void **state)
{
    (void)state;
    a_second_is_decided_as_a_set("postgresql");
}

static void a_dead_event_has_no_say_among_those_of_its_second(void **state)
{
    (void)state;
    a_dead_event_has_no_say("sqlite");
}

TESTS_MAIN("order",
    TEST(a_second_is_decided_as_a_set_on_sqlite),
    TEST(a_second_is_decided_as_a_set_on_postgresql),
    TEST(a_dead_event_has_no_say_among_those_of_its_second),
    TEST(each_permutation_ends_equal_on_sqlite),
    TEST(each_permutation_ends_equal_on_postgresql))
