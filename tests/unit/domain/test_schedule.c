#include "unit/domain/one_object.h"

static const struct schedule base = {.state = SCHEDULE_NOT_STARTED, .made_at = SECOND(200)};

static struct notice says(enum schedule_state state, int64_t second)
{
    struct schedule schedule = base;
    schedule.state = (int)state;
    return object_says(ID_SCHEDULE, &schedule, second, (int64_t)state * 10);
}

static void every_state_proves_its_fact_once(void **state)
{
    (void)state;
    static const int facts[] = {
        [SCHEDULE_NOT_STARTED] = -1,
        [SCHEDULE_ACTIVE] = EVENT_SCHEDULE_STARTED,
        [SCHEDULE_COMPLETED] = EVENT_SCHEDULE_COMPLETED,
        [SCHEDULE_RELEASED] = EVENT_SCHEDULE_RELEASED,
        [SCHEDULE_CANCELED] = EVENT_SCHEDULE_CANCELED,
        [SCHEDULE_UNKNOWN] = -1,
    };
    assert_states_prove(ID_SCHEDULE, &base, facts, SCHEDULE_STATE_COUNT);
}

static void it_moves_as_the_life_cycle_says(void **state)
{
    (void)state;
    static const char *const rows[] = {
        [SCHEDULE_NOT_STARTED] = "xxxxxx",
        [SCHEDULE_ACTIVE] = ".xxxxx",
        [SCHEDULE_COMPLETED] = "..x..x",
        [SCHEDULE_RELEASED] = "...x.x",
        [SCHEDULE_CANCELED] = "....xx",
        [SCHEDULE_UNKNOWN] = "xxxxxx",
    };
    assert_moves(ID_SCHEDULE, rows, SCHEDULE_STATE_COUNT);
}

static void a_life_tells_its_facts_in_any_order(void **state)
{
    (void)state;
    struct notice notices[] = {says(SCHEDULE_NOT_STARTED, 300), says(SCHEDULE_ACTIVE, 400),
        says(SCHEDULE_UNKNOWN, 450), says(SCHEDULE_RELEASED, 500)};
    ((struct schedule *)notice_change(&notices[3]))->released_at = SECOND(499);
    assert_any_order_ends_equal(ID_SCHEDULE, notices, 4);
    struct one_object one;
    one_object_play(&one, notices, (const uint32_t[]){3, 2, 1, 0}, 4);
    assert_int_equal(one.told[EVENT_SCHEDULE_RELEASED], 1);
    assert_int_equal(one.told_late[EVENT_SCHEDULE_STARTED], 1);
    assert_int_equal(one.told[EVENT_SCHEDULE_COMPLETED], 0);
    assert_int_equal(((struct schedule *)(void *)one.record)->state, SCHEDULE_RELEASED);
}

static void a_time_proves_what_no_state_was_seen_of(void **state)
{
    (void)state;
    struct one_object one;
    one_object_init(&one);
    struct notice notice = says(SCHEDULE_UNKNOWN, 600);
    ((struct schedule *)notice_change(&notice))->completed_at = SECOND(500);
    one_object_take(&one, &notice);
    assert_int_equal(one.decision.events[1].type, EVENT_SCHEDULE_COMPLETED);
    assert_int64_equal(one.decision.events[1].occurred_at_us, SECOND(500));
}

static void the_subscription_is_not_forgotten_when_it_is_released(void **state)
{
    (void)state;
    struct one_object one;
    one_object_init(&one);
    struct notice active = says(SCHEDULE_ACTIVE, 300);
    *change_link(&active, "subscription_id") = (struct link){LINK_NAMED, STR("s")};
    struct notice released = says(SCHEDULE_RELEASED, 400);
    *change_link(&released, "subscription_id") = (struct link){LINK_NONE, STR_NONE};
    one_object_take(&one, &active);
    one_object_take(&one, &released);
    assert_int_equal(((struct schedule *)(void *)one.record)->subscription_id.bytes[0], 's');
}

TESTS_MAIN("schedule",
    TEST(every_state_proves_its_fact_once),
    TEST(it_moves_as_the_life_cycle_says),
    TEST(a_life_tells_its_facts_in_any_order),
    TEST(a_time_proves_what_no_state_was_seen_of),
    TEST(the_subscription_is_not_forgotten_when_it_is_released))
