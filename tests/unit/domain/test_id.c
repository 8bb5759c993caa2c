#include "domain/id.h"
#include "unit/testing.h"

static const uint8_t random_ones[10] = {0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff};

static void an_id_has_the_milliseconds_first_then_version_and_variant(void **state)
{
    (void)state;
    struct own_id id = own_id_make(INT64_C(0x0123456789ab) * 1000 + 999, random_ones);
    static const uint8_t expected[16] = {0x01, 0x23, 0x45, 0x67, 0x89, 0xab, 0x7f, 0xff, 0xbf, 0xff,
        0xff, 0xff, 0xff, 0xff, 0xff, 0xff};
    assert_memory_equal(id.bytes, expected, sizeof expected);
}

static void an_id_of_time_0_and_no_randomness_is_not_none(void **state)
{
    (void)state;
    static const uint8_t zeros[10];
    assert_false(own_id_is_none(own_id_make(0, zeros)));
    assert_true(own_id_is_none((struct own_id){{0}}));
}

static void a_later_millisecond_sorts_behind(void **state)
{
    (void)state;
    static const uint8_t zeros[10];
    struct own_id early = own_id_make(1000, random_ones);
    struct own_id late = own_id_make(2000, zeros);
    assert_true(own_id_compare(early, late) < 0);
    assert_true(own_id_compare(late, early) > 0);
    assert_int_equal(own_id_compare(late, late), 0);
    assert_true(own_id_eq(late, late));
    assert_false(own_id_eq(late, early));
}

static void a_bound_of_a_time_is_before_its_ids_and_behind_earlier_ones(void **state)
{
    (void)state;
    static const uint8_t zeros[10];
    const int64_t second_us = INT64_C(1700000000000000);
    struct own_id bound = own_id_first(second_us);
    assert_true(own_id_compare(own_id_make(second_us, zeros), bound) > 0);
    assert_true(own_id_compare(own_id_make(second_us - 1000, random_ones), bound) < 0);
    assert_true(own_id_eq(own_id_first(second_us - 999), bound)); /* of the next millisecond */
    assert_true(
        own_id_compare(own_id_make(second_us, random_ones), own_id_first(second_us + 1)) < 0);
    assert_true(own_id_is_none(own_id_first(0)));
    assert_true(own_id_is_none(own_id_first(-1)));
}

static void the_bound_of_a_time_that_no_id_can_have_is_behind_all_that_can(void **state)
{
    (void)state;
    struct own_id bound = own_id_first(INT64_MAX);
    static const uint8_t last[16] = {0xff, 0xff, 0xff, 0xff, 0xff, 0xff};
    assert_memory_equal(bound.bytes, last, sizeof last);
}

static void a_time_before_the_epoch_breaks_the_contract(void **state)
{
    (void)state;
    assert_aborts((void)own_id_make(-1, random_ones));
}

static void every_kind_formats_and_parses_back(void **state)
{
    (void)state;
    static const char *const texts[] = {
#define AGGREGATE(NAME, name, prefix, help) [ID_##NAME] = prefix "0123456789ab7fffbfffffffffffffff",
#include "domain/aggregates.def"
    };
    assert_string_equal(texts[ID_PAYMENT], "cf_pay_0123456789ab7fffbfffffffffffffff");
    assert_string_equal(texts[ID_ATTEMPT], "cf_att_0123456789ab7fffbfffffffffffffff");
    assert_string_equal(texts[ID_REFUND], "cf_ref_0123456789ab7fffbfffffffffffffff");
    assert_string_equal(texts[ID_CUSTOMER], "cf_cus_0123456789ab7fffbfffffffffffffff");
    struct own_id id = own_id_make(INT64_C(0x0123456789ab) * 1000, random_ones);
    for (int kind = 0; kind < ID_KIND_COUNT; kind++) {
        char text[OWN_ID_TEXT_BYTES];
        own_id_format((enum id_kind)kind, id, text);
        assert_string_equal(text, texts[kind]);
        enum id_kind parsed_kind = ID_KIND_COUNT;
        struct own_id parsed = {{0}};
        assert_err(own_id_parse(str_from(text), &parsed_kind, &parsed), ERR_OK);
        assert_int_equal(parsed_kind, kind);
        assert_true(own_id_eq(parsed, id));
    }
}

static void no_id_formats_as_nothing(void **state)
{
    (void)state;
    char text[OWN_ID_TEXT_BYTES] = "before";
    own_id_format(ID_PAYMENT, (struct own_id){{0}}, text);
    assert_string_equal(text, "");
}

static void text_that_is_no_id_of_ours_is_malformed_and_writes_nothing(void **state)
{
    (void)state;
    static const char *const texts[] = {
        "",
        "cf_pay_",
        "cf_pay_0123456789ab7fffbffffffffffffff",
        "cf_pay_0123456789ab7fffbfffffffffffffff0",
        "cf_pay_0123456789ab7fffbffffffffffffffg",
        "cf_pay_00000000000000000000000000000000",
        "cf_xxx_0123456789ab7fffbfffffffffffffff",
        "CF_PAY_0123456789ab7fffbfffffffffffffff",
        "0123456789ab7fffbfffffffffffffff",
        " cf_pay_0123456789ab7fffbfffffffffffffff",
    };
    for (size_t i = 0; i < sizeof texts / sizeof texts[0]; i++) {
        enum id_kind kind = ID_CUSTOMER;
        struct own_id id = {{7}};
        assert_row(own_id_parse(str_from(texts[i]), &kind, &id) == ERR_MALFORMED, texts[i]);
        assert_row(kind == ID_CUSTOMER && id.bytes[0] == 7, texts[i]);
    }
}

static void the_hex_digits_may_be_of_either_case(void **state)
{
    (void)state;
    enum id_kind kind;
    struct own_id id;
    assert_err(own_id_parse(STR("cf_ref_0123456789AB7FFFBFFFFFFFFFFFFFFF"), &kind, &id), ERR_OK);
    assert_int_equal(kind, ID_REFUND);
    assert_true(own_id_eq(id, own_id_make(INT64_C(0x0123456789ab) * 1000, random_ones)));
}

static void every_kind_has_a_word_that_parses_back(void **state)
{
    (void)state;
    for (int i = 0; i < ID_KIND_COUNT; i++) {
        enum id_kind kind = ID_KIND_COUNT;
        assert_true(id_kind_parse(str_from(id_kind_word((enum id_kind)i)), &kind));
        assert_int_equal(kind, i);
    }
    enum id_kind kind = ID_REFUND;
    assert_false(id_kind_parse(STR("refunds"), &kind));
    assert_int_equal(kind, ID_REFUND);
}

TESTS_MAIN("id",
    TEST(an_id_has_the_milliseconds_first_then_version_and_variant),
    TEST(an_id_of_time_0_and_no_randomness_is_not_none),
    TEST(a_later_millisecond_sorts_behind),
    TEST(a_bound_of_a_time_is_before_its_ids_and_behind_earlier_ones),
    TEST(the_bound_of_a_time_that_no_id_can_have_is_behind_all_that_can),
    TEST(a_time_before_the_epoch_breaks_the_contract),
    TEST(every_kind_formats_and_parses_back),
    TEST(no_id_formats_as_nothing),
    TEST(text_that_is_no_id_of_ours_is_malformed_and_writes_nothing),
    TEST(the_hex_digits_may_be_of_either_case),
    TEST(every_kind_has_a_word_that_parses_back))
