/* backfill.h: where a walk goes on, and which gap scan is due. */
#include "store/backfill.h"
#include "world.h"

static bool read_mark(struct world *world, const char *kind, struct backfill_mark *ret)
{
    bool found = false;
    world_read(world);
    assert_done(backfill_mark_read(
        world->store, world->scope, str_from(kind), world->arena, ret, &found, reterr));
    world_commit(world);
    return found;
}

static void write_mark(struct world *world, const char *kind, const struct backfill_mark *mark)
{
    world_write(world);
    assert_done(backfill_mark_write(world->store, world->scope, str_from(kind), mark, reterr));
    world_commit(world);
}

static void a_walk_that_never_was_has_no_mark(void **state)
{
    struct world *world = world_of(state);
    struct backfill_mark mark = {.found = 7};
    assert_false(read_mark(world, "events", &mark));
    assert_int64_equal(mark.found, 7);
}

static void the_last_mark_of_a_kind_stands(void **state)
{
    struct world *world = world_of(state);
    struct backfill_mark first = {.from_us = 10, .to_us = 20, .cursor = STR("evt_1"), .found = 3};
    struct backfill_mark second = {.from_us = 10,
        .to_us = 20,
        .cursor = STR("evt_2"),
        .done = true,
        .found = 6,
        .added = 1,
        .known = 4,
        .missing = 1,
        .updated_us = WORLD_NOW_US};
    write_mark(world, "events", &first);
    write_mark(world, "gap", &first);
    write_mark(world, "events", &second);
    struct backfill_mark mark;
    assert_true(read_mark(world, "events", &mark));
    assert_str_equal_to(mark.cursor, "evt_2");
    assert_true(mark.done);
    assert_int64_equal(mark.from_us, 10);
    assert_int64_equal(mark.to_us, 20);
    assert_int64_equal(mark.found, 6);
    assert_int64_equal(mark.added, 1);
    assert_int64_equal(mark.known, 4);
    assert_int64_equal(mark.missing, 1);
    assert_int64_equal(mark.updated_us, WORLD_NOW_US);
    assert_true(read_mark(world, "gap", &mark));
    assert_str_equal_to(mark.cursor, "evt_1");
    assert_false(mark.done);
}

/* --- which gap scan is due --- */

#define EVERY_US (5 * US_PER_MINUTE)

static int64_t scope_below(struct world *world, const char *account_key)
{
    const struct scope_key key = {STR("stripe"), true, str_from(account_key)};
    int64_t scope = 0;
    world_write(world);
    assert_done(scope_ensure_below(world->store, &key, STR("acct_1"), &scope, reterr));
    world_commit(world);
    return scope;
}

static void scanned(struct world *world, int64_t scope, const struct backfill_mark *often)
{
    world_write(world);
    assert_done(backfill_mark_write(world->store, scope, GAP_OFTEN, often, reterr));
    assert_done(backfill_mark_write(world->store, scope, GAP_DAILY, often, reterr));
    world_commit(world);
}

static struct gap_due next(struct world *world, bool below, bool daily)
{
    const struct gap_query query = {.root = world->scope,
        .below = below,
        .daily = daily,
        .now_us = WORLD_NOW_US,
        .every_us = daily ? US_PER_DAY : EVERY_US,
        .behind_us = 6 * US_PER_HOUR,
        .held_us_max = 5 * US_PER_MINUTE};
    struct gap_due due;
    world_read(world);
    assert_done(gap_next(world->store, &query, world->arena, &due, reterr));
    world_commit(world);
    return due;
}

static void what_was_never_scanned_or_is_far_behind_is_left_to_the_daily_scan(void **state)
{
    struct world *world = world_of(state);
    assert_int64_equal(next(world, false, false).scope, 0);
    assert_int64_equal(next(world, false, true).scope, world->scope);
    assert_int64_equal(next(world, false, true).due_us, 0);
    assert_int64_equal(next(world, true, true).scope, 0);
    int64_t at_us = WORLD_NOW_US - US_PER_MINUTE;
    scanned(world, world->scope, &(struct backfill_mark){.to_us = at_us, .updated_us = at_us});
    assert_int64_equal(next(world, false, false).due_us, at_us + EVERY_US);
    assert_int64_equal(next(world, false, true).due_us, at_us + US_PER_DAY);
    at_us = WORLD_NOW_US - 7 * US_PER_HOUR;
    scanned(world, world->scope, &(struct backfill_mark){.to_us = at_us, .updated_us = at_us});
    assert_int64_equal(next(world, false, false).scope, 0);
    assert_int64_equal(next(world, false, true).due_us, 0);
}

