#include "domain/retry.h"
#include "base/check.h"
#include "base/timestamp.h"

/* The phases go by the number of attempts, not by age, so that a program which stood still for a
 * day does not come back to a six-hour wait. Without jitter the numbers are the hours of the
 * header: 2 + 4 + ... + 1024 + 1200 s is the first hour, eleven hourly ones reach 12 h. */
#define FIRST_WAIT_US (2 * US_PER_SECOND)
#define DOUBLING_WAIT_US_MAX (20 * US_PER_MINUTE)
#define DOUBLING_ATTEMPTS 11
#define HOURLY_ATTEMPTS 11
#define HOURLY_WAIT_US US_PER_HOUR
#define SLOW_WAIT_US (6 * US_PER_HOUR)

_Static_assert(
    DOUBLING_ATTEMPTS + HOURLY_ATTEMPTS < RETRY_ATTEMPTS_MAX, "the slow phase is reached");

static int64_t below(uint64_t random, int64_t limit)
{
    REQUIRE(limit > 0);
    return (int64_t)(random % (uint64_t)limit);
}

struct retry_verdict retry_after(int64_t attempts, int64_t age_us, uint64_t random)
{
    REQUIRE(attempts >= 1);
    if (attempts >= RETRY_ATTEMPTS_MAX || age_us >= RETRY_AGE_US_MAX) {
        return (struct retry_verdict){.dead = true};
    }
    struct retry_verdict verdict = {.dead = false};
    if (attempts <= DOUBLING_ATTEMPTS) {
        int64_t wait_us = FIRST_WAIT_US << (attempts - 1);
        wait_us = wait_us < DOUBLING_WAIT_US_MAX ? wait_us : DOUBLING_WAIT_US_MAX;
        verdict.delay_us = 1 + below(random, wait_us);
    } else {
        bool hourly = attempts <= DOUBLING_ATTEMPTS + HOURLY_ATTEMPTS;
        int64_t wait_us = hourly ? HOURLY_WAIT_US : SLOW_WAIT_US;
        verdict.delay_us = wait_us - below(random, wait_us / 10);
    }
    ENSURE(verdict.delay_us >= 1);
    ENSURE(verdict.delay_us <= SLOW_WAIT_US);
    return verdict;
}
