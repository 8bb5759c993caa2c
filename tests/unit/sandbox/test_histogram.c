#include "sandbox/histogram.h"
#include "unit/testing.h"

static void empty_histogram_says_zero(void **state)
{
    (void)state;
    static struct histogram histogram;
    assert_int64_equal(histogram_quantile(&histogram, 500), 0);
    assert_int64_equal(histogram_quantile(&histogram, 999), 0);
}

static void quantiles_are_off_by_two_percent_at_most(void **state)
{
    (void)state;
    static struct histogram histogram;
    for (int64_t value = 1; value <= 100000; value++) {
        histogram_add(&histogram, value);
    }
    static const struct {
        uint32_t per_mille;
        int64_t exact;
    } rows[] = {{500, 50000}, {990, 99000}, {999, 99900}, {1000, 100000}};
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        int64_t value = histogram_quantile(&histogram, rows[i].per_mille);
        assert_true(value >= rows[i].exact);
        assert_true(value - rows[i].exact <= rows[i].exact / 50);
    }
    assert_int64_equal(histogram.max, 100000);
    assert_int64_equal((int64_t)histogram.total, 100000);
}

static void small_values_are_exact_and_huge_ones_have_room(void **state)
{
    (void)state;
    static struct histogram histogram;
    histogram_add(&histogram, 3);
    assert_int64_equal(histogram_quantile(&histogram, 1000), 3);
    histogram_add(&histogram, -5);
    assert_int64_equal(histogram_quantile(&histogram, 1), 0);
    histogram_add(&histogram, INT64_MAX);
    assert_int64_equal(histogram_quantile(&histogram, 1000), INT64_MAX);
}

TESTS_MAIN("sandbox/histogram",
    TEST(empty_histogram_says_zero),
    TEST(quantiles_are_off_by_two_percent_at_most),
    TEST(small_values_are_exact_and_huge_ones_have_room))
