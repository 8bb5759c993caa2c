/* timestamp: microseconds since the epoch to RFC 3339 and back, UTC only, no clock of the C
 * library.
 *
 * Layer: base.
 */
#pragma once

#include "base/str.h"

#define TIMESTAMP_TEXT_BYTES 32 /* "2026-11-22T10:52:52.123456Z" and the NUL */
#define US_PER_SECOND INT64_C(1000000)
#define US_PER_MINUTE (60 * US_PER_SECOND)
#define US_PER_HOUR (60 * US_PER_MINUTE)
#define US_PER_DAY (24 * US_PER_HOUR)

/* The beginning of its second, of times from 1970 on: most providers tell no less. */
static inline int64_t timestamp_second(int64_t time_us)
{
    return time_us - time_us % US_PER_SECOND;
}

/* Writes the shortest form: no fraction when it is zero, else six digits. Years 0000 to 9999; what
 * lies beyond is written as the first or the last time of them. */
void timestamp_format(int64_t time_us, char to[static TIMESTAMP_TEXT_BYTES]);

/* `2026-11-22T10:52:52Z`, with an optional fraction (digits beyond six are cut) and `Z` or an
 * offset. A leap second counts as the first second after it. ERR_MALFORMED; ERR_OVERFLOW when the
 * offset leads out of the years 0000 to 9999. */
MUST_USE enum err timestamp_parse(struct str text, int64_t *ret_time_us);

/* `20s`, `5m`, `2h`, `30d`, `250ms`; a bare number is seconds. Not negative.
 * ERR_MALFORMED, ERR_OVERFLOW. */
MUST_USE enum err duration_parse(struct str text, int64_t *ret_us);
void duration_format(int64_t us, char to[static TIMESTAMP_TEXT_BYTES]); /* "3m 20s", "1d 4h" */
