/* Which days serve reconciles, and when, over weeks of a clock that is moved by hand. */
#include "base/timestamp.h"
#include "store/pull.h"
#include "store/runs.h"
#include "provider/stripe/stripe.h"
#include "flow/submit.h"
#include "cli/reconciler_inside.h"
#include "unit/store_fixture.h"
#include "unit/testing.h"

#define AT_US (270 * US_PER_MINUTE) /* 04:30 */
#define EVERY_US US_PER_HOUR

static const struct account account = {
    .says = {.name = {"acme", 4}, .account_key = {"acme", 4}}, .provider = &stripe_provider};

struct world {
    struct store_fixture fixture;
    struct config config;
    struct reconciler reconciler;
    struct reconciled *reconciled;
};

static int open_world(void **state)
{
    static struct world world;
    store_fixture_open(&world.fixture, "sqlite");
    world.config = (struct config){.reconcile_at_us = AT_US};
    world.reconciler.setup.config = &world.config;
    world.reconciler.store = world.fixture.store;
    world.reconciler.pages = arena_new(1024 * 1024);
    world.reconciled = &world.reconciler.reconciled[0];
    *world.reconciled = (struct reconciled){.account = &account};
    assert_err(zone_open(STR("Europe/Berlin"), &world.reconciled->zone), ERR_OK);
    *state = &world;
    return 0;
}

static int close_world(void **state)
{
    struct world *world = *state;
    world->reconciled->zone = zone_close(world->reconciled->zone);
    world->reconciler.pages = arena_free(world->reconciler.pages);
    store_fixture_close(&world->fixture);
    return 0;
}

static int64_t at(const char *text)
{
    int64_t time_us = 0;
    assert_err(timestamp_parse(str_from(text), &time_us), ERR_OK);
    return time_us;
}

/* "2026-11-20..2026-11-21", or "" when nothing is due. */
static const char *due(struct world *world, int64_t now_us)
{
    static char text[2 * DAY_TEXT_BYTES + 4];
    struct reconciled *reconciled = world->reconciled;
    char first[DAY_TEXT_BYTES];
    char last[DAY_TEXT_BYTES];
    bool is_due = false;
    reconciled->look_us = 0;
    assert_done(reconciler_look(&world->reconciler, reconciled, now_us, &is_due, reterr));
    text[0] = '\0';
    if (is_due) {
        day_format(day_of(reconciled->zone, reconciled->days.from_us), first);
        day_format(day_of(reconciled->zone, reconciled->days.to_us - 1), last);
        (void)snprintf(text, sizeof text, "%s..%s", first, last);
    }
    return text;
}

/* What is due is reconciled, as of that moment. */
static void run(struct world *world, int64_t now_us)
{
    struct store *store = world->fixture.store;
    struct reconcile_run done = {.scope = world->reconciled->scope,
        .from_us = world->reconciled->days.from_us,
        .to_us = world->reconciled->days.to_us,
        .as_of_us = now_us,
        .started_us = now_us};
    assert_done(store_begin(store, STORE_WRITE, reterr));
    assert_done(run_begin(store, &done, reterr));
    done.finished_us = now_us + 1;
    done.agreed = true;
    assert_done(run_finish(store, &done, reterr));
    assert_done(store_commit(store, reterr));
}

static void the_first_time_only_the_day_before_is_due(void **state)
{
    struct world *world = *state;
    assert_string_equal(due(world, at("2026-11-22T03:29:00Z")), "2026-11-20..2026-11-20");
    assert_string_equal(due(world, at("2026-11-22T03:30:00Z")), "2026-11-21..2026-11-21");
}

