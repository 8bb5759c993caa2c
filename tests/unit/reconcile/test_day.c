/* Days of an account's own calendar. */
#include "base/timestamp.h"
#include "reconcile/day.h"
#include "unit/testing.h"

static int64_t at(const char *text)
{
    int64_t time_us = 0;
    assert_err(timestamp_parse(str_from(text), &time_us), ERR_OK);
    return time_us;
}

static struct day day(const char *text)
{
    struct day made = {0};
    assert_err(day_parse(str_from(text), &made), ERR_OK);
    return made;
}

static void assert_day(struct day is, const char *expected)
{
    char text[DAY_TEXT_BYTES];
    day_format(is, text);
    assert_str_equal_to(str_from(text), expected);
}

static void a_day_is_read_as_it_is_written(void **state)
{
    (void)state;
    static const char *const good[] = {
        "2026-11-22", "2024-02-29", "2000-02-29", "0000-01-01", "9999-12-31"};
    static const char *const bad[] = {"", "2026-11-2", "2026-13-01", "2026-00-01", "2026-02-29",
        "2026-04-31", "1900-02-29", "2026-01-00", "2026/11/22", "-026-11-22", "2026--1-22",
        "2026-+1-22", "2026-11-22 ", "2026-11-22T00:00:00Z", "20x6-11-22"};
    for (size_t i = 0; i < sizeof good / sizeof good[0]; i++) {
        assert_day(day(good[i]), good[i]);
    }
    for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++) {
        struct day kept = {7, 7, 7};
        assert_row(day_parse(str_from(bad[i]), &kept) == ERR_MALFORMED, bad[i]);
        assert_row(kept.year == 7 && kept.month == 7 && kept.day == 7, bad[i]);
    }
}

static void days_follow_each_other_over_the_ends_of_months_and_years(void **state)
{
    (void)state;
    static const struct {
        const char *day, *next;
    } rows[] = {
        {"2026-11-30", "2026-12-01"},
        {"2026-12-31", "2027-01-01"},
        {"2024-02-28", "2024-02-29"},
        {"2024-02-29", "2024-03-01"},
        {"2026-02-28", "2026-03-01"},
    };
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        assert_day(day_next(day(rows[i].day)), rows[i].next);
        assert_day(day_before(day(rows[i].next)), rows[i].day);
        assert_true(day_compare(day(rows[i].day), day(rows[i].next)) < 0);
        assert_true(day_compare(day(rows[i].next), day(rows[i].day)) > 0);
        assert_int_equal(day_compare(day(rows[i].day), day(rows[i].day)), 0);
    }
}

static void a_day_begins_and_ends_where_its_zone_says(void **state)
{
    (void)state;
    static const struct {
        const char *zone, *day, *from, *to;
    } rows[] = {
        {NULL, "2024-02-29", "2024-02-29T00:00:00Z", "2024-03-01T00:00:00Z"},
        {"Europe/Paris", "2026-11-22", "2026-11-21T23:00:00Z", "2026-11-22T23:00:00Z"},
        {"Europe/Paris", "2026-03-29", "2026-03-28T23:00:00Z", "2026-03-29T22:00:00Z"}, /* 23 h */
        {"Europe/Paris", "2026-10-25", "2026-10-24T22:00:00Z", "2026-10-25T23:00:00Z"}, /* 25 h */
        {"America/New_York", "2026-03-08", "2026-03-08T05:00:00Z", "2026-03-09T04:00:00Z"},
        {"America/New_York", "2026-12-31", "2026-12-31T05:00:00Z", "2027-01-01T05:00:00Z"},
        {"America/Sao_Paulo", "2018-11-04", "2018-11-04T03:00:00Z", "2018-11-05T02:00:00Z"},
        {"Asia/Kolkata", "2024-02-29", "2024-02-28T18:30:00Z", "2024-02-29T18:30:00Z"},
        {"Asia/Kathmandu", "2026-01-01", "2025-12-31T18:15:00Z", "2026-01-01T18:15:00Z"},
        {"Pacific/Apia", "2011-12-29", "2011-12-29T10:00:00Z", "2011-12-30T10:00:00Z"},
        {"Pacific/Apia", "2011-12-30", "2011-12-30T10:00:00Z", "2011-12-30T10:00:00Z"}, /* none */
        {"Pacific/Apia", "2011-12-31", "2011-12-30T10:00:00Z", "2011-12-31T10:00:00Z"},
    };
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        CLEANUP(zone_close) struct zone *zone = NULL;
        int64_t from_us = 0;
        int64_t to_us = 0;
        if (rows[i].zone != NULL) {
            assert_err(zone_open(str_from(rows[i].zone), &zone), ERR_OK);
        }
        day_bounds(zone, day(rows[i].day), &from_us, &to_us);
        assert_row(from_us == at(rows[i].from), rows[i].day);
        assert_row(to_us == at(rows[i].to), rows[i].day);
    }
}

static void a_moment_is_of_the_day_that_the_clocks_show(void **state)
{
    (void)state;
    static const struct {
        const char *zone, *time, *day;
    } rows[] = {
        {"", "2026-11-21T23:59:59.999999Z", "2026-11-21"},
        {"Europe/Paris", "2026-11-21T22:59:59.999999Z", "2026-11-21"},
        {"Europe/Paris", "2026-11-21T23:00:00Z", "2026-11-22"},
        {"America/New_York", "2026-12-31T04:59:59Z", "2026-12-30"},
        {"Asia/Kolkata", "2024-02-29T18:30:00Z", "2024-03-01"},
        {"Pacific/Apia", "2011-12-30T09:59:59Z", "2011-12-29"},
        {"Pacific/Apia", "2011-12-30T10:00:00Z", "2011-12-31"},
        {"", "1969-12-31T23:59:59.999999Z", "1969-12-31"},
    };
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        CLEANUP(zone_close) struct zone *zone = NULL;
        assert_err(zone_open(str_from(rows[i].zone), &zone), ERR_OK);
        assert_day(day_of(zone, at(rows[i].time)), rows[i].day);
    }
    assert_day(day_of(NULL, INT64_MAX), "294247-01-10");
    assert_day(day_of(NULL, INT64_MIN), "-290308-12-21");
}

static void every_day_ends_where_the_next_one_begins(void **state)
{
    (void)state;
    static const char *const names[] = {"Europe/Paris", "Pacific/Apia", "Australia/Lord_Howe"};
    for (size_t i = 0; i < sizeof names / sizeof names[0]; i++) {
        CLEANUP(zone_close) struct zone *zone = NULL;
        assert_err(zone_open(str_from(names[i]), &zone), ERR_OK);
        int64_t end_us = 0;
        struct day now = day("2011-01-01");
        for (int n = 0; n < 1100; n++, now = day_next(now)) {
            int64_t from_us = 0;
            int64_t to_us = 0;
            day_bounds(zone, now, &from_us, &to_us);
            assert_row(n == 0 || from_us == end_us, names[i]);
            assert_row(to_us == from_us || day_compare(day_of(zone, from_us), now) == 0, names[i]);
            assert_row(
                to_us == from_us || day_compare(day_of(zone, to_us - 1), now) == 0, names[i]);
            end_us = to_us;
        }
    }
}

TESTS_MAIN("day",
    TEST(a_day_is_read_as_it_is_written),
    TEST(days_follow_each_other_over_the_ends_of_months_and_years),
    TEST(a_day_begins_and_ends_where_its_zone_says),
    TEST(a_moment_is_of_the_day_that_the_clocks_show),
    TEST(every_day_ends_where_the_next_one_begins))
