/* Subscriptions with their items, and schedules: what each field of theirs becomes. */
#include "decoded.h"

#define SUB "\"id\":\"sub_1\",\"object\":\"subscription\",\"customer\":\"cus_1\",\"created\":5,"
#define SCHED                                                                                      \
    "\"id\":\"sub_sched_1\",\"object\":\"subscription_schedule\",\"customer\":\"cus_1\","          \
    "\"created\":5,"
#define PRICE_1                                                                                    \
    "{\"id\":\"price_1\",\"object\":\"price\",\"currency\":\"eur\",\"unit_amount\":900,"           \
    "\"created\":4}"
#define ITEM_1                                                                                     \
    "{\"id\":\"si_1\",\"object\":\"subscription_item\",\"subscription\":\"sub_1\",\"created\":6,"  \
    "\"quantity\":3,\"current_period_start\":100,\"current_period_end\":200,\"price\":" PRICE_1    \
    "}"

static void subscriptions_have_our_states(void **state)
{
    (void)state;
    static const struct {
        const char *word;
        enum subscription_state state;
    } rows[] = {
        {"\"incomplete\"", SUBSCRIPTION_INCOMPLETE},
        {"\"trialing\"", SUBSCRIPTION_TRIALING},
        {"\"active\"", SUBSCRIPTION_ACTIVE},
        {"\"past_due\"", SUBSCRIPTION_PAST_DUE},
        {"\"unpaid\"", SUBSCRIPTION_UNPAID},
        {"\"paused\"", SUBSCRIPTION_PAUSED},
        {"\"incomplete_expired\"", SUBSCRIPTION_INCOMPLETE_EXPIRED},
        {"\"canceled\"", SUBSCRIPTION_CANCELED},
        {"\"levitating\"", SUBSCRIPTION_UNKNOWN},
        {"null", SUBSCRIPTION_UNKNOWN},
    };
    int64_t rank = 0;
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        CLEANUP(arena_free) struct arena *arena = arena_new(ARENA_BYTES);
        char object[256];
        (void)snprintf(object, sizeof object, SUB "\"status\":%s", rows[i].word);
        struct notice_list list = notices_of(arena, "customer.subscription.updated", object);
        const struct subscription *says = said_of(&list, ID_SUBSCRIPTION);
        assert_row(says->state == (int)rows[i].state, rows[i].word);
        bool is_known = rows[i].state != SUBSCRIPTION_UNKNOWN;
        assert_row((list.notices[0].stamp.rank > rank) == is_known, rows[i].word);
        rank = list.notices[0].stamp.rank;
    }
}

static void every_field_of_a_subscription_is_said(void **state)
{
    (void)state;
    CLEANUP(arena_free) struct arena *arena = arena_new(ARENA_BYTES);
    struct notice_list list = notices_of(arena, "customer.subscription.updated",
        SUB "\"status\":\"active\",\"currency\":\"eur\",\"collection_method\":\"send_invoice\","
            "\"pause_collection\":{\"behavior\":\"void\",\"resumes_at\":70},"
            "\"status_details\":{\"paused\":{\"transitioned_at\":60}},"
            "\"cancel_at_period_end\":true,\"cancel_at\":71,\"canceled_at\":72,\"ended_at\":73,"
            "\"start_date\":2,\"trial_start\":3,\"trial_end\":74,\"schedule\":\"sub_sched_1\","
            "\"latest_invoice\":\"in_1\"");
    assert_int_equal(list.count, 1);
    const struct subscription *says = said_of(&list, ID_SUBSCRIPTION);
    assert_string_equal(says->currency.code, "EUR");
    assert_string_equal(says->collection_method, "send_invoice");
    assert_true(says->collection_paused);
    assert_string_equal(says->collection_pause, "void");
    assert_int64_equal(says->collection_resumes_at, at_second(70));
    assert_int64_equal(says->paused_at, at_second(60));
    assert_true(says->cancel_at_period_end);
    assert_int64_equal(says->cancel_at, at_second(71));
    assert_int64_equal(says->canceled_at, at_second(72));
    assert_int64_equal(says->ended_at, at_second(73));
    assert_int64_equal(says->started_at, at_second(2));
    assert_int64_equal(says->trial_started_at, at_second(3));
    assert_int64_equal(says->trial_ends_at, at_second(74));
    assert_int64_equal(says->made_at, at_second(5));
    assert_link(&list.notices[0], "customer_id", "cus_1");
    assert_link(&list.notices[0], "schedule_id", "sub_sched_1");
    assert_link(&list.notices[0], "latest_invoice_id", "in_1");
}