static void a_day_is_due_until_it_was_reconciled_after_its_time(void **state)
{
    struct world *world = *state;
    assert_string_equal(due(world, at("2026-11-22T04:00:00Z")), "2026-11-21..2026-11-21");
    run(world, at("2026-11-22T00:10:00Z")); /* somebody was early */
    assert_string_equal(due(world, at("2026-11-22T04:00:00Z")), "2026-11-21..2026-11-21");
    run(world, at("2026-11-22T04:00:00Z"));
    assert_string_equal(due(world, at("2026-11-22T04:00:01Z")), "");
    assert_string_equal(due(world, at("2026-11-23T03:29:59Z")), "");
    assert_string_equal(due(world, at("2026-11-23T03:30:00Z")), "2026-11-22..2026-11-22");
}

static void days_that_were_missed_are_caught_up_with_in_one_run(void **state)
{
    struct world *world = *state;
    (void)due(world, at("2026-11-10T04:00:00Z"));
    run(world, at("2026-11-10T04:00:00Z"));
    assert_string_equal(due(world, at("2026-11-13T04:00:00Z")), "2026-11-10..2026-11-12");
    run(world, at("2026-11-13T04:00:00Z"));
    assert_string_equal(due(world, at("2026-11-13T05:00:00Z")), "");
    assert_string_equal(due(world, at("2026-11-30T05:00:00Z")), "2026-11-23..2026-11-29");
}

static void nothing_is_due_from_before_the_books_begin(void **state)
{
    struct world *world = *state;
    struct store *store = world->fixture.store;
    (void)due(world, at("2026-11-20T04:00:00Z"));
    run(world, at("2026-11-15T04:00:00Z"));
    const struct books_start start = {.scope = world->reconciled->scope,
        .start_us = at("2026-11-18T23:00:00Z"), /* the 19th in Berlin */
        .decided_us = 1,
        .who = STR("ada")};
    assert_done(store_begin(store, STORE_WRITE, reterr));
    assert_done(books_start_set(store, &start, reterr));
    assert_done(store_commit(store, reterr));
    assert_string_equal(due(world, at("2026-11-21T04:00:00Z")), "2026-11-19..2026-11-20");
    assert_string_equal(due(world, at("2026-11-18T04:00:00Z")), "");
}

/* Looked at every ten minutes of a month with a change of clocks: each day is reconciled once. */
static void each_day_is_reconciled_once_also_where_clocks_change(void **state)
{
    struct world *world = *state;
    const int64_t begin_us = at("2026-10-10T04:00:00Z");
    uint32_t runs = 0;
    world->config.reconcile_at_us = 150 * US_PER_MINUTE; /* 02:30, which comes twice on the 25th */
    for (int64_t now_us = begin_us; now_us < begin_us + 30 * US_PER_DAY;
         now_us += 10 * US_PER_MINUTE) {
        if (due(world, now_us)[0] != '\0') {
            assert_true(world->reconciled->days.to_us - world->reconciled->days.from_us <=
                        25 * US_PER_HOUR);
            run(world, now_us);
            runs++;
        }
    }
    assert_int_equal(runs, 31);
}

static void the_open_day_is_due_now_and_then_and_a_closed_one_goes_first(void **state)
{
    struct world *world = *state;
    int64_t now_us = at("2026-11-22T10:00:00Z");
    world->config.reconcile_every_us = EVERY_US;
    world->reconciled->open_due_us = now_us;
    assert_string_equal(due(world, now_us), "2026-11-21..2026-11-21");
    assert_false(world->reconciled->is_open_day);
    run(world, now_us);
    assert_string_equal(due(world, now_us), "2026-11-22..2026-11-22");
    assert_true(world->reconciled->is_open_day);
    world->reconciled->open_due_us = now_us + EVERY_US;
    assert_string_equal(due(world, now_us + EVERY_US - 1), "");
    assert_string_equal(due(world, now_us + EVERY_US), "2026-11-22..2026-11-22");
    assert_string_equal(due(world, now_us - US_PER_HOUR), "2026-11-22..2026-11-22"); /* set back */
}

