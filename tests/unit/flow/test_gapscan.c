/* When a gap scan is due, and over which time. The stores are real, the provider is an array. */
#include "store/backfill.h"
#include "store/inbox.h"
#include "flow/gapscan.h"
#include "unit/flow/paged_api.h"
#include "unit/store_fixture.h"

#define START_US (INT64_C(1790000000) * US_PER_SECOND)
#define EVERY_US (5 * US_PER_MINUTE)
#define LAG_US US_PER_MINUTE
#define OVERLAP_US (10 * US_PER_MINUTE)

struct world {
    struct store_fixture fixture;
    struct env_virtual env;
    struct gapscan *gapscan;
};

static struct gapscan *scan_new(struct world *world)
{
    static int here; /* the api of the port is never looked into */
    const struct gapscan_setup setup = {
        .store = world->fixture.store,
        .account = &paged_account,
        .api = (struct provider_api *)(void *)&here,
        .env = &world->env.env,
        .every_us = EVERY_US,
        .lag_us = LAG_US,
        .overlap_us = OVERLAP_US,
    };
    struct gapscan *gapscan = gapscan_new(&setup);
    assert_non_null(gapscan);
    return gapscan;
}

static int open_world(void **state)
{
    static struct world world;
    store_fixture_open(&world.fixture, "sqlite");
    (void)env_virtual_init(&world.env, START_US, test_seed());
    paged = (struct paged){.page_size = 2};
    world.gapscan = scan_new(&world);
    *state = &world;
    return 0;
}

static int close_world(void **state)
{
    struct world *world = *state;
    (void)gapscan_free(world->gapscan);
    store_fixture_close(&world->fixture);
    return 0;
}

/* Steps until it wants to wait; the last report that said something, and when it wants to come. */
static struct gapscan_report scan(struct world *world, int64_t *ret_wake_us)
{
    struct gapscan_report last = {0};
    *ret_wake_us = world->env.clock_us;
    for (int i = 0; i < 50 && *ret_wake_us <= world->env.clock_us; i++) {
        struct gapscan_report report;
        assert_done(
            gapscan_step(world->gapscan, world->env.clock_us, &report, ret_wake_us, reterr));
        last = report.finished ? report : last;
    }
    return last;
}

static void the_first_scan_reaches_three_days_back_and_leaves_out_the_youngest(void **state)
{
    struct world *world = *state;
    paged_add("evt_young", START_US - LAG_US + US_PER_SECOND);
    paged_add("evt_3", START_US - LAG_US);
    paged_add("evt_2", START_US - US_PER_DAY);
    paged_add("evt_1", START_US - 72 * US_PER_HOUR);
    paged_add("evt_old", START_US - 72 * US_PER_HOUR - US_PER_SECOND);
    int64_t wake_us = 0;
    struct gapscan_report report = scan(world, &wake_us);
    assert_true(report.finished);
    assert_int64_equal(report.checked, 3);
    assert_int64_equal(report.missing, 3);
    assert_int64_equal(report.from_us, START_US - 72 * US_PER_HOUR);
    assert_int64_equal(report.to_us, START_US - LAG_US);
    assert_int64_equal(wake_us, START_US + EVERY_US);
}

static void the_next_one_overlaps_and_heals_what_was_lost_meanwhile(void **state)
{
    struct world *world = *state;
    paged_add("evt_2", START_US);
    paged_add("evt_1", START_US - 8 * US_PER_MINUTE);
    int64_t wake_us = 0;
    (void)scan(world, &wake_us);
    world->env.clock_us = wake_us;
    struct gapscan_report report = scan(world, &wake_us);
    assert_int64_equal(report.from_us, START_US - LAG_US - OVERLAP_US);
    assert_int64_equal(report.to_us, START_US + EVERY_US - LAG_US);
    assert_int64_equal(report.checked, 2);
    assert_int64_equal(report.missing, 1);
    world->env.clock_us = wake_us;
    report = scan(world, &wake_us);
    assert_int64_equal(report.missing, 0);
}

static void once_a_day_it_reaches_three_days_back(void **state)
{
    struct world *world = *state;
    int64_t wake_us = 0;
    for (int i = 0; i < 24 * 12; i++) {
        (void)scan(world, &wake_us);
        world->env.clock_us = wake_us;
    }
    struct gapscan_report report = scan(world, &wake_us);
    assert_int64_equal(report.to_us - report.from_us, 72 * US_PER_HOUR - LAG_US);
}

static void after_a_week_without_serve_the_week_is_scanned(void **state)
{
    struct world *world = *state;
    int64_t wake_us = 0;
    (void)scan(world, &wake_us);
    (void)gapscan_free(world->gapscan);
    world->gapscan = scan_new(world);
    world->env.clock_us = START_US + 7 * US_PER_DAY;
    struct gapscan_report report = scan(world, &wake_us);
    assert_int64_equal(report.from_us, START_US - LAG_US - OVERLAP_US);
    world->env.clock_us += 90 * US_PER_DAY;
    report = scan(world, &wake_us);
    assert_int64_equal(report.from_us, world->env.clock_us - 30 * US_PER_DAY + US_PER_HOUR);
}

