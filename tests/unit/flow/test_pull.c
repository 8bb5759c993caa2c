/* The statement is asked for: what is kept and covered, where an interrupted pull goes on, what is
 * due, and the balance between lines. The stores are real, the provider is an array. */
#include "store/records.h"
#include "store/refs.h"
#include "flow/pull.h"
#include "unit/flow/paged_statement.h"
#include "unit/store_fixture.h"

#define START_US (INT64_C(1790000000) * US_PER_SECOND)
#define AT(second) (START_US + (second)*US_PER_SECOND)
#define HOURS(n) (START_US + (n)*US_PER_HOUR)

struct world {
    struct store_fixture fixture;
    struct env_virtual env;
    struct arena *arena;
    int64_t scope;
    struct err_info info;
};

static int open_world(void **state, const char *engine)
{
    static struct world world;
    const struct scope_key key = {STR("words"), false, STR("acct_1")};
    store_fixture_open(&world.fixture, engine);
    (void)env_virtual_init(&world.env, AT(1000000), test_seed());
    world.arena = arena_new((size_t)16 * 1024 * 1024);
    told = (struct told){.page_size = 2};
    for (int i = 9; i >= 1; i--) {
        char id[24];
        (void)snprintf(id, sizeof id, "txn_%d", i);
        told_add(id, AT(i));
    }
    assert_err(store_begin(world.fixture.store, STORE_WRITE, NULL), ERR_OK);
    assert_err(scope_ensure(world.fixture.store, &key, &world.scope, NULL), ERR_OK);
    assert_err(store_commit(world.fixture.store, NULL), ERR_OK);
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
    (void)arena_free(world->arena);
    store_fixture_close(&world->fixture);
    return 0;
}

static struct pull_setup setup_of(struct world *world, int64_t from_us, int64_t to_us)
{
    static int here; /* the api of the port is never looked into */
    return (struct pull_setup){
        .store = world->fixture.store,
        .account = &told_account,
        .api = (struct provider_api *)(void *)&here,
        .env = &world->env.env,
        .from_us = from_us,
        .to_us = to_us,
    };
}

/* To its end, or its first error. */
static enum err walk(struct world *world, struct pull *pull)
{
    enum err err = ERR_OK;
    bool more = true;
    for (int steps = 0; err == ERR_OK && more; steps++) {
        assert_true(steps < 1000);
        err = pull_step(pull, &more, &world->info);
    }
    return err;
}

static struct pull_progress pulled(struct world *world, const struct pull_setup *setup)
{
    struct pull *pull = pull_new(setup);
    assert_non_null(pull);
    assert_err(walk(world, pull), ERR_OK);
    struct pull_progress progress = pull_progress(pull);
    (void)pull_free(pull);
    return progress;
}

static struct pull_progress pulled_by(
    struct world *world, int64_t from_us, int64_t to_us, enum pull_way way)
{
    struct pull_setup setup = setup_of(world, from_us, to_us);
    setup.way = way;
    return pulled(world, &setup);
}

static struct pull_due due_at(struct world *world, int64_t now_us)
{
    struct pull_due due = {0};
    assert_err(store_begin(world->fixture.store, STORE_READ, NULL), ERR_OK);
    assert_err(pull_next(world->fixture.store, world->scope, now_us, &due, NULL), ERR_OK);
    (void)store_rollback(world->fixture.store);
    return due;
}

static bool covers(struct world *world, struct str what, int64_t from_us, int64_t to_us)
{
    bool covered = false;
    assert_err(store_begin(world->fixture.store, STORE_READ, NULL), ERR_OK);
    assert_err(
        pull_covered(world->fixture.store, world->scope, what, from_us, to_us, &covered, NULL),
        ERR_OK);
    (void)store_rollback(world->fixture.store);
    return covered;
}

/* --- pages --- */

