/* Walks over a provider's list: what is kept, what is counted, and where an interrupted one goes
 * on. The stores are real, the provider is an array. */
#include "store/backfill.h"
#include "store/inbox.h"
#include "flow/backfill.h"
#include "unit/flow/paged_api.h"
#include "unit/store_fixture.h"

#define START_US (INT64_C(1790000000) * US_PER_SECOND)
#define AT(second) (START_US + (second)*US_PER_SECOND)

struct world {
    struct store_fixture fixture;
    struct env_virtual env;
};

static int open_world(void **state, const char *engine)
{
    static struct world world;
    store_fixture_open(&world.fixture, engine);
    (void)env_virtual_init(&world.env, AT(1000), test_seed());
    paged = (struct paged){.page_size = 2};
    for (int i = 9; i >= 1; i--) {
        char id[24];
        (void)snprintf(id, sizeof id, "evt_%d", i);
        paged_add(id, AT(i));
    }
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
    store_fixture_close(&world->fixture);
    return 0;
}

static struct backfill *walk_new(
    struct world *world, int64_t from_us, int64_t to_us, bool only_look)
{
    static int here; /* the api of the port is never looked into */
    struct backfill_setup setup = {
        .store = world->fixture.store,
        .account = &paged_account,
        .api = (struct provider_api *)(void *)&here,
        .env = &world->env.env,
        .from_us = from_us,
        .to_us = to_us,
        .name = only_look ? STR_NONE : STR("events"),
        .only_look = only_look,
    };
    struct backfill *backfill = backfill_new(&setup);
    assert_non_null(backfill);
    return backfill;
}

/* At most `steps` of them; says whether there is more. */
static bool walk(struct backfill *backfill, int steps)
{
    bool more = true;
    for (int i = 0; more && i < steps; i++) {
        assert_done(backfill_step(backfill, &more, reterr));
    }
    return more;
}

static struct backfill_counts walk_whole(
    struct world *world, int64_t from_us, int64_t to_us, bool only_look)
{
    struct backfill *backfill = walk_new(world, from_us, to_us, only_look);
    assert_false(walk(backfill, 100));
    struct backfill_progress progress = backfill_progress(backfill);
    assert_int64_equal(progress.left_us, 0);
    (void)backfill_free(backfill);
    return progress.counts;
}

static int64_t kept(struct world *world)
{
    struct inbox_stats stats;
    assert_done(store_begin(world->fixture.store, STORE_READ, reterr));
    assert_done(inbox_stats(world->fixture.store, &stats, reterr));
    assert_done(store_commit(world->fixture.store, reterr));
    return stats.total;
}

static void assert_counts(struct backfill_counts counts, int found, int added, int known)
{
    assert_int64_equal(counts.found, found);
    assert_int64_equal(counts.added, added);
    assert_int64_equal(counts.known, known);
}

static void a_second_walk_finds_everything_known(void **state)
{
    struct world *world = *state;
    assert_counts(walk_whole(world, AT(2), AT(8), false), 7, 7, 0);
    assert_int64_equal(kept(world), 7);
    assert_counts(walk_whole(world, AT(0), AT(100), false), 9, 2, 7);
    assert_counts(walk_whole(world, AT(0), AT(100), false), 9, 0, 9);
    assert_int64_equal(kept(world), 9);
}

static void looking_counts_and_keeps_nothing(void **state)
{
    struct world *world = *state;
    assert_counts(walk_whole(world, AT(8), AT(9), false), 2, 2, 0);
    assert_counts(walk_whole(world, AT(0), AT(100), true), 9, 7, 2);
    assert_int64_equal(kept(world), 2);
}

static void another_version_of_a_known_event_is_kept_beside_it(void **state)
{
    struct world *world = *state;
    (void)walk_whole(world, AT(0), AT(100), false);
    paged.events[0].version = "v2";
    assert_counts(walk_whole(world, AT(0), AT(100), false), 9, 1, 8);
}