static void another_node_does_not_scan_once_more(void **state)
{
    struct world *world = *state;
    int64_t wake_us = 0;
    (void)scan(world, &wake_us);
    (void)gapscan_free(world->gapscan);
    world->gapscan = scan_new(world);
    world->env.clock_us += US_PER_SECOND;
    paged.asked = 0;
    assert_false(scan(world, &wake_us).finished);
    assert_int_equal(paged.asked, 0);
    assert_int64_equal(wake_us, START_US + EVERY_US);
}

static void what_another_node_found_is_told_too(void **state)
{
    struct world *world = *state;
    paged_add("evt_1", START_US - US_PER_HOUR);
    int64_t wake_us = 0;
    struct gapscan_report found = scan(world, &wake_us);
    (void)gapscan_free(world->gapscan);
    world->gapscan = scan_new(world);
    struct gapscan_report report;
    assert_done(gapscan_step(world->gapscan, START_US, &report, &wake_us, reterr));
    assert_false(report.finished);
    assert_int64_equal(report.to_us, found.to_us);
    assert_int64_equal(report.checked, 1);
    assert_int64_equal(report.missing, 1);
}

static void an_error_is_told_and_the_same_scan_goes_on(void **state)
{
    struct world *world = *state;
    paged_add("evt_3", START_US - US_PER_HOUR);
    paged_add("evt_2", START_US - 2 * US_PER_HOUR);
    paged_add("evt_1", START_US - 3 * US_PER_HOUR);
    paged.fail_at = 2;
    paged.fail_with = ERR_BUSY;
    struct gapscan_report report;
    int64_t wake_us = 0;
    assert_done(gapscan_step(world->gapscan, START_US, &report, &wake_us, reterr));
    assert_err(gapscan_step(world->gapscan, START_US, &report, &wake_us, NULL), ERR_BUSY);
    assert_false(report.finished);
    report = scan(world, &wake_us);
    assert_int64_equal(report.missing, 3);
    assert_int_equal(paged.asked, 3);
}

/* After a long outage the provider has forgotten the event that the next page begins behind. */
static void a_scan_whose_cursor_is_refused_begins_anew(void **state)
{
    struct world *world = *state;
    paged_add("evt_3", START_US - US_PER_HOUR);
    paged_add("evt_2", START_US - 2 * US_PER_HOUR);
    paged_add("evt_1", START_US - 3 * US_PER_HOUR);
    paged.unknown_cursor = "evt_2";
    struct gapscan_report report;
    int64_t wake_us = 0;
    assert_done(gapscan_step(world->gapscan, START_US, &report, &wake_us, reterr));
    assert_err(gapscan_step(world->gapscan, START_US, &report, &wake_us, NULL), ERR_INVALID);
    paged.count = 1; /* the others are too old by now */
    report = scan(world, &wake_us);
    assert_true(report.finished);
    assert_int64_equal(report.checked, 1);
    assert_int64_equal(report.missing, 0);
}

/* The endpoint has an API version of its own, lists have the account's. */
static void an_event_that_is_there_in_another_version_is_not_missing(void **state)
{
    struct world *world = *state;
    paged_add("evt_1", START_US - US_PER_MINUTE);
    int64_t wake_us = 0;
    assert_int64_equal(scan(world, &wake_us).missing, 1);
    paged.events[0].version = "v2";
    world->env.clock_us = wake_us;
    struct gapscan_report report = scan(world, &wake_us);
    assert_int64_equal(report.checked, 1);
    assert_int64_equal(report.missing, 0);
}

static void a_clock_that_was_set_back_does_not_stop_it(void **state)
{
    struct world *world = *state;
    int64_t wake_us = 0;
    (void)scan(world, &wake_us);
    world->env.clock_us = START_US - US_PER_DAY;
    assert_true(scan(world, &wake_us).finished);
}

#define SCAN_TEST(function) TEST_WITH(function, open_world, close_world)

TESTS_MAIN("flow/gapscan",
    SCAN_TEST(the_first_scan_reaches_three_days_back_and_leaves_out_the_youngest),
    SCAN_TEST(the_next_one_overlaps_and_heals_what_was_lost_meanwhile),
    SCAN_TEST(once_a_day_it_reaches_three_days_back),
    SCAN_TEST(after_a_week_without_serve_the_week_is_scanned),
    SCAN_TEST(another_node_does_not_scan_once_more),
    SCAN_TEST(what_another_node_found_is_told_too),
    SCAN_TEST(an_error_is_told_and_the_same_scan_goes_on),
    SCAN_TEST(a_scan_whose_cursor_is_refused_begins_anew),
    SCAN_TEST(an_event_that_is_there_in_another_version_is_not_missing),
    SCAN_TEST(a_clock_that_was_set_back_does_not_stop_it))
