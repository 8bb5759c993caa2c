#include "unit/domain/one_object.h"

static const struct dispute base = {.state = DISPUTE_NEEDS_RESPONSE,
    .amount_minor = 1000,
    .currency = {"EUR"},
    .reason = "fraudulent",
    .made_at = SECOND(200)};

static struct notice says(enum dispute_state state, int64_t second)
{
    struct dispute dispute = base;
    dispute.state = (int)state;
    return object_says(ID_DISPUTE, &dispute, second, state * 10);
}

static struct dispute *change(struct notice *notice)
{
    return notice_change(notice);
}

/* Taken: -1000. Given back: 0 in sum. */
static struct notice says_money(enum dispute_state state, int64_t second, int64_t withdrawn_minor)
{
    struct notice notice = says(state, second);
    struct dispute *dispute = change(&notice);
    dispute->withdrawn_minor = withdrawn_minor;
    dispute->settlement_currency = (struct currency){"USD"};
    dispute->funds_withdrawn = true;
    dispute->funds_reinstated = withdrawn_minor == 0;
    return notice;
}

static void every_state_proves_its_fact_once(void **state)
{
    (void)state;
    static const int facts[] = {
        [DISPUTE_INQUIRY_NEEDS_RESPONSE] = -1,
        [DISPUTE_INQUIRY_UNDER_REVIEW] = -1,
        [DISPUTE_INQUIRY_CLOSED] = EVENT_DISPUTE_INQUIRY_CLOSED,
        [DISPUTE_NEEDS_RESPONSE] = EVENT_DISPUTE_NEEDS_RESPONSE,
        [DISPUTE_UNDER_REVIEW] = -1,
        [DISPUTE_LOST] = EVENT_DISPUTE_LOST,
        [DISPUTE_APPEAL_NEEDS_RESPONSE] = EVENT_DISPUTE_APPEALED,
        [DISPUTE_APPEAL_UNDER_REVIEW] = EVENT_DISPUTE_APPEALED,
        [DISPUTE_WON] = EVENT_DISPUTE_WON,
        [DISPUTE_PREVENTED] = EVENT_DISPUTE_PREVENTED,
        [DISPUTE_UNKNOWN] = -1,
    };
    assert_states_prove(ID_DISPUTE, &base, facts, DISPUTE_STATE_COUNT);
}

static void it_moves_as_the_life_cycle_says(void **state)
{
    (void)state;
    static const char *const rows[] = {
        [DISPUTE_INQUIRY_NEEDS_RESPONSE] = "xxxxxx..xxx",
        [DISPUTE_INQUIRY_UNDER_REVIEW] = "xxxxxx..xxx",
        [DISPUTE_INQUIRY_CLOSED] = "..xxxx..x.x",
        [DISPUTE_NEEDS_RESPONSE] = "...xxx..xxx",
        [DISPUTE_UNDER_REVIEW] = "...xxxxxx.x",
        [DISPUTE_LOST] = ".....xxxx.x",
        [DISPUTE_APPEAL_NEEDS_RESPONSE] = ".....xxxx.x",
        [DISPUTE_APPEAL_UNDER_REVIEW] = ".....xxxx.x",
        [DISPUTE_WON] = ".....xxxx.x",
        [DISPUTE_PREVENTED] = ".........xx",
        [DISPUTE_UNKNOWN] = "xxxxxxxxxxx",
    };
    assert_moves(ID_DISPUTE, rows, DISPUTE_STATE_COUNT);
}

static void lost_and_won_after_appeal_tells_both_in_any_order(void **state)
{
    (void)state;
    struct notice notices[] = {says_money(DISPUTE_NEEDS_RESPONSE, 300, 1000),
        says_money(DISPUTE_LOST, 400, 1000), says_money(DISPUTE_APPEAL_UNDER_REVIEW, 500, 1000),
        says_money(DISPUTE_WON, 600, 0)};
    assert_any_order_ends_equal(ID_DISPUTE, notices, 4);
    struct one_object one;
    one_object_play(&one, notices, (const uint32_t[]){0, 1, 2, 3}, 4);
    const struct dispute *dispute = (void *)one.record;
    assert_int_equal(dispute->state, DISPUTE_WON);
    assert_int_equal(one.told[EVENT_DISPUTE_LOST], 1);
    assert_int_equal(one.told[EVENT_DISPUTE_APPEALED], 1);
    assert_int_equal(one.told[EVENT_DISPUTE_WON], 1);
    assert_int_equal(one.told[EVENT_DISPUTE_FUNDS_WITHDRAWN], 1);
    assert_int_equal(one.told[EVENT_DISPUTE_FUNDS_REINSTATED], 1);
    assert_int64_equal(dispute->withdrawn_minor, 0);
    assert_false(one.decision.unexpected_move);
}

