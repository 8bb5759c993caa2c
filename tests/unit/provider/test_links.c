/* References between objects, and objects that stand inside others. */
#include "objects.h"

/* ---- links ------------------------------------------------------------------------------- */

static void assert_link(struct link link, enum link_state state, const char *id, const char *row)
{
    assert_row(link.state == state, row);
    assert_row(str_eq(link.provider_id, str_from(id)), row);
}

static const struct link_row {
    const char *type, *object;
    enum link_state state;
    const char *id;
} customer_links[] = {
    {"charge.updated", CH "\"customer\":\"cus_1\"", LINK_NAMED, "cus_1"},
    {"charge.updated", CH "\"customer\":null", LINK_NONE, ""},
    {"charge.updated", CH "\"a\":1", LINK_UNSAID, ""},
    {"charge.updated", CH "\"customer\":{\"id\":\"cus_1\",\"object\":\"customer\",\"created\":5}",
        LINK_NAMED, "cus_1"},
    {"charge.updated",
        CH "\"customer\":{\"id\":\"cus_1\",\"object\":\"customer\",\"deleted\":true}", LINK_NAMED,
        "cus_1"},
    {"payment_intent.created", PI "\"customer\":\"cus_1\"", LINK_NAMED, "cus_1"},
    {"payment_intent.created", PI "\"customer\":null", LINK_NONE, ""},
};

static void a_customer_may_be_said_in_five_ways(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof customer_links / sizeof *customer_links; i++) {
        const struct link_row *row = &customer_links[i];
        CLEANUP(arena_free) struct arena *arena = arena_new(ARENA_BYTES);
        struct notice_list list = notices_of(arena, row->type, row->object);
        assert_link(list.notices[0].customer, row->state, row->id, row->object);
    }
}

static void a_charge_without_a_payment_intent_is_a_payment_of_its_own(void **state)
{
    (void)state;
    CLEANUP(arena_free) struct arena *arena = arena_new(ARENA_BYTES);
    struct notice_list list = notices_of(arena, "charge.updated", CH "\"payment_intent\":null");
    assert_link(list.notices[0].payment, LINK_NONE, "", "null");
    list = notices_of(arena, "charge.updated", CH "\"a\":1");
    assert_link(list.notices[0].payment, LINK_NONE, "", "absent");
    list = notices_of(arena, "charge.updated", CH "\"payment_intent\":\"pi_1\"");
    assert_link(list.notices[0].payment, LINK_NAMED, "pi_1", "named");
}

static void a_refund_may_not_say_what_it_gives_back(void **state)
{
    (void)state;
    CLEANUP(arena_free) struct arena *arena = arena_new(ARENA_BYTES);
    struct notice_list list = notices_of(arena, "refund.created", RE "\"a\":1");
    assert_link(said_link(&list.notices[0], "payment_id"), LINK_UNSAID, "", "absent");
    assert_link(said_link(&list.notices[0], "attempt_id"), LINK_UNSAID, "", "absent");
    list = notices_of(arena, "refund.created", RE "\"payment_intent\":null,\"charge\":null");
    assert_link(said_link(&list.notices[0], "payment_id"), LINK_NONE, "", "null");
    assert_link(said_link(&list.notices[0], "attempt_id"), LINK_NONE, "", "null");
    list =
        notices_of(arena, "refund.created", RE "\"payment_intent\":\"pi_1\",\"charge\":\"ch_1\"");
    assert_link(said_link(&list.notices[0], "payment_id"), LINK_NAMED, "pi_1", "named");
    assert_link(said_link(&list.notices[0], "attempt_id"), LINK_NAMED, "ch_1", "named");
}

static void the_newest_attempt_is_latest_charge_or_the_first_of_charges(void **state)
{
    (void)state;
    static const struct {
        const char *object;
        enum link_state state;
        const char *id;
    } rows[] = {
        {PI "\"latest_charge\":\"ch_9\",\"charges\":{\"data\":[{" CH "\"a\":1}]}", LINK_NAMED,
            "ch_9"},
        {PI "\"charges\":{\"data\":[{" CH
            "\"a\":1},{\"id\":\"ch_0\",\"amount\":1,\"currency\":\"eur\","
            "\"created\":4}]}",
            LINK_NAMED, "ch_1"},
        {PI "\"charges\":{\"data\":[]}", LINK_NONE, ""},
        {PI "\"latest_charge\":null", LINK_NONE, ""},
        {PI "\"a\":1", LINK_UNSAID, ""},
    };
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        CLEANUP(arena_free) struct arena *arena = arena_new(ARENA_BYTES);
        struct notice_list list = notices_of(arena, "payment_intent.created", rows[i].object);
        assert_link(list.notices[0].attempt, rows[i].state, rows[i].id, rows[i].object);
    }
}

/* ---- embedded objects -------------------------------------------------------------------- */