static void of_connected_accounts_the_one_comes_first_that_waits_longest(void **state)
{
    struct world *world = world_of(state);
    int64_t first = scope_below(world, "acct_a");
    int64_t second = scope_below(world, "acct_b");
    assert_int64_equal(next(world, true, true).scope, first);
    int64_t at_us = WORLD_NOW_US - US_PER_MINUTE;
    scanned(world, first, &(struct backfill_mark){.to_us = at_us, .updated_us = at_us});
    assert_int64_equal(next(world, true, true).scope, second);
    assert_str_equal_to(next(world, true, true).account_key, "acct_b");
    assert_int64_equal(next(world, true, false).scope, first);
    at_us -= US_PER_MINUTE;
    scanned(world, second, &(struct backfill_mark){.to_us = at_us, .updated_us = at_us});
    assert_int64_equal(next(world, true, false).scope, second);
    assert_int64_equal(next(world, true, false).due_us, at_us + EVERY_US);
}

static void one_that_failed_waits_unless_the_clock_was_set_back(void **state)
{
    struct world *world = world_of(state);
    int64_t below = scope_below(world, "acct_a");
    struct backfill_mark mark = {.updated_us = WORLD_NOW_US,
        .retry_us = WORLD_NOW_US + US_PER_HOUR,
        .wait_us = US_PER_HOUR,
        .refused = true};
    scanned(world, below, &mark);
    assert_int64_equal(next(world, true, true).due_us, mark.retry_us);
    scanned(world, world->scope, &mark);
    assert_int64_equal(next(world, false, true).due_us, 0); /* its own are never put off so */
    mark.updated_us = WORLD_NOW_US + US_PER_SECOND;
    scanned(world, below, &mark);
    assert_int64_equal(next(world, true, true).due_us, 0);
}

static bool take_lease(struct world *world, int64_t was_us, int64_t until_us, int64_t updated_us)
{
    const struct gap_lease lease = {world->scope, GAP_DAILY, was_us, until_us, updated_us};
    bool taken = false;
    world_write(world);
    assert_done(gap_lease(world->store, &lease, &taken, reterr));
    world_commit(world);
    return taken;
}

static void a_lease_is_of_one_and_hides_the_scan_until_it_ends(void **state)
{
    struct world *world = world_of(state);
    const int64_t until_us = WORLD_NOW_US + US_PER_MINUTE;
    assert_true(take_lease(world, 0, until_us, 0));
    assert_false(take_lease(world, 0, until_us + 1, 0)); /* both saw that nobody had it */
    assert_int64_equal(next(world, false, true).due_us, until_us);
    assert_true(take_lease(world, until_us, until_us + 2, -1));
    assert_false(take_lease(world, until_us, 0, -1)); /* from before it was prolonged */
    assert_true(take_lease(world, until_us + 2, 0, -1));
    assert_int64_equal(next(world, false, true).due_us, 0);
    int64_t at_us = WORLD_NOW_US - US_PER_MINUTE;
    scanned(world, world->scope, &(struct backfill_mark){.to_us = at_us, .updated_us = at_us});
    assert_false(take_lease(world, 0, until_us, 0)); /* another one has scanned meanwhile */
    assert_true(take_lease(world, 0, WORLD_NOW_US + US_PER_HOUR, at_us));
    assert_int64_equal(
        next(world, false, true).due_us, at_us + US_PER_DAY); /* of no clock of ours */
}

static void sums_are_of_all_but_those_that_refuse(void **state)
{
    struct world *world = world_of(state);
    struct gap_sums sums;
    const struct backfill_mark own = {.to_us = 500, .found = 10, .added = 2, .missing = 1};
    const struct backfill_mark behind = {.to_us = 400, .found = 5};
    const struct backfill_mark refused = {.to_us = 100, .refused = true};
    scanned(world, scope_below(world, "acct_a"), &behind);
    scanned(world, scope_below(world, "acct_b"), &refused);
    (void)scope_below(world, "acct_new");
    world_read(world);
    assert_done(gap_sums_read(world->store, world->scope, &sums, reterr));
    world_commit(world);
    assert_int64_equal(sums.as_of_us, 0); /* the account itself was never scanned */
    scanned(world, world->scope, &own);
    world_read(world);
    assert_done(gap_sums_read(world->store, world->scope, &sums, reterr));
    world_commit(world);
    assert_int64_equal(sums.compared, 2);
    assert_int64_equal(sums.refused, 1);
    assert_int64_equal(sums.new_ones, 1);
    assert_int64_equal(sums.checked, 15);
    assert_int64_equal(sums.missing, 3);
    assert_int64_equal(sums.as_of_us, 400);
}

TESTS_MAIN("backfill",
    WORLD_TEST(a_walk_that_never_was_has_no_mark),
    WORLD_TEST(the_last_mark_of_a_kind_stands),
    WORLD_TEST(what_was_never_scanned_or_is_far_behind_is_left_to_the_daily_scan),
    WORLD_TEST(of_connected_accounts_the_one_comes_first_that_waits_longest),
    WORLD_TEST(one_that_failed_waits_unless_the_clock_was_set_back),
    WORLD_TEST(a_lease_is_of_one_and_hides_the_scan_until_it_ends),
    WORLD_TEST(sums_are_of_all_but_those_that_refuse))
