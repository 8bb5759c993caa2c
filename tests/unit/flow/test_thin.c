/* How long a thin event waits, and what ends it. The store is real, the provider says what its
 * bodies ask for. */
#include "base/digest.h"
#include "base/limits.h"
#include "store/refs.h"
#include "flow/project.h"
#include "flow/thin.h"
#include "unit/flow/paged_api.h"
#include "unit/store_fixture.h"

#define START_US (INT64_C(1790000000) * US_PER_SECOND)
#define LEASE_US (60 * US_PER_SECOND)

struct world {
    struct store_fixture fixture;
    struct env_virtual env;
    struct arena *arena, *thin_arena;
    struct projector *projector;
    int64_t scope;
    bool has_key;
    enum err api_err; /* what the provider's api answers */
    uint32_t asked;
    bool asks_inside; /* another node asks while this one does */
    uint32_t told;
    struct ask_trouble trouble; /* the last one */
};
static struct world *current; /* the port's api has no context of a test's */

/* Bodies: "twin ID", "object", "nothing". */
static enum err decode(const struct stored_event *event,
    struct arena *arena,
    struct notice_list *ret_notices,
    struct err_info *reterr)
{
    (void)reterr;
    struct str name = event->body;
    struct str verb = str_cut(&name, ' ');
    struct thin_says *says = arena_alloc(arena, sizeof *says);
    bool awaits = str_eq(verb, STR("twin")) || str_eq(verb, STR("object"));
    bool can_be_asked = str_eq(verb, STR("object"));
    *says = (struct thin_says){name, can_be_asked, ID_CUSTOMER, can_be_asked ? name : STR_NONE};
    *ret_notices = (struct notice_list){
        .reason = awaits ? REASON_THIN_EVENT : REASON_NOT_MODELLED, .thin = awaits ? says : NULL};
    return ERR_OK;
}

static enum err ask(struct world *world, struct thin_counts *ret);

static enum err object(struct provider_api *api,
    struct str account,
    enum id_kind kind,
    struct str provider_id,
    struct arena *arena,
    struct fetched *ret_fetched,
    struct err_info *reterr)
{
    (void)api;
    (void)account;
    (void)kind;
    current->asked++;
    if (current->asks_inside) {
        struct thin_counts counts;
        current->asks_inside = false;
        assert_err(ask(current, &counts), ERR_OK);
    }
    if (str_starts_with(provider_id, STR("away"))) {
        return err_set(reterr, ERR_NET_IO, "the provider is away");
    }
    if (str_eq(provider_id, STR("refused"))) {
        return err_set(reterr, ERR_REFUSED, "the key is refused");
    }
    if (current->api_err != ERR_OK) {
        return err_set(reterr, current->api_err, "as the test wants it");
    }
    struct paged_event *event = arena_alloc(arena, sizeof *event);
    event->version = "v1";
    (void)snprintf(event->id, sizeof event->id, STR_FMT "@1", STR_ARG(provider_id));
    event->body_bytes = str_eq(provider_id, STR("huge")) ? LIMIT_BODY_BYTES + 1 : 0;
    paged_give(event, arena, ret_fetched);
    return ERR_OK;
}

static const struct provider_api_ops api_ops = {.object = object};
static const struct provider_ops provider = {.name = "words",
    .decode = decode,
    .api = &api_ops,
    .newest_version = "v1",
    .compare_versions = str_compare};
static const struct account account = {
    .says = {.name = {"acme", 4}, .account_key = {"acct_1", 6}, .live = true},
    .provider = &provider,
    .reads = {.key = {"key", 3}},
};
static const struct account other_account = {
    .says = {.name = {"other", 5}, .account_key = {"acct_2", 6}, .live = true},
    .provider = &provider,
    .reads = {.key = {"key", 3}},
};

static const struct account *account_of(
    void *context, struct str root_key, bool live, struct provider_api **ret_api)
{
    struct world *world = context;
    assert_true(live);
    *ret_api = NULL;
    if (!world->has_key) {
        return NULL;
    }
    return str_eq(root_key, STR("acct_1")) ? &account : &other_account;
}

static void on_trouble(void *context, const struct ask_trouble *trouble)
{
    struct world *world = context;
    world->told++;
    world->trouble = *trouble;
}

static int open_world(void **state, const char *engine)
{
    static struct world world;
    world = (struct world){
        .arena = arena_new(1 << 24), .thin_arena = arena_new(1 << 24), .has_key = true};
    current = &world;
    store_fixture_open(&world.fixture, engine);
    (void)env_virtual_init(&world.env, START_US, test_seed());
    world.projector = projector_new(world.fixture.store, &provider, &world.env.env,
        &(struct projector_limits){.batch_rows_max = 16, .lease_us = LEASE_US});
    assert_done(store_begin(world.fixture.store, STORE_WRITE, reterr));
    assert_done(scope_ensure(world.fixture.store,
        &(struct scope_key){STR("words"), true, STR("acct_1")}, &world.scope, reterr));
    assert_done(store_commit(world.fixture.store, reterr));
    *state = &world;
    return 0;
}

