/* What is sold, for how much, and for how much less. */
#include "unit/domain/one_object.h"

static const struct price base = {.unit_amount_minor = 1000,
    .currency = {"EUR"},
    .interval_unit = "month",
    .interval_count = 1,
    .active = true,
    .made_at = SECOND(200)};

static void a_price_is_what_was_said_last_in_any_order(void **state)
{
    (void)state;
    struct notice notices[] = {object_says(ID_PRICE, &base, 300, 1),
        object_says(ID_PRICE, &base, 400, 1), object_says(ID_PRICE, &base, 500, 1)};
    *change_link(&notices[0], "product_id") = (struct link){LINK_NAMED, STR("p")};
    *change_link(&notices[2], "product_id") = (struct link){LINK_NAMED, STR("q")};
    ((struct price *)notice_change(&notices[1]))->active = false;
    assert_any_order_ends_equal(ID_PRICE, notices, 3);
    struct one_object one;
    one_object_play(&one, notices, (const uint32_t[]){0, 2, 1}, 3);
    const struct price *now = (const void *)one.record;
    assert_true(now->active);
    assert_int_equal(now->product_id.bytes[0], 'q');
    assert_int_equal(one.told[EVENT_PRICE_OPENED], 1);
    assert_int_equal(one.told[EVENT_PRICE_CHANGED], 1);
}

static void what_is_deleted_stays_so_whenever_it_is_heard(void **state)
{
    (void)state;
    static const struct product product = {.name = "Tea", .active = true, .made_at = SECOND(200)};
    struct notice notices[] = {object_says(ID_PRODUCT, &product, 300, 1),
        object_says(ID_PRODUCT, &product, 400, 1), object_says(ID_PRODUCT, &product, 500, 1)};
    ((struct product *)notice_change(&notices[1]))->deleted = true;
    assert_any_order_ends_equal(ID_PRODUCT, notices, 3);
    struct one_object one;
    one_object_play(&one, notices, (const uint32_t[]){2, 0, 1}, 3);
    assert_true(((struct product *)(void *)one.record)->deleted);
    assert_int_equal(one.told_late[EVENT_PRODUCT_DELETED], 1);

    struct notice gone = object_says(ID_PRICE, &base, 300, 1);
    ((struct price *)notice_change(&gone))->deleted = true;
    one_object_init(&one);
    one_object_take(&one, &gone);
    assert_int_equal(one.told[EVENT_PRICE_DELETED], 1);
}

static void a_price_does_not_change_its_currency(void **state)
{
    (void)state;
    struct one_object one;
    one_object_init(&one);
    struct notice first = object_says(ID_PRICE, &base, 300, 1);
    struct notice other = object_says(ID_PRICE, &base, 400, 1);
    ((struct price *)notice_change(&other))->currency = (struct currency){"USD"};
    one_object_take(&one, &first);
    assert_err(one_object_try(&one, &other), ERR_IMPOSSIBLE);
    assert_string_equal(((struct price *)(void *)one.record)->currency.code, "EUR");
}

static struct notice discount_says(const char *coupon, bool deleted, int64_t second)
{
    struct discount discount = {.deleted = deleted, .started_at = SECOND(250)};
    (void)str_copy_to(discount.coupon, sizeof discount.coupon, str_from(coupon));
    struct notice notice = object_says(ID_DISCOUNT, &discount, second, 1);
    *change_link(&notice, "customer_id") = (struct link){LINK_NAMED, STR("c")};
    return notice;
}

/* Without ids of their own, one after the other is one discount. */
static void a_discount_that_was_taken_away_may_be_given_again(void **state)
{
    (void)state;
    struct notice notices[] = {discount_says("TEN", false, 300), discount_says("TEN", true, 400),
        discount_says("HALF", false, 500)};
    assert_any_order_ends_equal(ID_DISCOUNT, notices, 3);
    struct one_object one;
    one_object_play(&one, notices, (const uint32_t[]){2, 1, 0}, 3);
    const struct discount *now = (const void *)one.record;
    assert_false(now->deleted);
    assert_string_equal(now->coupon, "HALF");
    assert_int_equal(now->customer_id.bytes[0], 'c');
    assert_int_equal(one.told_late[EVENT_DISCOUNT_DELETED], 1);
    assert_int_equal(one.told[EVENT_DISCOUNT_OPENED], 1);
}

static void a_discount_opens_when_it_starts(void **state)
{
    (void)state;
    struct one_object one;
    one_object_init(&one);
    struct notice notice = discount_says("TEN", false, 300);
    one_object_take(&one, &notice);
    assert_int64_equal(one.decision.events[0].occurred_at_us, SECOND(250));
}

TESTS_MAIN("price",
    TEST(a_price_is_what_was_said_last_in_any_order),
    TEST(what_is_deleted_stays_so_whenever_it_is_heard),
    TEST(a_price_does_not_change_its_currency),
    TEST(a_discount_that_was_taken_away_may_be_given_again),
    TEST(a_discount_opens_when_it_starts))
