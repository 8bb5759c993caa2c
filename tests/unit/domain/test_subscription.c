#include "unit/domain/one_object.h"

static const struct subscription base = {.state = SUBSCRIPTION_ACTIVE,
    .currency = {"EUR"},
    .collection_method = "charge_automatically",
    .made_at = SECOND(200)};

static struct notice says(enum subscription_state state, int64_t second)
{
    struct subscription subscription = base;
    subscription.state = (int)state;
    return object_says(ID_SUBSCRIPTION, &subscription, second, (int64_t)state * 10);
}

static struct subscription *change(struct notice *notice)
{
    return notice_change(notice);
}

static struct notice says_collection(bool paused, int64_t second)
{
    struct notice notice = says(SUBSCRIPTION_ACTIVE, second);
    change(&notice)->collection_paused = paused;
    return notice;
}

static const struct subscription *record_of(const struct one_object *one)
{
    return (const void *)one->record;
}

static void every_state_proves_its_fact_once(void **state)
{
    (void)state;
    static const int facts[] = {
        [SUBSCRIPTION_INCOMPLETE] = -1,
        [SUBSCRIPTION_TRIALING] = EVENT_SUBSCRIPTION_TRIAL_STARTED,
        [SUBSCRIPTION_ACTIVE] = EVENT_SUBSCRIPTION_ACTIVATED,
        [SUBSCRIPTION_PAST_DUE] = EVENT_SUBSCRIPTION_PAST_DUE,
        [SUBSCRIPTION_UNPAID] = EVENT_SUBSCRIPTION_UNPAID,
        [SUBSCRIPTION_PAUSED] = EVENT_SUBSCRIPTION_PAUSED,
        [SUBSCRIPTION_INCOMPLETE_EXPIRED] = EVENT_SUBSCRIPTION_EXPIRED,
        [SUBSCRIPTION_CANCELED] = EVENT_SUBSCRIPTION_CANCELED,
        [SUBSCRIPTION_UNKNOWN] = -1,
    };
    assert_states_prove(ID_SUBSCRIPTION, &base, facts, SUBSCRIPTION_STATE_COUNT);
}

static void it_moves_as_the_life_cycle_says(void **state)
{
    (void)state;
    static const char *const rows[] = {
        [SUBSCRIPTION_INCOMPLETE] = "xxxxxxxxx",
        [SUBSCRIPTION_TRIALING] = ".xxxxx.xx",
        [SUBSCRIPTION_ACTIVE] = ".xxxxx.xx",
        [SUBSCRIPTION_PAST_DUE] = ".xxxxx.xx",
        [SUBSCRIPTION_UNPAID] = ".xxxxx.xx",
        [SUBSCRIPTION_PAUSED] = ".xxxxx.xx",
        [SUBSCRIPTION_INCOMPLETE_EXPIRED] = "......x.x",
        [SUBSCRIPTION_CANCELED] = ".......xx",
        [SUBSCRIPTION_UNKNOWN] = "xxxxxxxxx",
    };
    assert_moves(ID_SUBSCRIPTION, rows, SUBSCRIPTION_STATE_COUNT);
}

static void a_life_tells_its_facts_in_any_order(void **state)
{
    (void)state;
    struct notice notices[] = {says(SUBSCRIPTION_TRIALING, 300), says(SUBSCRIPTION_ACTIVE, 400),
        says(SUBSCRIPTION_PAST_DUE, 500), says(SUBSCRIPTION_CANCELED, 600)};
    change(&notices[3])->ended_at = SECOND(599);
    assert_any_order_ends_equal(ID_SUBSCRIPTION, notices, 4);
    struct one_object one;
    one_object_play(&one, notices, (const uint32_t[]){3, 1, 0, 2}, 4);
    assert_int_equal(one.told[EVENT_SUBSCRIPTION_TRIAL_STARTED], 1);
    assert_int_equal(one.told_late[EVENT_SUBSCRIPTION_ACTIVATED], 1);
    assert_int_equal(one.told_late[EVENT_SUBSCRIPTION_PAST_DUE], 1);
    assert_int_equal(one.told[EVENT_SUBSCRIPTION_CANCELED], 1);
    assert_int_equal(one.told_late[EVENT_SUBSCRIPTION_CANCELED], 0);
    assert_int_equal(record_of(&one)->state, SUBSCRIPTION_CANCELED);
}

static void the_end_is_dated_by_the_object(void **state)
{
    (void)state;
    struct one_object one;
    one_object_init(&one);
    struct notice ended = says(SUBSCRIPTION_CANCELED, 90000);
    change(&ended)->ended_at = SECOND(89000);
    one_object_take(&one, &ended);
    assert_int_equal(one.decision.event_count, 2);
    assert_int_equal(one.decision.events[1].type, EVENT_SUBSCRIPTION_CANCELED);
    assert_int64_equal(one.decision.events[1].occurred_at_us, SECOND(89000));
}

