/* The projection's manners: what it does with events that are bad, that break the engine, that
 * crash it, and with claims that pass to somebody else. The store is real; the provider says what
 * its bodies ask for. */
#include "base/digest.h"
#include "base/limits.h"
#include "base/metrics.h"
#include "base/timestamp.h"
#include "store/refs.h"
#include "flow/project.h"
#include "unit/store_fixture.h"
#include "unit/testing.h"

#define START_US (INT64_C(1790000000) * 1000000)
#define LEASE_US (60 * US_PER_SECOND)

struct world {
    struct store_fixture fixture;
    struct env_virtual env;
    struct arena *arena;
    struct projector *projector;
    int64_t scope;
};

#define PARTS 40
static uint32_t decodings; /* how often the provider was asked what a body says */

/* A body that says something about each of many objects. */
static void tell_parts(const struct stored_event *event,
    struct str name,
    struct arena *arena,
    struct notice_list *ret_notices)
{
    struct notice *notices = arena_new_array(arena, struct notice, PARTS);
    for (uint32_t i = 0; i < PARTS; i++) {
        char id[16];
        (void)snprintf(id, sizeof id, "part_%u", (unsigned)i);
        struct customer *customer = arena_alloc(arena, sizeof *customer);
        (void)str_copy_to(customer->name, sizeof customer->name, name);
        notices[i] = (struct notice){.kind = ID_CUSTOMER,
            .stamp = {event->occurred_at_us, 1},
            .object = arena_copy(arena, str_from(id)),
            .object_says.record = customer};
    }
    *ret_notices = (struct notice_list){.count = PARTS, .notices = notices};
}

/* Bodies: "customer NAME", "parts NAME", "malformed", "large", "nothing". */
static enum err decode(const struct stored_event *event,
    struct arena *arena,
    struct notice_list *ret_notices,
    struct err_info *reterr)
{
    struct str name = event->body;
    struct str verb = str_cut(&name, ' ');
    *ret_notices = (struct notice_list){.reason = REASON_NOT_MODELLED};
    decodings++;
    if (str_eq(verb, STR("parts"))) {
        tell_parts(event, name, arena, ret_notices);
    }
    if (str_eq(verb, STR("malformed"))) {
        return err_set(reterr, ERR_MALFORMED, "data.object.amount is no number");
    }
    if (str_eq(verb, STR("large"))) {
        return err_set(reterr, ERR_TOO_LARGE, "too large");
    }
    if (str_eq(verb, STR("customer"))) {
        struct notice *notice = arena_alloc(arena, sizeof *notice);
        *notice = (struct notice){
            .kind = ID_CUSTOMER, .stamp = {event->occurred_at_us, 1}, .object = name};
        struct customer *customer = arena_alloc(arena, sizeof *customer);
        (void)str_copy_to(customer->name, sizeof customer->name, name);
        notice->object_says.record = customer;
        *ret_notices = (struct notice_list){.count = 1, .notices = notice};
    }
    return ERR_OK;
}

static bool follows(struct str later, struct str earlier, struct arena *arena)
{
    (void)later;
    (void)earlier;
    (void)arena;
    return false;
}

static const struct provider_ops provider = {.name = "words",
    .decode = decode,
    .follows = follows,
    .compare_versions = str_compare,
    .newest_version = "5"};

static struct projector *new_projector(struct world *world, struct store *store)
{
    return projector_new(store, &provider, &world->env.env,
        &(struct projector_limits){.batch_rows_max = 16, .lease_us = LEASE_US});
}

static int open_world(void **state)
{
    static struct world world;
    world = (struct world){.arena = arena_new(1 << 24)};
    store_fixture_open(&world.fixture, "sqlite");
    (void)env_virtual_init(&world.env, START_US, test_seed());
    world.projector = new_projector(&world, world.fixture.store);
    assert_err(store_begin(world.fixture.store, STORE_WRITE, NULL), ERR_OK);
    assert_err(scope_ensure(world.fixture.store,
                   &(struct scope_key){STR("words"), true, STR("acct_1")}, &world.scope, NULL),
        ERR_OK);
    assert_err(store_commit(world.fixture.store, NULL), ERR_OK);
    *state = &world;
    return 0;
}

static int close_world(void **state)
{
    struct world *world = *state;
    (void)projector_free(world->projector);
    store_fixture_close(&world->fixture);
    (void)arena_free(world->arena);
    return 0;
}

