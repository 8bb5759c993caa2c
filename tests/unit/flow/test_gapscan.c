/* When a gap scan is due, over which time, and whose turn it is. The stores are real, the provider
 * is an array. */
#include "store/backfill.h"
#include "store/inbox.h"
#include "store/refs.h"
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

static int open_world(void **state, const char *engine)
{
    static struct world world;
    store_fixture_open(&world.fixture, engine);
    (void)env_virtual_init(&world.env, START_US, test_seed());
    paged = (struct paged){.page_size = 2};
    world.gapscan = scan_new(&world);
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
    (void)gapscan_free(world->gapscan);
    store_fixture_close(&world->fixture);
    return 0;
}

static struct gapscan_report step(struct world *world, int64_t *ret_wake_us)
{
    struct gapscan_report report;
    gapscan_step(world->gapscan, world->env.clock_us, &report, ret_wake_us);
    return report;
}

/* Steps until it wants to wait; the last report that said something, and when it wants to come. */
static struct gapscan_report scan(struct world *world, int64_t *ret_wake_us)
{
    struct gapscan_report last = {0};
    *ret_wake_us = world->env.clock_us;
    for (int i = 0; i < 50 && *ret_wake_us <= world->env.clock_us; i++) {
        struct gapscan_report report = step(world, ret_wake_us);
        last = report.news == GAPSCAN_NOTHING ? last : report;
    }
    return last;
}

static struct gap_sums sums_of(struct world *world)
{
    struct gap_sums sums;
    assert_done(gapscan_sums(world->gapscan, &sums, reterr));
    return sums;
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
    assert_int_equal(report.news, GAPSCAN_FINISHED);
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
    assert_int_equal(scan(world, &wake_us).news, GAPSCAN_NOTHING);
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
    assert_int_equal(step(world, &wake_us).news, GAPSCAN_NOTHING);
    struct gap_sums sums = sums_of(world);
    assert_int64_equal(sums.as_of_us, found.to_us);
    assert_int64_equal(sums.checked, 1);
    assert_int64_equal(sums.missing, 1);
    assert_int64_equal(sums.compared, 1);
}

static void an_error_is_told_and_the_same_scan_goes_on(void **state)
{
    struct world *world = *state;
    paged_add("evt_3", START_US - US_PER_HOUR);
    paged_add("evt_2", START_US - 2 * US_PER_HOUR);
    paged_add("evt_1", START_US - 3 * US_PER_HOUR);
    paged.fail_at = 2;
    paged.fail_with = ERR_BUSY;
    int64_t wake_us = 0;
    (void)step(world, &wake_us);
    struct gapscan_report report = step(world, &wake_us);
    assert_int_equal(report.news, GAPSCAN_FAILED);
    assert_int_equal(report.err, ERR_BUSY);
    assert_string_equal(report.info.text, "as the test wants it");
    assert_int64_equal(report.again_us, START_US + 5 * US_PER_SECOND);
    assert_int_equal(scan(world, &wake_us).news, GAPSCAN_NOTHING);
    assert_int64_equal(wake_us, report.again_us);
    world->env.clock_us = wake_us;
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
    int64_t wake_us = 0;
    (void)step(world, &wake_us);
    struct gapscan_report report = step(world, &wake_us);
    assert_int_equal(report.news, GAPSCAN_FAILED);
    assert_int_equal(report.err, ERR_INVALID);
    paged.count = 1; /* the others are too old by now */
    world->env.clock_us = report.again_us;
    report = scan(world, &wake_us);
    assert_int_equal(report.news, GAPSCAN_FINISHED);
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
    assert_int_equal(scan(world, &wake_us).news, GAPSCAN_FINISHED);
}

/* --- accounts connected to it --- */

static void connect_account(struct world *world, const char *account_key)
{
    int64_t scope = 0;
    const struct scope_key key = {STR("words"), false, str_from(account_key)};
    assert_done(store_begin(world->fixture.store, STORE_WRITE, reterr));
    assert_done(scope_ensure_below(world->fixture.store, &key, STR("acct_1"), &scope, reterr));
    assert_done(store_commit(world->fixture.store, reterr));
}

