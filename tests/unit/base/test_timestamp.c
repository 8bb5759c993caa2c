#include "base/timestamp.h"
#include "unit/testing.h"

#define FIRST_US (INT64_C(-62167219200) * US_PER_SECOND)
#define LAST_US (INT64_C(253402300800) * US_PER_SECOND - 1)

static void assert_formats(int64_t time_us, const char *text)
{
    char to[TIMESTAMP_TEXT_BYTES];
    timestamp_format(time_us, to);
    assert_str_equal_to(str_from(to), text);
}

static void times_are_written_in_the_shortest_form(void **state)
{
    (void)state;
    assert_formats(0, "1970-01-01T00:00:00Z");
    assert_formats(1, "1970-01-01T00:00:00.000001Z");
    assert_formats(-1, "1969-12-31T23:59:59.999999Z");
    assert_formats(INT64_C(1795344772123456), "2026-11-22T10:52:52.123456Z");
    assert_formats(INT64_C(1795344772) * US_PER_SECOND, "2026-11-22T10:52:52Z");
    assert_formats(INT64_C(951782400) * US_PER_SECOND, "2000-02-29T00:00:00Z");
    assert_formats(INT64_C(-2203977600) * US_PER_SECOND, "1900-02-28T00:00:00Z");
    assert_formats(FIRST_US, "0000-01-01T00:00:00Z");
    assert_formats(LAST_US, "9999-12-31T23:59:59.999999Z");
}

static void times_beyond_four_digits_of_year_are_the_first_or_last(void **state)
{
    (void)state;
    assert_formats(FIRST_US - 1, "0000-01-01T00:00:00Z");
    assert_formats(INT64_MIN, "0000-01-01T00:00:00Z");
    assert_formats(LAST_US + 1, "9999-12-31T23:59:59.999999Z");
    assert_formats(INT64_MAX, "9999-12-31T23:59:59.999999Z");
}

static void every_day_of_ten_thousand_years_goes_there_and_back(void **state)
{
    (void)state;
    struct tm calendar = {.tm_year = -1900, .tm_mon = 0, .tm_mday = 1};
    char before[TIMESTAMP_TEXT_BYTES] = "";
    for (int64_t day_us = FIRST_US; day_us <= LAST_US; day_us += US_PER_DAY) {
        char text[TIMESTAMP_TEXT_BYTES];
        timestamp_format(day_us, text);
        int64_t back = 0;
        if (timestamp_parse(str_from(text), &back) != ERR_OK || back != day_us) {
            fail_msg("%s", text);
        }
        assert_true(strcmp(before, text) < 0);
        memcpy(before, text, sizeof before);
    }
    assert_int64_equal((int64_t)timegm(&calendar) * US_PER_SECOND, FIRST_US);
    assert_string_equal(before, "9999-12-31T00:00:00Z");
}

static void dates_are_those_of_the_c_library(void **state)
{
    (void)state;
    uint64_t random = test_seed();
    for (int i = 0; i < 20000; i++) {
        int64_t seconds = (int64_t)test_random_below(&random, UINT64_C(253402300800));
        time_t time = (time_t)seconds;
        struct tm calendar;
        char expected[80];
        char text[TIMESTAMP_TEXT_BYTES];
        assert_non_null(gmtime_r(&time, &calendar));
        (void)strftime(expected, sizeof expected, "%Y-%m-%dT%H:%M:%SZ", &calendar);
        timestamp_format(seconds * US_PER_SECOND, text);
        assert_string_equal(text, expected);
    }
}

static void fractions_and_offsets_are_read(void **state)
{
    (void)state;
    static const struct {
        const char *text;
        int64_t time_us;
    } rows[] = {
        {"1970-01-01T00:00:01Z", 1000000},
        {"1970-01-01t00:00:01z", 1000000},
        {"1970-01-01T00:00:00.5Z", 500000},
        {"1970-01-01T00:00:00.123456Z", 123456},
        {"1970-01-01T00:00:00.1234569999Z", 123456},
        {"1970-01-01T01:00:00+01:00", 0},
        {"1969-12-31T18:30:00-05:30", 0},
        {"1970-01-01T00:00:00-00:00", 0},
        {"1970-01-01T23:59:00+23:59", 0},
        {"2016-12-31T23:59:60Z", INT64_C(1483228800000000)},
        {"2024-02-29T00:00:00Z", INT64_C(1709164800000000)},
        {"0000-01-01T00:00:00Z", FIRST_US},
        {"9999-12-31T23:59:59.999999Z", LAST_US},
    };
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        int64_t time_us = -7;
        assert_row(timestamp_parse(str_from(rows[i].text), &time_us) == ERR_OK, rows[i].text);
        assert_row(time_us == rows[i].time_us, rows[i].text);
    }
}