static void the_status_decides_and_not_the_money_that_came_back(void **state)
{
    (void)state;
    struct one_object one;
    one_object_init(&one);
    struct notice given_back = says_money(DISPUTE_UNDER_REVIEW, 300, 0);
    one_object_take(&one, &given_back);
    assert_int_equal(one.told[EVENT_DISPUTE_FUNDS_REINSTATED], 1);
    assert_int_equal(one.told[EVENT_DISPUTE_WON], 0);
    struct notice lost = says_money(DISPUTE_LOST, 400, 1000);
    one_object_take(&one, &lost);
    assert_int_equal(one.told[EVENT_DISPUTE_LOST], 1);
    const struct dispute *dispute = (void *)one.record;
    assert_true(dispute->funds_withdrawn && dispute->funds_reinstated);
    assert_int64_equal(dispute->withdrawn_minor, 1000);
}

static void an_inquiry_that_becomes_a_dispute_says_so_in_any_order(void **state)
{
    (void)state;
    struct notice notices[] = {says(DISPUTE_INQUIRY_NEEDS_RESPONSE, 300),
        says(DISPUTE_INQUIRY_CLOSED, 400), says(DISPUTE_NEEDS_RESPONSE, 500)};
    change(&notices[0])->is_inquiry = true;
    change(&notices[1])->is_inquiry = true;
    assert_any_order_ends_equal(ID_DISPUTE, notices, 3);
    struct one_object one;
    one_object_play(&one, notices, (const uint32_t[]){2, 1, 0}, 3);
    assert_int_equal(one.told_late[EVENT_DISPUTE_INQUIRY_CLOSED], 1);
    assert_int_equal(one.told_late[EVENT_DISPUTE_NEEDS_RESPONSE], 0);
    assert_false(((struct dispute *)(void *)one.record)->is_inquiry);
}

static void an_unknown_status_proves_nothing_and_is_no_odd_move(void **state)
{
    (void)state;
    struct notice notices[] = {
        says(DISPUTE_NEEDS_RESPONSE, 300), says(DISPUTE_UNKNOWN, 400), says(DISPUTE_LOST, 500)};
    assert_any_order_ends_equal(ID_DISPUTE, notices, 3);
    struct one_object one;
    one_object_init(&one);
    one_object_take(&one, &notices[0]);
    one_object_take(&one, &notices[1]);
    assert_false(one.decision.unexpected_move);
    assert_int_equal(one.decision.events[0].type, EVENT_DISPUTE_CHANGED);
}

static void it_belongs_to_one_attempt_for_ever(void **state)
{
    (void)state;
    struct one_object one;
    one_object_init(&one);
    struct notice first = says(DISPUTE_NEEDS_RESPONSE, 300);
    *change_link(&first, "attempt_id") = (struct link){LINK_NAMED, STR("a")};
    one_object_take(&one, &first);
    struct notice silent = says(DISPUTE_LOST, 400);
    one_object_take(&one, &silent);
    assert_int_equal(((struct dispute *)(void *)one.record)->attempt_id.bytes[0], 'a');
    struct notice other = says(DISPUTE_WON, 500);
    *change_link(&other, "attempt_id") = (struct link){LINK_NAMED, STR("b")};
    assert_err(one_object_try(&one, &other), ERR_IMPOSSIBLE);
    assert_int_equal(((struct dispute *)(void *)one.record)->state, DISPUTE_LOST);
}

TESTS_MAIN("dispute",
    TEST(every_state_proves_its_fact_once),
    TEST(it_moves_as_the_life_cycle_says),
    TEST(lost_and_won_after_appeal_tells_both_in_any_order),
    TEST(the_status_decides_and_not_the_money_that_came_back),
    TEST(an_inquiry_that_becomes_a_dispute_says_so_in_any_order),
    TEST(an_unknown_status_proves_nothing_and_is_no_odd_move),
    TEST(it_belongs_to_one_attempt_for_ever))
