#include "base/timestamp.h"
#include "cli/reconcile_days.h"
#include "unit/testing.h"

static struct zone *berlin;
static struct zone *new_york;

static int open_zones(void **state)
{
    (void)state;
    return zone_open(STR("Europe/Berlin"), &berlin) == ERR_OK &&
                   zone_open(STR("America/New_York"), &new_york) == ERR_OK
               ? 0
               : -1;
}

static int close_zones(void **state)
{
    (void)state;
    berlin = zone_close(berlin);
    new_york = zone_close(new_york);
    return 0;
}

static int64_t at(const char *text)
{
    int64_t time_us = 0;
    assert_err(timestamp_parse(str_from(text), &time_us), ERR_OK);
    return time_us;
}

static struct days days_of(const struct zone *zone, const char *as_of, const struct days_wish *wish)
{
    struct days days = {0};
    assert_done(reconcile_days(wish, zone, at(as_of), &days, reterr));
    return days;
}

static void check_default(
    const struct zone *zone, const char *as_of, const char *from, const char *to)
{
    struct days days = days_of(zone, as_of, &(struct days_wish){.day = STR_NONE});
    assert_int64_equal(days.from_us, at(from));
    assert_int64_equal(days.to_us, at(to));
    assert_int64_equal(days.start_us, 0);
}

static void without_words_the_day_before_is_meant(void **state)
{
    (void)state;
    check_default(NULL, "2026-11-22T00:00:00Z", "2026-11-21T00:00:00Z", "2026-11-22T00:00:00Z");
    check_default(
        NULL, "2026-11-21T23:59:59.999999Z", "2026-11-20T00:00:00Z", "2026-11-21T00:00:00Z");
    check_default(berlin, "2026-11-21T23:00:00Z", "2026-11-20T23:00:00Z", "2026-11-21T23:00:00Z");
    check_default(berlin, "2026-11-21T22:59:59Z", "2026-11-19T23:00:00Z", "2026-11-20T23:00:00Z");
    check_default(new_york, "2026-01-01T04:59:59Z", "2025-12-30T05:00:00Z", "2025-12-31T05:00:00Z");
    check_default(NULL, "2028-03-01T12:00:00Z", "2028-02-29T00:00:00Z", "2028-03-01T00:00:00Z");
}

static void a_day_on_which_clocks_change_has_23_or_25_hours(void **state)
{
    (void)state;
    check_default(berlin, "2026-03-30T10:00:00Z", "2026-03-28T23:00:00Z", "2026-03-29T22:00:00Z");
    check_default(berlin, "2026-10-26T10:00:00Z", "2026-10-24T22:00:00Z", "2026-10-25T23:00:00Z");
}

static void days_are_inclusive(void **state)
{
    (void)state;
    struct days days = days_of(berlin, "2026-11-22T10:00:00Z",
        &(struct days_wish){.from = STR("2026-11-01"), .to = STR("2026-11-21")});
    assert_int64_equal(days.from_us, at("2026-10-31T23:00:00Z"));
    assert_int64_equal(days.to_us, at("2026-11-21T23:00:00Z"));
    days = days_of(berlin, "2026-11-22T10:00:00Z", &(struct days_wish){.day = STR("2026-11-22")});
    assert_int64_equal(days.from_us, at("2026-11-21T23:00:00Z"));
    assert_int64_equal(days.to_us, at("2026-11-22T23:00:00Z"));
}

static void from_alone_reaches_to_the_day_before(void **state)
{
    (void)state;
    struct days days =
        days_of(NULL, "2026-11-22T10:00:00Z", &(struct days_wish){.from = STR("2026-11-20")});
    assert_int64_equal(days.from_us, at("2026-11-20T00:00:00Z"));
    assert_int64_equal(days.to_us, at("2026-11-22T00:00:00Z"));
    days = days_of(NULL, "2026-11-22T10:00:00Z", &(struct days_wish){.from = STR("2026-11-22")});
    assert_int64_equal(days.to_us, at("2026-11-23T00:00:00Z"));
}

static void books_that_begin_are_reconciled_from_their_beginning(void **state)
{
    (void)state;
    struct days days =
        days_of(berlin, "2026-11-22T10:00:00Z", &(struct days_wish){.start = STR("2026-11-01")});
    assert_int64_equal(days.start_us, at("2026-10-31T23:00:00Z"));
    assert_int64_equal(days.from_us, days.start_us);
    assert_int64_equal(days.to_us, at("2026-11-21T23:00:00Z"));
    days = days_of(berlin, "2026-11-22T10:00:00Z",
        &(struct days_wish){.start = STR("2026-11-01"), .day = STR("2026-11-20")});
    assert_int64_equal(days.start_us, at("2026-10-31T23:00:00Z"));
    assert_int64_equal(days.from_us, at("2026-11-19T23:00:00Z"));
    days = days_of(berlin, "2026-11-22T10:00:00Z",
        &(struct days_wish){.start = STR("2026-11-01"), .to = STR("2026-11-20")});
    assert_int64_equal(days.from_us, days.start_us);
    assert_int64_equal(days.to_us, at("2026-11-20T23:00:00Z"));
}

