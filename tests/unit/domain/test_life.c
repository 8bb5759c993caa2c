#include "domain/aggregates.h"
#include "domain/life.h"
#include "unit/testing.h"

/* A row for each state from which, a column for each to which it may move: x moves, . must not.
 * Staying and UNKNOWN are never unexpected. */
static const char *const payment_moves[] = {
    [PAYMENT_OPEN] = "xxxxxxxx",
    [PAYMENT_ACTION_REQUIRED] = "xxxxxxxx",
    [PAYMENT_PROCESSING] = "xxxxxxxx",
    [PAYMENT_AUTHORIZED] = "...xxxxx",
    [PAYMENT_SUCCEEDED] = "....xx.x",
    [PAYMENT_FAILED] = "xxxxxxxx",
    [PAYMENT_CANCELED] = "......xx",
    [PAYMENT_UNKNOWN] = "xxxxxxxx",
};
static const char *const attempt_moves[] = {
    [ATTEMPT_PENDING] = "xxxxx",
    [ATTEMPT_AUTHORIZED] = ".xxxx",
    [ATTEMPT_SUCCEEDED] = "..xxx",
    [ATTEMPT_FAILED] = "...xx",
    [ATTEMPT_UNKNOWN] = "xxxxx",
};
static const char *const refund_moves[] = {
    [REFUND_PENDING] = "xxxxxx",
    [REFUND_ACTION_REQUIRED] = "xxxxxx",
    [REFUND_SUCCEEDED] = "..xxxx",
    [REFUND_FAILED] = "...x.x",
    [REFUND_CANCELED] = "....xx",
    [REFUND_UNKNOWN] = "xxxxxx",
};

static void a_payment_moves_as_the_life_cycle_says(void **state)
{
    (void)state;
    for (int from = 0; from < PAYMENT_STATE_COUNT; from++) {
        for (int to = 0; to < PAYMENT_STATE_COUNT; to++) {
            bool allowed = life_move_is_allowed(ID_PAYMENT, from, to);
            assert_row(allowed == (payment_moves[from][to] == 'x'), payment_states.words[from]);
        }
    }
}

static void an_attempt_moves_as_the_life_cycle_says(void **state)
{
    (void)state;
    for (int from = 0; from < ATTEMPT_STATE_COUNT; from++) {
        for (int to = 0; to < ATTEMPT_STATE_COUNT; to++) {
            bool allowed = life_move_is_allowed(ID_ATTEMPT, from, to);
            assert_row(allowed == (attempt_moves[from][to] == 'x'), attempt_states.words[from]);
        }
    }
}

static void a_refund_moves_as_the_life_cycle_says(void **state)
{
    (void)state;
    for (int from = 0; from < REFUND_STATE_COUNT; from++) {
        for (int to = 0; to < REFUND_STATE_COUNT; to++) {
            bool allowed = life_move_is_allowed(ID_REFUND, from, to);
            assert_row(allowed == (refund_moves[from][to] == 'x'), refund_states.words[from]);
        }
    }
}

static void every_state_has_its_word(void **state)
{
    (void)state;
    assert_int_equal(payment_states.count, PAYMENT_STATE_COUNT);
    assert_int_equal(attempt_states.count, ATTEMPT_STATE_COUNT);
    assert_int_equal(refund_states.count, REFUND_STATE_COUNT);
    assert_string_equal(payment_states.words[PAYMENT_ACTION_REQUIRED], "action_required");
    assert_string_equal(attempt_states.words[ATTEMPT_PENDING], "pending");
    assert_string_equal(refund_states.words[REFUND_CANCELED], "canceled");
}

static void a_state_that_does_not_exist_breaks_the_contract(void **state)
{
    (void)state;
    assert_aborts((void)life_move_is_allowed(ID_PAYMENT, PAYMENT_STATE_COUNT, PAYMENT_OPEN));
    assert_aborts((void)life_move_is_allowed(ID_ATTEMPT, ATTEMPT_PENDING, ATTEMPT_STATE_COUNT));
    assert_aborts((void)life_move_is_allowed(ID_REFUND, REFUND_STATE_COUNT, REFUND_PENDING));
}

TESTS_MAIN("life",
    TEST(a_payment_moves_as_the_life_cycle_says),
    TEST(an_attempt_moves_as_the_life_cycle_says),
    TEST(a_refund_moves_as_the_life_cycle_says),
    TEST(every_state_has_its_word),
    TEST(a_state_that_does_not_exist_breaks_the_contract))
