#include "base/timestamp.h"
#include "base/check.h"
#include "base/date.h"

#define DAYS_0000_TO_1970 719528
#define TIMESTAMP_US_MIN (-(int64_t)DAYS_0000_TO_1970 * US_PER_DAY)  /* 0000-01-01 */
#define TIMESTAMP_US_MAX (INT64_C(253402300800) * US_PER_SECOND - 1) /* end of 9999 */

/* ---- writing ------------------------------------------------------------------------------- */

/* Writes exactly `count` digits, leading zeros included. */
static char *put_digits(char *to, int64_t value, int count)
{
    for (int i = count - 1; i >= 0; i--) {
        to[i] = (char)('0' + value % 10);
        value /= 10;
    }
    return to + count;
}

static char *put_char(char *to, char c)
{
    *to = c;
    return to + 1;
}

void timestamp_format(int64_t time_us, char to[static TIMESTAMP_TEXT_BYTES])
{
    time_us = time_us < TIMESTAMP_US_MIN ? TIMESTAMP_US_MIN : time_us;
    time_us = time_us > TIMESTAMP_US_MAX ? TIMESTAMP_US_MAX : time_us;
    int64_t from_year_0 = time_us - TIMESTAMP_US_MIN; /* not negative: division rounds down */
    int64_t us_of_day = from_year_0 % US_PER_DAY;
    struct date date = date_from_days(from_year_0 / US_PER_DAY - DAYS_0000_TO_1970);
    ENSURE(date.year >= 0 && date.year <= 9999);

    char *at = put_char(put_digits(to, date.year, 4), '-');
    at = put_char(put_digits(at, date.month, 2), '-');
    at = put_char(put_digits(at, date.day, 2), 'T');
    at = put_char(put_digits(at, us_of_day / US_PER_HOUR, 2), ':');
    at = put_char(put_digits(at, us_of_day / US_PER_MINUTE % 60, 2), ':');
    at = put_digits(at, us_of_day / US_PER_SECOND % 60, 2);
    if (us_of_day % US_PER_SECOND != 0) {
        at = put_digits(put_char(at, '.'), us_of_day % US_PER_SECOND, 6);
    }
    at = put_char(at, 'Z');
    *at = '\0';
}

static char *put_count(char *to, int64_t count, const char *unit)
{
    int digits = 1;
    for (int64_t left = count / 10; left > 0; left /= 10) {
        digits++;
    }
    to = put_digits(to, count, digits);
    while (*unit != '\0') {
        *to++ = *unit++;
    }
    return to;
}

/* The two largest units that are not zero say enough; what is below them is cut. */
void duration_format(int64_t us, char to[static TIMESTAMP_TEXT_BYTES])
{
    static const struct {
        const char *name;
        int64_t us;
    } units[] = {{"d", US_PER_DAY}, {"h", US_PER_HOUR}, {"m", US_PER_MINUTE}, {"s", US_PER_SECOND},
        {"ms", 1000}, {"us", 1}};
    enum { UNITS = sizeof units / sizeof units[0] };

    char *at = us < 0 ? put_char(to, '-') : to;
    int64_t left = us == INT64_MIN ? INT64_MAX : us < 0 ? -us : us;
    size_t first = 0;
    while (first < UNITS && left < units[first].us) {
        first++;
    }
    if (first == UNITS) {
        at = put_count(at, 0, "s");
    } else {
        at = put_count(at, left / units[first].us, units[first].name);
        left %= units[first].us;
        if (first + 1 < UNITS && left >= units[first + 1].us) {
            at = put_char(at, ' ');
            at = put_count(at, left / units[first + 1].us, units[first + 1].name);
        }
    }
    *at = '\0';
    ENSURE(at - to < TIMESTAMP_TEXT_BYTES);
}

/* ---- reading ------------------------------------------------------------------------------- */

/* What is still to be read, and whether all before it was as it must be. */
struct reader {
    struct str rest;
    bool good;
};

static int64_t take_digits(struct reader *reader, size_t count)
{
    if (reader->rest.len < count) {
        reader->good = false;
        return 0;
    }
    int64_t value = 0;
    for (size_t i = 0; i < count; i++) {
        char c = reader->rest.data[i];
        if (c < '0' || c > '9') {
            reader->good = false;
            return 0;
        }
        value = value * 10 + (c - '0');
    }
    reader->rest.data += count;
    reader->rest.len -= count;
    return value;
}