static void what_never_began_is_not_canceled(void **state)
{
    (void)state;
    struct one_object one;
    one_object_init(&one);
    struct notice given_up = says(SUBSCRIPTION_INCOMPLETE_EXPIRED, 90000);
    change(&given_up)->ended_at = SECOND(89000);
    one_object_take(&one, &given_up);
    assert_int_equal(one.decision.event_count, 2);
    assert_int_equal(one.decision.events[1].type, EVENT_SUBSCRIPTION_EXPIRED);
    assert_int64_equal(one.decision.events[1].occurred_at_us, SECOND(89000));
    assert_int_equal(one.told[EVENT_SUBSCRIPTION_CANCELED], 0);
    struct notice odd = says(SUBSCRIPTION_UNKNOWN, 90001);
    change(&odd)->ended_at = SECOND(89000);
    one_object_take(&one, &odd); /* a time alone does not say which end it was */
    assert_int_equal(one.told[EVENT_SUBSCRIPTION_CANCELED], 0);
}

static void collection_pauses_again_and_again(void **state)
{
    (void)state;
    struct one_object one;
    one_object_init(&one);
    for (int turn = 0; turn < 2; turn++) {
        struct notice paused = says_collection(true, 300 + turn * 20);
        one_object_take(&one, &paused);
        one_object_take(&one, &paused);
        struct notice resumed = says_collection(false, 310 + turn * 20);
        one_object_take(&one, &resumed);
        assert_int_equal(one.decision.event_count, 1); /* no subscription.changed beside it */
        assert_int64_equal(one.decision.events[0].occurred_at_us, SECOND(310 + turn * 20));
    }
    assert_int_equal(one.told[EVENT_SUBSCRIPTION_COLLECTION_PAUSED], 2);
    assert_int_equal(one.told[EVENT_SUBSCRIPTION_COLLECTION_RESUMED], 2);
    assert_int_equal(one.told[EVENT_SUBSCRIPTION_CHANGED], 0);
}

static void a_pause_that_is_heard_of_after_its_end_turns_nothing(void **state)
{
    (void)state;
    struct notice notices[] = {
        says_collection(false, 300), says_collection(true, 310), says_collection(false, 320)};
    assert_any_order_ends_equal(ID_SUBSCRIPTION, notices, 3);
    struct one_object one;
    one_object_play(&one, notices, (const uint32_t[]){0, 2, 1}, 3);
    assert_int_equal(one.told[EVENT_SUBSCRIPTION_COLLECTION_PAUSED], 0);
    assert_int_equal(one.told[EVENT_SUBSCRIPTION_COLLECTION_RESUMED], 0);
    assert_false(record_of(&one)->collection_paused);
}

static void a_subscription_that_opens_paused_says_both(void **state)
{
    (void)state;
    struct one_object one;
    one_object_init(&one);
    struct notice paused = says_collection(true, 300);
    one_object_take(&one, &paused);
    assert_int_equal(one.told[EVENT_SUBSCRIPTION_OPENED], 1);
    assert_int_equal(one.told[EVENT_SUBSCRIPTION_COLLECTION_PAUSED], 1);
}

static void the_subscription_itself_pauses_and_resumes(void **state)
{
    (void)state;
    struct notice notices[] = {says(SUBSCRIPTION_ACTIVE, 300), says(SUBSCRIPTION_PAUSED, 400),
        says(SUBSCRIPTION_ACTIVE, 500), says(SUBSCRIPTION_PAUSED, 600)};
    assert_any_order_ends_equal(ID_SUBSCRIPTION, notices, 4);
    struct one_object one;
    one_object_play(&one, notices, (const uint32_t[]){0, 1, 2, 3}, 4);
    assert_int_equal(one.told[EVENT_SUBSCRIPTION_PAUSED], 2);
    assert_int_equal(one.told[EVENT_SUBSCRIPTION_RESUMED], 1);
    assert_int_equal(one.told[EVENT_SUBSCRIPTION_COLLECTION_PAUSED], 0);
    assert_int_equal(record_of(&one)->state, SUBSCRIPTION_PAUSED);
}

static void what_ends_while_it_rests_has_not_resumed(void **state)
{
    (void)state;
    struct one_object one;
    one_object_init(&one);
    struct notice paused = says(SUBSCRIPTION_PAUSED, 300);
    struct notice over = says(SUBSCRIPTION_CANCELED, 400);
    one_object_take(&one, &paused);
    one_object_take(&one, &over);
    assert_int_equal(one.told[EVENT_SUBSCRIPTION_CANCELED], 1);
    assert_int_equal(one.told[EVENT_SUBSCRIPTION_RESUMED], 0);
}

static void past_due_again_is_a_change(void **state)
{
    (void)state;
    struct notice notices[] = {says(SUBSCRIPTION_PAST_DUE, 300), says(SUBSCRIPTION_ACTIVE, 400),
        says(SUBSCRIPTION_PAST_DUE, 500)};
    assert_any_order_ends_equal(ID_SUBSCRIPTION, notices, 3);
    struct one_object one;
    one_object_play(&one, notices, (const uint32_t[]){0, 1, 2}, 3);
    assert_int_equal(one.told[EVENT_SUBSCRIPTION_PAST_DUE], 1);
    assert_int_equal(one.told[EVENT_SUBSCRIPTION_CHANGED], 1);
}

