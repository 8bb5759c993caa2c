#include "cli/scrape.h"
#include "unit/testing.h"

static void what_metrics_writes_is_read_back(void **state)
{
    (void)state;
    struct scrape scrape;
    CLEANUP(buf_fini) struct buf text;
    buf_init(&text, 1 << 20);
    metric_add(METRIC_DELIVERIES_KEPT, 17);
    metric_add(METRIC_DELIVERIES_DUPLICATE, 3);
    metric_add(METRIC_CLOCK_SKEW, 2);
    metric_set(METRIC_EVENTS_OPEN, 5);
    metrics_format(&text);
    scrape_read(buf_str(&text), &scrape);
    assert_true(scrape.known[METRIC_DELIVERIES_KEPT]);
    assert_int64_equal(scrape.values[METRIC_DELIVERIES_KEPT], 17);
    assert_int64_equal(scrape.values[METRIC_DELIVERIES_DUPLICATE], 3);
    assert_int64_equal(scrape.values[METRIC_DELIVERIES_UNPROVEN], 0);
    assert_int64_equal(scrape.values[METRIC_CLOCK_SKEW], 2);
    assert_int64_equal(scrape.values[METRIC_EVENTS_OPEN], 5);
}

static void text_that_is_no_metric_is_passed_over(void **state)
{
    (void)state;
    struct scrape scrape;
    scrape_read(
        STR("# HELP x y\n\nnonsense\ncounterfoil_events_open many\ncounterfoil_nothing 3\n \n"
            "counterfoil_dead_letters 4"),
        &scrape);
    assert_false(scrape.known[METRIC_EVENTS_OPEN]);
    assert_int64_equal(scrape.values[METRIC_EVENTS_OPEN], 0);
    assert_true(scrape.known[METRIC_DEAD_LETTERS]);
    assert_int64_equal(scrape.values[METRIC_DEAD_LETTERS], 4);
}

static void a_port_that_is_chosen_at_start_is_not_asked(void **state)
{
    (void)state;
    struct scrape scrape;
    assert_err(scrape_fetch(STR("127.0.0.1:0"), 1000, &scrape, NULL), ERR_NOT_FOUND);
}

TESTS_MAIN("cli/scrape",
    TEST(what_metrics_writes_is_read_back),
    TEST(text_that_is_no_metric_is_passed_over),
    TEST(a_port_that_is_chosen_at_start_is_not_asked))