static void many_lines_are_told_by_reports_of_days_that_are_over(void **state)
{
    struct world *world = *state;
    struct store *store = world->fixture.store;
    int64_t now_us = at("2026-11-22T10:00:00Z");
    (void)due(world, now_us);
    assert_false(world->reconciled->is_large);
    const struct pull_row row = {.scope = world->reconciled->scope,
        .what = PULL_LINES,
        .subject = STR(""),
        .from_us = now_us - US_PER_DAY,
        .to_us = now_us - US_PER_SECOND,
        .cursor = STR(""),
        .counts = {.added = 250000},
        .finished_us = now_us};
    assert_done(store_begin(store, STORE_WRITE, reterr));
    assert_done(pull_write(store, &row, reterr));
    assert_done(store_commit(store, reterr));
    assert_string_equal(due(world, now_us), "2026-11-21..2026-11-21");
    assert_true(world->reconciled->is_large);
    run(world, now_us);
    world->config.reconcile_every_us = EVERY_US;
    world->reconciled->open_due_us = now_us;
    assert_string_equal(due(world, now_us), "2026-11-22..2026-11-22");
    assert_false(world->reconciled->is_large);
}

static void the_open_day_is_not_due_of_what_is_connected(void **state)
{
    struct world *world = *state;
    struct reconciled above = *world->reconciled;
    int64_t now_us = at("2026-11-22T10:00:00Z");
    world->config.reconcile_every_us = EVERY_US;
    world->reconciled->above = &above;
    assert_string_equal(due(world, now_us), "2026-11-21..2026-11-21");
    run(world, now_us);
    assert_string_equal(due(world, now_us), "");
}

/* Between the look and the lease another node may have done it. */
static void a_day_that_was_done_meanwhile_is_not_done_again(void **state)
{
    struct world *world = *state;
    struct env_virtual env;
    enum reconcile_stage stage;
    int64_t now_us = at("2026-11-22T10:00:00Z");
    CLEANUP(arena_free) struct arena *arena = arena_new(64 * 1024 * 1024);
    (void)due(world, now_us);
    const struct reconcile_setup setup = {.store = world->fixture.store,
        .account = &account,
        .env = env_virtual_init(&env, now_us, 1),
        .from_us = world->reconciled->days.from_us,
        .to_us = world->reconciled->days.to_us,
        .as_of_us = now_us,
        .done_as_of_us = world->reconciled->done_as_of_us,
        .arena = arena};
    run(world, at("2026-11-22T03:30:00Z") - 1); /* too early to count */
    CLEANUP(reconcile_free) struct reconcile *first = reconcile_new(&setup);
    assert_done(reconcile_step(first, &stage, reterr));
    CLEANUP(reconcile_free) struct reconcile *second = reconcile_new(&setup);
    assert_err(reconcile_step(second, &stage, NULL), ERR_LOCKED);
    while (stage != RECONCILE_DONE) {
        assert_done(reconcile_step(first, &stage, reterr));
    }
    assert_err(reconcile_step(second, &stage, NULL), ERR_DUPLICATE);
    run(world, now_us);
    assert_string_equal(due(world, now_us), "");
}

static void off_is_never(void **state)
{
    struct world *world = *state;
    world->config.reconcile_at_us = -1;
    assert_string_equal(due(world, at("2026-11-22T10:00:00Z")), "");
}

#define IN_WORLD(test) TEST_WITH(test, open_world, close_world)

TESTS_MAIN("reconciler due",
    IN_WORLD(the_first_time_only_the_day_before_is_due),
    IN_WORLD(a_day_is_due_until_it_was_reconciled_after_its_time),
    IN_WORLD(days_that_were_missed_are_caught_up_with_in_one_run),
    IN_WORLD(nothing_is_due_from_before_the_books_begin),
    IN_WORLD(each_day_is_reconciled_once_also_where_clocks_change),
    IN_WORLD(the_open_day_is_due_now_and_then_and_a_closed_one_goes_first),
    IN_WORLD(many_lines_are_told_by_reports_of_days_that_are_over),
    IN_WORLD(the_open_day_is_not_due_of_what_is_connected),
    IN_WORLD(a_day_that_was_done_meanwhile_is_not_done_again),
    IN_WORLD(off_is_never))
