#include "base/metrics.h"
#include "unit/testing.h"
#include <pthread.h>

static const char *exported(void)
{
    static struct buf text;
    buf_fini(&text);
    buf_init(&text, 1 << 20);
    metrics_format(&text);
    buf_add_char(&text, '\0');
    assert_false(text.failed);
    return text.data;
}

static int times(const char *text, const char *part)
{
    int count = 0;
    for (const char *at = strstr(text, part); at != NULL; at = strstr(at + 1, part)) {
        count++;
    }
    return count;
}

static void counters_add_up_and_gauges_are_set(void **state)
{
    (void)state;
    int64_t before = metric_value(METRIC_DELIVERIES_KEPT);
    metric_add(METRIC_DELIVERIES_KEPT, 2);
    metric_add(METRIC_DELIVERIES_KEPT, 3);
    assert_int64_equal(metric_value(METRIC_DELIVERIES_KEPT) - before, 5);
    metric_set(METRIC_INTAKE_QUEUE, 7);
    metric_set(METRIC_INTAKE_QUEUE, -3);
    assert_int64_equal(metric_value(METRIC_INTAKE_QUEUE), -3);
    const char *text = exported();
    assert_non_null(strstr(text, "\ncounterfoil_intake_queue -3\n"));
    assert_non_null(strstr(text, "\ncounterfoil_deliveries_total{result=\"kept\"} 5\n"));
    assert_non_null(strstr(text, "\ncounterfoil_deliveries_total{result=\"busy\"} 0\n"));
}

static void help_and_type_come_once_for_each_family(void **state)
{
    (void)state;
    const char *text = exported();
    static const char *const families[] = {
#define METRIC(name, kind, family, labels, help) family,
#include "base/metrics.def"
#undef METRIC
    };
    for (size_t i = 0; i < sizeof families / sizeof families[0]; i++) {
        char line[200];
        (void)snprintf(line, sizeof line, "# HELP %s ", families[i]);
        assert_row(times(text, line) == 1, families[i]);
        (void)snprintf(line, sizeof line, "# TYPE %s ", families[i]);
        assert_row(times(text, line) == 1, families[i]);
    }
    assert_non_null(strstr(text, "# TYPE counterfoil_deliveries_total counter\n"));
    assert_non_null(strstr(text, "# TYPE counterfoil_intake_queue gauge\n"));
    assert_non_null(strstr(text, "# TYPE counterfoil_intake_commit_seconds histogram\n"));
    assert_int_equal(text[strlen(text) - 1], '\n');
}

static void a_histogram_counts_cumulatively_in_seconds(void **state)
{
    (void)state;
    static const int64_t observed[] = {-5, 0, 100, 101, 1500, 999999, 10000000, 10000001};
    for (size_t i = 0; i < sizeof observed / sizeof observed[0]; i++) {
        metric_observe_us(METRIC_INTAKE_COMMIT, observed[i]);
    }
    assert_int64_equal(metric_value(METRIC_INTAKE_COMMIT), 8);
    const char *text = exported();
    static const char *const lines[] = {
        "_bucket{le=\"0.0001\"} 3\n",
        "_bucket{le=\"0.00025\"} 4\n",
        "_bucket{le=\"0.001\"} 4\n",
        "_bucket{le=\"0.0025\"} 5\n",
        "_bucket{le=\"0.5\"} 5\n",
        "_bucket{le=\"1\"} 6\n",
        "_bucket{le=\"5\"} 6\n",
        "_bucket{le=\"10\"} 7\n",
        "_bucket{le=\"+Inf\"} 8\n",
        "_sum 21.001701\n",
        "_count 8\n",
    };
    for (size_t i = 0; i < sizeof lines / sizeof lines[0]; i++) {
        char line[200];
        (void)snprintf(line, sizeof line, "\ncounterfoil_intake_commit_seconds%s", lines[i]);
        assert_row(times(text, line) == 1, lines[i]);
    }
}

static void *add_many(void *context)
{
    (void)context;
    for (int i = 0; i < 20000; i++) {
        metric_add(METRIC_DOMAIN_EVENTS, 1);
        metric_observe_us(METRIC_PROJECT_COMMIT, i);
    }
    return NULL;
}

static void threads_lose_no_count(void **state)
{
    (void)state;
    pthread_t threads[4];
    for (size_t i = 0; i < 4; i++) {
        assert_int_equal(pthread_create(&threads[i], NULL, add_many, NULL), 0);
    }
    for (size_t i = 0; i < 4; i++) {
        assert_int_equal(pthread_join(threads[i], NULL), 0);
    }
    assert_int64_equal(metric_value(METRIC_DOMAIN_EVENTS), 80000);
    assert_int64_equal(metric_value(METRIC_PROJECT_COMMIT), 80000);
}

static void a_metric_used_as_another_kind_is_a_bug(void **state)
{
    (void)state;
    assert_aborts(metric_add(METRIC_INTAKE_QUEUE, 1));
    assert_aborts(metric_set(METRIC_DELIVERIES_KEPT, 1));
    assert_aborts(metric_observe_us(METRIC_DELIVERIES_KEPT, 1));
    assert_aborts((void)metric_value(METRIC_COUNT));
}

TESTS_MAIN("base/metrics",
    TEST(counters_add_up_and_gauges_are_set),
    TEST(help_and_type_come_once_for_each_family),
    TEST(a_histogram_counts_cumulatively_in_seconds),
    TEST(threads_lose_no_count),
    TEST(a_metric_used_as_another_kind_is_a_bug))
