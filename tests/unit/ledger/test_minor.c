#include "ledger/minor.h"
#include "unit/testing.h"

static void subtracting_says_when_the_difference_does_not_fit(void **state)
{
    (void)state;
    int64_t left = 7;
    assert_err(minor_subtract(5, 8, &left), ERR_OK);
    assert_int64_equal(left, -3);
    assert_err(minor_subtract(-1, INT64_MIN, &left), ERR_OK);
    assert_int64_equal(left, INT64_MAX);
    assert_err(minor_subtract(0, INT64_MIN, &left), ERR_OVERFLOW);
    assert_err(minor_subtract(INT64_MIN, 1, &left), ERR_OVERFLOW);
    assert_int64_equal(left, INT64_MAX);
}

static void a_size_that_does_not_fit_is_the_largest(void **state)
{
    (void)state;
    assert_int64_equal(minor_absolute(-5), 5);
    assert_int64_equal(minor_absolute(5), 5);
    assert_int64_equal(minor_absolute(INT64_MIN), INT64_MAX);
    assert_int64_equal(minor_grow(3, -5), 8);
    assert_int64_equal(minor_grow(INT64_MAX - 5, -5), INT64_MAX);
    assert_int64_equal(minor_grow(INT64_MAX - 4, -5), INT64_MAX);
    assert_int64_equal(minor_grow(0, INT64_MIN), INT64_MAX);
}

static void a_sum_that_does_not_fit_is_cut_to_its_side(void **state)
{
    (void)state;
    assert_int64_equal(minor_add_cut(3, -5), -2);
    assert_int64_equal(minor_add_cut(INT64_MAX, 1), INT64_MAX);
    assert_int64_equal(minor_add_cut(1, INT64_MAX), INT64_MAX);
    assert_int64_equal(minor_add_cut(INT64_MIN, -1), INT64_MIN);
    assert_int64_equal(minor_add_cut(INT64_MIN, INT64_MAX), -1);
}

static void a_share_is_rounded_half_to_even(void **state)
{
    (void)state;
    static const struct {
        int64_t whole, part, of, share;
    } rows[] = {
        {5000, 1900, 11900, 798},
        {1, 1, 2, 0},
        {3, 1, 2, 2},
        {5, 1, 2, 2},
        {-1, 1, 2, 0},
        {-3, 1, 2, -2},
        {3, -1, 2, -2},
        {-3, -1, 2, 2},
        {10, 1, 3, 3},
        {10, 2, 3, 7},
        {-10, 2, 3, -7},
        {0, 5, 9, 0},
        {5, 0, 9, 0},
        {100, 9, 9, 100},
        {INT64_MAX, INT64_MAX, INT64_MAX, INT64_MAX},
        {INT64_MIN, INT64_MAX, INT64_MAX, INT64_MIN},
        {INT64_MAX, 1, INT64_MAX, 1},
    };
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        int64_t share = -99;
        assert_err(minor_share(rows[i].whole, rows[i].part, rows[i].of, &share), ERR_OK);
        assert_int64_equal(share, rows[i].share);
    }
}

static void a_share_that_does_not_fit_is_refused(void **state)
{
    (void)state;
    int64_t share = 7;
    assert_err(minor_share(INT64_MAX, 2, 1, &share), ERR_OVERFLOW);
    assert_err(minor_share(INT64_MIN, INT64_MIN, 1, &share), ERR_OVERFLOW);
    assert_int64_equal(share, 7);
    assert_aborts((void)!minor_share(1, 1, 0, &share));
}

TESTS_MAIN("minor",
    TEST(subtracting_says_when_the_difference_does_not_fit),
    TEST(a_size_that_does_not_fit_is_the_largest),
    TEST(a_sum_that_does_not_fit_is_cut_to_its_side),
    TEST(a_share_is_rounded_half_to_even),
    TEST(a_share_that_does_not_fit_is_refused))