static void a_pull_that_ended_covers_its_time(void **state)
{
    struct world *world = *state;
    struct pull_progress progress = pulled_by(world, AT(2), AT(8), PULL_BY_PAGES);
    assert_int64_equal(progress.lines, 7);
    assert_int64_equal(progress.counts.added, 7);
    assert_int_equal(told.asked, 4);
    assert_true(covers(world, PULL_LINES, AT(2), AT(8)));
    assert_false(covers(world, PULL_LINES, AT(1), AT(8)));
    assert_false(covers(world, PULL_LINES, AT(2), AT(9)));
}

static void a_pull_that_was_left_goes_on_behind_its_last_page(void **state)
{
    struct world *world = *state;
    struct pull_setup setup = setup_of(world, AT(1), AT(9));
    struct pull *pull = pull_new(&setup);
    bool more = true;
    for (int i = 0; i < 3; i++) { /* it looks where to begin, and takes two pages */
        assert_err(pull_step(pull, &more, &world->info), ERR_OK);
    }
    assert_false(covers(world, PULL_LINES, AT(9), AT(9)));
    (void)pull_free(pull);
    struct pull_progress progress = pulled(world, &setup);
    assert_true(progress.resumed);
    assert_int64_equal(progress.lines, 5);
    assert_int64_equal(progress.counts.added, 5);
    assert_int_equal(told.asked, 5);
    assert_true(covers(world, PULL_LINES, AT(1), AT(9)));
}

static void a_step_that_failed_may_be_tried_again(void **state)
{
    struct world *world = *state;
    struct pull_setup setup = setup_of(world, AT(1), AT(9));
    struct pull *pull = pull_new(&setup);
    told.fail_at = 2;
    told.fail_with = ERR_NET_IO;
    assert_err(walk(world, pull), ERR_NET_IO);
    assert_err(walk(world, pull), ERR_OK);
    assert_int64_equal(pull_progress(pull).counts.added, 9);
    assert_int64_equal(pull_progress(pull).counts.known, 0);
    (void)pull_free(pull);
}

static void a_cursor_that_the_provider_has_forgotten_begins_that_time_anew(void **state)
{
    struct world *world = *state;
    struct pull_setup setup = setup_of(world, AT(1), AT(9));
    struct pull *pull = pull_new(&setup);
    bool more = true;
    for (int i = 0; i < 2; i++) {
        assert_err(pull_step(pull, &more, &world->info), ERR_OK);
    }
    (void)pull_free(pull);
    told.unknown_cursor = "txn_8";
    told.page_size = 3;
    struct pull_progress progress = pulled(world, &setup);
    assert_int64_equal(progress.lines, 9);
    assert_int64_equal(progress.counts.known, 2);
}

static void a_list_that_goes_in_circles_ends(void **state)
{
    struct world *world = *state;
    struct pull_setup setup = setup_of(world, AT(1), AT(9));
    struct pull *pull = pull_new(&setup);
    told.circles = true;
    assert_err(walk(world, pull), ERR_IMPOSSIBLE);
    (void)pull_free(pull);
    assert_false(covers(world, PULL_LINES, AT(9), AT(9)));
}

static void of_the_second_that_is_running_nothing_is_asked(void **state)
{
    struct world *world = *state;
    world->env.clock_us = AT(5) + 1;
    struct pull_progress progress = pulled_by(world, AT(1), AT(9), PULL_BY_PAGES);
    assert_int64_equal(progress.to_us, AT(4));
    assert_int64_equal(told.to_us, AT(4));
    assert_int64_equal(progress.lines, 4);
    progress = pulled_by(world, AT(5), AT(9), PULL_BY_PAGES);
    assert_int64_equal(progress.lines, 0);
}

static void only_looking_keeps_nothing(void **state)
{
    struct world *world = *state;
    struct pull_setup setup = setup_of(world, AT(1), AT(9));
    setup.only_look = true;
    for (int i = 0; i < 2; i++) {
        struct pull_progress progress = pulled(world, &setup);
        assert_int64_equal(progress.counts.added, 9);
    }
    assert_false(covers(world, PULL_LINES, AT(1), AT(9)));
}

