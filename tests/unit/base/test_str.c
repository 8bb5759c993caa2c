#include "unit/testing.h"

static void text_is_equal_byte_by_byte(void **state)
{
    (void)state;
    assert_true(str_eq(STR("abc"), STR("abc")));
    assert_true(str_eq(STR_NONE, STR("")));
    assert_false(str_eq(STR("abc"), STR("abd")));
    assert_false(str_eq(STR("abc"), STR("abcd")));
    assert_true(str_eq((struct str){"a\0b", 3}, (struct str){"a\0b", 3}));
    assert_false(str_eq((struct str){"a\0b", 3}, (struct str){"a\0c", 3}));
    assert_true(str_eq(str_from(NULL), STR_NONE));
    assert_null(str_from(NULL).data);
}

static void case_is_ignored_in_ascii_only(void **state)
{
    (void)state;
    assert_true(str_eq_ignoring_case(STR("Stripe-Signature"), STR("stripe-SIGNATURE")));
    assert_false(str_eq_ignoring_case(STR("a"), STR("ab")));
    assert_false(str_eq_ignoring_case(STR("["), STR("{"))); /* differ in the same bit as letters */
    assert_false(str_eq_ignoring_case(STR("@"), STR("`")));
    assert_false(str_eq_ignoring_case(STR("\xc3\x84"), STR("\xc3\xa4")));
}

static void order_is_bytewise_and_shorter_first(void **state)
{
    (void)state;
    static const char *const rising[] = {"", "a", "aa", "ab", "b", "z", "\x7f", "\x80", "\xff"};
    enum { COUNT = sizeof rising / sizeof rising[0] };
    for (int i = 0; i < COUNT; i++) {
        for (int other = 0; other < COUNT; other++) {
            int order = str_compare(str_from(rising[i]), str_from(rising[other]));
            assert_row(order == (i > other) - (i < other), rising[i]);
        }
    }
}

static void a_prefix_is_found_at_the_start_only(void **state)
{
    (void)state;
    assert_true(str_starts_with(STR("whsec_x"), STR("whsec_")));
    assert_true(str_starts_with(STR("x"), STR_NONE));
    assert_true(str_starts_with(STR_NONE, STR_NONE));
    assert_false(str_starts_with(STR("whse"), STR("whsec_")));
    assert_false(str_starts_with(STR("a whsec_"), STR("whsec_")));
}

static void blanks_around_are_trimmed_and_inside_kept(void **state)
{
    (void)state;
    assert_str_equal_to(str_trim(STR(" \t\r\n a b \n")), "a b");
    assert_str_equal_to(str_trim(STR(" \t ")), "");
    assert_str_equal_to(str_trim(STR_NONE), "");
    assert_str_equal_to(str_trim(STR("\va")), "\va");
}

static void cutting_gives_the_parts_in_turn(void **state)
{
    (void)state;
    struct str rest = STR("t=1,v1=ab,,v1=cd,");
    assert_str_equal_to(str_cut(&rest, ','), "t=1");
    assert_str_equal_to(str_cut(&rest, ','), "v1=ab");
    assert_str_equal_to(str_cut(&rest, ','), "");
    assert_str_equal_to(rest, "v1=cd,");
    assert_str_equal_to(str_cut(&rest, ','), "v1=cd");
    assert_str_equal_to(str_cut(&rest, ','), "");
    assert_int_equal(rest.len, 0);
    rest = STR("alone");
    assert_str_equal_to(str_cut(&rest, ','), "alone");
    assert_int_equal(rest.len, 0);
    assert_str_equal_to(str_cut(&rest, ','), "");
}

static void a_number_is_the_whole_text_or_none(void **state)
{
    (void)state;
    static const struct {
        const char *text;
        enum err err;
        int64_t value;
    } rows[] = {
        {"0", ERR_OK, 0}, {"-0", ERR_OK, 0}, {"+7", ERR_OK, 7}, {"007", ERR_OK, 7},
        {"1732272772", ERR_OK, 1732272772}, {"9223372036854775807", ERR_OK, INT64_MAX},
        {"-9223372036854775808", ERR_OK, INT64_MIN}, {"9223372036854775808", ERR_OVERFLOW, 0},
        {"+9223372036854775808", ERR_OVERFLOW, 0}, {"-9223372036854775809", ERR_OVERFLOW, 0},
        {"99999999999999999999999999", ERR_OVERFLOW, 0},
        {"-99999999999999999999999999", ERR_OVERFLOW, 0},
        {"99999999999999999999999999x", ERR_MALFORMED, 0}, {"", ERR_MALFORMED, 0},
        {"-", ERR_MALFORMED, 0}, {"+", ERR_MALFORMED, 0}, {"--1", ERR_MALFORMED, 0},
        {"+-1", ERR_MALFORMED, 0}, {" 1", ERR_MALFORMED, 0}, {"1 ", ERR_MALFORMED, 0},
        {"1.0", ERR_MALFORMED, 0}, {"1e3", ERR_MALFORMED, 0}, {"0x10", ERR_MALFORMED, 0},
        {"\xd9\xa1", ERR_MALFORMED, 0}, /* an Arabic one */
    };
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        int64_t value = 4711;
        assert_row(str_to_int64(str_from(rows[i].text), &value) == rows[i].err, rows[i].text);
        assert_row(value == (rows[i].err == ERR_OK ? rows[i].value : 4711), rows[i].text);
    }
    int64_t value = 4711;
    assert_err(str_to_int64((struct str){"1\0", 2}, &value), ERR_MALFORMED);
}