static void an_interrupted_walk_goes_on_and_then_walks_what_is_new(void **state)
{
    struct world *world = *state;
    struct backfill *begun = walk_new(world, AT(2), AT(7), false);
    assert_true(walk(begun, 2)); /* 7, 6, 5, 4 */
    (void)backfill_free(begun);
    assert_int64_equal(kept(world), 4);
    paged.asked = 0;
    struct backfill *next = walk_new(world, AT(1), AT(9), false);
    assert_false(walk(next, 100));
    struct backfill_progress progress = backfill_progress(next);
    (void)backfill_free(next);
    assert_true(progress.resumed);
    assert_counts(progress.counts, 9, 9, 0);
    assert_int_equal(paged.asked, 3); /* 3, 2; 9, 8; 1 */
    assert_int64_equal(kept(world), 9);
}

static void a_cursor_that_the_provider_has_forgotten_begins_anew(void **state)
{
    struct world *world = *state;
    struct backfill *begun = walk_new(world, AT(1), AT(9), false);
    assert_true(walk(begun, 2));
    (void)backfill_free(begun);
    paged.unknown_cursor = "evt_6";
    struct backfill *next = walk_new(world, AT(1), AT(9), false);
    bool more = true;
    assert_done(backfill_step(next, &more, reterr));
    paged.unknown_cursor = NULL;
    assert_false(walk(next, 100));
    (void)backfill_free(next);
    assert_int64_equal(kept(world), 9);
}

static void a_refusal_within_a_walk_is_no_beginning(void **state)
{
    struct world *world = *state;
    paged.unknown_cursor = "evt_8";
    struct backfill *backfill = walk_new(world, AT(1), AT(9), false);
    assert_true(walk(backfill, 1));
    bool more = true;
    assert_err(backfill_step(backfill, &more, NULL), ERR_INVALID);
    (void)backfill_free(backfill);
}

static void a_step_that_failed_may_be_repeated(void **state)
{
    struct world *world = *state;
    paged.fail_at = 3;
    paged.fail_with = ERR_NET_IO;
    struct backfill *backfill = walk_new(world, AT(0), AT(100), false);
    assert_true(walk(backfill, 2));
    bool more = true;
    assert_err(backfill_step(backfill, &more, NULL), ERR_NET_IO);
    assert_false(walk(backfill, 100));
    assert_counts(backfill_progress(backfill).counts, 9, 9, 0);
    (void)backfill_free(backfill);
}

static void what_is_too_large_is_missing_and_hides_nothing(void **state)
{
    struct world *world = *state;
    paged.events[4].body_bytes = 1024 * 1024 + 1;
    paged.events[5].body_bytes = 1024 * 1024;
    struct backfill_counts counts = walk_whole(world, AT(0), AT(100), false);
    assert_counts(counts, 9, 8, 0);
    assert_int64_equal(counts.missing, 1);
    assert_int64_equal(kept(world), 8);
}

static void an_empty_time_is_walked_at_once(void **state)
{
    assert_counts(walk_whole(*state, AT(500), AT(600), false), 0, 0, 0);
}

#define ON_BOTH(function)                                                                          \
    TEST_WITH(function, open_sqlite, close_world), TEST_WITH(function, open_postgres, close_world)

TESTS_MAIN("flow/backfill",
    ON_BOTH(a_second_walk_finds_everything_known),
    ON_BOTH(looking_counts_and_keeps_nothing),
    ON_BOTH(another_version_of_a_known_event_is_kept_beside_it),
    ON_BOTH(an_interrupted_walk_goes_on_and_then_walks_what_is_new),
    ON_BOTH(a_cursor_that_the_provider_has_forgotten_begins_anew),
    ON_BOTH(a_refusal_within_a_walk_is_no_beginning),
    ON_BOTH(a_step_that_failed_may_be_repeated),
    ON_BOTH(what_is_too_large_is_missing_and_hides_nothing),
    ON_BOTH(an_empty_time_is_walked_at_once))