static void the_payment_method_goes_before_the_older_source(void **state)
{
    (void)state;
    static const struct {
        const char *object, *id;
    } rows[] = {
        {SUB "\"default_payment_method\":\"pm_1\",\"default_source\":\"card_1\"", "pm_1"},
        {SUB "\"default_payment_method\":null,\"default_source\":\"card_1\"", "card_1"},
    };
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        CLEANUP(arena_free) struct arena *arena = arena_new(ARENA_BYTES);
        struct notice_list list =
            notices_of(arena, "customer.subscription.updated", rows[i].object);
        assert_link(&list.notices[0], "payment_method_id", rows[i].id);
    }
}

static void what_is_null_is_said_to_be_none(void **state)
{
    (void)state;
    CLEANUP(arena_free) struct arena *arena = arena_new(ARENA_BYTES);
    struct notice_list list = notices_of(arena, "customer.subscription.updated",
        SUB "\"status\":\"active\",\"pause_collection\":null,\"cancel_at\":null,\"schedule\":null,"
            "\"discounts\":[],\"items\":{\"object\":\"list\",\"data\":[]}");
    assert_int_equal(list.count, 1);
    assert_false(list.truncated);
    const struct subscription *says = said_of(&list, ID_SUBSCRIPTION);
    assert_false(says->collection_paused);
    assert_int64_equal(says->cancel_at, 0);
    assert_int_equal(said_link(&list.notices[0], "schedule_id").state, LINK_NONE);
}

static void items_and_their_prices_come_along(void **state)
{
    (void)state;
    CLEANUP(arena_free) struct arena *arena = arena_new(ARENA_BYTES);
    struct notice_list list = notices_of(arena, "customer.subscription.updated",
        SUB "\"status\":\"active\",\"items\":{\"object\":\"list\",\"data\":[" ITEM_1
            ",{\"id\":\"si_2\",\"object\":\"subscription_item\",\"created\":6,"
            "\"price\":\"price_2\"}],\"has_more\":false}");
    assert_int_equal(list.count, 4);
    assert_false(list.truncated);
    const struct notice *item = notice_of(&list, ID_SUBSCRIPTION_ITEM);
    const struct subscription_item *says = item->object_says.record;
    assert_str_equal_to(item->object, "si_1");
    assert_int64_equal(says->quantity, 3);
    assert_int64_equal(says->period_start_at, at_second(100));
    assert_int64_equal(says->period_end_at, at_second(200));
    assert_int64_equal(says->made_at, at_second(6));
    assert_link(item, "subscription_id", "sub_1");
    assert_link(item, "price_id", "price_1");
    assert_int64_equal(((const struct price *)said_of(&list, ID_PRICE))->unit_amount_minor, 900);
    /* Of the same snapshot as the subscription, so current. */
    assert_int64_equal(item->stamp.rank, list.notices[0].stamp.rank);
    /* The second says neither whose it is nor how many it is. */
    const struct notice *second = &list.notices[3];
    assert_str_equal_to(second->object, "si_2");
    assert_link(second, "subscription_id", "sub_1");
    assert_link(second, "price_id", "price_2");
    assert_int64_equal(((const struct subscription_item *)second->object_says.record)->quantity, 0);
}

static void a_list_of_items_that_is_cut_off_says_so(void **state)
{
    (void)state;
    CLEANUP(arena_free) struct arena *arena = arena_new(ARENA_BYTES);
    struct notice_list list = notices_of(arena, "customer.subscription.updated",
        SUB "\"items\":{\"object\":\"list\",\"data\":[" ITEM_1 "],\"has_more\":true}");
    assert_true(list.truncated);
    assert_int_equal(list.count, 3);
}

static void discounts_come_along_and_ids_of_them_say_nothing(void **state)
{
    (void)state;
    CLEANUP(arena_free) struct arena *arena = arena_new(ARENA_BYTES);
    struct notice_list list = notices_of(arena, "customer.subscription.updated",
        SUB "\"discounts\":[\"di_1\",{\"id\":\"di_2\",\"object\":\"discount\",\"customer\":"
            "\"cus_1\",\"subscription\":\"sub_1\",\"start\":7,\"source\":{\"coupon\":\"TEN\"}}]");
    assert_int_equal(list.count, 2);
    assert_false(list.truncated);
    const struct notice *discount = notice_of(&list, ID_DISCOUNT);
    assert_str_equal_to(discount->object, "di_2");
    assert_link(discount, "subscription_id", "sub_1");
}