/* --- payouts --- */

static void reconciled_payout(struct world *world, const char *name)
{
    struct payout *payout = arena_alloc(world->arena, sizeof *payout);
    uint8_t random[10];
    env_random(&world->env.env, random, sizeof random);
    struct ref ref = {world->scope, ID_PAYOUT, str_from(name), own_id_make(AT(5), random), false};
    void *record = payout;
    assert_err(store_begin(world->fixture.store, STORE_WRITE, NULL), ERR_OK);
    assert_err(refs_resolve(world->fixture.store, world->arena, &ref, 1, NULL), ERR_OK);
    payout->head.id = ref.id;
    payout->head.scope = world->scope;
    payout->head.created_us = payout->head.updated_us = payout->made_at = AT(5);
    payout->automatic = payout->reconciled = true;
    assert_err(
        records_save(world->fixture.store, record_kind_of(ID_PAYOUT), &record, 1, NULL), ERR_OK);
    assert_err(store_commit(world->fixture.store, NULL), ERR_OK);
}

static void a_payout_that_is_refused_holds_up_no_other_and_is_not_asked_again(void **state)
{
    struct world *world = *state;
    reconciled_payout(world, "po_gone");
    reconciled_payout(world, "po_here");
    told.refused_payout = "po_gone";
    struct pull_progress progress = pulled_by(world, AT(1), AT(9), PULL_BY_PAGES);
    assert_int64_equal(progress.payouts, 1);
    assert_int64_equal(progress.payouts_refused, 1);
    assert_non_null(strstr(progress.why_payout_refused.text, "no such payout"));
    assert_int64_equal(progress.lines, 9);
    assert_int64_equal(progress.counts.learned, 9);
    told.asked = 0;
    progress = pulled_by(world, AT(1), AT(9), PULL_BY_PAGES);
    assert_int64_equal(progress.payouts + progress.payouts_refused, 0);
    assert_int_equal(told.asked, 5);
}

static void more_payouts_than_are_listed_at_once_are_all_asked_for(void **state)
{
    struct world *world = *state;
    char name[24];
    told.page_size = 100;
    for (int i = 0; i < 101; i++) {
        (void)snprintf(name, sizeof name, "po_%d", i);
        reconciled_payout(world, name);
    }
    struct pull_progress progress = pulled_by(world, AT(1), AT(9), PULL_BY_PAGES);
    assert_int64_equal(progress.payouts, 101);
    assert_int_equal(told.asked, 102);
}

static void payouts_alone_are_asked_for_once_and_cover_no_time(void **state)
{
    struct world *world = *state;
    reconciled_payout(world, "po_here");
    struct pull_progress progress = pulled_by(world, AT(1), AT(9), PULL_PAYOUTS);
    assert_int64_equal(progress.payouts, 1);
    assert_false(covers(world, PULL_LINES, AT(1), AT(9)));
    told.asked = 0;
    progress = pulled_by(world, AT(1), AT(9), PULL_PAYOUTS);
    assert_int64_equal(progress.payouts, 0);
    assert_int_equal(told.asked, 0);
}

/* --- reports --- */

static void a_time_that_no_report_reaches_is_told_apart_from_what_is_refused(void **state)
{
    struct world *world = *state;
    struct pull_setup setup = setup_of(world, AT(5), AT(9));
    setup.way = PULL_BY_REPORTS;
    told.reports_until_us = AT(3);
    struct pull *pull = pull_new(&setup);
    assert_err(walk(world, pull), ERR_INVALID);
    assert_true(pull_progress(pull).too_young);
    (void)pull_free(pull);
    told.fail_at = 1;
    told.fail_with = ERR_INVALID;
    setup.way = PULL_BY_PAGES;
    pull = pull_new(&setup);
    assert_err(walk(world, pull), ERR_INVALID);
    assert_false(pull_progress(pull).too_young);
    (void)pull_free(pull);
}