static int open_sqlite(void **state)
{
    return open_world(state, "sqlite");
}

static int open_postgres(void **state)
{
    return open_world(state, "postgresql");
}

static int close_world(void **state)
{
    struct world *world = *state;
    (void)projector_free(world->projector);
    store_fixture_close(&world->fixture);
    (void)arena_free(world->arena);
    (void)arena_free(world->thin_arena);
    return 0;
}

static int64_t keep(struct world *world, const char *id, const char *body)
{
    struct envelope envelope = {
        .event_id = str_from(id), .type = STR("word"), .live = true, .occurred_at_us = START_US};
    sha256(str_from(body), envelope.body_sha256);
    struct inbox_append row = {.scope = world->scope,
        .envelope = &envelope,
        .body = str_from(body),
        .proof = STR("test"),
        .received_us = env_now(&world->env.env)};
    assert_done(store_begin(world->fixture.store, STORE_WRITE, reterr));
    assert_done(inbox_append(world->fixture.store, world->arena, &row, 1, reterr));
    assert_done(store_commit(world->fixture.store, reterr));
    return row.seq;
}

static void work(struct world *world)
{
    for (int i = 0; i < 100; i++) {
        uint32_t count = 0;
        int64_t wake_us = 0;
        int64_t now_us = env_now(&world->env.env);
        assert_done(project_step(world->projector, now_us, &count, &wake_us, reterr));
        if (count == 0 && wake_us > now_us) {
            return;
        }
    }
    fail();
}

static enum err ask(struct world *world, struct thin_counts *ret)
{
    const struct thin_setup setup = {
        .store = world->fixture.store,
        .provider = &provider,
        .env = &world->env.env,
        .wait_us = THIN_WAIT_US,
        .account_of = account_of,
        .on_trouble = on_trouble,
        .context = world,
        .arena = world->thin_arena,
    };
    bool more = false;
    return thin_step(&setup, ret, &more, NULL);
}

static struct inbox_row row_of(struct world *world, int64_t seq)
{
    struct inbox_row row;
    struct str body;
    assert_done(store_begin(world->fixture.store, STORE_READ, reterr));
    assert_done(inbox_get(world->fixture.store, seq, world->arena, &row, &body, reterr));
    (void)store_rollback(world->fixture.store);
    return row;
}

static void assert_recorded(struct world *world, int64_t seq, enum reason reason)
{
    assert_int_equal(row_of(world, seq).status, WORK_RECORDED);
    assert_int_equal(row_of(world, seq).reason, reason);
}

static void assert_waits_until(struct world *world, int64_t seq, int64_t until_us)
{
    struct inbox_row row = row_of(world, seq);
    assert_int_equal(row.status, WORK_WAITING);
    assert_int64_equal(row.due_us, until_us);
    assert_int64_equal(row.first_failed_us, 0);
    assert_int_equal(row.error_name.len, 0);
}

static int64_t total_of(struct world *world, enum reason reason)
{
    struct inbox_stats stats;
    assert_done(store_begin(world->fixture.store, STORE_READ, reterr));
    assert_done(inbox_stats(world->fixture.store, &stats, reterr));
    assert_done(store_commit(world->fixture.store, reterr));
    return stats.by_reason[reason];
}

static void with_its_twin_it_is_a_subset_at_once(void **state)
{
    struct world *world = *state;
    (void)keep(world, "evt_s", "nothing");
    int64_t thin = keep(world, "evt_t", "twin evt_s");
    work(world);
    assert_recorded(world, thin, REASON_SUBSET);
}

static void it_waits_for_a_twin_that_is_late(void **state)
{
    struct world *world = *state;
    int64_t thin = keep(world, "evt_t", "twin evt_s");
    work(world);
    assert_waits_until(world, thin, START_US + THIN_WAIT_US);
    (void)keep(world, "evt_s", "nothing");
    work(world);
    assert_waits_until(world, thin, START_US + THIN_WAIT_US);
    world->env.clock_us += THIN_WAIT_US;
    work(world);
    assert_recorded(world, thin, REASON_SUBSET);
    assert_int64_equal(total_of(world, REASON_SUBSET), 1);
}

/* Returns the one before. */
static int64_t enter_other_scope(struct world *world)
{
    int64_t own = world->scope;
    assert_done(store_begin(world->fixture.store, STORE_WRITE, reterr));
    assert_done(scope_ensure(world->fixture.store,
        &(struct scope_key){STR("words"), true, STR("acct_2")}, &world->scope, reterr));
    assert_done(store_commit(world->fixture.store, reterr));
    return own;
}