static int64_t keep_version(struct world *world, const char *body, const char *version)
{
    static int number;
    char id[32];
    (void)snprintf(id, sizeof id, "evt_%d", ++number);
    struct envelope envelope = {
        .event_id = str_from(id), .type = STR("word"), .live = true, .occurred_at_us = START_US};
    envelope.api_version = str_from(version);
    sha256(str_from(body), envelope.body_sha256);
    struct inbox_append row = {.scope = world->scope,
        .envelope = &envelope,
        .body = str_from(body),
        .proof = STR("test"),
        .received_us = env_now(&world->env.env)};
    assert_err(store_begin(world->fixture.store, STORE_WRITE, NULL), ERR_OK);
    assert_err(inbox_append(world->fixture.store, world->arena, &row, 1, NULL), ERR_OK);
    assert_err(store_commit(world->fixture.store, NULL), ERR_OK);
    return row.seq;
}

static int64_t keep(struct world *world, const char *body)
{
    return keep_version(world, body, "5");
}

static uint32_t step(struct world *world, int64_t *ret_wake_us)
{
    uint32_t count = 0;
    struct err_info info = {{0}};
    enum err err =
        project_step(world->projector, env_now(&world->env.env), &count, ret_wake_us, &info);
    if (err != ERR_OK) {
        print_error("%s\n", info.text);
    }
    assert_err(err, ERR_OK);
    return count;
}

static void work_until_idle(struct world *world)
{
    int64_t wake_us = 0;
    for (int i = 0; i < 100; i++) {
        if (step(world, &wake_us) == 0 && wake_us > env_now(&world->env.env)) {
            return;
        }
    }
    fail();
}

static struct inbox_row row_of(struct world *world, int64_t seq)
{
    struct inbox_row row;
    struct str body;
    assert_err(store_begin(world->fixture.store, STORE_READ, NULL), ERR_OK);
    assert_err(inbox_get(world->fixture.store, seq, world->arena, &row, &body, NULL), ERR_OK);
    (void)store_rollback(world->fixture.store);
    return row;
}

static void a_bad_event_parks_itself_and_takes_nobody_along(void **state)
{
    struct world *world = *state;
    int64_t before = keep(world, "customer a");
    int64_t bad = keep(world, "malformed");
    int64_t after = keep(world, "customer b");
    work_until_idle(world);
    assert_int_equal(row_of(world, before).status, WORK_APPLIED);
    assert_int_equal(row_of(world, after).status, WORK_APPLIED);
    struct inbox_row row = row_of(world, bad);
    assert_int_equal(row.status, WORK_DEAD);
    assert_str_equal_to(row.error_name, "MALFORMED");
    assert_str_equal_to(row.error_text, "data.object.amount is no number");
    assert_int64_equal(row.attempts, 1);
}

static void an_event_too_large_for_a_batch_is_tried_alone_before_it_is_dead(void **state)
{
    struct world *world = *state;
    int64_t bad = keep(world, "large");
    int64_t good = keep(world, "customer a");
    work_until_idle(world);
    assert_int_equal(row_of(world, bad).status, WORK_DEAD);
    assert_int_equal(row_of(world, good).status, WORK_APPLIED);
    assert_int64_equal(row_of(world, good).attempts, 1);
}

/* An invoice of a hundred lines, told twice in one second, must not be read a hundred times. */
static void what_ties_in_all_its_parts_is_decoded_once(void **state)
{
    struct world *world = *state;
    keep(world, "parts first");
    work_until_idle(world);
    int64_t seq = keep(world, "parts second");
    decodings = 0;
    work_until_idle(world);
    assert_int_equal(decodings, 2);
    assert_int_equal(row_of(world, seq).status, WORK_APPLIED);
}

static void what_nobody_models_is_recorded_with_its_reason(void **state)
{
    struct world *world = *state;
    int64_t seq = keep(world, "nothing");
    work_until_idle(world);
    assert_int_equal(row_of(world, seq).status, WORK_RECORDED);
    assert_int_equal(row_of(world, seq).reason, REASON_NOT_MODELLED);
}

static void a_new_event_does_not_wait_for_a_clock_that_jumped_back(void **state)
{
    struct world *world = *state;
    int64_t seq = keep(world, "customer a");
    world->env.clock_us -= 3 * US_PER_HOUR;
    work_until_idle(world);
    assert_int_equal(row_of(world, seq).status, WORK_APPLIED);
    int64_t next = keep(world, "customer b");
    work_until_idle(world);
    assert_int_equal(row_of(world, next).status, WORK_APPLIED);
}

