/* retry: when to try again; pure.
 *
 * First hour: 2 s doubling to 20 min, full jitter. Then hourly to 12 h, then every 6 h, each within
 * the last tenth by jitter. Dead after 25 attempts or 72 h since the first failure, whichever is
 * first.
 *
 * The phases go by the number of attempts (11 doubling, 11 hourly, then slow); the hours above are
 * what they come to without jitter. A program that stood still for a day so begins with a short
 * wait again.
 *
 * Layer: domain.
 */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#define RETRY_ATTEMPTS_MAX 25
#define RETRY_AGE_US_MAX (INT64_C(72) * 3600 * 1000000)

struct retry_verdict {
    bool dead;
    int64_t delay_us; /* at least 1 when not dead */
};

/* `attempts` have ended in failure (>= 1), the first of them `age_us` ago (negative when the clock
 * was set back); `random` is any 64 bits. */
struct retry_verdict retry_after(int64_t attempts, int64_t age_us, uint64_t random);