static void another_scopes_event_is_no_twin(void **state)
{
    struct world *world = *state;
    int64_t own = enter_other_scope(world);
    (void)keep(world, "evt_s", "nothing");
    world->scope = own;
    int64_t thin = keep(world, "evt_t", "twin evt_s");
    work(world);
    assert_waits_until(world, thin, START_US + THIN_WAIT_US);
}

static void nothing_is_asked_for_before_the_wait_is_over(void **state)
{
    struct world *world = *state;
    int64_t thin = keep(world, "evt_t", "object evt_s");
    struct thin_counts counts;
    work(world);
    world->env.clock_us += THIN_WAIT_US - 1;
    assert_err(ask(world, &counts), ERR_OK);
    assert_int_equal(world->asked, 0);
    assert_waits_until(world, thin, START_US + THIN_WAIT_US);
}

static void without_a_twin_the_object_is_fetched_through_the_inbox(void **state)
{
    struct world *world = *state;
    int64_t thin = keep(world, "evt_t", "object evt_s");
    struct thin_counts counts;
    work(world);
    world->env.clock_us += THIN_WAIT_US;
    work(world);
    assert_err(ask(world, &counts), ERR_OK);
    assert_int_equal(counts.fetched, 1);
    assert_recorded(world, thin, REASON_FETCHED);
    assert_int64_equal(total_of(world, REASON_FETCHED), 1);
    struct inbox_row object_row = row_of(world, thin + 1);
    assert_int_equal(object_row.channel, CHANNEL_FETCH);
    assert_int_equal(object_row.status, WORK_NEW);
    assert_err(ask(world, &counts), ERR_OK);
    assert_int_equal(world->asked, 1);
}

static void without_a_key_or_an_object_it_is_recorded_as_what_it_is(void **state)
{
    struct world *world = *state;
    int64_t of_nothing = keep(world, "evt_1", "twin evt_s");
    int64_t of_object = keep(world, "evt_2", "object evt_s");
    struct thin_counts counts;
    world->has_key = false;
    work(world);
    world->env.clock_us += THIN_WAIT_US;
    assert_err(ask(world, &counts), ERR_OK);
    assert_int_equal(counts.given_up, 2);
    assert_recorded(world, of_nothing, REASON_THIN_EVENT);
    assert_recorded(world, of_object, REASON_THIN_EVENT);
    assert_int_equal(world->asked, 0);
}

static void an_object_that_is_gone_ends_the_wait(void **state)
{
    struct world *world = *state;
    int64_t thin = keep(world, "evt_t", "object evt_s");
    struct thin_counts counts;
    world->api_err = ERR_NOT_FOUND;
    work(world);
    world->env.clock_us += THIN_WAIT_US;
    assert_err(ask(world, &counts), ERR_OK);
    assert_recorded(world, thin, REASON_THIN_EVENT);
    assert_int_equal(world->trouble.end, ASK_GIVEN_UP);
    assert_err(world->trouble.err, ERR_NOT_FOUND);
}

static void an_object_larger_than_the_inbox_keeps_was_not_fetched(void **state)
{
    struct world *world = *state;
    int64_t thin = keep(world, "evt_t", "object huge");
    struct thin_counts counts;
    work(world);
    world->env.clock_us += THIN_WAIT_US;
    assert_err(ask(world, &counts), ERR_OK);
    assert_int_equal(counts.given_up, 1);
    assert_recorded(world, thin, REASON_THIN_EVENT);
}

static void while_the_provider_is_away_it_waits_on_and_its_twin_may_come(void **state)
{
    struct world *world = *state;
    int64_t thin = keep(world, "evt_t", "object evt_s");
    struct thin_counts counts;
    world->api_err = ERR_NET_IO;
    work(world);
    world->env.clock_us += THIN_WAIT_US;
    work(world);
    assert_err(ask(world, &counts), ERR_OK);
    assert_int_equal(counts.put_off, 1);
    assert_waits_until(world, thin, START_US + 3 * THIN_WAIT_US);
    (void)keep(world, "evt_s", "nothing");
    world->env.clock_us += 2 * THIN_WAIT_US;
    work(world);
    assert_recorded(world, thin, REASON_SUBSET);
}