static bool take_char(struct reader *reader, char c)
{
    if (reader->rest.len == 0 || reader->rest.data[0] != c) {
        return false;
    }
    reader->rest.data++;
    reader->rest.len--;
    return true;
}

static void expect(struct reader *reader, bool taken)
{
    reader->good = reader->good && taken;
}

static int64_t take_fraction_us(struct reader *reader)
{
    int64_t us = 0;
    int64_t unit = US_PER_SECOND / 10;
    size_t digits = 0;
    while (reader->rest.len > 0 && reader->rest.data[0] >= '0' && reader->rest.data[0] <= '9') {
        us += (reader->rest.data[0] - '0') * unit;
        unit /= 10; /* zero after six digits: the others are cut */
        reader->rest.data++;
        reader->rest.len--;
        digits++;
    }
    expect(reader, digits > 0);
    return us;
}

/* `Z` or +hh:mm, as what must be taken away to get to UTC. */
static int64_t take_offset_us(struct reader *reader)
{
    if (take_char(reader, 'Z') || take_char(reader, 'z')) {
        return 0;
    }
    bool east = take_char(reader, '+');
    expect(reader, east || take_char(reader, '-'));
    int64_t hours = take_digits(reader, 2);
    expect(reader, take_char(reader, ':'));
    int64_t minutes = take_digits(reader, 2);
    expect(reader, hours <= 23 && minutes <= 59);
    int64_t us = hours * US_PER_HOUR + minutes * US_PER_MINUTE;
    return east ? us : -us;
}

enum err timestamp_parse(struct str text, int64_t *ret_time_us)
{
    REQUIRE(ret_time_us != NULL);
    struct reader reader = {text, true};
    int64_t year = take_digits(&reader, 4);
    expect(&reader, take_char(&reader, '-'));
    int64_t month = take_digits(&reader, 2);
    expect(&reader, take_char(&reader, '-'));
    int64_t day = take_digits(&reader, 2);
    expect(&reader, take_char(&reader, 'T') || take_char(&reader, 't'));
    int64_t hour = take_digits(&reader, 2);
    expect(&reader, take_char(&reader, ':'));
    int64_t minute = take_digits(&reader, 2);
    expect(&reader, take_char(&reader, ':'));
    int64_t second = take_digits(&reader, 2);
    int64_t us = take_char(&reader, '.') ? take_fraction_us(&reader) : 0;
    int64_t offset_us = take_offset_us(&reader);
    if (!reader.good || reader.rest.len > 0) {
        return ERR_MALFORMED;
    }
    /* A leap second (:60) is read as the first of the next minute, as POSIX counts. */
    bool exists = month >= 1 && month <= 12 && day >= 1 && day <= days_in_month(year, month) &&
                  hour <= 23 && minute <= 59 && second <= 60;
    if (!exists) {
        return ERR_MALFORMED;
    }
    int64_t time_us = days_from_date(year, month, day) * US_PER_DAY + hour * US_PER_HOUR +
                      minute * US_PER_MINUTE + second * US_PER_SECOND + us - offset_us;
    if (time_us < TIMESTAMP_US_MIN || time_us > TIMESTAMP_US_MAX) {
        return ERR_OVERFLOW; /* an offset led out of the years that have four digits */
    }
    *ret_time_us = time_us;
    return ERR_OK;
}

enum err duration_parse(struct str text, int64_t *ret_us)
{
    static const struct {
        struct str name;
        int64_t us;
    } units[] = {{{"", 0}, US_PER_SECOND}, {{"s", 1}, US_PER_SECOND}, {{"m", 1}, US_PER_MINUTE},
        {{"h", 1}, US_PER_HOUR}, {{"d", 1}, US_PER_DAY}, {{"ms", 2}, 1000}};

    REQUIRE(ret_us != NULL);
    struct str digits = text;
    for (digits.len = 0; digits.len < text.len; digits.len++) {
        if (text.data[digits.len] < '0' || text.data[digits.len] > '9') {
            break;
        }
    }
    if (digits.len == 0) {
        return ERR_MALFORMED;
    }
    struct str unit = {text.data + digits.len, text.len - digits.len};
    for (size_t i = 0; i < sizeof units / sizeof units[0]; i++) {
        if (str_eq(unit, units[i].name)) {
            int64_t count;
            int64_t us;
            TRY(str_to_int64(digits, &count));
            if (__builtin_mul_overflow(count, units[i].us, &us)) {
                return ERR_OVERFLOW;
            }
            *ret_us = us;
            return ERR_OK;
        }
    }
    return ERR_MALFORMED;
}
