#include "unit/domain/one_object.h"

static struct notice says(const char *customer, int64_t second)
{
    struct payment_method method = {.method = "card",
        .brand = "visa",
        .last_four = "4242",
        .expiry_month = 9,
        .expiry_year = 2030,
        .made_at = SECOND(200)};
    struct notice notice = object_says(ID_PAYMENT_METHOD, &method, second, 10);
    struct link *link = change_link(&notice, "customer_id");
    link->state = customer == NULL ? LINK_NONE : LINK_NAMED;
    link->provider_id = customer == NULL ? STR_NONE : str_from(customer);
    return notice;
}

static struct payment_method *change(struct notice *notice)
{
    return notice_change(notice);
}

static void a_detached_one_is_nobodys_and_stays_deleted_in_any_order(void **state)
{
    (void)state;
    struct notice notices[] = {says("c", 300), says("c", 400), says(NULL, 500)};
    change(&notices[1])->expiry_year = 2035;
    change(&notices[2])->deleted = true;
    assert_any_order_ends_equal(ID_PAYMENT_METHOD, notices, 3);
    struct one_object one;
    one_object_play(&one, notices, (const uint32_t[]){2, 0, 1}, 3);
    const struct payment_method *method = (void *)one.record;
    assert_true(method->deleted);
    assert_true(own_id_is_none(method->customer_id));
    assert_int64_equal(method->expiry_year, 2030);
    assert_int_equal(one.told[EVENT_PAYMENT_METHOD_OPENED], 1);
    assert_int_equal(one.told[EVENT_PAYMENT_METHOD_DELETED], 1);
}

static void a_deletion_that_is_heard_of_late_counts(void **state)
{
    (void)state;
    struct one_object one;
    one_object_init(&one);
    struct notice newer = says("c", 500);
    one_object_take(&one, &newer);
    struct notice older = says("c", 400);
    change(&older)->deleted = true;
    one_object_take(&one, &older);
    assert_int_equal(one.told_late[EVENT_PAYMENT_METHOD_DELETED], 1);
    assert_true(((struct payment_method *)(void *)one.record)->deleted);
}

static void a_new_expiry_is_a_change(void **state)
{
    (void)state;
    struct one_object one;
    one_object_init(&one);
    struct notice first = says("c", 300);
    one_object_take(&one, &first);
    struct notice renewed = says("c", 400);
    change(&renewed)->expiry_year = 2035;
    one_object_take(&one, &renewed);
    assert_int_equal(one.told[EVENT_PAYMENT_METHOD_CHANGED], 1);
    assert_int64_equal(((struct payment_method *)(void *)one.record)->expiry_year, 2035);
}

static void it_holds_nothing_personal_beside_the_last_digits(void **state)
{
    (void)state;
    static const char *const allowed[] = {"customer_id", "method", "brand", "last_four",
        "expiry_month", "expiry_year", "country", "wallet", "deleted", "made_at", "contested"};
    const struct record_kind *kind = record_kind_of(ID_PAYMENT_METHOD);
    size_t business = 0;
    for (size_t i = 0; i < kind->field_count; i++) {
        if (field_is_business(&kind->fields[i])) {
            assert_string_equal(kind->fields[i].name, allowed[business++]);
        }
    }
    assert_int_equal(business, sizeof allowed / sizeof allowed[0]);
}

TESTS_MAIN("payment_method",
    TEST(a_detached_one_is_nobodys_and_stays_deleted_in_any_order),
    TEST(a_deletion_that_is_heard_of_late_counts),
    TEST(a_new_expiry_is_a_change),
    TEST(it_holds_nothing_personal_beside_the_last_digits))