static uint32_t events_in(struct world *world, const char *account_key)
{
    int64_t scope = 0;
    const struct scope_key key = {STR("words"), false, str_from(account_key)};
    struct arena *arena = arena_new(1 << 20);
    struct inbox_row *rows = NULL;
    uint32_t count = 0;
    assert_done(store_begin(world->fixture.store, STORE_READ, reterr));
    assert_done(scope_ensure(world->fixture.store, &key, &scope, reterr));
    const struct inbox_filter filter = {.scope = scope};
    assert_done(inbox_list(world->fixture.store, &filter, arena, &rows, &count, reterr));
    assert_done(store_commit(world->fixture.store, reterr));
    (void)arena_free(arena);
    return count;
}

/* The reports of one kind until it wants to wait. */
static int count_news(struct world *world, enum gapscan_news news, int64_t *ret_wake_us)
{
    int count = 0;
    *ret_wake_us = world->env.clock_us;
    for (int i = 0; i < 100 && *ret_wake_us <= world->env.clock_us; i++) {
        count += step(world, ret_wake_us).news == news ? 1 : 0;
    }
    return count;
}

static void what_connected_accounts_lost_is_kept_in_their_scopes(void **state)
{
    struct world *world = *state;
    connect_account(world, "acct_a");
    connect_account(world, "acct_b");
    paged_add("evt_1", START_US - US_PER_HOUR);
    paged_add_of("acct_a", "evt_2", START_US - US_PER_HOUR);
    paged_add_of("acct_b", "evt_3", START_US - 2 * US_PER_HOUR);
    paged_add_of("acct_b", "evt_4", START_US - 70 * US_PER_HOUR);
    int64_t wake_us = 0;
    assert_int_equal(count_news(world, GAPSCAN_FINISHED, &wake_us), 3);
    assert_int_equal(events_in(world, "acct_1"), 1);
    assert_int_equal(events_in(world, "acct_a"), 1);
    assert_int_equal(events_in(world, "acct_b"), 2);
    struct gap_sums sums = sums_of(world);
    assert_int64_equal(sums.compared, 3);
    assert_int64_equal(sums.checked, 4);
    assert_int64_equal(sums.missing, 4);
    assert_int64_equal(sums.as_of_us, START_US - LAG_US);
    world->env.clock_us = wake_us;
    assert_int64_equal(wake_us, START_US + EVERY_US);
    assert_int_equal(count_news(world, GAPSCAN_FINISHED, &wake_us), 3);
    assert_int64_equal(sums_of(world).missing, 0);
}

static void one_that_refuses_waits_alone_and_is_told_once(void **state)
{
    struct world *world = *state;
    connect_account(world, "acct_a");
    connect_account(world, "acct_b");
    paged.failing = "acct_a";
    paged.fail_with = ERR_REFUSED;
    paged_add_of("acct_b", "evt_1", START_US - US_PER_HOUR);
    int64_t wake_us = world->env.clock_us;
    int finished = 0;
    struct gapscan_report refused = {0};
    while (wake_us <= world->env.clock_us) {
        struct gapscan_report report = step(world, &wake_us);
        assert_int_not_equal(report.news, GAPSCAN_FAILED);
        finished += report.news == GAPSCAN_FINISHED ? 1 : 0;
        if (report.news == GAPSCAN_REFUSED) {
            assert_int_equal(refused.news, GAPSCAN_NOTHING);
            assert_str_equal_to(report.connected, "acct_a");
            refused = report;
        }
    }
    assert_int_equal(finished, 2);
    assert_int_equal(refused.err, ERR_REFUSED);
    assert_false(refused.was_refused);
    assert_int64_equal(refused.again_us, START_US + US_PER_HOUR);
    struct gap_sums sums = sums_of(world);
    assert_int64_equal(sums.compared, 2);
    assert_int64_equal(sums.refused, 1);
    assert_int64_equal(sums.as_of_us, START_US - LAG_US);
    assert_int_equal(events_in(world, "acct_b"), 1);
}

