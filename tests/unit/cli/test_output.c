#include "cli/output.h"
#include "unit/testing.h"

/* The tests' standard output is no terminal, so there are no colours. */

static void text_from_outside_can_harm_no_terminal(void **state)
{
    (void)state;
    static const struct {
        struct str text;
        const char *shown;
    } rows[] = {
        {{"plain", 5}, "plain"},
        {{"caf\xc3\xa9 \xe6\x9d\xb1", 9}, "caf\xc3\xa9 \xe6\x9d\xb1"},
        {{"\x1b[2J", 4}, "\\x1b[2J"},
        {{"a\nb\tc\rd", 7}, "a\\nb\\tc\\x0dd"},
        {{"\0x", 2}, "\\x00x"},
        {{"\x7f", 1}, "\\x7f"},
        {{"\xc2\x9b"
          "31m",
             5},
            "\\x9b31m"}, /* CSI of the second set of controls */
        {{"\xe2\x80\xae"
          "evil",
             7},
            "\\u202eevil"}, /* right-to-left override */
        {{"\xe2\x81\xa6", 3}, "\\u2066"},
        {{"\xff\xfe", 2}, "\\xff\\xfe"},
        {{"\xc3", 1}, "\\xc3"},
        {{"ok\xe2\x82", 4}, "ok\\xe2\\x82"},
        {{"\xf0\x9f\x98\x80", 4}, "\xf0\x9f\x98\x80"},
        {{NULL, 0}, ""},
    };
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        CLEANUP(buf_fini) struct buf to;
        buf_init(&to, 4096);
        text_escape(&to, rows[i].text);
        assert_str_equal_to(buf_str(&to), rows[i].shown);
    }
}

static void any_bytes_are_escaped_into_clean_utf8(void **state)
{
    (void)state;
    uint64_t seed = test_seed();
    for (int i = 0; i < 2000; i++) {
        char bytes[40];
        CLEANUP(buf_fini) struct buf to;
        buf_init(&to, 4096);
        size_t len = (size_t)test_random_below(&seed, sizeof bytes);
        for (size_t j = 0; j < len; j++) {
            bytes[j] = (char)test_random(&seed);
        }
        text_escape(&to, (struct str){bytes, len});
        struct str text = buf_str(&to);
        assert_true(str_is_utf8(text));
        for (size_t j = 0; j < text.len; j++) {
            assert_true((unsigned char)text.data[j] >= 0x20 && text.data[j] != 0x7f);
        }
    }
}

static void width_counts_columns_and_not_bytes(void **state)
{
    (void)state;
    assert_int64_equal((int64_t)text_width(STR("abc")), 3);
    assert_int64_equal((int64_t)text_width(STR("caf\xc3\xa9")), 4);
    assert_int64_equal((int64_t)text_width(STR("\xe6\x9d\xb1\xe4\xba\xac")), 4); /* wide */
    assert_int64_equal((int64_t)text_width(STR("e\xcc\x81")), 1);                /* combining */
    assert_int64_equal((int64_t)text_width(STR("\xff")), 1);
    assert_int64_equal((int64_t)text_width(STR_NONE), 0);
}

static void a_line_is_cut_at_a_column_and_colours_do_not_count(void **state)
{
    (void)state;
    assert_str_equal_to(text_fit(STR("abcdef"), 3), "abc");
    assert_str_equal_to(text_fit(STR("\x1b[32mab\x1b[0mcdef"), 3), "\x1b[32mab\x1b[0mc");
    assert_str_equal_to(text_fit(STR("\xe6\x9d\xb1\xe4\xba\xac"), 3), "\xe6\x9d\xb1");
    assert_str_equal_to(text_fit(STR("ab"), 80), "ab");
    assert_str_equal_to(text_fit(STR("ab"), 0), "");
}

static void a_table_is_aligned_by_what_is_seen(void **state)
{
    (void)state;
    static const struct table_column columns[] = {
        {"NAME", false}, {"AMOUNT", true}, {"LAST", false}};
    CLEANUP(table_free) struct table *table = table_new(columns, 3);
    CLEANUP(buf_fini) struct buf to;
    buf_init(&to, 4096);
    table_add(table, STR("caf\xc3\xa9"));
    table_addf(table, "%d", 5);
    table_add(table, STR("x\x1by"));
    table_add(table, STR(""));
    table_add(table, STR("12,345.00 EUR"));
    table_add(table, STR(" "));
    table_format(table, &to);
    assert_str_equal_to(buf_str(&to), "NAME         AMOUNT  LAST\n"
                                      "caf\xc3\xa9              5  x\\x1by\n"
                                      "-     12,345.00 EUR\n");
}

static void times_and_ages_read_well(void **state)
{
    (void)state;
    char text[TIME_TEXT_BYTES];
    time_format(INT64_C(1795345972123456), text);
    assert_string_equal(text, "2026-11-22 11:12:52");
    time_format(0, text);
    assert_string_equal(text, "-");
    age_format(INT64_C(1000000000), INT64_C(939500000), text);
    assert_string_equal(text, "1m");
    age_format(INT64_C(1000000000), 0, text);
    assert_string_equal(text, "-");
    age_format(5, 10, text);
    assert_string_equal(text, "0s");
}

static int open_output(void **state)
{
    (void)state;
    output_open();
    return 0;
}

TESTS_MAIN_WITH("cli/output",
    open_output,
    NULL,
    TEST(text_from_outside_can_harm_no_terminal),
    TEST(any_bytes_are_escaped_into_clean_utf8),
    TEST(width_counts_columns_and_not_bytes),
    TEST(a_line_is_cut_at_a_column_and_colours_do_not_count),
    TEST(a_table_is_aligned_by_what_is_seen),
    TEST(times_and_ages_read_well))