#define ACTIVITY                                                                                   \
    "txn_8,2026-09-21 14:13:28,2026-09-21,eur,-1.00,0.00,-1.00,fee\n"                              \
    "txn_7,2026-09-21 14:13:27,2026-09-21,eur,-1.00,0.00,-1.00,fee\n"

static void reports_are_taken_and_cover_their_time(void **state)
{
    struct world *world = *state;
    told.reports_until_us = AT(100);
    told.pending_looks = 2;
    told.activity = ACTIVITY;
    struct pull_progress progress = pulled_by(world, AT(1), AT(9), PULL_BY_REPORTS);
    assert_int64_equal(progress.files, 4);
    assert_int64_equal(progress.lines, 2);
    assert_int_equal(told.runs, 4);
    assert_int_equal(told.asked, 0);
    assert_true(covers(world, STR("activity"), AT(1), AT(9)));
    assert_true(covers(world, STR("summary"), AT(1), AT(9)));
    assert_false(covers(world, PULL_LINES, AT(1), AT(9)));
}

static void what_reports_do_not_reach_is_asked_for_page_by_page(void **state)
{
    struct world *world = *state;
    told.reports_until_us = AT(6); /* that second is not in it any more */
    struct pull_progress progress = pulled_by(world, AT(1), AT(9), PULL_BY_EITHER);
    assert_int64_equal(progress.files, 4);
    assert_int64_equal(told.from_us, AT(6));
    assert_int64_equal(progress.lines, 4);
    assert_true(covers(world, STR("activity"), AT(1), AT(5)));
    assert_true(covers(world, PULL_LINES, AT(6), AT(9)));
    assert_int64_equal(progress.to_us, AT(9));
}

static void by_both_ways_reports_of_what_is_newer_than_wanted_are_not_asked_for(void **state)
{
    struct world *world = *state;
    struct pull_setup setup = setup_of(world, AT(1), AT(9));
    setup.way = PULL_BY_EITHER;
    setup.reports_to_us = AT(4);
    told.reports_until_us = AT(100);
    struct pull_progress progress = pulled(world, &setup);
    assert_int64_equal(progress.files, 4);
    assert_int64_equal(progress.to_us, AT(9));
    assert_true(covers(world, STR("activity"), AT(1), AT(4)));
    assert_true(covers(world, PULL_LINES, AT(5), AT(9)));
}

static void by_both_ways_the_whole_time_counts_as_pulled(void **state)
{
    struct world *world = *state;
    world->env.clock_us = HOURS(100);
    told.reports_until_us = HOURS(80);
    struct pull_due due = due_at(world, world->env.clock_us);
    assert_true(due.is_due && due.daily);
    (void)pulled_by(world, due.from_us, due.to_us, PULL_BY_EITHER);
    due = due_at(world, world->env.clock_us);
    assert_false(due.is_due);
    due = due_at(world, HOURS(101));
    assert_true(due.is_due && !due.daily);
}

static void without_leave_to_make_reports_all_is_asked_for_page_by_page(void **state)
{
    struct world *world = *state;
    told.may_report = ERR_REFUSED;
    struct pull_progress progress = pulled_by(world, AT(1), AT(9), PULL_BY_EITHER);
    assert_int64_equal(progress.lines, 9);
    struct pull_setup setup = setup_of(world, AT(1), AT(9));
    setup.way = PULL_BY_REPORTS;
    struct pull *pull = pull_new(&setup);
    assert_err(walk(world, pull), ERR_REFUSED);
    (void)pull_free(pull);
}