static void wrong_days_are_refused(void **state)
{
    (void)state;
    static const struct {
        struct days_wish wish;
        const char *says;
    } rows[] = {
        {{.day = {"2026-11-31", 10}}, "--day wants"},
        {{.day = {"yesterday", 9}}, "--day wants"},
        {{.from = {"2026-13-01", 10}}, "--from wants"},
        {{.from = {"2026-11-01", 10}, .to = {"1", 1}}, "--to wants"},
        {{.to = {"2026-11-01", 10}}, "--to wants --from"},
        {{.day = {"2026-11-01", 10}, .from = {"2026-11-01", 10}}, "--day is one day"},
        {{.day = {"2026-11-01", 10}, .to = {"2026-11-01", 10}}, "--day is one day"},
        {{.from = {"2026-11-02", 10}, .to = {"2026-11-01", 10}}, "--from lies behind --to"},
        {{.day = {"2026-11-23", 10}}, "has not begun"},
        {{.from = {"2026-11-20", 10}, .to = {"2026-11-23", 10}}, "has not begun"},
        {{.start = {"2026-11-23", 10}}, "has not begun"},
        {{.start = {"soon", 4}}, "--start wants"},
        {{.day = {"1969-12-31", 10}}, "before 1970"},
        {{.start = {"1969-12-31", 10}, .day = {"2026-11-20", 10}}, "before 1970"},
    };
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        struct err_info info = {""};
        struct days days = {1, 2, 3};
        assert_err(reconcile_days(&rows[i].wish, NULL, at("2026-11-22T10:00:00Z"), &days, &info),
            ERR_USAGE);
        assert_row(strstr(info.text, rows[i].says) != NULL, rows[i].says);
        assert_int64_equal(days.from_us, 1);
    }
}

/* At 02:30, which clocks skip in Berlin on 29 March 2026 and show twice on 25 October. */
static void a_time_comes_once_a_day_though_clocks_skip_or_repeat_it(void **state)
{
    (void)state;
    const int64_t half_past_two = 150 * US_PER_MINUTE;
    static const struct {
        struct day day;
        const char *at;
    } rows[] = {
        {{2026, 3, 28}, "2026-03-28T01:30:00Z"},
        {{2026, 3, 29}, "2026-03-29T01:00:00Z"},
        {{2026, 3, 30}, "2026-03-30T00:30:00Z"},
        {{2026, 10, 24}, "2026-10-24T00:30:00Z"},
        {{2026, 10, 25}, "2026-10-25T00:30:00Z"},
        {{2026, 10, 26}, "2026-10-26T01:30:00Z"},
    };
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        assert_int64_equal(day_clock(berlin, rows[i].day, half_past_two), at(rows[i].at));
    }
    assert_int64_equal(day_clock(NULL, rows[0].day, half_past_two), at("2026-03-28T02:30:00Z"));
}

static void check_closed(const char *now, int64_t clock_us, const char *day, const char *due)
{
    char text[DAY_TEXT_BYTES];
    int64_t due_us = 0;
    day_format(day_closed(berlin, clock_us, at(now), &due_us), text);
    assert_string_equal(text, day);
    assert_int64_equal(due_us, at(due));
}

static void a_day_is_closed_when_its_time_has_come_on_the_next(void **state)
{
    (void)state;
    const int64_t clock_us = 270 * US_PER_MINUTE; /* 04:30 */
    check_closed("2026-11-22T03:29:59Z", clock_us, "2026-11-20", "2026-11-21T03:30:00Z");
    check_closed("2026-11-22T03:30:00Z", clock_us, "2026-11-21", "2026-11-22T03:30:00Z");
    check_closed("2026-11-22T22:59:59Z", clock_us, "2026-11-21", "2026-11-22T03:30:00Z");
    check_closed("2026-11-22T23:00:00Z", clock_us, "2026-11-21", "2026-11-22T03:30:00Z");
    check_closed("2026-11-22T23:00:00Z", 0, "2026-11-22", "2026-11-22T23:00:00Z");
    check_closed("2026-03-29T00:59:59Z", 150 * US_PER_MINUTE, "2026-03-27", "2026-03-28T01:30:00Z");
    check_closed("2026-03-29T01:00:00Z", 150 * US_PER_MINUTE, "2026-03-28", "2026-03-29T01:00:00Z");
}

/* Every moment of a year, by quarters of an hour: the day only goes on, one at a time. */
static void no_day_is_left_out_and_none_comes_twice(void **state)
{
    (void)state;
    int64_t due_us = 0;
    const int64_t step_us = 15 * US_PER_MINUTE;
    for (int64_t clock_us = 0; clock_us < US_PER_DAY; clock_us += 90 * US_PER_MINUTE) {
        struct day last = day_closed(berlin, clock_us, at("2026-01-01T00:00:00Z"), &due_us);
        for (int64_t now_us = at("2026-01-01T00:00:00Z"); now_us < at("2027-01-01T00:00:00Z");
             now_us += step_us) {
            struct day day = day_closed(berlin, clock_us, now_us, &due_us);
            assert_true(due_us <= now_us);
            assert_true(day_compare(day, last) == 0 || day_compare(day, day_next(last)) == 0);
            last = day;
        }
    }
}

TESTS_MAIN_WITH("reconcile days",
    open_zones,
    close_zones,
    TEST(without_words_the_day_before_is_meant),
    TEST(a_day_on_which_clocks_change_has_23_or_25_hours),
    TEST(days_are_inclusive),
    TEST(from_alone_reaches_to_the_day_before),
    TEST(books_that_begin_are_reconciled_from_their_beginning),
    TEST(wrong_days_are_refused),
    TEST(a_time_comes_once_a_day_though_clocks_skip_or_repeat_it),
    TEST(a_day_is_closed_when_its_time_has_come_on_the_next),
    TEST(no_day_is_left_out_and_none_comes_twice))