/* Runs to a time, in steps of the scan; the reports of one kind. */
static int run_until(struct world *world, int64_t until_us, enum gapscan_news news)
{
    int count = 0;
    while (world->env.clock_us < until_us) {
        int64_t wake_us = 0;
        count += count_news(world, news, &wake_us);
        world->env.clock_us = wake_us;
    }
    return count;
}

static void it_is_asked_seldom_and_taken_back_when_it_answers(void **state)
{
    struct world *world = *state;
    connect_account(world, "acct_a");
    paged.failing = "acct_a";
    paged.fail_with = ERR_REFUSED;
    /* After 0, 1, 3, 7, 13 and 19 hours. */
    assert_int_equal(run_until(world, START_US + 20 * US_PER_HOUR, GAPSCAN_REFUSED), 6);
    paged.failing = NULL;
    paged_add_of("acct_a", "evt_1", START_US + US_PER_HOUR);
    bool taken_back = false;
    while (world->env.clock_us < START_US + 26 * US_PER_HOUR) {
        int64_t wake_us = world->env.clock_us;
        while (wake_us <= world->env.clock_us) {
            struct gapscan_report report = step(world, &wake_us);
            if (report.connected.len > 0 && report.news == GAPSCAN_FINISHED) {
                assert_int_equal(report.was_refused, !taken_back);
                taken_back = true;
            }
        }
        world->env.clock_us = wake_us;
    }
    assert_true(taken_back);
    assert_int_equal(events_in(world, "acct_a"), 1);
    assert_int64_equal(sums_of(world).refused, 0);
}

static void a_key_that_is_refused_is_not_blamed_on_a_connected_account(void **state)
{
    struct world *world = *state;
    int64_t wake_us = 0;
    (void)scan(world, &wake_us);
    connect_account(world, "acct_a");
    world->env.clock_us = wake_us - US_PER_SECOND;
    (void)gapscan_free(world->gapscan);
    world->gapscan = scan_new(world); /* which looks for new accounts at once */
    paged.fail_with = ERR_REFUSED;
    paged.failing = "acct_a";
    paged.fail_at = paged.asked + 2; /* what is asked to see whose fault it is */
    struct gapscan_report report = scan(world, &wake_us);
    assert_int_equal(report.news, GAPSCAN_FAILED);
    assert_int_equal(report.connected.len, 0);
    assert_int64_equal(sums_of(world).refused, 0);
    assert_int64_equal(sums_of(world).new_ones, 1);
}

static void one_that_cannot_be_reached_holds_off_nobody(void **state)
{
    struct world *world = *state;
    connect_account(world, "acct_a");
    connect_account(world, "acct_b");
    paged.failing = "acct_a";
    paged.fail_with = ERR_TIMEOUT;
    paged_add_of("acct_b", "evt_1", START_US - US_PER_HOUR);
    assert_int_equal(run_until(world, START_US + 6 * US_PER_MINUTE, GAPSCAN_REFUSED), 0);
    assert_int_equal(events_in(world, "acct_b"), 1);
    struct gap_sums sums = sums_of(world);
    assert_int64_equal(sums.compared, 2);
    assert_int64_equal(sums.refused, 0);
    assert_int64_equal(sums.new_ones, 1);
    assert_true(sums.as_of_us > START_US);
}

