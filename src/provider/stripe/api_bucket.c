/* The generic cell rate algorithm: a bucket is empty when it will be full no sooner than `burst`
 * intervals from now, so one time says how many tokens there are. */
#include "base/check.h"
#include "base/timestamp.h"
#include "provider/stripe/api.h"

void stripe_bucket_init(struct stripe_bucket *bucket, int64_t per_s, int64_t burst)
{
    REQUIRE(bucket != NULL);
    REQUIRE(per_s > 0 && per_s <= US_PER_SECOND);
    REQUIRE(burst > 0 && burst <= US_PER_SECOND);
    *bucket = (struct stripe_bucket){.interval_us = US_PER_SECOND / per_s, .burst = burst};
}

int64_t stripe_bucket_take(struct stripe_bucket *bucket, int64_t monotonic_us)
{
    REQUIRE(bucket != NULL);
    INVARIANT(bucket->interval_us > 0);
    int64_t full_at_us = bucket->full_at_us > monotonic_us ? bucket->full_at_us
                                                           : monotonic_us; /* no more than full */
    int64_t wait_us = full_at_us - (bucket->burst - 1) * bucket->interval_us - monotonic_us;
    bucket->full_at_us = full_at_us + bucket->interval_us;
    return wait_us > 0 ? wait_us : 0;
}
