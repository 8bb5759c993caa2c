/* Setups, and the mandates that come of them. */
#include "unit/domain/one_object.h"

static const struct setup base = {
    .state = SETUP_OPEN, .usage = "off_session", .made_at = SECOND(200)};

static struct notice says(enum setup_state state, int64_t second)
{
    struct setup setup = base;
    setup.state = (int)state;
    return object_says(ID_SETUP, &setup, second, state * 10);
}

static void every_state_of_a_setup_proves_its_fact_once(void **state)
{
    (void)state;
    static const int facts[] = {
        [SETUP_OPEN] = -1,
        [SETUP_ACTION_REQUIRED] = EVENT_SETUP_ACTION_REQUIRED,
        [SETUP_PROCESSING] = -1,
        [SETUP_FAILED] = EVENT_SETUP_FAILED,
        [SETUP_SUCCEEDED] = EVENT_SETUP_SUCCEEDED,
        [SETUP_CANCELED] = EVENT_SETUP_CANCELED,
        [SETUP_UNKNOWN] = -1,
    };
    assert_states_prove(ID_SETUP, &base, facts, SETUP_STATE_COUNT);
}

static void a_setup_moves_as_the_life_cycle_says(void **state)
{
    (void)state;
    static const char *const rows[] = {
        [SETUP_OPEN] = "xxxxxxx",
        [SETUP_ACTION_REQUIRED] = "xxxxxxx",
        [SETUP_PROCESSING] = ".xxxxxx",
        [SETUP_FAILED] = "xxxxxxx",
        [SETUP_SUCCEEDED] = "....x.x",
        [SETUP_CANCELED] = ".....xx",
        [SETUP_UNKNOWN] = "xxxxxxx",
    };
    assert_moves(ID_SETUP, rows, SETUP_STATE_COUNT);
}

static void one_that_failed_and_was_tried_again_tells_both_in_any_order(void **state)
{
    (void)state;
    struct notice notices[] = {says(SETUP_ACTION_REQUIRED, 300), says(SETUP_FAILED, 400),
        says(SETUP_UNKNOWN, 450), says(SETUP_SUCCEEDED, 500)};
    *change_link(&notices[0], "payment_method_id") = (struct link){LINK_NAMED, STR("a")};
    *change_link(&notices[3], "payment_method_id") = (struct link){LINK_NAMED, STR("b")};
    assert_any_order_ends_equal(ID_SETUP, notices, 4);
    struct one_object one;
    one_object_play(&one, notices, (const uint32_t[]){3, 1, 0, 2}, 4);
    assert_int_equal(one.told_late[EVENT_SETUP_FAILED], 1);
    assert_int_equal(one.told[EVENT_SETUP_SUCCEEDED], 1);
    assert_int_equal(((struct setup *)(void *)one.record)->payment_method_id.bytes[0], 'b');
}

static const struct mandate mandate_base = {
    .state = MANDATE_PENDING, .method = "sepa_debit", .accepted_at = SECOND(200)};

static struct notice mandate_says(enum mandate_state state, int64_t second)
{
    struct mandate mandate = mandate_base;
    mandate.state = (int)state;
    return object_says(ID_MANDATE, &mandate, second, state * 10);
}

static void every_state_of_a_mandate_proves_its_fact_once(void **state)
{
    (void)state;
    static const int facts[] = {
        [MANDATE_PENDING] = -1,
        [MANDATE_ACTIVE] = EVENT_MANDATE_ACTIVATED,
        [MANDATE_INACTIVE] = EVENT_MANDATE_DEACTIVATED,
        [MANDATE_UNKNOWN] = -1,
    };
    assert_states_prove(ID_MANDATE, &mandate_base, facts, MANDATE_STATE_COUNT);
}

static void a_mandate_moves_as_the_life_cycle_says(void **state)
{
    (void)state;
    static const char *const rows[] = {
        [MANDATE_PENDING] = "xxxx",
        [MANDATE_ACTIVE] = "xxxx",
        [MANDATE_INACTIVE] = ".xxx",
        [MANDATE_UNKNOWN] = "xxxx",
    };
    assert_moves(ID_MANDATE, rows, MANDATE_STATE_COUNT);
}

static void a_mandate_that_is_taken_back_tells_both_in_any_order(void **state)
{
    (void)state;
    struct notice notices[] = {mandate_says(MANDATE_ACTIVE, 300),
        mandate_says(MANDATE_UNKNOWN, 400), mandate_says(MANDATE_INACTIVE, 500)};
    assert_any_order_ends_equal(ID_MANDATE, notices, 3);
    struct one_object one;
    one_object_play(&one, notices, (const uint32_t[]){2, 1, 0}, 3);
    assert_int_equal(one.told_late[EVENT_MANDATE_ACTIVATED], 1);
    assert_int_equal(((struct mandate *)(void *)one.record)->state, MANDATE_INACTIVE);
}

TESTS_MAIN("setup",
    TEST(every_state_of_a_setup_proves_its_fact_once),
    TEST(a_setup_moves_as_the_life_cycle_says),
    TEST(one_that_failed_and_was_tried_again_tells_both_in_any_order),
    TEST(every_state_of_a_mandate_proves_its_fact_once),
    TEST(a_mandate_moves_as_the_life_cycle_says),
    TEST(a_mandate_that_is_taken_back_tells_both_in_any_order))
