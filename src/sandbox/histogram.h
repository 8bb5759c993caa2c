/* histogram: durations in buckets that grow by powers of two with 64 steps each: at most 1.6 % off,
 * fixed size.
 *
 * Layer: sandbox.
 */
#pragma once

#include <stdint.h>

#define HISTOGRAM_STEP_BITS 6
#define HISTOGRAM_BUCKETS ((64 - HISTOGRAM_STEP_BITS) << HISTOGRAM_STEP_BITS)

struct histogram { /* zeroed: empty */
    uint64_t counts[HISTOGRAM_BUCKETS];
    uint64_t total, sum;
    int64_t max;
};

void histogram_add(struct histogram *histogram, int64_t value); /* negative counts as 0 */
/* The value that `per_mille` of 1000 do not exceed; 0 when empty. 999 is p99.9. */
int64_t histogram_quantile(const struct histogram *histogram, uint32_t per_mille);
