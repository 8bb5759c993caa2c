/* day: a day of an account's own calendar, as moments.
 *
 * Layer: reconcile. Source: the system's tz database, through base/zone.h.
 */
#pragma once

#include "base/zone.h"

struct day {
    int32_t year;
    uint8_t month, day; /* from 1 */
};

MUST_USE enum err day_parse(struct str text, struct day *ret_day); /* "2026-11-22"; ERR_MALFORMED */
#define DAY_TEXT_BYTES 16
void day_format(struct day day, char to[static DAY_TEXT_BYTES]);
struct day day_next(struct day day);
struct day day_before(struct day day);
int day_compare(struct day a, struct day b);
struct day day_of(const struct zone *zone, int64_t time_us); /* zone: NULL is UTC */
/* Its first moment, and that of the next day: 23, 24 or 25 hours, or others where a zone moved. */
void day_bounds(const struct zone *zone, struct day day, int64_t *ret_from_us, int64_t *ret_to_us);