/* Before items there was one plan, and the periods were the subscription's. */
static void an_old_subscription_has_one_item(void **state)
{
    (void)state;
    CLEANUP(arena_free) struct arena *arena = arena_new(ARENA_BYTES);
    struct notice_list list = notices_of(arena, "customer.subscription.updated",
        "\"id\":\"sub_1\",\"object\":\"subscription\",\"customer\":\"cus_1\",\"start\":9,"
        "\"status\":\"active\",\"quantity\":2,\"current_period_start\":100,"
        "\"current_period_end\":200,\"plan\":{\"id\":\"gold\",\"object\":\"plan\",\"amount\":50,"
        "\"currency\":\"usd\",\"interval\":\"month\",\"interval_count\":1,\"name\":\"Gold\"}");
    assert_int64_equal(
        ((const struct subscription *)said_of(&list, ID_SUBSCRIPTION))->made_at, at_second(9));
    const struct notice *item = notice_of(&list, ID_SUBSCRIPTION_ITEM);
    const struct subscription_item *says = item->object_says.record;
    assert_str_equal_to(item->object, "sub_1");
    assert_int64_equal(says->quantity, 2);
    assert_int64_equal(says->period_end_at, at_second(200));
    assert_link(item, "price_id", "gold");
    const struct price *price = said_of(&list, ID_PRICE);
    assert_int64_equal(price->unit_amount_minor, 50);
    assert_string_equal(price->interval_unit, "month");
}

static void a_subscription_that_ended_is_not_a_deleted_one(void **state)
{
    (void)state;
    CLEANUP(arena_free) struct arena *arena = arena_new(ARENA_BYTES);
    struct notice_list list = notices_of(arena, "customer.subscription.deleted",
        SUB "\"status\":\"canceled\",\"ended_at\":73,\"items\":[" ITEM_1 "]");
    assert_int_equal(list.count, 3);
    const struct subscription *says = said_of(&list, ID_SUBSCRIPTION);
    assert_int_equal(says->state, SUBSCRIPTION_CANCELED);
    assert_false(((const struct price *)said_of(&list, ID_PRICE))->deleted);
}

/* ---- schedules --------------------------------------------------------------------------- */

static void schedules_have_our_states(void **state)
{
    (void)state;
    static const struct {
        const char *type, *word;
        enum schedule_state state;
    } rows[] = {
        {"subscription_schedule.created", "not_started", SCHEDULE_NOT_STARTED},
        {"subscription_schedule.updated", "active", SCHEDULE_ACTIVE},
        {"subscription_schedule.expiring", "active", SCHEDULE_ACTIVE},
        {"subscription_schedule.completed", "completed", SCHEDULE_COMPLETED},
        {"subscription_schedule.released", "released", SCHEDULE_RELEASED},
        {"subscription_schedule.canceled", "canceled", SCHEDULE_CANCELED},
        {"subscription_schedule.aborted", "canceled", SCHEDULE_CANCELED},
        {"subscription_schedule.updated", "floating", SCHEDULE_UNKNOWN},
    };
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        CLEANUP(arena_free) struct arena *arena = arena_new(ARENA_BYTES);
        char object[256];
        (void)snprintf(object, sizeof object, SCHED "\"status\":\"%s\"", rows[i].word);
        struct notice_list list = notices_of(arena, rows[i].type, object);
        const struct schedule *says = said_of(&list, ID_SCHEDULE);
        assert_row(says->state == (int)rows[i].state, rows[i].word);
    }
}

static void every_field_of_a_schedule_is_said(void **state)
{
    (void)state;
    CLEANUP(arena_free) struct arena *arena = arena_new(ARENA_BYTES);
    struct notice_list list = notices_of(arena, "subscription_schedule.updated",
        SCHED
        "\"status\":\"active\",\"subscription\":\"sub_1\",\"released_subscription\":null,"
        "\"current_phase\":{\"start_date\":100,\"end_date\":200},\"end_behavior\":\"release\","
        "\"completed_at\":301,\"released_at\":302,\"canceled_at\":303");
    assert_int_equal(list.count, 1);
    const struct schedule *says = said_of(&list, ID_SCHEDULE);
    assert_int64_equal(says->phase_start_at, at_second(100));
    assert_int64_equal(says->phase_end_at, at_second(200));
    assert_string_equal(says->end_behavior, "release");
    assert_int64_equal(says->completed_at, at_second(301));
    assert_int64_equal(says->released_at, at_second(302));
    assert_int64_equal(says->canceled_at, at_second(303));
    assert_int64_equal(says->made_at, at_second(5));
    assert_link(&list.notices[0], "customer_id", "cus_1");
    assert_link(&list.notices[0], "subscription_id", "sub_1");
}

