/* backfill.h: where a walk goes on. */
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

TESTS_MAIN("backfill",
    WORLD_TEST(a_walk_that_never_was_has_no_mark),
    WORLD_TEST(the_last_mark_of_a_kind_stands))
