/* Source: Prometheus text exposition format, version 0.0.4. */
#include "base/metrics.h"
#include "base/check.h"
#include <inttypes.h>
#include <stdatomic.h>

enum metric_kind { COUNTER, GAUGE, HISTOGRAM };

static const struct metric_row {
    enum metric_kind kind;
    const char *family;
    const char *labels;
    const char *help;
} metric_rows[] = {
#define METRIC(name, kind, family, labels, help) [METRIC_##name] = {kind, family, labels, help},
#include "base/metrics.def"
#undef METRIC
};
_Static_assert(sizeof metric_rows / sizeof metric_rows[0] == METRIC_COUNT, "one row for each");

static const char *const kind_names[] = {"counter", "gauge", "histogram"};

/* Upper bounds, and how they read in seconds: no floating-point number has to be printed. */
static const struct {
    int64_t us;
    const char *seconds;
} buckets[] = {
    {100, "0.0001"},
    {250, "0.00025"},
    {500, "0.0005"},
    {1000, "0.001"},
    {2500, "0.0025"},
    {5000, "0.005"},
    {10000, "0.01"},
    {25000, "0.025"},
    {50000, "0.05"},
    {100000, "0.1"},
    {250000, "0.25"},
    {500000, "0.5"},
    {1000000, "1"},
    {2500000, "2.5"},
    {5000000, "5"},
    {10000000, "10"},
};
enum { BUCKETS = sizeof buckets / sizeof buckets[0] };

/* On a cache line of its own: threads that count different things do not wait for each other. */
struct metric_cell {
    _Alignas(64) _Atomic int64_t value;     /* of a histogram: the sum in microseconds */
    _Atomic int64_t in_bucket[BUCKETS + 1]; /* not cumulative; the last one has no bound */
};

static struct metric_cell cells[METRIC_COUNT];

static struct metric_cell *cell_of(enum metric metric, enum metric_kind kind)
{
    REQUIRE((unsigned)metric < METRIC_COUNT);
    REQUIRE(metric_rows[metric].kind == kind);
    return &cells[metric];
}

void metric_add(enum metric metric, uint64_t amount)
{
    REQUIRE(amount <= INT64_MAX);
    struct metric_cell *cell = cell_of(metric, COUNTER);
    atomic_fetch_add_explicit(&cell->value, (int64_t)amount, memory_order_relaxed);
}

void metric_set(enum metric metric, int64_t value)
{
    struct metric_cell *cell = cell_of(metric, GAUGE);
    atomic_store_explicit(&cell->value, value, memory_order_relaxed);
}

void metric_observe_us(enum metric metric, int64_t us)
{
    struct metric_cell *cell = cell_of(metric, HISTOGRAM);
    us = us < 0 ? 0 : us; /* the clock was set back */
    size_t bucket = 0;
    while (bucket < BUCKETS && us > buckets[bucket].us) {
        bucket++;
    }
    atomic_fetch_add_explicit(&cell->in_bucket[bucket], 1, memory_order_relaxed);
    atomic_fetch_add_explicit(&cell->value, us, memory_order_relaxed);
}

int64_t metric_value(enum metric metric)
{
    REQUIRE((unsigned)metric < METRIC_COUNT);
    struct metric_cell *cell = &cells[metric];
    if (metric_rows[metric].kind != HISTOGRAM) {
        return atomic_load_explicit(&cell->value, memory_order_relaxed);
    }
    int64_t count = 0;
    for (size_t i = 0; i <= BUCKETS; i++) {
        count += atomic_load_explicit(&cell->in_bucket[i], memory_order_relaxed);
    }
    return count;
}

static void format_histogram(struct buf *to, enum metric metric)
{
    const struct metric_row *row = &metric_rows[metric];
    const char *comma = row->labels[0] != '\0' ? "," : "";
    int64_t count = 0; /* counted here and not kept: so the last bucket always equals _count */
    for (size_t i = 0; i <= BUCKETS; i++) {
        count += atomic_load_explicit(&cells[metric].in_bucket[i], memory_order_relaxed);
        buf_addf(to, "%s_bucket{%s%sle=\"%s\"} %" PRId64 "\n", row->family, row->labels, comma,
            i < BUCKETS ? buckets[i].seconds : "+Inf", count);
    }
    int64_t sum_us = atomic_load_explicit(&cells[metric].value, memory_order_relaxed);
    const char *open = row->labels[0] != '\0' ? "{" : "";
    const char *close = row->labels[0] != '\0' ? "}" : "";
    buf_addf(to, "%s_sum%s%s%s %" PRId64 ".%06" PRId64 "\n", row->family, open, row->labels, close,
        sum_us / 1000000, sum_us % 1000000);
    buf_addf(to, "%s_count%s%s%s %" PRId64 "\n", row->family, open, row->labels, close, count);
}

void metrics_format(struct buf *to)
{
    REQUIRE(to != NULL);
    const char *family = "";
    for (size_t i = 0; i < METRIC_COUNT; i++) {
        const struct metric_row *row = &metric_rows[i];
        if (strcmp(row->family, family) != 0) {
            family = row->family;
            buf_addf(to, "# HELP %s %s\n# TYPE %s %s\n", family, row->help, family,
                kind_names[row->kind]);
        }
        if (row->kind == HISTOGRAM) {
            format_histogram(to, (enum metric)i);
        } else if (row->labels[0] != '\0') {
            buf_addf(to, "%s{%s} %" PRId64 "\n", family, row->labels, metric_value((enum metric)i));
        } else {
            buf_addf(to, "%s %" PRId64 "\n", family, metric_value((enum metric)i));
        }
    }
}