static void a_copy_is_cut_at_a_character(void **state)
{
    (void)state;
    char to[6];
    assert_true(str_copy_to(to, sizeof to, STR("abcde")));
    assert_string_equal(to, "abcde");
    assert_false(str_copy_to(to, sizeof to, STR("abcdef")));
    assert_string_equal(to, "abcde");
    assert_false(str_copy_to(to, sizeof to, STR("abc\xe2\x82\xac")));
    assert_string_equal(to, "abc");
    assert_true(str_copy_to(to, sizeof to, STR_NONE));
    assert_string_equal(to, "");
    assert_false(str_copy_to(to, 1, STR("a")));
    assert_string_equal(to, "");
}

static void hex_goes_there_and_back(void **state)
{
    (void)state;
    uint8_t bytes[256];
    uint8_t back[256];
    char hex[512];
    for (size_t i = 0; i < sizeof bytes; i++) {
        bytes[i] = (uint8_t)i;
    }
    hex_encode(hex, bytes, sizeof bytes);
    assert_strs_equal(((struct str){hex + 2 * 0xa0, 8}), STR("a0a1a2a3"));
    assert_true(hex_decode(back, sizeof back, (struct str){hex, sizeof hex}));
    assert_memory_equal(bytes, back, sizeof bytes);
    assert_true(hex_decode(back, 2, STR("AbFf")));
    assert_int_equal(back[0], 0xab);
    assert_int_equal(back[1], 0xff);
}

static void what_is_not_exactly_hex_is_refused(void **state)
{
    (void)state;
    static const char *const rows[] = {
        "", "a", "abc", "abcde", "abcg", "ab c", "0xab", "-1-1", "ab\xc3\xa4", "@A@A", "`a`a"};
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        uint8_t bytes[2];
        assert_row(!hex_decode(bytes, sizeof bytes, str_from(rows[i])), rows[i]);
    }
    assert_true(hex_decode(NULL, 0, STR_NONE));
}

static void hashes_are_those_published_for_fnv_1a(void **state)
{
    (void)state;
    assert_true(hash_bytes(NULL, 0, 0) == UINT64_C(0xcbf29ce484222325));
    assert_true(hash_bytes("a", 1, 0) == UINT64_C(0xaf63dc4c8601ec8c));
    assert_true(hash_bytes("foobar", 6, 0) == UINT64_C(0x85944171f73967e8));
    assert_true(hash_bytes("foobar", 6, 1) != hash_bytes("foobar", 6, 0));
}

static void digits_are_decimal_ones_and_at_least_one(void **state)
{
    (void)state;
    assert_true(str_is_digits(STR("0")));
    assert_true(str_is_digits(STR("0123456789")));
    static const char *const others[] = {"", "-1", "+1", "1.0", "1 ", "1/", "1:", "a", "\xd9\xa1"};
    for (size_t i = 0; i < sizeof others / sizeof others[0]; i++) {
        assert_row(!str_is_digits(str_from(others[i])), others[i]);
    }
}

TESTS_MAIN("base/str",
    TEST(text_is_equal_byte_by_byte),
    TEST(case_is_ignored_in_ascii_only),
    TEST(order_is_bytewise_and_shorter_first),
    TEST(a_prefix_is_found_at_the_start_only),
    TEST(blanks_around_are_trimmed_and_inside_kept),
    TEST(cutting_gives_the_parts_in_turn),
    TEST(a_number_is_the_whole_text_or_none),
    TEST(a_copy_is_cut_at_a_character),
    TEST(hex_goes_there_and_back),
    TEST(what_is_not_exactly_hex_is_refused),
    TEST(hashes_are_those_published_for_fnv_1a),
    TEST(digits_are_decimal_ones_and_at_least_one))
