/* Reviews and fraud warnings. */
#include "unit/domain/one_object.h"

static const struct review base = {.state = REVIEW_OPEN, .reason = "rule", .made_at = SECOND(200)};

static struct notice says(enum review_state state, int64_t second)
{
    struct review review = base;
    review.state = (int)state;
    return object_says(ID_REVIEW, &review, second, state * 10);
}

static void every_state_of_a_review_proves_its_fact_once(void **state)
{
    (void)state;
    static const int facts[] = {
        [REVIEW_OPEN] = -1, [REVIEW_CLOSED] = EVENT_REVIEW_CLOSED, [REVIEW_UNKNOWN] = -1};
    assert_states_prove(ID_REVIEW, &base, facts, REVIEW_STATE_COUNT);
}

static void a_review_moves_as_the_life_cycle_says(void **state)
{
    (void)state;
    static const char *const rows[] = {
        [REVIEW_OPEN] = "xxx", [REVIEW_CLOSED] = "xxx", [REVIEW_UNKNOWN] = "xxx"};
    assert_moves(ID_REVIEW, rows, REVIEW_STATE_COUNT);
}

static void a_review_ends_as_its_newest_snapshot_says_in_any_order(void **state)
{
    (void)state;
    struct notice notices[] = {
        says(REVIEW_OPEN, 300), says(REVIEW_UNKNOWN, 400), says(REVIEW_CLOSED, 500)};
    *change_link(&notices[0], "attempt_id") = (struct link){LINK_NAMED, STR("a")};
    assert_any_order_ends_equal(ID_REVIEW, notices, 3);
    struct one_object one;
    one_object_play(&one, notices, (const uint32_t[]){2, 0, 1}, 3);
    assert_int_equal(one.told_late[EVENT_REVIEW_CLOSED], 0);
    assert_int_equal(((struct review *)(void *)one.record)->attempt_id.bytes[0], 'a');
}

static struct notice warning_says(bool actionable, int64_t second)
{
    struct fraud_warning warning = {
        .fraud_type = "made_with_lost_card", .actionable = actionable, .made_at = SECOND(200)};
    return object_says(ID_FRAUD_WARNING, &warning, second, 10);
}

static void a_warning_is_opened_once_and_then_changes(void **state)
{
    (void)state;
    struct notice notices[] = {
        warning_says(true, 300), warning_says(true, 350), warning_says(false, 400)};
    assert_any_order_ends_equal(ID_FRAUD_WARNING, notices, 3);
    struct one_object one;
    one_object_play(&one, notices, (const uint32_t[]){0, 1, 2}, 3);
    assert_int_equal(one.told[EVENT_FRAUD_WARNING_OPENED], 1);
    assert_int_equal(one.told[EVENT_FRAUD_WARNING_CHANGED], 1);
    assert_false(((struct fraud_warning *)(void *)one.record)->actionable);
}

TESTS_MAIN("review",
    TEST(every_state_of_a_review_proves_its_fact_once),
    TEST(a_review_moves_as_the_life_cycle_says),
    TEST(a_review_ends_as_its_newest_snapshot_says_in_any_order),
    TEST(a_warning_is_opened_once_and_then_changes))
