#include "sandbox/histogram.h"
#include "base/check.h"
#include <stddef.h>

/* Below 2^(STEP_BITS + 1) every value has a bucket of its own; above, the highest STEP_BITS + 1
 * bits choose. */
static uint32_t bucket_of(uint64_t value)
{
    if (value >> HISTOGRAM_STEP_BITS == 0) {
        return (uint32_t)value;
    }
    uint32_t high = 63 - (uint32_t)__builtin_clzll(value);
    uint32_t shift = high - HISTOGRAM_STEP_BITS;
    uint32_t step = (uint32_t)(value >> shift) & ((1U << HISTOGRAM_STEP_BITS) - 1);
    return ((shift + 1) << HISTOGRAM_STEP_BITS) + step;
}

static uint64_t largest_in(uint32_t bucket)
{
    uint32_t row = bucket >> HISTOGRAM_STEP_BITS;
    uint64_t step = bucket & ((1U << HISTOGRAM_STEP_BITS) - 1);
    if (row == 0) {
        return step;
    }
    uint32_t shift = row - 1;
    return (((UINT64_C(1) << HISTOGRAM_STEP_BITS) + step + 1) << shift) - 1;
}

void histogram_add(struct histogram *histogram, int64_t value)
{
    REQUIRE(histogram != NULL);
    int64_t counted = value > 0 ? value : 0;
    uint32_t bucket = bucket_of((uint64_t)counted);
    INVARIANT(bucket < HISTOGRAM_BUCKETS);
    histogram->counts[bucket]++;
    histogram->total++;
    histogram->sum += (uint64_t)counted;
    histogram->max = counted > histogram->max ? counted : histogram->max;
}

int64_t histogram_quantile(const struct histogram *histogram, uint32_t per_mille)
{
    REQUIRE(histogram != NULL);
    REQUIRE(per_mille <= 1000);
    uint64_t wanted = (histogram->total * per_mille + 999) / 1000;
    uint64_t seen = 0;
    for (uint32_t i = 0; i < HISTOGRAM_BUCKETS && histogram->total > 0; i++) {
        seen += histogram->counts[i];
        if (seen >= wanted && seen > 0) {
            int64_t value = (int64_t)largest_in(i);
            return value < histogram->max ? value : histogram->max;
        }
    }
    return histogram->max;
}
