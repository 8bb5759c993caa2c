#include "unit/domain/says.h"
#include "unit/testing.h"

static struct customer customer;
static struct decision decision;

static int begin(void **state)
{
    (void)state;
    customer = (struct customer){.head = {.id = id_of(21)}};
    decision = (struct decision){.event_count = 0};
    return 0;
}

static enum err decide(struct notice notice, enum tie tie, bool contested)
{
    struct notice_ids ids = {.object = id_of(21)};
    return object_decide(&customer, &notice, &ids, tie, contested, &decision);
}

static void take(struct notice notice)
{
    assert_err(decide(notice, TIE_NONE, false), ERR_OK);
}

static void the_first_notice_opens_the_customer(void **state)
{
    (void)state;
    take(customer_says("Ann", 60, 1));
    assert_int_equal(decision.event_count, 1);
    assert_int_equal(decision.events[0].type, EVENT_CUSTOMER_OPENED);
    assert_int64_equal(decision.events[0].occurred_at_us, SECOND(50));
    assert_string_equal(customer.name, "Ann");
    assert_string_equal(customer.email, "someone@example.com");
    assert_int64_equal(customer.made_at, SECOND(50));
}

static void the_newest_name_stands(void **state)
{
    (void)state;
    take(customer_says("Ann", 60, 1));
    take(customer_says("Bea", 62, 1));
    assert_int_equal(decision.event_count, 1);
    assert_int_equal(decision.events[0].type, EVENT_CUSTOMER_CHANGED);
    take(customer_says("Cat", 61, 1));
    assert_int_equal(decision.effect, EFFECT_STALE);
    assert_int_equal(decision.event_count, 0);
    assert_string_equal(customer.name, "Bea");
}

static void who_is_deleted_stays_deleted(void **state)
{
    (void)state;
    take(customer_says("Ann", 60, 1));
    struct notice notice = customer_says("", 61, 1);
    change_customer(&notice)->deleted = true;
    take(notice);
    assert_int_equal(decision.event_count, 1);
    assert_int_equal(decision.events[0].type, EVENT_CUSTOMER_DELETED);
    assert_int64_equal(decision.events[0].occurred_at_us, SECOND(61));
    assert_true(customer.deleted);
    assert_string_equal(customer.name, "");
    take(customer_says("Ann", 62, 1));
    assert_true(customer.deleted);
    assert_string_equal(customer.name, "Ann");
}

static void a_deletion_that_is_heard_of_late_counts(void **state)
{
    (void)state;
    take(customer_says("Ann", 62, 1));
    struct notice notice = customer_says("", 61, 1);
    change_customer(&notice)->deleted = true;
    take(notice);
    assert_int_equal(decision.effect, EFFECT_APPLIED);
    assert_int_equal(decision.events[0].type, EVENT_CUSTOMER_DELETED);
    assert_true(decision.events[0].late);
    assert_true(customer.deleted);
    assert_string_equal(customer.name, "Ann");
}

static void the_same_again_is_the_same(void **state)
{
    (void)state;
    struct notice notice = customer_says("Ann", 60, 1);
    struct notice_ids ids = {.object = id_of(21)};
    assert_int_equal(object_standing(&customer, &notice, &ids), STANDING_NEWER);
    take(notice);
    assert_int_equal(object_standing(&customer, &notice, &ids), STANDING_SAME);
    take(notice);
    assert_int_equal(decision.effect, EFFECT_SAME);
    assert_int_equal(decision.event_count, 0);
}

static void a_tie_is_settled_as_told(void **state)
{
    (void)state;
    take(customer_says("Ann", 60, 1));
    assert_err(decide(customer_says("Bea", 60, 1), TIE_LOSES, true), ERR_OK);
    assert_string_equal(customer.name, "Ann");
    assert_true(customer.contested);
    assert_err(decide(customer_says("Bea", 60, 1), TIE_WINS, false), ERR_OK);
    assert_string_equal(customer.name, "Bea");
    assert_false(customer.contested);
}

#define EACH(test) TEST_WITH(test, begin, NULL)
TESTS_MAIN("customer",
    EACH(the_first_notice_opens_the_customer),
    EACH(the_newest_name_stands),
    EACH(who_is_deleted_stays_deleted),
    EACH(a_deletion_that_is_heard_of_late_counts),
    EACH(the_same_again_is_the_same),
    EACH(a_tie_is_settled_as_told))
