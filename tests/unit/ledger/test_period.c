/* period.h: a closed month never changes, and an entry never moves. */
#include "base/timestamp.h"
#include "ledger/period.h"
#include "unit/testing.h"

#define OCTOBER (2026 * 12 + 9)
#define STEPS 12
#define ENTRIES 60
#define LIVES 2000

static int64_t at(const char *text)
{
    int64_t time_us = 0;
    assert_err(timestamp_parse(str_from(text), &time_us), ERR_OK);
    return time_us;
}

static void months_are_read_and_written_as_year_and_month(void **state)
{
    (void)state;
    char text[PERIOD_TEXT_BYTES];
    int64_t period = 0;
    assert_err(period_parse(STR("2026-10"), &period), ERR_OK);
    assert_int64_equal(period, OCTOBER);
    period_format(period + 3, text);
    assert_string_equal(text, "2027-01");
    static const char *const bad[] = {
        "", "2026", "2026-1", "2026-13", "2026-00", "26-10-01", "2026/10", "2026-10-", "-026-10"};
    for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++) {
        assert_row(period_parse(str_from(bad[i]), &period) == ERR_MALFORMED, bad[i]);
    }
    assert_int64_equal(period, OCTOBER);
}

static void months_end_where_the_next_one_begins(void **state)
{
    (void)state;
    static const struct {
        const char *name, *last, *first;
    } rows[] = {
        {"year", "2026-12-31T23:59:59.999999Z", "2027-01-01T00:00:00Z"},
        {"february", "2026-02-28T23:59:59.999999Z", "2026-03-01T00:00:00Z"},
        {"leap day", "2028-02-29T23:59:59.999999Z", "2028-03-01T00:00:00Z"},
        {"before the epoch", "1969-12-31T23:59:59.999999Z", "1970-01-01T00:00:00Z"},
    };
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        int64_t period = period_of(at(rows[i].last));
        assert_row(period_of(at(rows[i].first)) == period + 1, rows[i].name);
        assert_row(period_end_us(period) == at(rows[i].first), rows[i].name);
        assert_row(period_begin_us(period + 1) == at(rows[i].first), rows[i].name);
    }
    assert_true(period_of(INT64_MIN) == 0 && period_begin_us(0) == INT64_MIN);
    assert_true(period_end_us(period_of(INT64_MAX)) == INT64_MAX);
}

static void an_entry_of_an_open_month_belongs_to_it(void **state)
{
    (void)state;
    const struct period_log none = {NULL, 0};
    assert_int64_equal(period_of_entry(&none, 1, at("2026-10-31T23:59:59Z")), OCTOBER);
    assert_int64_equal(period_of_entry(&none, 2, at("2026-11-01T00:00:00Z")), OCTOBER + 1);
    assert_int64_equal(period_closed(&none), PERIOD_NONE);
}

static void what_comes_late_belongs_to_the_first_month_that_was_open_then(void **state)
{
    (void)state;
    const struct period_step steps[] = {
        {PERIOD_CLOSE, OCTOBER - 1, 10}, {PERIOD_CLOSE, OCTOBER, 20}};
    const struct period_log log = {steps, 2};
    const int64_t august = at("2026-08-15T00:00:00Z");
    assert_int64_equal(period_of_entry(&log, 10, august), OCTOBER - 2);
    assert_int64_equal(period_of_entry(&log, 11, august), OCTOBER);
    assert_int64_equal(period_of_entry(&log, 20, at("2026-10-02T00:00:00Z")), OCTOBER);
    assert_int64_equal(period_of_entry(&log, 21, at("2026-10-02T00:00:00Z")), OCTOBER + 1);
    assert_int64_equal(period_of_entry(&log, 21, at("2026-12-02T00:00:00Z")), OCTOBER + 2);
    assert_int64_equal(period_closed(&log), OCTOBER);
}

static void a_reopened_month_takes_what_is_recorded_from_then_on(void **state)
{
    (void)state;
    const struct period_step steps[] = {
        {PERIOD_CLOSE, OCTOBER, 20}, {PERIOD_REOPEN, OCTOBER, 25}, {PERIOD_CLOSE, OCTOBER, 30}};
    const struct period_log log = {steps, 3};
    const int64_t late = at("2026-10-02T00:00:00Z");
    assert_int64_equal(period_of_entry(&log, 25, late), OCTOBER + 1);
    assert_int64_equal(period_of_entry(&log, 26, late), OCTOBER);
    assert_int64_equal(period_of_entry(&log, 26, at("2026-09-30T00:00:00Z")), OCTOBER);
    assert_int64_equal(period_of_entry(&log, 31, late), OCTOBER + 1);
}