static void a_report_that_takes_too_long_is_gone_on_with_by_the_next_pull(void **state)
{
    struct world *world = *state;
    struct pull_setup setup = setup_of(world, AT(1), AT(9));
    int64_t began_us = world->env.clock_us;
    setup.way = PULL_BY_REPORTS;
    told.reports_until_us = AT(100);
    told.pending_looks = UINT32_MAX;
    struct pull *pull = pull_new(&setup);
    assert_err(walk(world, pull), ERR_TIMEOUT);
    (void)pull_free(pull);
    assert_true(world->env.clock_us - began_us >= 30 * US_PER_MINUTE);
    assert_true(told.looks < 100); /* it looks less and less often */
    told.pending_looks = 0;
    struct pull_progress progress = pulled(world, &setup);
    assert_int64_equal(progress.files, 4);
    assert_int_equal(told.runs, 4);
}

/* --- what is due --- */

static void finished(
    struct world *world, int64_t from_us, int64_t to_us, int64_t finished_us, int64_t lines)
{
    const struct pull_row row = {.scope = world->scope,
        .what = PULL_LINES,
        .subject = STR(""),
        .from_us = from_us,
        .to_us = to_us,
        .cursor = STR(""),
        .counts = {.added = lines},
        .finished_us = finished_us};
    assert_err(store_begin(world->fixture.store, STORE_WRITE, NULL), ERR_OK);
    assert_err(pull_write(world->fixture.store, &row, NULL), ERR_OK);
    assert_err(store_commit(world->fixture.store, NULL), ERR_OK);
}

static void at_first_two_days_are_due_and_then_each_hour_with_an_overlap(void **state)
{
    struct world *world = *state;
    struct pull_due due = due_at(world, HOURS(100));
    assert_true(due.is_due && due.daily && !due.is_large);
    assert_int64_equal(due.from_us, HOURS(52));
    assert_int64_equal(due.to_us, HOURS(100) - US_PER_SECOND);
    finished(world, due.from_us, due.to_us, HOURS(100), 10);
    due = due_at(world, HOURS(100) + 30 * US_PER_MINUTE);
    assert_false(due.is_due);
    assert_int64_equal(due.wake_us, HOURS(101) - US_PER_SECOND);
    due = due_at(world, HOURS(101));
    assert_true(due.is_due && !due.daily);
    assert_int64_equal(due.from_us, HOURS(100) - US_PER_SECOND - 15 * US_PER_MINUTE);
    assert_int64_equal(due.to_us, HOURS(101) - US_PER_SECOND);
}

static void once_a_day_two_days_are_due_again(void **state)
{
    struct world *world = *state;
    finished(world, HOURS(52), HOURS(100), HOURS(100), 10);
    finished(world, HOURS(99), HOURS(123), HOURS(123), 10);
    struct pull_due due = due_at(world, HOURS(124));
    assert_true(due.is_due && due.daily);
    assert_int64_equal(due.from_us, HOURS(76));
}

static void after_a_pause_nothing_is_left_out(void **state)
{
    struct world *world = *state;
    finished(world, HOURS(0), HOURS(48), HOURS(48), 10);
    struct pull_due due = due_at(world, HOURS(300));
    assert_true(due.is_due && due.daily);
    assert_int64_equal(due.from_us, HOURS(48) - 15 * US_PER_MINUTE);
}

static void a_clock_that_was_set_back_stops_nothing(void **state)
{
    struct world *world = *state;
    finished(world, HOURS(500), HOURS(600), HOURS(600), 10);
    struct pull_due due = due_at(world, HOURS(100));
    assert_true(due.is_due && due.daily);
    assert_int64_equal(due.from_us, HOURS(52));
}

static void many_lines_a_day_are_large(void **state)
{
    struct world *world = *state;
    finished(world, HOURS(52), HOURS(100), HOURS(100), 2 * 190000);
    assert_false(due_at(world, HOURS(101)).is_large);
    finished(world, HOURS(52), HOURS(100), HOURS(100), 2 * 210000);
    assert_true(due_at(world, HOURS(101)).is_large);
    assert_false(due_at(world, HOURS(300)).is_large); /* that was long ago */
}