static void a_released_schedule_names_the_subscription_that_it_led(void **state)
{
    (void)state;
    CLEANUP(arena_free) struct arena *arena = arena_new(ARENA_BYTES);
    struct notice_list list = notices_of(arena, "subscription_schedule.released",
        SCHED "\"status\":\"released\",\"subscription\":null,\"released_subscription\":\"sub_2\"");
    assert_link(&list.notices[0], "subscription_id", "sub_2");
}

/* ---- what is wrong ----------------------------------------------------------------------- */

static const struct bad_object bad_rows[] = {
    {"customer.subscription.updated", "\"object\":\"subscription\"", ERR_INVALID,
        "data.object.id is missing"},
    {"customer.subscription.updated", "\"id\":\"sub_1\"", ERR_INVALID,
        "data.object.customer is missing"},
    {"customer.subscription.updated", "\"id\":\"sub_1\",\"customer\":7", ERR_INVALID,
        "data.object.customer must be text"},
    {"customer.subscription.updated", SUB "\"status\":7", ERR_INVALID,
        "data.object.status must be text"},
    {"customer.subscription.updated", SUB "\"currency\":\"euro\"", ERR_INVALID,
        "data.object.currency must be three letters"},
    {"customer.subscription.updated", SUB "\"cancel_at_period_end\":\"yes\"", ERR_INVALID,
        "data.object.cancel_at_period_end must be true or false"},
    {"customer.subscription.updated", SUB "\"cancel_at\":-1", ERR_INVALID,
        "data.object.cancel_at must not be negative"},
    {"customer.subscription.updated", SUB "\"trial_end\":253402300800", ERR_OVERFLOW,
        "data.object.trial_end is after the year 9999"},
    {"customer.subscription.updated", SUB "\"ended_at\":1.5", ERR_INVALID,
        "data.object.ended_at must be a whole number"},
    {"customer.subscription.updated", SUB "\"pause_collection\":{\"resumes_at\":\"soon\"}",
        ERR_INVALID, "data.object.pause_collection.resumes_at must be a whole number"},
    {"customer.subscription.updated", SUB "\"schedule\":{}", ERR_INVALID,
        "data.object.schedule has no id"},
    {"customer.subscription.updated", SUB "\"items\":7", ERR_INVALID,
        "data.object.items must be a list"},
    {"customer.subscription.updated", SUB "\"items\":[{\"id\":\"si_1\",\"quantity\":-3}]",
        ERR_INVALID, "data.object.items[0].quantity must not be negative"},
    {"customer.subscription.updated",
        SUB "\"items\":[{\"id\":\"si_1\",\"quantity\":9223372036854775808}]", ERR_OVERFLOW,
        "data.object.items[0].quantity does not fit into 64 bits"},
    {"customer.subscription.updated",
        SUB "\"items\":[{\"id\":\"si_1\",\"price\":{\"id\":\"p\",\"object\":\"price\"}}]",
        ERR_INVALID, "data.object.items[0].price.currency is missing"},
    {"subscription_schedule.updated", "\"id\":\"sub_sched_1\"", ERR_INVALID,
        "data.object.created is missing"},
    {"subscription_schedule.updated", SCHED "\"subscription\":[]", ERR_INVALID,
        "data.object.subscription must be text"},
    {"subscription_schedule.updated", SCHED "\"current_phase\":{\"end_date\":{}}", ERR_INVALID,
        "data.object.current_phase.end_date must be a whole number"},
    {"subscription_schedule.updated", SCHED "\"released_at\":-5", ERR_INVALID,
        "data.object.released_at must not be negative"},
};

static void what_is_wrong_is_named(void **state)
{
    (void)state;
    assert_bad_objects(bad_rows, sizeof bad_rows / sizeof *bad_rows);
}

TESTS_MAIN("subscriptions",
    TEST(subscriptions_have_our_states),
    TEST(every_field_of_a_subscription_is_said),
    TEST(the_payment_method_goes_before_the_older_source),
    TEST(what_is_null_is_said_to_be_none),
    TEST(items_and_their_prices_come_along),
    TEST(a_list_of_items_that_is_cut_off_says_so),
    TEST(discounts_come_along_and_ids_of_them_say_nothing),
    TEST(an_old_subscription_has_one_item),
    TEST(a_subscription_that_ended_is_not_a_deleted_one),
    TEST(schedules_have_our_states),
    TEST(every_field_of_a_schedule_is_said),
    TEST(a_released_schedule_names_the_subscription_that_it_led),
    TEST(what_is_wrong_is_named))
