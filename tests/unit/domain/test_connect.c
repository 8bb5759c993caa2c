/* Connected accounts, transfers, application fees and their refunds, top-ups. */
#include "unit/domain/one_object.h"

static struct notice account_says(bool charges, bool payouts, int64_t second)
{
    struct connected_account account = {.charges_enabled = charges,
        .payouts_enabled = payouts,
        .country = "DE",
        .made_at = SECOND(200)};
    return object_says(ID_CONNECTED_ACCOUNT, &account, second, 10);
}

static void an_account_says_what_it_can_do_for_the_first_time_once(void **state)
{
    (void)state;
    struct notice notices[] = {account_says(false, false, 300), account_says(true, true, 400),
        account_says(true, false, 500)};
    assert_any_order_ends_equal(ID_CONNECTED_ACCOUNT, notices, 3);
    struct one_object one;
    one_object_play(&one, notices, (const uint32_t[]){2, 1, 0}, 3);
    assert_int_equal(one.told[EVENT_CONNECTED_ACCOUNT_CHARGES_ENABLED], 1);
    assert_int_equal(one.told_late[EVENT_CONNECTED_ACCOUNT_PAYOUTS_ENABLED], 1);
}

static void an_account_that_can_no_more_says_so_each_time(void **state)
{
    (void)state;
    struct notice notices[] = {account_says(true, true, 300), account_says(false, true, 400),
        account_says(true, true, 500), account_says(false, false, 600)};
    struct one_object one;
    one_object_play(&one, notices, (const uint32_t[]){0, 1, 2, 3}, 4);
    assert_int_equal(one.told[EVENT_CONNECTED_ACCOUNT_CHARGES_STOPPED], 2);
    assert_int_equal(one.told[EVENT_CONNECTED_ACCOUNT_PAYOUTS_STOPPED], 1);
    assert_int_equal(one.told[EVENT_CONNECTED_ACCOUNT_CHARGES_ENABLED], 1);
}

static void a_deleted_account_stays_deleted(void **state)
{
    (void)state;
    struct notice notices[] = {account_says(true, true, 300), account_says(false, false, 400),
        account_says(true, true, 350)};
    ((struct connected_account *)notice_change(&notices[1]))->deleted = true;
    assert_any_order_ends_equal(ID_CONNECTED_ACCOUNT, notices, 3);
    struct one_object one;
    one_object_play(&one, notices, (const uint32_t[]){1, 0, 2}, 3);
    assert_int_equal(one.told[EVENT_CONNECTED_ACCOUNT_DELETED], 1);
}

static struct notice transfer_says(int64_t reversed_minor, int64_t second)
{
    struct transfer transfer = {.amount_minor = 1000,
        .reversed_minor = reversed_minor,
        .currency = {"EUR"},
        .was_reversed = reversed_minor > 0,
        .made_at = SECOND(200)};
    struct notice notice = object_says(ID_TRANSFER, &transfer, second, 10);
    *change_link(&notice, "account_id") = (struct link){LINK_NAMED, STR("a")};
    return notice;
}

static void a_transfer_that_comes_back_in_parts_is_reversed_once(void **state)
{
    (void)state;
    struct notice notices[] = {
        transfer_says(0, 300), transfer_says(400, 400), transfer_says(1000, 500)};
    assert_any_order_ends_equal(ID_TRANSFER, notices, 3);
    struct one_object one;
    one_object_play(&one, notices, (const uint32_t[]){0, 1, 2}, 3);
    assert_int_equal(one.told[EVENT_TRANSFER_OPENED], 1);
    assert_int_equal(one.told[EVENT_TRANSFER_REVERSED], 1);
    assert_int_equal(one.told[EVENT_TRANSFER_CHANGED], 1);
    assert_int64_equal(((struct transfer *)(void *)one.record)->reversed_minor, 1000);
}

static void a_transfer_goes_to_one_account_for_ever(void **state)
{
    (void)state;
    struct one_object one;
    one_object_init(&one);
    struct notice first = transfer_says(0, 300);
    one_object_take(&one, &first);
    struct notice other = transfer_says(0, 400);
    *change_link(&other, "account_id") = (struct link){LINK_NAMED, STR("b")};
    assert_err(one_object_try(&one, &other), ERR_IMPOSSIBLE);
}

