/* Time zones: offsets, gaps, and times that the clocks show twice. */
#include "base/timestamp.h"
#include "base/zone.h"
#include "unit/testing.h"

static int64_t at(const char *text)
{
    int64_t time_us = 0;
    assert_err(timestamp_parse(str_from(text), &time_us), ERR_OK);
    return time_us;
}

static void every_zone_knows_its_offset(void **state)
{
    (void)state;
    static const struct {
        const char *zone, *time;
        int64_t minutes;
    } rows[] = {
        {"", "2026-07-01T00:00:00Z", 0},
        {"UTC", "2026-07-01T00:00:00Z", 0},
        {"Europe/Paris", "2026-01-01T00:00:00Z", 60},
        {"Europe/Paris", "2026-07-01T00:00:00Z", 120},
        {"Europe/Paris", "2026-03-29T00:59:59.999999Z", 60},
        {"Europe/Paris", "2026-03-29T01:00:00Z", 120},
        {"America/New_York", "2026-01-01T00:00:00Z", -300},
        {"Asia/Kolkata", "2026-01-01T00:00:00Z", 330},
        {"Asia/Kathmandu", "2026-01-01T00:00:00Z", 345},
        {"Australia/Lord_Howe", "2026-07-01T00:00:00Z", 630},
        {"Pacific/Apia", "2011-12-30T09:59:59Z", -600},
        {"Pacific/Apia", "2011-12-30T10:00:00Z", 840},
    };
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        CLEANUP(zone_close) struct zone *zone = NULL;
        assert_err(zone_open(str_from(rows[i].zone), &zone), ERR_OK);
        assert_int64_equal(zone_offset_us(zone, at(rows[i].time)), rows[i].minutes * US_PER_MINUTE);
    }
    assert_int64_equal(zone_offset_us(NULL, at("2026-07-01T00:00:00Z")), 0);
}

static void what_is_no_zone_is_not_found(void **state)
{
    (void)state;
    static const char *const names[] = {"Europe/Atlantis", "../../etc/passwd", "/etc/localtime",
        "Europe", "Europe/../Europe/Paris", "europe/paris ", "+02:00", "X", "Europe/Paris\n",
        "Aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa"};
    for (size_t i = 0; i < sizeof names / sizeof names[0]; i++) {
        struct zone *zone = NULL;
        assert_row(zone_open(str_from(names[i]), &zone) == ERR_NOT_FOUND, names[i]);
        assert_row(zone == NULL, names[i]);
    }
    struct zone *zone = NULL;
    assert_err(zone_open((struct str){"Europe/Paris\0x", 14}, &zone), ERR_NOT_FOUND);
}

static void a_local_time_is_the_first_moment_that_shows_it_or_a_later_one(void **state)
{
    (void)state;
    static const struct {
        const char *zone, *local, *utc;
    } rows[] = {
        {"", "2026-07-01T12:00:00Z", "2026-07-01T12:00:00Z"},
        {"Europe/Paris", "2026-07-01T00:00:00Z", "2026-06-30T22:00:00Z"},
        {"Europe/Paris", "2026-03-29T01:59:59.999999Z", "2026-03-29T00:59:59.999999Z"},
        {"Europe/Paris", "2026-03-29T02:00:00Z", "2026-03-29T01:00:00Z"},   /* skipped */
        {"Europe/Paris", "2026-03-29T02:30:00.5Z", "2026-03-29T01:00:00Z"}, /* skipped */
        {"Europe/Paris", "2026-03-29T03:00:00Z", "2026-03-29T01:00:00Z"},
        {"Europe/Paris", "2026-10-25T02:30:00Z", "2026-10-25T00:30:00Z"}, /* twice */
        {"Europe/Paris", "2026-10-25T03:00:00Z", "2026-10-25T02:00:00Z"},
        {"America/Sao_Paulo", "2018-11-04T00:00:00Z", "2018-11-04T03:00:00Z"}, /* no midnight */
        {"Asia/Kolkata", "2026-07-01T00:00:00Z", "2026-06-30T18:30:00Z"},
        {"Australia/Lord_Howe", "2026-04-05T01:45:00Z", "2026-04-04T14:45:00Z"}, /* twice */
        {"Pacific/Apia", "2011-12-30T00:00:00Z", "2011-12-30T10:00:00Z"},
        {"Pacific/Apia", "2011-12-30T15:00:00Z", "2011-12-30T10:00:00Z"},
        {"Pacific/Apia", "2011-12-31T00:00:00Z", "2011-12-30T10:00:00Z"},
    };
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        CLEANUP(zone_close) struct zone *zone = NULL;
        char shown[TIMESTAMP_TEXT_BYTES];
        assert_err(zone_open(str_from(rows[i].zone), &zone), ERR_OK);
        timestamp_format(zone_to_utc(zone, at(rows[i].local)), shown);
        assert_str_equal_to(str_from(shown), rows[i].utc);
    }
    assert_int64_equal(zone_to_utc(NULL, 7), 7);
}

static void every_moment_of_a_year_is_shown_by_itself_or_by_an_earlier_one(void **state)
{
    (void)state;
    uint64_t seed = test_seed();
    static const char *const names[] = {
        "Europe/Paris", "America/New_York", "Australia/Lord_Howe", "Africa/Casablanca"};
    for (size_t i = 0; i < sizeof names / sizeof names[0]; i++) {
        CLEANUP(zone_close) struct zone *zone = NULL;
        assert_err(zone_open(str_from(names[i]), &zone), ERR_OK);
        for (int n = 0; n < 2000; n++) {
            int64_t time_us = at("2026-01-01T00:00:00Z") +
                              (int64_t)test_random_below(&seed, (uint64_t)(365 * US_PER_DAY));
            int64_t local_us = time_us + zone_offset_us(zone, time_us);
            int64_t first_us = zone_to_utc(zone, local_us);
            assert_row(first_us <= time_us && time_us - first_us <= US_PER_HOUR, names[i]);
            assert_row(first_us + zone_offset_us(zone, first_us) == local_us, names[i]);
        }
    }
}

TESTS_MAIN("zone",
    TEST(every_zone_knows_its_offset),
    TEST(what_is_no_zone_is_not_found),
    TEST(a_local_time_is_the_first_moment_that_shows_it_or_a_later_one),
    TEST(every_moment_of_a_year_is_shown_by_itself_or_by_an_earlier_one))