static void an_unknown_status_proves_nothing_and_is_no_odd_move(void **state)
{
    (void)state;
    struct notice notices[] = {says(SUBSCRIPTION_ACTIVE, 300), says(SUBSCRIPTION_UNKNOWN, 400),
        says(SUBSCRIPTION_CANCELED, 500)};
    assert_any_order_ends_equal(ID_SUBSCRIPTION, notices, 3);
    struct one_object one;
    one_object_init(&one);
    one_object_take(&one, &notices[0]);
    one_object_take(&one, &notices[1]);
    assert_false(one.decision.unexpected_move);
    assert_int_equal(one.decision.events[0].type, EVENT_SUBSCRIPTION_CHANGED);
}

static void what_is_over_does_not_come_back_unnoticed(void **state)
{
    (void)state;
    struct one_object one;
    one_object_init(&one);
    struct notice over = says(SUBSCRIPTION_CANCELED, 300);
    struct notice back = says(SUBSCRIPTION_ACTIVE, 400);
    one_object_take(&one, &over);
    one_object_take(&one, &back);
    assert_true(one.decision.unexpected_move);
    assert_int_equal(record_of(&one)->state, SUBSCRIPTION_ACTIVE);
}

static void its_customer_and_currency_stay(void **state)
{
    (void)state;
    struct one_object one;
    one_object_init(&one);
    struct notice first = says(SUBSCRIPTION_ACTIVE, 300);
    *change_link(&first, "customer_id") = (struct link){LINK_NAMED, STR("a")};
    one_object_take(&one, &first);
    struct notice other = says(SUBSCRIPTION_ACTIVE, 400);
    *change_link(&other, "customer_id") = (struct link){LINK_NAMED, STR("b")};
    assert_err(one_object_try(&one, &other), ERR_IMPOSSIBLE);
    struct notice dollars = says(SUBSCRIPTION_ACTIVE, 400);
    change(&dollars)->currency = (struct currency){"USD"};
    assert_err(one_object_try(&one, &dollars), ERR_IMPOSSIBLE);
    assert_int_equal(record_of(&one)->customer_id.bytes[0], 'a');
}

static void an_item_takes_the_newest_price_and_keeps_its_subscription(void **state)
{
    (void)state;
    struct subscription_item item = {.quantity = 2, .made_at = SECOND(200)};
    struct notice notices[] = {object_says(ID_SUBSCRIPTION_ITEM, &item, 300, 1),
        object_says(ID_SUBSCRIPTION_ITEM, &item, 400, 1),
        object_says(ID_SUBSCRIPTION_ITEM, &item, 500, 1)};
    *change_link(&notices[0], "price_id") = (struct link){LINK_NAMED, STR("p")};
    *change_link(&notices[0], "subscription_id") = (struct link){LINK_NAMED, STR("s")};
    *change_link(&notices[2], "price_id") = (struct link){LINK_NAMED, STR("q")};
    ((struct subscription_item *)notice_change(&notices[1]))->quantity = 3;
    assert_any_order_ends_equal(ID_SUBSCRIPTION_ITEM, notices, 3);
    struct one_object one;
    one_object_play(&one, notices, (const uint32_t[]){0, 1, 2}, 3);
    const struct subscription_item *now = (const void *)one.record;
    assert_int_equal(now->subscription_id.bytes[0], 's');
    assert_int_equal(now->price_id.bytes[0], 'q');
    assert_int_equal(one.told[EVENT_SUBSCRIPTION_ITEM_OPENED], 1);
    assert_int_equal(one.told[EVENT_SUBSCRIPTION_ITEM_CHANGED], 2);
    assert_int64_equal(now->said_at, SECOND(500)); /* which is how it is known to be current */
}

TESTS_MAIN("subscription",
    TEST(every_state_proves_its_fact_once),
    TEST(it_moves_as_the_life_cycle_says),
    TEST(a_life_tells_its_facts_in_any_order),
    TEST(the_end_is_dated_by_the_object),
    TEST(what_never_began_is_not_canceled),
    TEST(collection_pauses_again_and_again),
    TEST(a_pause_that_is_heard_of_after_its_end_turns_nothing),
    TEST(a_subscription_that_opens_paused_says_both),
    TEST(the_subscription_itself_pauses_and_resumes),
    TEST(what_ends_while_it_rests_has_not_resumed),
    TEST(past_due_again_is_a_change),
    TEST(an_unknown_status_proves_nothing_and_is_no_odd_move),
    TEST(what_is_over_does_not_come_back_unnoticed),
    TEST(its_customer_and_currency_stay),
    TEST(an_item_takes_the_newest_price_and_keeps_its_subscription))
