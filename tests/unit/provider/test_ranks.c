/* Stamps: within one second the later moment of an object's life has the larger rank. */
#include "samples.h"

static int64_t rank_of(const char *type, const char *object)
{
    CLEANUP(arena_free) struct arena *arena = arena_new(ARENA_BYTES);
    char body[2048];
    (void)snprintf(body, sizeof body,
        "{\"id\":\"evt_1\",\"object\":\"event\",\"type\":\"%s\",\"created\":1700000000,"
        "\"livemode\":false,"
        "\"data\":{\"object\":{\"id\":\"x_1\",\"amount\":1000,\"currency\":\"eur\",\"created\":1,%"
        "s}}}",
        type, object);
    struct notice_list list;
    assert_err(sample_decode(str_from(body), arena, &list, NULL), ERR_OK);
    assert_int_equal(list.count, 1);
    assert_int64_equal(list.notices[0].stamp.at_us, INT64_C(1700000000) * US_PER_SECOND);
    return list.notices[0].stamp.rank;
}

struct moment {
    const char *type, *object;
};

static void assert_each_is_later(const struct moment *life, size_t count)
{
    for (size_t i = 1; i < count; i++) {
        int64_t before = rank_of(life[i - 1].type, life[i - 1].object);
        int64_t after = rank_of(life[i].type, life[i].object);
        assert_row(before < after, life[i].type);
    }
}
#define ASSERT_LIFE(life) assert_each_is_later(life, sizeof(life) / sizeof *(life))

static void a_payment_intent_ages_to_success(void **state)
{
    (void)state;
    static const struct moment life[] = {
        {"payment_intent.created", "\"status\":\"requires_payment_method\""},
        {"payment_intent.partially_funded", "\"status\":\"requires_payment_method\""},
        {"payment_intent.created", "\"status\":\"requires_confirmation\""},
        {"payment_intent.requires_action", "\"status\":\"requires_action\""},
        {"payment_intent.processing", "\"status\":\"processing\""},
        {"payment_intent.payment_failed",
            "\"status\":\"requires_payment_method\",\"last_payment_error\":{\"code\":\"x\"}"},
        {"payment_intent.amount_capturable_updated", "\"status\":\"requires_capture\""},
        {"payment_intent.succeeded", "\"status\":\"succeeded\""},
    };
    ASSERT_LIFE(life);
}

static void a_payment_intent_ages_to_cancellation(void **state)
{
    (void)state;
    static const struct moment life[] = {
        {"payment_intent.created", "\"status\":\"requires_payment_method\""},
        {"payment_intent.amount_capturable_updated", "\"status\":\"requires_capture\""},
        {"payment_intent.canceled", "\"status\":\"canceled\""},
    };
    ASSERT_LIFE(life);
}

static void a_failed_attempt_is_later_than_the_payment_that_was_begun(void **state)
{
    (void)state;
    static const struct moment life[] = {
        {"payment_intent.created", "\"status\":\"requires_payment_method\""},
        {"payment_intent.payment_failed",
            "\"status\":\"requires_payment_method\",\"latest_charge\":\"ch_1\""},
        {"payment_intent.succeeded", "\"status\":\"succeeded\""},
    };
    ASSERT_LIFE(life);
}

static void a_charge_ages_to_late_failure(void **state)
{
    (void)state;
    static const struct moment life[] = {
        {"charge.updated", "\"status\":\"levitating\""},
        {"charge.pending", "\"status\":\"pending\""},
        {"charge.updated", "\"status\":\"pending\""},
        {"charge.succeeded", "\"status\":\"succeeded\",\"captured\":false"},
        {"charge.succeeded", "\"status\":\"succeeded\",\"captured\":true"},
        {"charge.updated", "\"status\":\"succeeded\",\"captured\":true"},
        {"charge.captured", "\"status\":\"succeeded\",\"captured\":true"},
        {"charge.refunded", "\"status\":\"succeeded\",\"captured\":true,\"amount_refunded\":1"},
        {"charge.failed", "\"status\":\"failed\""},
    };
    ASSERT_LIFE(life);
}

static void an_authorisation_ages_to_its_release(void **state)
{
    (void)state;
    static const struct moment life[] = {
        {"charge.succeeded", "\"status\":\"succeeded\",\"captured\":false"},
        {"charge.expired", "\"status\":\"succeeded\",\"captured\":false,\"refunded\":true"},
    };
    ASSERT_LIFE(life);
}

static void a_refund_ages_to_late_failure(void **state)
{
    (void)state;
    static const struct moment life[] = {
        {"refund.created", "\"status\":\"pending\""},
        {"refund.updated", "\"status\":\"pending\""},
        {"refund.updated", "\"status\":\"requires_action\""},
        {"refund.created", "\"status\":\"succeeded\""},
        {"refund.updated", "\"status\":\"succeeded\""},
        {"refund.updated", "\"status\":\"failed\""},
        {"refund.failed", "\"status\":\"failed\""},
    };
    ASSERT_LIFE(life);
}

static void a_customer_ages_to_deletion(void **state)
{
    (void)state;
    static const struct moment life[] = {
        {"customer.created", "\"object\":\"customer\""},
        {"customer.updated", "\"object\":\"customer\""},
        {"customer.deleted", "\"object\":\"customer\""},
    };
    ASSERT_LIFE(life);
}

/* previous_attributes decides between these, so their ranks must not. */
static void what_previous_attributes_can_order_ties(void **state)
{
    (void)state;
    static const struct {
        struct moment one, other;
    } rows[] = {
        {{"charge.refunded", "\"status\":\"succeeded\",\"amount_refunded\":100"},
            {"charge.refunded", "\"status\":\"succeeded\",\"amount_refunded\":200"}},
        {{"refund.updated", "\"status\":\"succeeded\""},
            {"charge.refund.updated", "\"object\":\"refund\",\"status\":\"succeeded\""}},
        {{"customer.updated", "\"email\":\"a@example.com\""},
            {"customer.updated", "\"email\":\"b@example.com\""}},
    };
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        assert_row(rank_of(rows[i].one.type, rows[i].one.object) ==
                       rank_of(rows[i].other.type, rows[i].other.object),
            rows[i].one.type);
    }
}

TESTS_MAIN("ranks",
    TEST(a_payment_intent_ages_to_success),
    TEST(a_payment_intent_ages_to_cancellation),
    TEST(a_failed_attempt_is_later_than_the_payment_that_was_begun),
    TEST(a_charge_ages_to_late_failure),
    TEST(an_authorisation_ages_to_its_release),
    TEST(a_refund_ages_to_late_failure),
    TEST(a_customer_ages_to_deletion),
    TEST(what_previous_attributes_can_order_ties))