/* A second worker takes over after the lease; the first one, woken, must change nothing. */
static void a_worker_that_slept_past_its_lease_is_fenced(void **state)
{
    struct world *world = *state;
    int64_t first = keep(world, "customer a");
    struct store *store = world->fixture.store;
    struct inbox_event *events = NULL;
    uint32_t count = 0;
    assert_err(store_begin(store, STORE_WRITE, NULL), ERR_OK);
    assert_err(inbox_claim(store, 77, env_now(&world->env.env), LEASE_US, 16, world->arena, &events,
                   &count, NULL),
        ERR_OK);
    assert_err(store_commit(store, NULL), ERR_OK);
    assert_int_equal(count, 1);
    int64_t wake_us = 0;
    assert_int_equal(step(world, &wake_us), 0); /* it is the sleeper's */
    world->env.clock_us += LEASE_US + 1;
    work_until_idle(world);
    assert_int_equal(row_of(world, first).status, WORK_APPLIED);
    assert_int64_equal(row_of(world, first).crashes, 1);
    struct inbox_outcome outcome = {
        .seq = first, .status = WORK_RECORDED, .reason = REASON_NOT_MODELLED};
    assert_err(store_begin(store, STORE_WRITE, NULL), ERR_OK);
    assert_err(inbox_finish(store, 77, env_now(&world->env.env), &outcome, 1, NULL), ERR_FENCED);
    (void)store_rollback(store);
    assert_int_equal(row_of(world, first).status, WORK_APPLIED);
}

static void an_event_whose_attempts_never_end_is_taken_alone_and_dies_at_last(void **state)
{
    struct world *world = *state;
    int64_t poison = keep(world, "customer poison");
    int64_t innocent = keep(world, "customer innocent");
    struct store *store = world->fixture.store;
    for (int crash = 0; crash < LIMIT_CRASHES; crash++) {
        struct inbox_event *events = NULL;
        uint32_t count = 0;
        assert_err(store_begin(store, STORE_WRITE, NULL), ERR_OK);
        assert_err(inbox_claim(store, 100 + crash, env_now(&world->env.env), LEASE_US, 16,
                       world->arena, &events, &count, NULL),
            ERR_OK);
        assert_err(store_commit(store, NULL), ERR_OK);
        assert_int_equal(count, crash == 0 ? 2 : 1);
        world->env.clock_us += LEASE_US + 1;
        if (crash > 0 && events[0].seq == innocent) { /* its turn alone: it does end */
            struct inbox_outcome outcome = {
                .seq = innocent, .status = WORK_RECORDED, .reason = REASON_NOT_MODELLED};
            assert_err(store_begin(store, STORE_WRITE, NULL), ERR_OK);
            assert_err(
                inbox_finish(store, 100 + crash, env_now(&world->env.env), &outcome, 1, NULL),
                ERR_OK);
            assert_err(store_commit(store, NULL), ERR_OK);
            crash--;
        }
    }
    work_until_idle(world);
    assert_int_equal(row_of(world, poison).status, WORK_DEAD);
    assert_str_equal_to(row_of(world, poison).error_name, "IMPOSSIBLE");
    assert_int_equal(row_of(world, innocent).status, WORK_RECORDED);
}

static void a_claim_in_hand_is_given_back_at_the_end(void **state)
{
    struct world *world = *state;
    for (int i = 0; i < 20;
         i++) { /* more than a batch: the second one rides on the first's commit */
        (void)keep(world, "customer a");
    }
    int64_t wake_us = 0;
    assert_int_equal(step(world, &wake_us), 16);
    assert_err(projector_release(world->projector, NULL), ERR_OK);
    struct store *other = store_fixture_another(&world->fixture, STORE_WRITE);
    struct projector *projector = new_projector(world, other);
    uint32_t count = 0;
    assert_err(project_step(projector, env_now(&world->env.env), &count, &wake_us, NULL), ERR_OK);
    assert_int_equal(count, 4);
    (void)projector_free(projector);
    (void)store_close(other);
}

static void an_event_of_a_newer_version_is_decoded_and_counted(void **state)
{
    struct world *world = *state;
    int64_t before = metric_value(METRIC_VERSIONS_NEWER);
    (void)keep_version(world, "customer a", "4");
    (void)keep_version(world, "customer a", "5");
    int64_t newer = keep_version(world, "customer b", "6");
    work_until_idle(world);
    assert_int64_equal(metric_value(METRIC_VERSIONS_NEWER) - before, 1);
    assert_int_equal(row_of(world, newer).status, WORK_APPLIED);
}

#define IN_WORLD(test) TEST_WITH(test, open_world, close_world)

TESTS_MAIN("project",
    IN_WORLD(a_bad_event_parks_itself_and_takes_nobody_along),
    IN_WORLD(an_event_too_large_for_a_batch_is_tried_alone_before_it_is_dead),
    IN_WORLD(what_ties_in_all_its_parts_is_decoded_once),
    IN_WORLD(what_nobody_models_is_recorded_with_its_reason),
    IN_WORLD(a_new_event_does_not_wait_for_a_clock_that_jumped_back),
    IN_WORLD(a_worker_that_slept_past_its_lease_is_fenced),
    IN_WORLD(an_event_whose_attempts_never_end_is_taken_alone_and_dies_at_last),
    IN_WORLD(a_claim_in_hand_is_given_back_at_the_end),
    IN_WORLD(an_event_of_a_newer_version_is_decoded_and_counted))
