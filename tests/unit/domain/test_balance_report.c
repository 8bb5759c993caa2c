#include "unit/domain/one_object.h"

static struct notice balance_says(int64_t available_minor, int64_t second)
{
    struct balance balance = {.currency = {"EUR"}, .available_minor = available_minor};
    return object_says(ID_BALANCE, &balance, second, 10);
}

static void the_newest_balance_stands_in_any_order(void **state)
{
    (void)state;
    struct notice notices[] = {
        balance_says(100, 300), balance_says(-50, 400), balance_says(7, 500)};
    assert_any_order_ends_equal(ID_BALANCE, notices, 3);
    struct one_object one;
    one_object_play(&one, notices, (const uint32_t[]){2, 0, 1}, 3);
    assert_int64_equal(((struct balance *)(void *)one.record)->available_minor, 7);
    assert_int_equal(one.told[EVENT_BALANCE_OPENED], 1);
    assert_int_equal(one.told[EVENT_BALANCE_CHANGED], 0);
    one_object_play(&one, notices, (const uint32_t[]){0, 1, 2}, 3);
    assert_int_equal(one.told[EVENT_BALANCE_CHANGED], 2);
}

static void a_balance_keeps_its_currency(void **state)
{
    (void)state;
    struct one_object one;
    one_object_init(&one);
    struct notice notice = balance_says(100, 300);
    one_object_take(&one, &notice);
    struct notice other = balance_says(100, 400);
    ((struct balance *)notice_change(&other))->currency = (struct currency){"USD"};
    assert_err(one_object_try(&one, &other), ERR_IMPOSSIBLE);
}

static const struct report base = {
    .state = REPORT_PENDING, .report_type = "balance.summary.1", .made_at = SECOND(200)};

static struct notice report_says(enum report_state state, int64_t second)
{
    struct report report = base;
    report.state = (int)state;
    report.succeeded_at = state == REPORT_SUCCEEDED ? SECOND(350) : 0;
    return object_says(ID_REPORT, &report, second, state * 10);
}

static void every_state_of_a_report_proves_its_fact_once(void **state)
{
    (void)state;
    static const int facts[] = {
        [REPORT_OFFERED] = -1,
        [REPORT_PENDING] = -1,
        [REPORT_SUCCEEDED] = EVENT_REPORT_SUCCEEDED,
        [REPORT_FAILED] = EVENT_REPORT_FAILED,
        [REPORT_UNKNOWN] = -1,
    };
    assert_states_prove(ID_REPORT, &base, facts, REPORT_STATE_COUNT);
}

static void a_report_moves_as_the_life_cycle_says(void **state)
{
    (void)state;
    static const char *const rows[] = {
        [REPORT_OFFERED] = "x...x",
        [REPORT_PENDING] = ".xxxx",
        [REPORT_SUCCEEDED] = "..x.x",
        [REPORT_FAILED] = "...xx",
        [REPORT_UNKNOWN] = "xxxxx",
    };
    assert_moves(ID_REPORT, rows, REPORT_STATE_COUNT);
}

static void a_report_that_ended_says_when_in_any_order(void **state)
{
    (void)state;
    struct notice notices[] = {report_says(REPORT_PENDING, 300), report_says(REPORT_UNKNOWN, 320),
        report_says(REPORT_SUCCEEDED, 400)};
    assert_any_order_ends_equal(ID_REPORT, notices, 3);
    struct one_object one;
    one_object_init(&one);
    one_object_take(&one, &notices[2]);
    assert_int_equal(one.decision.events[1].type, EVENT_REPORT_SUCCEEDED);
    assert_int64_equal(one.decision.events[1].occurred_at_us, SECOND(350));
}

TESTS_MAIN("balance_report",
    TEST(the_newest_balance_stands_in_any_order),
    TEST(a_balance_keeps_its_currency),
    TEST(every_state_of_a_report_proves_its_fact_once),
    TEST(a_report_moves_as_the_life_cycle_says),
    TEST(a_report_that_ended_says_when_in_any_order))
