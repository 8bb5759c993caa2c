#include "unit/domain/one_object.h"

static const struct checkout base = {.state = CHECKOUT_OPEN,
    .order_reference = "order 17",
    .amount_minor = 1000,
    .currency = {"EUR"},
    .made_at = SECOND(200)};

static struct notice says(enum checkout_state state, bool paid, int64_t second)
{
    struct checkout checkout = base;
    checkout.state = (int)state;
    checkout.paid = paid;
    return object_says(ID_CHECKOUT, &checkout, second, state * 10 + paid);
}

static void every_state_proves_its_fact_once(void **state)
{
    (void)state;
    static const int facts[] = {
        [CHECKOUT_OPEN] = -1,
        [CHECKOUT_COMPLETE] = EVENT_CHECKOUT_COMPLETED,
        [CHECKOUT_EXPIRED] = EVENT_CHECKOUT_EXPIRED,
        [CHECKOUT_UNKNOWN] = -1,
    };
    assert_states_prove(ID_CHECKOUT, &base, facts, CHECKOUT_STATE_COUNT);
}

static void it_moves_as_the_life_cycle_says(void **state)
{
    (void)state;
    static const char *const rows[] = {
        [CHECKOUT_OPEN] = "xxxx",
        [CHECKOUT_COMPLETE] = ".x.x",
        [CHECKOUT_EXPIRED] = "..xx",
        [CHECKOUT_UNKNOWN] = "xxxx",
    };
    assert_moves(ID_CHECKOUT, rows, CHECKOUT_STATE_COUNT);
}

static void money_that_comes_later_is_told_beside_the_completion_in_any_order(void **state)
{
    (void)state;
    struct notice notices[] = {says(CHECKOUT_OPEN, false, 300), says(CHECKOUT_COMPLETE, false, 400),
        says(CHECKOUT_UNKNOWN, false, 450), says(CHECKOUT_COMPLETE, true, 90000)};
    assert_any_order_ends_equal(ID_CHECKOUT, notices, 4);
    struct one_object one;
    one_object_play(&one, notices, (const uint32_t[]){3, 2, 1, 0}, 4);
    assert_int_equal(one.told[EVENT_CHECKOUT_COMPLETED], 1);
    assert_int_equal(one.told[EVENT_CHECKOUT_PAID], 1);
    assert_int_equal(one.told_late[EVENT_CHECKOUT_PAID], 0);
}

static void it_ties_an_order_to_its_payment_in_any_order(void **state)
{
    (void)state;
    struct notice notices[] = {says(CHECKOUT_OPEN, false, 300), says(CHECKOUT_COMPLETE, true, 400)};
    change_link(&notices[0], "payment_id")->state = LINK_NONE;
    *change_link(&notices[1], "payment_id") = (struct link){LINK_NAMED, STR("p")};
    *change_link(&notices[0], "customer_id") = (struct link){LINK_NAMED, STR("c")};
    assert_any_order_ends_equal(ID_CHECKOUT, notices, 2);
    struct one_object one;
    one_object_play(&one, notices, (const uint32_t[]){1, 0}, 2);
    const struct checkout *checkout = (void *)one.record;
    assert_string_equal(checkout->order_reference, "order 17");
    assert_int_equal(checkout->payment_id.bytes[0], 'p');
    assert_int_equal(checkout->customer_id.bytes[0], 'c');
    assert_true(own_id_is_none(checkout->subscription_id));
}

TESTS_MAIN("checkout",
    TEST(every_state_proves_its_fact_once),
    TEST(it_moves_as_the_life_cycle_says),
    TEST(money_that_comes_later_is_told_beside_the_completion_in_any_order),
    TEST(it_ties_an_order_to_its_payment_in_any_order))
