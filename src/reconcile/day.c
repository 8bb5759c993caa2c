#include "reconcile/day.h"
#include "base/check.h"
#include "base/date.h"
#include "base/timestamp.h"
#include <inttypes.h>
#include <stdio.h>

static int64_t number_of(struct day day)
{
    return days_from_date(day.year, day.month, day.day);
}

static struct day day_of_number(int64_t number)
{
    struct date date = date_from_days(number);
    return (struct day){(int32_t)date.year, (uint8_t)date.month, (uint8_t)date.day};
}

static int64_t start_us(const struct zone *zone, int64_t number)
{
    return zone_to_utc(zone, number * US_PER_DAY);
}

/* Digits only: a sign is none of a day. */
static bool take_number(struct str text, size_t at, size_t len, int64_t *ret)
{
    struct str digits = {text.data + at, len};
    return digits.data[0] >= '0' && digits.data[0] <= '9' && str_to_int64(digits, ret) == ERR_OK;
}

enum err day_parse(struct str text, struct day *ret_day)
{
    REQUIRE(ret_day != NULL);
    int64_t year = 0;
    int64_t month = 0;
    int64_t day = 0;
    if (text.len != 10 || text.data[4] != '-' || text.data[7] != '-' ||
        !take_number(text, 0, 4, &year) || !take_number(text, 5, 2, &month) ||
        !take_number(text, 8, 2, &day)) {
        return ERR_MALFORMED;
    }
    if (month < 1 || month > 12 || day < 1 || day > days_in_month(year, month)) {
        return ERR_MALFORMED;
    }
    *ret_day = (struct day){(int32_t)year, (uint8_t)month, (uint8_t)day};
    return ERR_OK;
}

void day_format(struct day day, char to[static DAY_TEXT_BYTES])
{
    int len = snprintf(to, DAY_TEXT_BYTES, "%04" PRId32 "-%02u-%02u", day.year, (unsigned)day.month,
        (unsigned)day.day);
    ENSURE(len > 0 && len < DAY_TEXT_BYTES);
}

struct day day_next(struct day day)
{
    return day_of_number(number_of(day) + 1);
}

struct day day_before(struct day day)
{
    return day_of_number(number_of(day) - 1);
}

int day_compare(struct day a, struct day b)
{
    int64_t left = number_of(a);
    int64_t right = number_of(b);
    return (left > right) - (left < right);
}

struct day day_of(const struct zone *zone, int64_t time_us)
{
    int64_t local_us = time_us;
    if (__builtin_add_overflow(time_us, zone_offset_us(zone, time_us), &local_us)) {
        local_us = time_us; /* some 290,000 years from now: no calendar minds */
    }
    int64_t number = local_us / US_PER_DAY;
    return day_of_number(local_us % US_PER_DAY < 0 ? number - 1 : number);
}

void day_bounds(const struct zone *zone, struct day day, int64_t *ret_from_us, int64_t *ret_to_us)
{
    REQUIRE(ret_from_us != NULL && ret_to_us != NULL);
    *ret_from_us = start_us(zone, number_of(day));
    *ret_to_us = start_us(zone, number_of(day) + 1);
    ENSURE(*ret_from_us <= *ret_to_us);
}
