#include "unit/domain/one_object.h"

static const struct payout base = {
    .state = PAYOUT_PENDING, .amount_minor = 9000, .currency = {"EUR"}, .made_at = SECOND(200)};

static struct notice says(enum payout_state state, int64_t second)
{
    struct payout payout = base;
    payout.state = (int)state;
    return object_says(ID_PAYOUT, &payout, second, state * 10);
}

static void every_state_proves_its_fact_once(void **state)
{
    (void)state;
    static const int facts[] = {
        [PAYOUT_PENDING] = -1,
        [PAYOUT_IN_TRANSIT] = -1,
        [PAYOUT_PAID] = EVENT_PAYOUT_PAID,
        [PAYOUT_FAILED] = EVENT_PAYOUT_FAILED,
        [PAYOUT_CANCELED] = EVENT_PAYOUT_CANCELED,
        [PAYOUT_UNKNOWN] = -1,
    };
    assert_states_prove(ID_PAYOUT, &base, facts, PAYOUT_STATE_COUNT);
}

static void it_moves_as_the_life_cycle_says(void **state)
{
    (void)state;
    static const char *const rows[] = {
        [PAYOUT_PENDING] = "xxxxxx",
        [PAYOUT_IN_TRANSIT] = ".xxxxx",
        [PAYOUT_PAID] = "..xx.x",
        [PAYOUT_FAILED] = "...x.x",
        [PAYOUT_CANCELED] = "....xx",
        [PAYOUT_UNKNOWN] = "xxxxxx",
    };
    assert_moves(ID_PAYOUT, rows, PAYOUT_STATE_COUNT);
}

static void failed_after_paid_tells_both_in_any_order(void **state)
{
    (void)state;
    struct notice notices[] = {
        says(PAYOUT_IN_TRANSIT, 300), says(PAYOUT_PAID, 400), says(PAYOUT_FAILED, 90000)};
    assert_any_order_ends_equal(ID_PAYOUT, notices, 3);
    struct one_object one;
    one_object_play(&one, notices, (const uint32_t[]){2, 1, 0}, 3);
    assert_int_equal(((struct payout *)(void *)one.record)->state, PAYOUT_FAILED);
    assert_int_equal(one.told_late[EVENT_PAYOUT_PAID], 1);
    assert_int_equal(one.told[EVENT_PAYOUT_FAILED], 1);
    one_object_play(&one, notices, (const uint32_t[]){0, 1, 2}, 3);
    assert_false(one.decision.unexpected_move);
}

static void its_lines_stand_once_it_was_said_so(void **state)
{
    (void)state;
    struct notice notices[] = {
        says(PAYOUT_PAID, 300), says(PAYOUT_PAID, 400), says(PAYOUT_PAID, 500)};
    struct payout *said = notice_change(&notices[1]);
    said->reconciliation = 2;
    said->reconciled = true;
    assert_any_order_ends_equal(ID_PAYOUT, notices, 3);
    struct one_object one;
    one_object_play(&one, notices, (const uint32_t[]){0, 1, 2}, 3);
    assert_int_equal(one.told[EVENT_PAYOUT_RECONCILED], 1);
    assert_true(((struct payout *)(void *)one.record)->reconciled);
}

static void a_payout_and_the_one_that_takes_it_back_name_each_other(void **state)
{
    (void)state;
    struct notice notices[] = {says(PAYOUT_PAID, 300), says(PAYOUT_PAID, 400)};
    *change_link(&notices[1], "reversed_by_id") = (struct link){LINK_NAMED, STR("r")};
    change_link(&notices[0], "reversed_by_id")->state = LINK_NONE;
    assert_any_order_ends_equal(ID_PAYOUT, notices, 2);
    struct one_object one;
    one_object_play(&one, notices, (const uint32_t[]){1, 0}, 2);
    assert_int_equal(((struct payout *)(void *)one.record)->reversed_by_id.bytes[0], 'r');
}

static void a_negative_one_is_a_payout_like_any_other(void **state)
{
    (void)state;
    struct notice notice = says(PAYOUT_PAID, 300);
    ((struct payout *)notice_change(&notice))->amount_minor = -10000;
    struct one_object one;
    one_object_init(&one);
    one_object_take(&one, &notice);
    assert_int64_equal(((struct payout *)(void *)one.record)->amount_minor, -10000);
}

TESTS_MAIN("payout",
    TEST(every_state_proves_its_fact_once),
    TEST(it_moves_as_the_life_cycle_says),
    TEST(failed_after_paid_tells_both_in_any_order),
    TEST(its_lines_stand_once_it_was_said_so),
    TEST(a_payout_and_the_one_that_takes_it_back_name_each_other),
    TEST(a_negative_one_is_a_payout_like_any_other))
