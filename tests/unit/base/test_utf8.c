#include "unit/testing.h"

/* Written down a second time and differently, so that two mistakes would have to agree: decodes,
 * and then looks at the code point. */
static bool plainly_utf8(const unsigned char *at, size_t len)
{
    while (len > 0) {
        size_t bytes = at[0] < 0x80         ? 1
                       : at[0] >> 5 == 0x06 ? 2
                       : at[0] >> 4 == 0x0e ? 3
                       : at[0] >> 3 == 0x1e ? 4
                                            : 0;
        if (bytes == 0 || bytes > len) {
            return false;
        }
        uint32_t c = bytes == 1 ? at[0] : at[0] & (0x7fu >> bytes);
        for (size_t i = 1; i < bytes; i++) {
            if (at[i] >> 6 != 2) {
                return false;
            }
            c = c << 6 | (at[i] & 0x3fu);
        }
        static const uint32_t lowest[] = {0, 0, 0x80, 0x800, 0x10000};
        if (c < lowest[bytes] || c > 0x10ffff || (c >= 0xd800 && c <= 0xdfff)) {
            return false;
        }
        at += bytes;
        len -= bytes;
    }
    return true;
}

static void every_text_of_up_to_three_bytes_is_judged_rightly(void **state)
{
    (void)state;
    unsigned char bytes[3];
    for (uint32_t i = 0; i < 1u << 24; i += i < 1u << 16 ? 1 : 7) {
        bytes[0] = (unsigned char)(i >> 16);
        bytes[1] = (unsigned char)(i >> 8);
        bytes[2] = (unsigned char)i;
        for (size_t len = 1; len <= 3; len++) {
            const unsigned char *at = bytes + 3 - len;
            if (str_is_utf8((struct str){(const char *)at, len}) != plainly_utf8(at, len)) {
                fail_msg("%02x %02x %02x, the last %zu", bytes[0], bytes[1], bytes[2], len);
            }
        }
    }
}

static void random_text_is_judged_rightly_at_any_alignment(void **state)
{
    (void)state;
    static const char *const parts[] = {"plain ASCII text, longer than eight bytes", "a",
        "\xc3\xa4", "\xe2\x82\xac", "\xf0\x9f\x92\xb6", "\xf4\x8f\xbf\xbf", "\xed\x9f\xbf",
        "\xee\x80\x80", "\xf4\x90\x80\x80", "\xed\xa0\x80", "\xc0\x80", "\xe0\x9f\xbf",
        "\xf0\x8f\xbf\xbf", "\x80", "\xff", "\xc3", "\xe2\x82", "\xf0\x9f\x92"};
    enum { PARTS = sizeof parts / sizeof parts[0], GOOD = 8 };
    uint64_t random = test_seed();
    for (int i = 0; i < 20000; i++) {
        char text[600];
        size_t len = test_random_below(&random, 8);
        memset(text, 'x', len);
        uint64_t kinds = test_random_below(&random, 4) == 0 ? PARTS : GOOD;
        for (int part = 0; part < 10; part++) {
            const char *from = parts[test_random_below(&random, kinds)];
            memcpy(text + len, from, strlen(from));
            len += strlen(from);
        }
        struct str s = {text, len};
        size_t good = str_utf8_len(s);
        assert_true(str_is_utf8(s) == plainly_utf8((const unsigned char *)text, len));
        assert_true((good == len) == str_is_utf8(s));
        assert_true(plainly_utf8((const unsigned char *)text, good));
    }
}

static void the_place_of_the_first_bad_byte_is_told(void **state)
{
    (void)state;
    assert_int_equal(str_utf8_len(STR("abc\xff")), 3);
    assert_int_equal(str_utf8_len(STR("0123456789\xc3\xa4\xc3")), 12);
    assert_int_equal(str_utf8_len(STR("\xc3\xa4")), 2);
    assert_int_equal(str_utf8_len(STR_NONE), 0);
    assert_true(str_is_utf8((struct str){"a\0b", 3})); /* NUL is a character like any other */
}

static void a_prefix_never_cuts_a_character_and_is_as_long_as_can_be(void **state)
{
    (void)state;
    struct str s = STR("a\xc3\xa4\xe2\x82\xac\xf0\x9f\x92\xb6z");
    static const size_t expected[] = {0, 1, 1, 3, 3, 3, 6, 6, 6, 6, 10, 11, 11, 11};
    for (size_t max = 0; max < sizeof expected / sizeof expected[0]; max++) {
        assert_int_equal(str_prefix_utf8(s, max).len, expected[max]);
    }
    assert_int_equal(str_prefix_utf8(STR_NONE, 5).len, 0);
}

static void a_prefix_of_no_utf8_is_simply_cut(void **state)
{
    (void)state;
    assert_int_equal(str_prefix_utf8(STR("\x80\x80\x80\x80\x80\x80\x80\x80"), 6).len, 6);
    assert_int_equal(str_prefix_utf8(STR("abc\x80"), 3).len, 3 - 1); /* c might have been a lead */
}

TESTS_MAIN("base/utf8",
    TEST(every_text_of_up_to_three_bytes_is_judged_rightly),
    TEST(random_text_is_judged_rightly_at_any_alignment),
    TEST(the_place_of_the_first_bad_byte_is_told),
    TEST(a_prefix_never_cuts_a_character_and_is_as_long_as_can_be),
    TEST(a_prefix_of_no_utf8_is_simply_cut))
