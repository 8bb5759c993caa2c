#include "unit/testing.h"

static void every_error_has_a_name_a_text_and_a_class_that_fits(void **state)
{
    (void)state;
    for (int i = 0; i < ERR_COUNT; i++) {
        enum err err = (enum err)i;
        assert_row(err_name(err)[0] != '\0', err_name(err));
        assert_row(err_text(err)[0] != '\0', err_name(err));
        assert_row((err == ERR_OK) == (err_class(err) == ERR_CLASS_NONE), err_name(err));
        assert_row(err_http_status(err) >= 200 && err_http_status(err) <= 599, err_name(err));
        assert_row(err_exit_code(err) >= 0 && err_exit_code(err) <= 125, err_name(err));
        for (int other = 0; other < i; other++) {
            assert_row(strcmp(err_name(err), err_name((enum err)other)) != 0, err_name(err));
        }
    }
}

static void what_is_busy_or_io_is_worth_another_try(void **state)
{
    (void)state;
    assert_true(err_is_retryable(ERR_BUSY));
    assert_true(err_is_retryable(ERR_STORE_IO));
    assert_false(err_is_retryable(ERR_OK));
    assert_false(err_is_retryable(ERR_MALFORMED));
    assert_false(err_is_retryable(ERR_DUPLICATE));
}

static void the_columns_of_the_table_come_out_as_they_stand_there(void **state)
{
    (void)state;
    assert_string_equal(err_name(ERR_TOO_LARGE), "TOO_LARGE");
    assert_string_equal(err_text(ERR_TOO_LARGE), "a bound is exceeded");
    assert_int_equal(err_class(ERR_TOO_LARGE), ERR_CLASS_INPUT);
    assert_int_equal(err_http_status(ERR_TOO_LARGE), 413);
    assert_int_equal(err_exit_code(ERR_USAGE), 2);
}

static enum err fails_second(int *ret_steps)
{
    TRY(ERR_OK);
    *ret_steps = 1;
    TRY(ERR_LOCKED);
    *ret_steps = 2;
    return ERR_OK;
}

static void try_returns_the_first_error_upward(void **state)
{
    (void)state;
    int steps = 0;
    assert_err(fails_second(&steps), ERR_LOCKED);
    assert_int_equal(steps, 1);
}

static void words_are_formatted_and_the_error_comes_back(void **state)
{
    (void)state;
    struct err_info info = {{0}};
    assert_err(err_set(&info, ERR_CONFIG, "line %d: %s", 7, "no such key"), ERR_CONFIG);
    assert_string_equal(info.text, "line 7: no such key");
}

static void nobody_need_want_the_words(void **state)
{
    (void)state;
    assert_err(err_set(NULL, ERR_CONFIG, "line %d", 7), ERR_CONFIG);
}

static void long_words_are_cut_between_characters(void **state)
{
    (void)state;
    for (int blanks = 0; blanks < 4; blanks++) {
        char text[1000] = "   ";
        size_t len = (size_t)blanks;
        while (len + 3 < sizeof text) {
            memcpy(text + len, "\xe2\x82\xac", 3); /* the euro sign */
            len += 3;
        }
        text[len] = '\0';
        struct err_info info;
        assert_err(err_set(&info, ERR_INVALID, "%s", text), ERR_INVALID);
        assert_true(strlen(info.text) < sizeof info.text);
        assert_true(strlen(info.text) > sizeof info.text - 8);
        assert_true(str_is_utf8(str_from(info.text)));
    }
}

static void no_error_beyond_the_table_and_no_words_for_success(void **state)
{
    (void)state;
    assert_aborts((void)err_name(ERR_COUNT));
    assert_aborts((void)err_set(NULL, ERR_OK, "fine"));
}

TESTS_MAIN("base/err",
    TEST(every_error_has_a_name_a_text_and_a_class_that_fits),
    TEST(what_is_busy_or_io_is_worth_another_try),
    TEST(the_columns_of_the_table_come_out_as_they_stand_there),
    TEST(try_returns_the_first_error_upward),
    TEST(words_are_formatted_and_the_error_comes_back),
    TEST(nobody_need_want_the_words),
    TEST(long_words_are_cut_between_characters),
    TEST(no_error_beyond_the_table_and_no_words_for_success))
