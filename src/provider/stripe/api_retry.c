#include "base/check.h"
#include "base/timestamp.h"
#include "provider/stripe/api.h"

#define WAIT_FIRST_US (US_PER_SECOND / 2)
#define WAIT_MAX_US (8 * US_PER_SECOND)
#define ATTEMPTS_COUNTED 16 /* doubling stops long before */

bool stripe_should_retry(const struct stripe_outcome *outcome)
{
    REQUIRE(outcome != NULL);
    if (outcome->err != ERR_OK) {
        return outcome->err == ERR_NET_IO || outcome->err == ERR_TIMEOUT;
    }
    if (outcome->status < 300) {
        return false;
    }
    if (outcome->should_retry != STRIPE_ADVICE_NONE) {
        return outcome->should_retry == STRIPE_ADVICE_RETRY;
    }
    if (outcome->status == 429) {
        return outcome->rate_limited || outcome->lock_timeout;
    }
    return outcome->status == 409 || outcome->status >= 500;
}

int64_t stripe_retry_wait_us(uint32_t attempt, int64_t retry_after_s, struct env *env)
{
    REQUIRE(attempt > 0);
    REQUIRE(env != NULL);
    uint32_t doublings = (attempt < ATTEMPTS_COUNTED ? attempt : ATTEMPTS_COUNTED) - 1;
    int64_t whole_us = WAIT_FIRST_US << doublings;
    whole_us = whole_us < WAIT_MAX_US ? whole_us : WAIT_MAX_US;
    int64_t half_us = whole_us / 2;
    int64_t wait_us = half_us + (int64_t)env_random_below(env, (uint64_t)half_us + 1);
    int64_t asked_us =
        retry_after_s > INT64_MAX / US_PER_SECOND ? INT64_MAX : retry_after_s * US_PER_SECOND;
    return wait_us > asked_us ? wait_us : asked_us;
}