static void what_is_no_timestamp_is_refused(void **state)
{
    (void)state;
    static const char *const rows[] = {"", "2026", "2026-11-22", "2026-11-22T10:52:52",
        "2026-11-22 10:52:52Z", "2026-11-22T10:52Z", "2026-11-22T10:52:52.Z",
        "2026-11-22T10:52:52,5Z", "2026-11-22T10:52:52ZZ", "2026-11-22T10:52:52Z ",
        " 2026-11-22T10:52:52Z", "2026-13-22T10:52:52Z", "2026-00-22T10:52:52Z",
        "2026-11-31T10:52:52Z", "2026-11-00T10:52:52Z", "2026-02-29T10:52:52Z",
        "1900-02-29T00:00:00Z", "2026-11-22T24:00:00Z", "2026-11-22T10:60:52Z",
        "2026-11-22T10:52:61Z", "2026-11-22T10:52:52+24:00", "2026-11-22T10:52:52+01:60",
        "2026-11-22T10:52:52+0100", "2026-11-22T10:52:52+01", "2026-11-22T10:52:52*01:00",
        "+026-11-22T10:52:52Z", "-026-11-22T10:52:52Z", "20260-11-22T10:52:52Z",
        "2026-1-22T10:52:52Z", "2026-11-22T1 :52:52Z", "now"};
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        int64_t time_us = 4711;
        assert_row(timestamp_parse(str_from(rows[i]), &time_us) == ERR_MALFORMED, rows[i]);
        assert_row(time_us == 4711, rows[i]);
    }
    int64_t time_us = 4711;
    assert_err(timestamp_parse(STR("0000-01-01T00:00:00+00:01"), &time_us), ERR_OVERFLOW);
    assert_err(timestamp_parse(STR("9999-12-31T23:59:60Z"), &time_us), ERR_OVERFLOW);
    assert_int64_equal(time_us, 4711);
}

static void every_prefix_of_a_timestamp_is_refused(void **state)
{
    (void)state;
    struct str text = STR("2026-11-22T10:52:52.123456+01:00");
    for (size_t len = 0; len < text.len; len++) {
        int64_t time_us = 0;
        assert_err(timestamp_parse((struct str){text.data, len}, &time_us), ERR_MALFORMED);
    }
}

static void durations_have_a_unit_or_are_seconds(void **state)
{
    (void)state;
    static const struct {
        const char *text;
        enum err err;
        int64_t us;
    } rows[] = {
        {"20s", ERR_OK, 20 * US_PER_SECOND},
        {"5m", ERR_OK, 5 * US_PER_MINUTE},
        {"2h", ERR_OK, 2 * US_PER_HOUR},
        {"30d", ERR_OK, 30 * US_PER_DAY},
        {"250ms", ERR_OK, 250000},
        {"7", ERR_OK, 7 * US_PER_SECOND},
        {"0", ERR_OK, 0},
        {"106751991d", ERR_OK, 106751991 * US_PER_DAY},
        {"106751992d", ERR_OVERFLOW, 0},
        {"99999999999999999999s", ERR_OVERFLOW, 0},
        {"", ERR_MALFORMED, 0},
        {"s", ERR_MALFORMED, 0},
        {"-5s", ERR_MALFORMED, 0},
        {"+5s", ERR_MALFORMED, 0},
        {"5 s", ERR_MALFORMED, 0},
        {"5x", ERR_MALFORMED, 0},
        {"5mss", ERR_MALFORMED, 0},
        {"1.5s", ERR_MALFORMED, 0},
        {"1h30m", ERR_MALFORMED, 0},
    };
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        int64_t us = 4711;
        assert_row(duration_parse(str_from(rows[i].text), &us) == rows[i].err, rows[i].text);
        assert_row(us == (rows[i].err == ERR_OK ? rows[i].us : 4711), rows[i].text);
    }
}

static void durations_are_said_in_two_units(void **state)
{
    (void)state;
    static const struct {
        int64_t us;
        const char *text;
    } rows[] = {
        {0, "0s"},
        {7, "7us"},
        {1500, "1ms 500us"},
        {250000, "250ms"},
        {200 * US_PER_SECOND, "3m 20s"},
        {180 * US_PER_SECOND, "3m"},
        {28 * US_PER_HOUR, "1d 4h"},
        {28 * US_PER_HOUR + 59 * US_PER_MINUTE, "1d 4h"},
        {US_PER_DAY + 59 * US_PER_MINUTE, "1d"},
        {-200 * US_PER_SECOND, "-3m 20s"},
        {INT64_MAX, "106751991d 4h"},
        {INT64_MIN, "-106751991d 4h"},
    };
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        char text[TIMESTAMP_TEXT_BYTES];
        duration_format(rows[i].us, text);
        assert_string_equal(text, rows[i].text);
    }
}

TESTS_MAIN("base/timestamp",
    TEST(times_are_written_in_the_shortest_form),
    TEST(times_beyond_four_digits_of_year_are_the_first_or_last),
    TEST(every_day_of_ten_thousand_years_goes_there_and_back),
    TEST(dates_are_those_of_the_c_library),
    TEST(fractions_and_offsets_are_read),
    TEST(what_is_no_timestamp_is_refused),
    TEST(every_prefix_of_a_timestamp_is_refused),
    TEST(durations_have_a_unit_or_are_seconds),
    TEST(durations_are_said_in_two_units))
