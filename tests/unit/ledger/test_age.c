#include "base/timestamp.h"
#include "ledger/age.h"
#include "unit/testing.h"

static void days_decide_and_a_day_that_is_not_full_does_not_count(void **state)
{
    (void)state;
    static const struct {
        const char *name;
        int64_t us; /* since it was due */
        enum age age;
    } rows[] = {
        {"long before", -400 * US_PER_DAY, AGE_NOT_DUE},
        {"just before", -1, AGE_NOT_DUE},
        {"then", 0, AGE_TO_30},
        {"the last moment of 30 days", 31 * US_PER_DAY - 1, AGE_TO_30},
        {"31 days", 31 * US_PER_DAY, AGE_TO_60},
        {"the last moment of 60 days", 61 * US_PER_DAY - 1, AGE_TO_60},
        {"61 days", 61 * US_PER_DAY, AGE_TO_90},
        {"the last moment of 90 days", 91 * US_PER_DAY - 1, AGE_TO_90},
        {"91 days", 91 * US_PER_DAY, AGE_OVER_90},
        {"long ago", 90000 * US_PER_DAY, AGE_OVER_90},
    };
    const int64_t due_us = 1790000000 * US_PER_SECOND;
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        assert_row(age_of(due_us, due_us + rows[i].us) == rows[i].age, rows[i].name);
    }
}

static void times_that_are_far_apart_are_no_error(void **state)
{
    (void)state;
    assert_int_equal(age_of(INT64_MIN, INT64_MAX), AGE_OVER_90);
    assert_int_equal(age_of(INT64_MAX, INT64_MIN), AGE_NOT_DUE);
    assert_int_equal(age_of(0, INT64_MAX), AGE_OVER_90);
}

TESTS_MAIN("ledger/age",
    TEST(days_decide_and_a_day_that_is_not_full_does_not_count),
    TEST(times_that_are_far_apart_are_no_error))