static void embedded_objects_are_notices_of_their_own(void **state)
{
    (void)state;
    CLEANUP(arena_free) struct arena *arena = arena_new(ARENA_BYTES);
    struct notice_list list = notices_of(arena, "payment_intent.succeeded",
        PI "\"status\":\"succeeded\","
           "\"customer\":{\"id\":\"cus_1\",\"object\":\"customer\",\"created\":5},"
           "\"latest_charge\":{" CH "\"status\":\"succeeded\",\"captured\":true,"
           "\"refunds\":{\"object\":\"list\",\"has_more\":true,\"data\":[{" RE
           "\"status\":\"pending\"}]}}");
    assert_int_equal(list.count, 4);
    assert_int_equal(list.notices[0].kind, ID_PAYMENT);
    assert_int_equal(list.notices[1].kind, ID_CUSTOMER);
    assert_int_equal(list.notices[2].kind, ID_ATTEMPT);
    assert_link(list.notices[2].payment, LINK_NAMED, "pi_1", "from around it");
    assert_int_equal(list.notices[3].kind, ID_REFUND);
    assert_link(said_link(&list.notices[3], "attempt_id"), LINK_NAMED, "ch_1", "from around it");
    assert_true(list.truncated);
    assert_true(list.notices[2].stamp.rank % 100 == 0);
    assert_true(list.notices[0].stamp.rank % 100 > 0);
    assert_int64_equal(list.notices[3].stamp.at_us, INT64_C(1700000000) * US_PER_SECOND);
}

static void refunds_were_once_an_array(void **state)
{
    (void)state;
    CLEANUP(arena_free) struct arena *arena = arena_new(ARENA_BYTES);
    struct notice_list list = notices_of(
        arena, "charge.refunded", CH "\"paid\":true,\"refunds\":[{" RE "\"charge\":\"ch_1\"}]");
    assert_int_equal(list.count, 2);
    assert_false(list.truncated);
    assert_str_equal_to(list.notices[1].object, "re_1");
}

static void refunds_without_ids_are_not_summed(void **state)
{
    (void)state;
    CLEANUP(arena_free) struct arena *arena = arena_new(ARENA_BYTES);
    struct notice_list list = notices_of(arena, "charge.refunded",
        CH
        "\"paid\":true,\"refunds\":[{\"amount\":5,\"currency\":\"usd\",\"created\":1},7,\"re_7\"]");
    assert_int_equal(list.count, 1);
    assert_true(list.truncated);
}

static void a_list_without_its_data_is_incomplete(void **state)
{
    (void)state;
    CLEANUP(arena_free) struct arena *arena = arena_new(ARENA_BYTES);
    struct notice_list list = notices_of(arena, "charge.failed", CH "\"refunds\":{}");
    assert_int_equal(list.count, 1);
    assert_true(list.truncated);
}

static void the_outermost_of_two_snapshots_of_one_object_counts(void **state)
{
    (void)state;
    CLEANUP(arena_free) struct arena *arena = arena_new(ARENA_BYTES);
    struct notice_list list = notices_of(arena, "charge.succeeded",
        CH "\"status\":\"succeeded\",\"payment_intent\":{" PI
           "\"status\":\"succeeded\",\"latest_charge\":{" CH "\"status\":\"failed\"}}");
    assert_int_equal(list.count, 2);
    assert_int_equal(list.notices[0].kind, ID_ATTEMPT);
    assert_int_equal(list.notices[0].attempt_says.state, ATTEMPT_SUCCEEDED);
    assert_int_equal(list.notices[1].kind, ID_PAYMENT);
}

static void a_stub_of_a_deleted_customer_is_only_a_reference(void **state)
{
    (void)state;
    CLEANUP(arena_free) struct arena *arena = arena_new(ARENA_BYTES);
    struct notice_list list = notices_of(arena, "charge.updated",
        CH "\"customer\":{\"id\":\"cus_1\",\"object\":\"customer\",\"deleted\":true}");
    assert_int_equal(list.count, 1);
}

static void more_objects_than_the_bound_are_said_to_be_truncated(void **state)
{
    (void)state;
    CLEANUP(arena_free) struct arena *arena = arena_new(ARENA_BYTES);
    struct buf object;
    buf_init(&object, 1 << 20);
    buf_add(&object, STR(CH "\"status\":\"succeeded\",\"refunds\":{\"data\":["));
    for (int i = 0; i < LIMIT_NOTICES + 50; i++) {
        buf_addf(&object, "%s{\"id\":\"re_%d\",\"amount\":1,\"currency\":\"eur\",\"created\":5}",
            i > 0 ? "," : "", i);
    }
    buf_add(&object, STR("]}"));
    buf_add_char(&object, '\0');
    struct notice_list list = notices_of(arena, "charge.refunded", object.data);
    assert_int_equal(list.count, LIMIT_NOTICES);
    assert_true(list.truncated);
    assert_str_equal_to(list.notices[0].object, "ch_1");
    buf_fini(&object);
}

TESTS_MAIN("links",
    TEST(a_customer_may_be_said_in_five_ways),
    TEST(a_charge_without_a_payment_intent_is_a_payment_of_its_own),
    TEST(a_refund_may_not_say_what_it_gives_back),
    TEST(the_newest_attempt_is_latest_charge_or_the_first_of_charges),
    TEST(embedded_objects_are_notices_of_their_own),
    TEST(refunds_were_once_an_array),
    TEST(refunds_without_ids_are_not_summed),
    TEST(a_list_without_its_data_is_incomplete),
    TEST(the_outermost_of_two_snapshots_of_one_object_counts),
    TEST(a_stub_of_a_deleted_customer_is_only_a_reference),
    TEST(more_objects_than_the_bound_are_said_to_be_truncated))