/* Three days of one connected account, and of the account itself, are long walks. */
static void long_scans_and_frequent_ones_take_turns(void **state)
{
    struct world *world = *state;
    int64_t wake_us = 0;
    connect_account(world, "acct_a");
    (void)scan(world, &wake_us);
    connect_account(world, "acct_b");
    paged.page_size = 1;
    for (int i = 0; i < 20; i++) {
        char id[16];
        (void)snprintf(id, sizeof id, "evt_b%d", i);
        paged_add_of("acct_b", id, START_US - (10 + i) * US_PER_MINUTE);
    }
    world->env.clock_us = wake_us;
    memset(paged.asked_for, 0, sizeof paged.asked_for);
    paged.asked = 0;
    (void)scan(world, &wake_us);
    assert_int_equal(strspn(paged.asked_for, ".ab"), 22);
    assert_non_null(memchr(paged.asked_for, '.', 3)); /* in front of most of the pages of b */
    assert_non_null(memchr(paged.asked_for, 'a', 3));
    assert_int_equal(events_in(world, "acct_b"), 20);
}

static void those_that_wait_longest_come_first(void **state)
{
    struct world *world = *state;
    int64_t wake_us = 0;
    connect_account(world, "acct_a");
    (void)scan(world, &wake_us);
    world->env.clock_us += US_PER_MINUTE;
    connect_account(world, "acct_b");
    connect_account(world, "acct_c");
    (void)gapscan_free(world->gapscan);
    world->gapscan = scan_new(world);
    memset(paged.asked_for, 0, sizeof paged.asked_for);
    paged.asked = 0;
    (void)scan(world, &wake_us);
    assert_string_equal(paged.asked_for, "bc");
    world->env.clock_us += EVERY_US;
    (void)scan(world, &wake_us);
    assert_int_equal(strcspn(paged.asked_for, "a"), 3); /* behind the account itself */
}

static void another_node_leaves_alone_what_is_being_scanned(void **state)
{
    struct world *world = *state;
    int64_t wake_us = 0;
    (void)scan(world, &wake_us);
    connect_account(world, "acct_a");
    for (int i = 0; i < 4; i++) {
        char id[16];
        (void)snprintf(id, sizeof id, "evt_%d", i);
        paged_add_of("acct_a", id, START_US - (10 + i) * US_PER_MINUTE);
    }
    struct gapscan *other = scan_new(world);
    struct gapscan_report report;
    gapscan_step(other, START_US, &report, &wake_us); /* a page of two */
    uint32_t asked = paged.asked;
    (void)gapscan_free(world->gapscan);
    world->gapscan = scan_new(world);
    assert_int_equal(scan(world, &wake_us).news, GAPSCAN_NOTHING);
    assert_int_equal(paged.asked, asked);
    (void)gapscan_free(other); /* and died */
    assert_int_equal(run_until(world, START_US + 6 * US_PER_MINUTE, GAPSCAN_REFUSED), 0);
    assert_int_equal(events_in(world, "acct_a"), 4);
}

static void add_events(int count)
{
    for (int i = 0; i < count; i++) {
        char id[16];
        (void)snprintf(id, sizeof id, "evt_%d", i);
        paged_add(id, START_US - (10 + i) * US_PER_MINUTE);
    }
}

static void the_accounts_own_scan_is_one_nodes_as_long_as_it_takes(void **state)
{
    struct world *world = *state;
    add_events(20);
    paged.page_size = 1;
    int64_t wake_us = 0;
    struct gapscan *other = scan_new(world);
    for (int i = 0; i < 9; i++) { /* a page in two minutes */
        struct gapscan_report report;
        gapscan_step(other, world->env.clock_us, &report, &wake_us);
        assert_int_equal(report.news, GAPSCAN_NOTHING);
        uint32_t asked = paged.asked;
        assert_int_equal(scan(world, &wake_us).news, GAPSCAN_NOTHING);
        assert_int_equal(paged.asked, asked);
        assert_true(wake_us > world->env.clock_us);
        world->env.clock_us += 2 * US_PER_MINUTE;
    }
    assert_int_equal(paged.asked, 9);
    (void)gapscan_free(other);
}

