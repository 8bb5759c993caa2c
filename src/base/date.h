/* date: days of the proleptic Gregorian calendar, by number.
 *
 * Layer: base.
 */
#pragma once

#include <stdint.h>

struct date {
    int64_t year;
    int64_t month; /* 1 to 12 */
    int64_t day;   /* 1 to 31 */
};

/* Days since 1970-01-01. A day beyond its month's end counts on into the next one. */
int64_t days_from_date(int64_t year, int64_t month, int64_t day);
struct date date_from_days(int64_t days);
int64_t days_in_month(int64_t year, int64_t month);
