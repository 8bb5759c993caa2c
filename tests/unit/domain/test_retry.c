#include "base/timestamp.h"
#include "domain/retry.h"
#include "unit/testing.h"

/* The longest wait after so many failures. */
static const struct {
    int64_t attempts;
    int64_t longest_us;
    bool full_jitter; /* from 1 us on; else within the last tenth */
} schedule[] = {
    {1, 2 * US_PER_SECOND, true},
    {2, 4 * US_PER_SECOND, true},
    {3, 8 * US_PER_SECOND, true},
    {4, 16 * US_PER_SECOND, true},
    {5, 32 * US_PER_SECOND, true},
    {6, 64 * US_PER_SECOND, true},
    {7, 128 * US_PER_SECOND, true},
    {8, 256 * US_PER_SECOND, true},
    {9, 512 * US_PER_SECOND, true},
    {10, 1024 * US_PER_SECOND, true},
    {11, 20 * US_PER_MINUTE, true},
    {12, US_PER_HOUR, false},
    {13, US_PER_HOUR, false},
    {14, US_PER_HOUR, false},
    {15, US_PER_HOUR, false},
    {16, US_PER_HOUR, false},
    {17, US_PER_HOUR, false},
    {18, US_PER_HOUR, false},
    {19, US_PER_HOUR, false},
    {20, US_PER_HOUR, false},
    {21, US_PER_HOUR, false},
    {22, US_PER_HOUR, false},
    {23, 6 * US_PER_HOUR, false},
    {24, 6 * US_PER_HOUR, false},
};
#define ROWS (sizeof schedule / sizeof schedule[0])

static void every_wait_lies_within_its_jitter(void **state)
{
    (void)state;
    uint64_t chance = test_seed();
    for (size_t i = 0; i < ROWS; i++) {
        int64_t longest = schedule[i].longest_us;
        int64_t shortest = schedule[i].full_jitter ? 1 : longest - longest / 10 + 1;
        for (int n = 0; n < 1000; n++) {
            struct retry_verdict verdict =
                retry_after(schedule[i].attempts, 0, test_random(&chance));
            assert_false(verdict.dead);
            assert_true(verdict.delay_us >= shortest && verdict.delay_us <= longest);
        }
    }
}

static void both_ends_of_the_jitter_are_reached(void **state)
{
    (void)state;
    for (size_t i = 0; i < ROWS; i++) {
        int64_t longest = schedule[i].longest_us;
        uint64_t width = (uint64_t)(schedule[i].full_jitter ? longest : longest / 10);
        int64_t first = retry_after(schedule[i].attempts, 0, 0).delay_us;
        int64_t last = retry_after(schedule[i].attempts, 0, width - 1).delay_us;
        int64_t shortest = schedule[i].full_jitter ? 1 : longest - longest / 10 + 1;
        assert_int64_equal(first < last ? first : last, shortest);
        assert_int64_equal(first < last ? last : first, longest);
    }
}

static void without_jitter_the_phases_end_at_one_hour_and_at_twelve(void **state)
{
    (void)state;
    int64_t age_us = 0;
    for (size_t i = 0; i < ROWS; i++) {
        age_us += schedule[i].longest_us;
        if (schedule[i].attempts == 11) {
            assert_true(age_us > 50 * US_PER_MINUTE && age_us <= US_PER_HOUR);
        } else if (schedule[i].attempts == 22) {
            assert_true(age_us > 11 * US_PER_HOUR && age_us <= 12 * US_PER_HOUR);
        }
    }
    assert_true(age_us <= RETRY_AGE_US_MAX);
}

static void after_25_attempts_it_is_dead(void **state)
{
    (void)state;
    assert_false(retry_after(24, 0, 0).dead);
    assert_true(retry_after(25, 0, 0).dead);
    assert_true(retry_after(26, 0, 0).dead);
    assert_true(retry_after(INT64_MAX, 0, 0).dead);
}

static void after_72_hours_it_is_dead(void **state)
{
    (void)state;
    assert_false(retry_after(1, RETRY_AGE_US_MAX - 1, 0).dead);
    assert_true(retry_after(1, RETRY_AGE_US_MAX, 0).dead);
    assert_true(retry_after(1, INT64_MAX, 0).dead);
}

static void a_clock_that_was_set_back_does_not_matter(void **state)
{
    (void)state;
    struct retry_verdict verdict = retry_after(1, -1, UINT64_MAX);
    assert_false(verdict.dead);
    assert_true(verdict.delay_us >= 1);
}

static void a_program_that_stood_still_begins_with_a_short_wait(void **state)
{
    (void)state;
    assert_true(retry_after(2, 24 * US_PER_HOUR, UINT64_MAX).delay_us <= 4 * US_PER_SECOND);
}

static void no_failure_no_retry(void **state)
{
    (void)state;
    assert_aborts((void)retry_after(0, 0, 0));
}

TESTS_MAIN("retry",
    TEST(every_wait_lies_within_its_jitter),
    TEST(both_ends_of_the_jitter_are_reached),
    TEST(without_jitter_the_phases_end_at_one_hour_and_at_twelve),
    TEST(after_25_attempts_it_is_dead),
    TEST(after_72_hours_it_is_dead),
    TEST(a_clock_that_was_set_back_does_not_matter),
    TEST(a_program_that_stood_still_begins_with_a_short_wait),
    TEST(no_failure_no_retry))