static void closing_wants_a_month_that_is_over_and_nothing_open_before_it(void **state)
{
    (void)state;
    const struct period_step steps[] = {{PERIOD_CLOSE, OCTOBER, 20}};
    const struct period_log log = {steps, 1};
    const int64_t over = at("2026-12-01T00:00:00Z");
    assert_int_equal(period_may_close(&log, OCTOBER, PERIOD_NONE, over), PERIOD_IS_CLOSED);
    assert_int_equal(period_may_close(&log, OCTOBER - 5, PERIOD_NONE, over), PERIOD_IS_CLOSED);
    assert_int_equal(period_may_close(&log, OCTOBER + 1, PERIOD_NONE, over - 1), PERIOD_NOT_OVER);
    assert_int_equal(period_may_close(&log, OCTOBER + 1, OCTOBER + 1, over), PERIOD_ALLOWED);
    assert_int_equal(period_may_close(&log, OCTOBER + 2, OCTOBER + 1, at("2027-01-01T00:00:00Z")),
        PERIOD_EARLIER_OPEN);
    assert_int_equal(period_may_close(&log, OCTOBER + 2, PERIOD_NONE, at("2027-01-01T00:00:00Z")),
        PERIOD_ALLOWED);
}

static void only_the_last_closed_month_is_reopened(void **state)
{
    (void)state;
    const struct period_step steps[] = {
        {PERIOD_CLOSE, OCTOBER - 1, 10}, {PERIOD_CLOSE, OCTOBER, 20}, {PERIOD_REOPEN, OCTOBER, 20}};
    const struct period_log closed = {steps, 2};
    const struct period_log reopened = {steps, 3};
    assert_int_equal(period_may_reopen(&closed, OCTOBER), PERIOD_ALLOWED);
    assert_int_equal(period_may_reopen(&closed, OCTOBER - 1), PERIOD_LATER_CLOSED);
    assert_int_equal(period_may_reopen(&closed, OCTOBER + 1), PERIOD_NOT_CLOSED);
    assert_int_equal(period_may_reopen(&reopened, OCTOBER), PERIOD_NOT_CLOSED);
    assert_int_equal(period_may_reopen(&reopened, OCTOBER - 1), PERIOD_ALLOWED);
}

/* --- any life of the books --- */

struct life {
    struct period_step steps[STEPS];
    struct period_log log;
    int64_t effective_us[ENTRIES + 1]; /* by number */
    int64_t belongs[ENTRIES + 1];      /* as it was when the entry was recorded */
};

static void take_step(struct life *life, int64_t entry, uint64_t *chance)
{
    int64_t closed = period_closed(&life->log);
    bool reopens = closed != PERIOD_NONE && test_random_below(chance, 3) == 0;
    int64_t next = closed == PERIOD_NONE ? OCTOBER : closed + 1;
    life->steps[life->log.count++] = (struct period_step){reopens ? PERIOD_REOPEN : PERIOD_CLOSE,
        reopens ? closed : next + (int64_t)test_random_below(chance, 2), entry};
}

static void live(struct life *life, uint64_t *chance)
{
    memset(life, 0, sizeof *life);
    life->log.steps = life->steps;
    for (int64_t entry = 1; entry <= ENTRIES; entry++) {
        while (life->log.count < STEPS && test_random_below(chance, 6) == 0) {
            take_step(life, entry - 1, chance);
        }
        int64_t month = OCTOBER - 2 + (int64_t)test_random_below(chance, 8);
        life->effective_us[entry] = period_begin_us(month);
        life->belongs[entry] = period_of_entry(&life->log, entry, life->effective_us[entry]);
    }
}

static bool is_in(const struct period_span *spans, uint32_t count, int64_t entry)
{
    bool found = false;
    for (uint32_t i = 0; i < count; i++) {
        found = found || (entry > spans[i].after && entry <= spans[i].to);
    }
    return found;
}

static void no_entry_moves_and_spans_say_the_same_of_each(void **state)
{
    (void)state;
    struct life life;
    struct period_span spans[STEPS + 1];
    uint64_t chance = test_seed();
    for (int i = 0; i < LIVES; i++) {
        live(&life, &chance);
        int64_t period = OCTOBER - 2 + (int64_t)test_random_below(&chance, 10);
        uint32_t count = period_open_spans(&life.log, period, spans);
        for (int64_t entry = 1; entry <= ENTRIES; entry++) {
            int64_t effective_us = life.effective_us[entry];
            int64_t belongs = period_of_entry(&life.log, entry, effective_us);
            assert_int64_equal(belongs, life.belongs[entry]);
            assert_true(belongs >= period_of(effective_us));
            bool told = is_in(spans, count, entry) && effective_us < period_end_us(period);
            assert_int_equal(told, belongs <= period);
        }
    }
}

TESTS_MAIN("ledger/period",
    TEST(months_are_read_and_written_as_year_and_month),
    TEST(months_end_where_the_next_one_begins),
    TEST(an_entry_of_an_open_month_belongs_to_it),
    TEST(what_comes_late_belongs_to_the_first_month_that_was_open_then),
    TEST(a_reopened_month_takes_what_is_recorded_from_then_on),
    TEST(closing_wants_a_month_that_is_over_and_nothing_open_before_it),
    TEST(only_the_last_closed_month_is_reopened),
    TEST(no_entry_moves_and_spans_say_the_same_of_each))
