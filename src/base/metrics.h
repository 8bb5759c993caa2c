/* metrics: process-wide numbers from one table, exported in Prometheus text format.
 *
 * Safe from any thread: relaxed atomics.
 *
 * Layer: base. Table: metrics.def.
 */
#pragma once

#include "base/str.h"

enum metric {
#define METRIC(name, kind, family, labels, help) METRIC_##name,
#include "base/metrics.def"
#undef METRIC
    METRIC_COUNT
};

void metric_add(enum metric metric, uint64_t amount);   /* COUNTER */
void metric_set(enum metric metric, int64_t value);     /* GAUGE */
void metric_observe_us(enum metric metric, int64_t us); /* HISTOGRAM */
int64_t metric_value(enum metric metric);               /* count of observations for a histogram */
void metrics_format(struct buf *to);
