#include "unit/domain/says.h"
#include "unit/testing.h"

static void only_payments_and_their_attempts_are_of_a_payment(void **state)
{
    (void)state;
    for (int kind = 0; kind < ID_KIND_COUNT; kind++) {
        struct notice notice = {.kind = (enum id_kind)kind};
        bool expected = kind == ID_PAYMENT || kind == ID_ATTEMPT;
        assert_row(notice_is_of_payment(&notice) == expected, id_kind_word(notice.kind));
    }
}

static void the_stamp_is_not_part_of_the_content(void **state)
{
    (void)state;
    struct notice_ids ids = {.object = id_of(1)};
    struct notice early = payment_says(PAYMENT_OPEN, 1, 1);
    struct notice late = payment_says(PAYMENT_OPEN, 2, 2);
    assert_int64_equal(notice_content(&early, &ids), notice_content(&late, &ids));
}

/* All of `changed` differ from `base` in one thing each, and so from one another. */
static void assert_all_differ(const struct notice *base, const struct notice *changed, size_t count)
{
    struct notice_ids ids = {id_of(1), id_of(2), id_of(3), id_of(4), {id_of(5), id_of(6)}};
    int64_t contents[16] = {notice_content(base, &ids)};
    for (size_t i = 0; i < count; i++) {
        contents[i + 1] = notice_content(&changed[i], &ids);
        for (size_t j = 0; j <= i; j++) {
            assert_true(contents[j] != contents[i + 1]);
        }
    }
}

static void every_word_about_a_payment_is_part_of_the_content(void **state)
{
    (void)state;
    struct notice base = payment_says(PAYMENT_OPEN, 1, 1);
    struct notice changed[] = {base, base, base, base, base, base, base, base, base};
    changed[0].payment_says.state = PAYMENT_CANCELED;
    changed[1].payment_says.amount_minor = 1;
    changed[2].payment_says.received_minor = 1;
    changed[3].payment_says.currency = USD;
    changed[4].payment_says.created_at_us = 1;
    changed[5].payment_says.failure_code = STR("x");
    changed[6].customer.state = LINK_NONE;
    changed[7].customer.state = LINK_NAMED;
    changed[8].attempt.state = LINK_NAMED;
    assert_all_differ(&base, changed, sizeof changed / sizeof changed[0]);
}

static void every_word_about_an_attempt_is_part_of_the_content(void **state)
{
    (void)state;
    struct notice base = attempt_says(ATTEMPT_PENDING, 1, 1);
    struct notice changed[] = {base, base, base, base, base, base, base, base, base};
    changed[0].attempt_says.state = ATTEMPT_FAILED;
    changed[1].attempt_says.amount_minor = 1;
    changed[2].attempt_says.captured_minor = 1;
    changed[3].attempt_says.refunded_minor = 1;
    changed[4].attempt_says.currency = USD;
    changed[5].attempt_says.created_at_us = 1;
    changed[6].attempt_says.method = STR("x");
    changed[7].attempt_says.failure_code = STR("x");
    changed[8].payment.state = LINK_NONE;
    assert_all_differ(&base, changed, sizeof changed / sizeof changed[0]);
}

static void every_word_about_a_refund_is_part_of_the_content(void **state)
{
    (void)state;
    struct notice base = refund_says(REFUND_PENDING, 1, 1);
    struct notice changed[] = {base, base, base, base, base, base, base, base, base};
    change_refund(&changed[0])->state = REFUND_FAILED;
    change_refund(&changed[1])->amount_minor = 1;
    change_refund(&changed[2])->currency = USD;
    change_refund(&changed[3])->made_at = 1;
    (void)str_copy_to(change_refund(&changed[4])->reason, 8, STR("x"));
    (void)str_copy_to(change_refund(&changed[5])->failure_reason, 8, STR("x"));
    change_link(&changed[6], "payment_id")->state = LINK_NONE;
    change_link(&changed[7], "payment_id")->state = LINK_NAMED;
    change_link(&changed[8], "attempt_id")->state = LINK_NAMED;
    assert_all_differ(&base, changed, sizeof changed / sizeof changed[0]);
}

static void every_word_about_a_customer_is_part_of_the_content(void **state)
{
    (void)state;
    struct notice base = customer_says("Ann", 1, 1);
    struct notice changed[] = {base, base, base, base};
    (void)str_copy_to(change_customer(&changed[0])->name, 8, STR("Bea"));
    (void)str_copy_to(change_customer(&changed[1])->email, 8, STR("x"));
    change_customer(&changed[2])->deleted = true;
    change_customer(&changed[3])->made_at = 1;
    assert_all_differ(&base, changed, sizeof changed / sizeof changed[0]);
}

static void whom_a_link_names_is_part_of_the_content(void **state)
{
    (void)state;
    struct notice notice = payment_says(PAYMENT_OPEN, 1, 1);
    notice.customer.state = LINK_NAMED;
    struct notice_ids one = {.object = id_of(1), .customer = id_of(2)};
    struct notice_ids other = {.object = id_of(1), .customer = id_of(3)};
    assert_true(notice_content(&notice, &one) != notice_content(&notice, &other));
}

static void a_letter_that_moves_to_the_next_field_changes_the_content(void **state)
{
    (void)state;
    struct notice_ids ids = {.object = id_of(1)};
    struct notice one = customer_says("ab", 1, 1);
    struct notice other = customer_says("a", 1, 1);
    (void)str_copy_to(change_customer(&one)->email, 8, STR("c"));
    (void)str_copy_to(change_customer(&other)->email, 8, STR("bc"));
    assert_true(notice_content(&one, &ids) != notice_content(&other, &ids));
}

/* It is stored, so it may not change from release to release nor between machines. */
static void the_content_of_old_releases_is_the_content_of_today(void **state)
{
    (void)state;
    struct notice_ids ids = {.object = id_of(1)};
    struct notice notice = payment_says(PAYMENT_OPEN, 1, 1);
    assert_int64_equal(notice_content(&notice, &ids), INT64_C(6916614342235726652));
}

TESTS_MAIN("notice",
    TEST(only_payments_and_their_attempts_are_of_a_payment),
    TEST(the_stamp_is_not_part_of_the_content),
    TEST(every_word_about_a_payment_is_part_of_the_content),
    TEST(every_word_about_an_attempt_is_part_of_the_content),
    TEST(every_word_about_a_refund_is_part_of_the_content),
    TEST(every_word_about_a_customer_is_part_of_the_content),
    TEST(whom_a_link_names_is_part_of_the_content),
    TEST(a_letter_that_moves_to_the_next_field_changes_the_content),
    TEST(the_content_of_old_releases_is_the_content_of_today))