static void a_fee_that_is_given_back_tells_it_once_in_any_order(void **state)
{
    (void)state;
    struct application_fee fee = {.amount_minor = 100, .currency = {"EUR"}, .made_at = SECOND(200)};
    struct notice notices[3];
    for (int i = 0; i < 3; i++) {
        fee.refunded_minor = 50 * i;
        fee.was_refunded = i > 0;
        notices[i] = object_says(ID_APPLICATION_FEE, &fee, 300 + i, 10);
    }
    assert_any_order_ends_equal(ID_APPLICATION_FEE, notices, 3);
    struct one_object one;
    one_object_play(&one, notices, (const uint32_t[]){2, 1, 0}, 3);
    assert_int_equal(one.told[EVENT_APPLICATION_FEE_REFUNDED], 1);
    assert_int64_equal(((struct application_fee *)(void *)one.record)->refunded_minor, 100);
}

static void a_refund_of_a_fee_learns_its_fee_from_whichever_names_it(void **state)
{
    (void)state;
    struct fee_refund refund = {.amount_minor = 50, .currency = {"EUR"}, .made_at = SECOND(200)};
    struct notice notices[] = {
        object_says(ID_FEE_REFUND, &refund, 300, 10), object_says(ID_FEE_REFUND, &refund, 400, 10)};
    *change_link(&notices[0], "application_fee_id") = (struct link){LINK_NAMED, STR("f")};
    assert_any_order_ends_equal(ID_FEE_REFUND, notices, 2);
    struct one_object one;
    one_object_play(&one, notices, (const uint32_t[]){1, 0}, 2);
    assert_int_equal(((struct fee_refund *)(void *)one.record)->application_fee_id.bytes[0], 'f');
    assert_int_equal(one.told[EVENT_FEE_REFUND_OPENED], 1);
}

static const struct topup base = {
    .state = TOPUP_PENDING, .amount_minor = 5000, .currency = {"EUR"}, .made_at = SECOND(200)};

static struct notice topup_says(enum topup_state state, int64_t second)
{
    struct topup topup = base;
    topup.state = (int)state;
    return object_says(ID_TOPUP, &topup, second, state * 10);
}

static void every_state_of_a_topup_proves_its_fact_once(void **state)
{
    (void)state;
    static const int facts[] = {
        [TOPUP_PENDING] = -1,
        [TOPUP_SUCCEEDED] = EVENT_TOPUP_SUCCEEDED,
        [TOPUP_FAILED] = EVENT_TOPUP_FAILED,
        [TOPUP_CANCELED] = EVENT_TOPUP_CANCELED,
        [TOPUP_REVERSED] = EVENT_TOPUP_REVERSED,
        [TOPUP_UNKNOWN] = -1,
    };
    assert_states_prove(ID_TOPUP, &base, facts, TOPUP_STATE_COUNT);
}

static void a_topup_moves_as_the_life_cycle_says(void **state)
{
    (void)state;
    static const char *const rows[] = {
        [TOPUP_PENDING] = "xxxxxx",
        [TOPUP_SUCCEEDED] = ".xx.xx",
        [TOPUP_FAILED] = "..x..x",
        [TOPUP_CANCELED] = "...x.x",
        [TOPUP_REVERSED] = "....xx",
        [TOPUP_UNKNOWN] = "xxxxxx",
    };
    assert_moves(ID_TOPUP, rows, TOPUP_STATE_COUNT);
}

static void a_topup_that_goes_back_tells_both_in_any_order(void **state)
{
    (void)state;
    struct notice notices[] = {topup_says(TOPUP_PENDING, 300), topup_says(TOPUP_SUCCEEDED, 400),
        topup_says(TOPUP_UNKNOWN, 450), topup_says(TOPUP_REVERSED, 500)};
    assert_any_order_ends_equal(ID_TOPUP, notices, 4);
    struct one_object one;
    one_object_play(&one, notices, (const uint32_t[]){3, 1, 0, 2}, 4);
    assert_int_equal(one.told_late[EVENT_TOPUP_SUCCEEDED], 1);
    assert_int_equal(((struct topup *)(void *)one.record)->state, TOPUP_REVERSED);
}

TESTS_MAIN("connect",
    TEST(an_account_says_what_it_can_do_for_the_first_time_once),
    TEST(an_account_that_can_no_more_says_so_each_time),
    TEST(a_deleted_account_stays_deleted),
    TEST(a_transfer_that_comes_back_in_parts_is_reversed_once),
    TEST(a_transfer_goes_to_one_account_for_ever),
    TEST(a_fee_that_is_given_back_tells_it_once_in_any_order),
    TEST(a_refund_of_a_fee_learns_its_fee_from_whichever_names_it),
    TEST(every_state_of_a_topup_proves_its_fact_once),
    TEST(a_topup_moves_as_the_life_cycle_says),
    TEST(a_topup_that_goes_back_tells_both_in_any_order))