/* It waits as long again as it has waited, until it is given up. */
static void an_object_that_always_fails_is_put_off_longer_and_given_up_in_the_end(void **state)
{
    struct world *world = *state;
    int64_t thin = keep(world, "evt_t", "object away");
    struct thin_counts counts;
    work(world);
    world->env.clock_us += THIN_WAIT_US;
    assert_err(ask(world, &counts), ERR_OK);
    world->env.clock_us += THIN_WAIT_US - 1;
    assert_err(ask(world, &counts), ERR_OK);
    assert_int_equal(world->asked, 1);
    world->env.clock_us += 1;
    assert_err(ask(world, &counts), ERR_OK);
    assert_int_equal(world->asked, 2);
    assert_int64_equal(world->trouble.again_in_us, 2 * THIN_WAIT_US);
    for (int i = 0; i < 12; i++) {
        world->env.clock_us += US_PER_DAY;
        work(world);
        assert_err(ask(world, &counts), ERR_OK);
    }
    assert_recorded(world, thin, REASON_THIN_EVENT);
    assert_int_equal(world->trouble.end, ASK_GIVEN_UP);
    assert_int_equal(world->asked, 10);
}

/* Of one object the key is refused: its event waits until it is mended, others do not. */
static void a_refused_key_ends_no_wait_and_holds_up_nobody(void **state)
{
    struct world *world = *state;
    int64_t refused = keep(world, "evt_1", "object refused");
    int64_t other = keep(world, "evt_2", "object other");
    struct thin_counts counts;
    work(world);
    world->env.clock_us += THIN_WAIT_US;
    assert_err(ask(world, &counts), ERR_OK);
    assert_waits_until(world, refused, START_US + 3 * THIN_WAIT_US);
    assert_recorded(world, other, REASON_FETCHED);
}

static void an_account_whose_provider_is_away_holds_up_no_other(void **state)
{
    struct world *world = *state;
    struct thin_counts counts;
    for (int i = 0; i < 50; i++) {
        char id[16];
        char body[32];
        (void)snprintf(id, sizeof id, "evt_%d", i);
        (void)snprintf(body, sizeof body, "object away_%d", i);
        (void)keep(world, id, body);
    }
    (void)enter_other_scope(world);
    int64_t other = keep(world, "evt_other", "object other");
    work(world);
    world->env.clock_us += THIN_WAIT_US;
    for (int i = 0; i < 3; i++) {
        assert_err(ask(world, &counts), ERR_OK);
    }
    assert_recorded(world, other, REASON_FETCHED);
    assert_int_equal(world->asked, 4); /* of the other account one in each step */
}

static void what_one_node_asks_for_no_other_does(void **state)
{
    struct world *world = *state;
    int64_t thin = keep(world, "evt_t", "object evt_s");
    struct thin_counts counts;
    work(world);
    world->env.clock_us += THIN_WAIT_US;
    world->asks_inside = true;
    assert_err(ask(world, &counts), ERR_OK);
    assert_int_equal(world->asked, 1);
    assert_recorded(world, thin, REASON_FETCHED);
}

static void of_two_nodes_that_listed_it_one_claims_it(void **state)
{
    struct world *world = *state;
    struct store *store = world->fixture.store;
    int64_t seq = keep(world, "evt_t", "object evt_s");
    bool moved = false;
    work(world);
    const struct inbox_awaiting row = {.seq = seq, .due_us = START_US + THIN_WAIT_US};
    assert_done(store_begin(store, STORE_WRITE, reterr));
    assert_done(inbox_await_until(store, &row, START_US + 2 * THIN_WAIT_US, &moved, reterr));
    assert_true(moved);
    assert_done(inbox_await_until(store, &row, START_US + 3 * THIN_WAIT_US, &moved, reterr));
    assert_false(moved);
    (void)store_rollback(store);
}

#define ON_BOTH(function)                                                                          \
    TEST_WITH(function, open_sqlite, close_world), TEST_WITH(function, open_postgres, close_world)

TESTS_MAIN("flow/thin",
    ON_BOTH(with_its_twin_it_is_a_subset_at_once),
    ON_BOTH(it_waits_for_a_twin_that_is_late),
    ON_BOTH(another_scopes_event_is_no_twin),
    ON_BOTH(nothing_is_asked_for_before_the_wait_is_over),
    ON_BOTH(without_a_twin_the_object_is_fetched_through_the_inbox),
    ON_BOTH(without_a_key_or_an_object_it_is_recorded_as_what_it_is),
    ON_BOTH(an_object_that_is_gone_ends_the_wait),
    ON_BOTH(an_object_larger_than_the_inbox_keeps_was_not_fetched),
    ON_BOTH(while_the_provider_is_away_it_waits_on_and_its_twin_may_come),
    ON_BOTH(an_object_that_always_fails_is_put_off_longer_and_given_up_in_the_end),
    ON_BOTH(a_refused_key_ends_no_wait_and_holds_up_nobody),
    ON_BOTH(an_account_whose_provider_is_away_holds_up_no_other),
    ON_BOTH(what_one_node_asks_for_no_other_does),
    ON_BOTH(of_two_nodes_that_listed_it_one_claims_it))
