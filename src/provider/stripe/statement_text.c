#include "base/check.h"
#include "base/timestamp.h"
#include "provider/stripe/statement.h"

static bool is_digit(char c)
{
    return c >= '0' && c <= '9';
}

/* --- amounts --- */

/* What stands before and behind the separator. */
struct parts {
    bool negative;
    struct str whole, fraction;
};

static struct str from(struct str text, size_t at)
{
    return (struct str){text.data + at, text.len - at};
}

static size_t count_of(struct str text, char wanted)
{
    size_t count = 0;
    for (size_t i = 0; i < text.len; i++) {
        count += text.data[i] == wanted ? 1 : 0;
    }
    return count;
}

/* Blanks and apostrophes group thousands in some places of the world; \xc2 begins a blank that does
 * not break, \xe2 a narrow one. */
static bool has_thousands(struct str text)
{
    return count_of(text, '.') + count_of(text, ',') > 1 || count_of(text, ' ') > 0 ||
           count_of(text, '\'') > 0 || count_of(text, '\xc2') > 0 || count_of(text, '\xe2') > 0;
}

/* A comma before three digits may group thousands, whatever the currency. */
static const char *split(struct str text, struct parts *parts)
{
    if (text.len > 0 && (text.data[0] == '-' || text.data[0] == '+')) {
        parts->negative = text.data[0] == '-';
        text = from(text, 1);
    }
    if (text.len == 0 || !is_digit(text.data[0])) {
        return "must be an amount like -12.34";
    }
    if (has_thousands(text)) {
        return "has a separator of thousands: export amounts without";
    }
    size_t at = 0;
    while (at < text.len && is_digit(text.data[at])) {
        at++;
    }
    parts->whole = (struct str){text.data, at};
    if (at == text.len) {
        return NULL;
    }
    parts->fraction = from(text, at + 1);
    if ((text.data[at] != '.' && text.data[at] != ',') || !str_is_digits(parts->fraction)) {
        return "must be an amount like -12.34";
    }
    return text.data[at] == ',' && parts->fraction.len == 3
               ? "has a comma that may separate thousands: export amounts with a decimal point"
               : NULL;
}

enum err stripe_report_amount(
    struct str text, struct currency currency, int64_t *ret_minor, const char **ret_problem)
{
    REQUIRE(ret_minor != NULL && ret_problem != NULL);
    struct parts parts = {false, STR_NONE, STR_NONE};
    *ret_problem = split(text, &parts);
    if (*ret_problem != NULL) {
        return ERR_INVALID;
    }
    enum err err =
        money_from_digits(parts.negative, parts.whole, parts.fraction, currency, ret_minor);
    if (err != ERR_OK) {
        *ret_problem =
            err == ERR_OVERFLOW ? "does not fit into 64 bits" : "has more digits than its currency";
    }
    return err;
}

/* --- times --- */

#define DATE_BYTES 10      /* 2026-11-22 */
#define TO_MINUTE_BYTES 16 /* 2026-11-22 10:52 */

static bool has_zone(struct str time)
{
    return str_ends_with(time, STR("Z")) || count_of(time, '+') > 0 || count_of(time, '-') > 2;
}

enum err stripe_report_time(struct str text, int64_t *ret_time_us, const char **ret_problem)
{
    REQUIRE(ret_time_us != NULL && ret_problem != NULL);
    char room[TIMESTAMP_TEXT_BYTES + 16];
    *ret_problem = "must be a time like 2026-11-22 10:52:52, after 1970";
    if (str_ends_with(text, STR(" UTC"))) {
        text.len -= 4;
    }
    if (text.len < DATE_BYTES || text.len > TIMESTAMP_TEXT_BYTES) {
        return ERR_INVALID;
    }
    memcpy(room, text.data, text.len);
    struct str rest = text.len == DATE_BYTES        ? STR("T00:00:00")
                      : text.len == TO_MINUTE_BYTES ? STR(":00")
                                                    : STR("");
    memcpy(room + text.len, rest.data, rest.len);
    struct str time = {room, text.len + rest.len};
    if (text.len > DATE_BYTES && room[DATE_BYTES] == ' ') {
        room[DATE_BYTES] = 'T';
    }
    if (!has_zone(time)) {
        room[time.len++] = 'Z';
    }
    int64_t time_us = 0;
    if (timestamp_parse(time, &time_us) != ERR_OK || time_us < 0) {
        return ERR_INVALID;
    }
    *ret_time_us = time_us;
    return ERR_OK;
}