/* --- the balance --- */

static void the_balance_is_that_of_all_lines_up_to_one(void **state)
{
    struct world *world = *state;
    struct pull_setup setup = setup_of(world, 0, 0);
    struct pulled_balance balance = {0};
    assert_err(pull_balance(&setup, world->arena, &balance, &world->info), ERR_OK);
    assert_str_equal_to(balance.head, "txn_9");
    assert_int_equal(balance.balances.count, 1);
    assert_int64_equal(balance.balances.items[0].minor, 4200);
    assert_int64_equal(balance.asked_us, world->env.clock_us);
    assert_int_equal(told.balances, 1);
}

static void a_balance_between_which_lines_came_is_asked_for_again(void **state)
{
    struct world *world = *state;
    struct pull_setup setup = setup_of(world, 0, 0);
    struct pulled_balance balance = {0};
    told.moving = 3;
    assert_err(pull_balance(&setup, world->arena, &balance, &world->info), ERR_OK);
    assert_int_equal(told.balances, 3);
    assert_str_equal_to(balance.head, "txn_moved_0");
    told.moving = 1000;
    assert_err(pull_balance(&setup, world->arena, &balance, &world->info), ERR_BUSY);
    assert_non_null(strstr(world->info.text, "try again when less moves"));
}

static void of_an_account_without_lines_the_balance_is_had_too(void **state)
{
    struct world *world = *state;
    struct pull_setup setup = setup_of(world, 0, 0);
    struct pulled_balance balance = {0};
    told.count = 0;
    assert_err(pull_balance(&setup, world->arena, &balance, &world->info), ERR_OK);
    assert_str_equal_to(balance.head, "");
}

#define ON(test) TEST_WITH(test, open_sqlite, close_world)
#define ON_BOTH(test) ON(test), TEST_WITH(test, open_postgres, close_world)

TESTS_MAIN("flow/pull",
    ON_BOTH(a_pull_that_ended_covers_its_time),
    ON_BOTH(a_pull_that_was_left_goes_on_behind_its_last_page),
    ON_BOTH(a_step_that_failed_may_be_tried_again),
    ON_BOTH(a_cursor_that_the_provider_has_forgotten_begins_that_time_anew),
    ON(a_list_that_goes_in_circles_ends),
    ON(of_the_second_that_is_running_nothing_is_asked),
    ON_BOTH(only_looking_keeps_nothing),
    ON_BOTH(a_payout_that_is_refused_holds_up_no_other_and_is_not_asked_again),
    ON(more_payouts_than_are_listed_at_once_are_all_asked_for),
    ON(payouts_alone_are_asked_for_once_and_cover_no_time),
    ON_BOTH(a_time_that_no_report_reaches_is_told_apart_from_what_is_refused),
    ON_BOTH(reports_are_taken_and_cover_their_time),
    ON_BOTH(what_reports_do_not_reach_is_asked_for_page_by_page),
    ON_BOTH(by_both_ways_the_whole_time_counts_as_pulled),
    ON_BOTH(by_both_ways_reports_of_what_is_newer_than_wanted_are_not_asked_for),
    ON(without_leave_to_make_reports_all_is_asked_for_page_by_page),
    ON_BOTH(a_report_that_takes_too_long_is_gone_on_with_by_the_next_pull),
    ON_BOTH(at_first_two_days_are_due_and_then_each_hour_with_an_overlap),
    ON(once_a_day_two_days_are_due_again),
    ON(after_a_pause_nothing_is_left_out),
    ON(a_clock_that_was_set_back_stops_nothing),
    ON_BOTH(many_lines_a_day_are_large),
    ON(the_balance_is_that_of_all_lines_up_to_one),
    ON(a_balance_between_which_lines_came_is_asked_for_again),
    ON(of_an_account_without_lines_the_balance_is_had_too))