static void a_scan_that_another_node_took_over_ends_here(void **state)
{
    struct world *world = *state;
    add_events(8);
    int64_t wake_us = 0;
    struct gapscan_report report;
    struct gapscan *frozen = scan_new(world);
    gapscan_step(frozen, START_US, &report, &wake_us);
    world->env.clock_us = START_US + 6 * US_PER_MINUTE;
    (void)step(world, &wake_us);
    uint32_t asked = paged.asked;
    for (int i = 0; i < 5; i++) {
        gapscan_step(frozen, world->env.clock_us, &report, &wake_us);
        assert_int_equal(report.news, GAPSCAN_NOTHING);
    }
    assert_int_equal(paged.asked, asked);
    (void)gapscan_free(frozen); /* gives back nothing of the other's */
    frozen = scan_new(world);
    gapscan_step(frozen, world->env.clock_us, &report, &wake_us);
    assert_int_equal(paged.asked, asked);
    (void)gapscan_free(frozen);
    assert_int64_equal(scan(world, &wake_us).checked, 8);
}

static void a_scan_that_was_begun_is_free_when_its_node_stops(void **state)
{
    struct world *world = *state;
    add_events(4);
    int64_t wake_us = 0;
    (void)step(world, &wake_us);
    (void)gapscan_free(world->gapscan);
    world->gapscan = scan_new(world);
    assert_int64_equal(scan(world, &wake_us).checked, 4);
}

static void a_list_that_goes_in_circles_ends(void **state)
{
    struct world *world = *state;
    paged_add("evt_3", START_US - US_PER_HOUR);
    paged_add("evt_2", START_US - 2 * US_PER_HOUR);
    paged_add("evt_1", START_US - 3 * US_PER_HOUR);
    paged.page_size = 1;
    paged.circles = true;
    int64_t wake_us = 0;
    struct gapscan_report report = scan(world, &wake_us);
    assert_int_equal(report.news, GAPSCAN_FAILED);
    assert_int_equal(report.err, ERR_IMPOSSIBLE);
    assert_true(paged.asked < 12);
}

#define SCAN_TEST(function) TEST_WITH(function, open_sqlite, close_world)
#define BOTH(function)                                                                             \
    TEST_WITH(function, open_sqlite, close_world), TEST_WITH(function, open_postgres, close_world)

TESTS_MAIN("flow/gapscan",
    BOTH(the_accounts_own_scan_is_one_nodes_as_long_as_it_takes),
    BOTH(a_scan_that_another_node_took_over_ends_here),
    SCAN_TEST(a_scan_that_was_begun_is_free_when_its_node_stops),
    SCAN_TEST(the_first_scan_reaches_three_days_back_and_leaves_out_the_youngest),
    SCAN_TEST(the_next_one_overlaps_and_heals_what_was_lost_meanwhile),
    SCAN_TEST(once_a_day_it_reaches_three_days_back),
    SCAN_TEST(after_a_week_without_serve_the_week_is_scanned),
    SCAN_TEST(another_node_does_not_scan_once_more),
    SCAN_TEST(what_another_node_found_is_told_too),
    SCAN_TEST(an_error_is_told_and_the_same_scan_goes_on),
    SCAN_TEST(a_scan_whose_cursor_is_refused_begins_anew),
    SCAN_TEST(an_event_that_is_there_in_another_version_is_not_missing),
    SCAN_TEST(a_clock_that_was_set_back_does_not_stop_it),
    SCAN_TEST(a_list_that_goes_in_circles_ends),
    BOTH(what_connected_accounts_lost_is_kept_in_their_scopes),
    BOTH(one_that_refuses_waits_alone_and_is_told_once),
    BOTH(it_is_asked_seldom_and_taken_back_when_it_answers),
    BOTH(a_key_that_is_refused_is_not_blamed_on_a_connected_account),
    BOTH(one_that_cannot_be_reached_holds_off_nobody),
    BOTH(long_scans_and_frequent_ones_take_turns),
    BOTH(those_that_wait_longest_come_first),
    BOTH(another_node_leaves_alone_what_is_being_scanned))
