#include "unit/testing.h"

static void appended_parts_stand_together(void **state)
{
    (void)state;
    CLEANUP(buf_fini) struct buf buf;
    buf_init(&buf, 1000);
    buf_add(&buf, STR("charge "));
    buf_add_char(&buf, '#');
    buf_add_int(&buf, 42);
    buf_addf(&buf, " of %s, %d%%", "acct_1", 7);
    buf_add(&buf, STR_NONE);
    assert_str_equal_to(buf_str(&buf), "charge #42 of acct_1, 7%");
    assert_false(buf.failed);
}

static void an_empty_buffer_is_an_empty_text_not_null(void **state)
{
    (void)state;
    CLEANUP(buf_fini) struct buf buf;
    buf_init(&buf, 1000);
    assert_non_null(buf_str(&buf).data);
    assert_int_equal(buf_str(&buf).len, 0);
}

static void integers_are_written_from_end_to_end(void **state)
{
    (void)state;
    static const struct {
        int64_t value;
        const char *text;
    } rows[] = {{0, "0"}, {-1, "-1"}, {10, "10"}, {INT64_MAX, "9223372036854775807"},
        {INT64_MIN, "-9223372036854775808"}};
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        CLEANUP(buf_fini) struct buf buf;
        buf_init(&buf, 100);
        buf_add_int(&buf, rows[i].value);
        assert_str_equal_to(buf_str(&buf), rows[i].text);
    }
}

static void exactly_the_bound_fits_and_one_more_fails(void **state)
{
    (void)state;
    for (size_t max = 1; max < 600; max++) {
        CLEANUP(buf_fini) struct buf buf;
        buf_init(&buf, max);
        for (size_t i = 0; i < max; i++) {
            buf_add_char(&buf, 'a');
        }
        assert_false(buf.failed);
        buf_add_char(&buf, 'b');
        assert_true(buf.failed);
        assert_int_equal(buf.len, max);
    }
}

static void formatted_text_of_exactly_the_bound_fits_and_one_more_fails(void **state)
{
    (void)state;
    for (int max = 1; max < 600; max++) {
        CLEANUP(buf_fini) struct buf buf;
        buf_init(&buf, (size_t)max);
        buf_addf(&buf, "%*d", max, 7);
        assert_false(buf.failed);
        assert_int_equal(buf.len, max);
        buf_clear(&buf);
        buf_addf(&buf, "%*d", max + 1, 7);
        assert_true(buf.failed);
        assert_int_equal(buf.len, 0);
    }
}

static void after_a_failure_nothing_is_appended_until_it_is_cleared(void **state)
{
    (void)state;
    CLEANUP(buf_fini) struct buf buf;
    buf_init(&buf, 4);
    buf_add(&buf, STR("12345"));
    assert_true(buf.failed);
    buf_add(&buf, STR("1"));
    buf_add_char(&buf, '1');
    buf_add_int(&buf, 1);
    buf_addf(&buf, "%d", 1);
    assert_int_equal(buf.len, 0);
    buf_clear(&buf);
    assert_false(buf.failed);
    buf_add(&buf, STR("1234"));
    assert_str_equal_to(buf_str(&buf), "1234");
}

static void a_large_buffer_grows_in_few_steps(void **state)
{
    (void)state;
    CLEANUP(buf_fini) struct buf buf;
    buf_init(&buf, 1 << 20);
    int steps = 0;
    size_t cap = 0;
    for (int i = 0; i < 1 << 20; i++) {
        buf_add_char(&buf, (char)('a' + i % 26));
        steps += buf.cap != cap ? 1 : 0;
        cap = buf.cap;
    }
    assert_false(buf.failed);
    assert_int_equal(buf.data[(1 << 20) - 1], 'a' + ((1 << 20) - 1) % 26);
    assert_true(steps < 20);
    assert_true(buf.cap <= buf.max + 1);
}

static void a_buffer_never_initialised_is_a_bug(void **state)
{
    (void)state;
    struct buf buf = {0};
    assert_aborts(buf_add_char(&buf, 'a'));
}

TESTS_MAIN("base/buf",
    TEST(appended_parts_stand_together),
    TEST(an_empty_buffer_is_an_empty_text_not_null),
    TEST(integers_are_written_from_end_to_end),
    TEST(exactly_the_bound_fits_and_one_more_fails),
    TEST(formatted_text_of_exactly_the_bound_fits_and_one_more_fails),
    TEST(after_a_failure_nothing_is_appended_until_it_is_cleared),
    TEST(a_large_buffer_grows_in_few_steps),
    TEST(a_buffer_never_initialised_is_a_bug))
