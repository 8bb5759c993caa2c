#include "ledger/period.h"
#include "base/check.h"
#include "base/timestamp.h"

#define MONTHS 12
#define PERIOD_MAX (9999 * MONTHS + 11) /* timestamps have years of four digits */
#define PERIOD_LEN (PERIOD_TEXT_BYTES - 1)

/* --- months --- */

static int64_t digits(const char *text, size_t count)
{
    int64_t value = 0;
    for (size_t i = 0; i < count; i++) {
        if (text[i] < '0' || text[i] > '9') {
            return -1;
        }
        value = value * 10 + (text[i] - '0');
    }
    return value;
}

enum err period_parse(struct str text, int64_t *ret_period)
{
    REQUIRE(ret_period != NULL);
    if (text.len != PERIOD_LEN || text.data[4] != '-') {
        return ERR_MALFORMED;
    }
    int64_t year = digits(text.data, 4);
    int64_t month = digits(text.data + 5, 2);
    if (year < 0 || month < 1 || month > MONTHS) {
        return ERR_MALFORMED;
    }
    *ret_period = year * MONTHS + month - 1;
    return ERR_OK;
}

static void put_digits(char *to, int64_t value, int count)
{
    for (int i = count - 1; i >= 0; i--) {
        to[i] = (char)('0' + value % 10);
        value /= 10;
    }
}

void period_format(int64_t period, char to[static PERIOD_TEXT_BYTES])
{
    REQUIRE(period >= 0 && period <= PERIOD_MAX);
    put_digits(to, period / MONTHS, 4);
    to[4] = '-';
    put_digits(to + 5, period % MONTHS + 1, 2);
    to[PERIOD_LEN] = '\0';
}

int64_t period_of(int64_t time_us)
{
    char text[TIMESTAMP_TEXT_BYTES];
    int64_t period = 0;
    timestamp_format(time_us, text);
    enum err err = period_parse((struct str){text, PERIOD_LEN}, &period);
    ENSURE(err == ERR_OK);
    return period;
}

int64_t period_begin_us(int64_t period)
{
    char text[] = "2026-10-01T00:00:00Z";
    char month[PERIOD_TEXT_BYTES];
    int64_t begin_us = 0;
    if (period <= 0) {
        return INT64_MIN;
    }
    if (period > PERIOD_MAX) {
        return INT64_MAX;
    }
    period_format(period, month);
    memcpy(text, month, PERIOD_LEN);
    enum err err = timestamp_parse(str_from(text), &begin_us);
    ENSURE(err == ERR_OK);
    return begin_us;
}

int64_t period_end_us(int64_t period)
{
    return period_begin_us(period + 1);
}

/* --- the log --- */

static const char *const action_words[] = {"close", "reopen"};

const char *period_action_word(enum period_action action)
{
    REQUIRE((size_t)action < sizeof action_words / sizeof action_words[0]);
    return action_words[action];
}

enum err period_action_parse(struct str word, enum period_action *ret)
{
    for (size_t i = 0; i < sizeof action_words / sizeof action_words[0]; i++) {
        if (str_eq(word, str_from(action_words[i]))) {
            *ret = (enum period_action)i;
            return ERR_OK;
        }
    }
    return ERR_NOT_FOUND;
}

/* The last closed month once the first `count` steps were taken. */
static int64_t closed_after(const struct period_log *log, uint32_t count)
{
    if (count == 0) {
        return PERIOD_NONE;
    }
    const struct period_step *step = &log->steps[count - 1];
    return step->action == PERIOD_CLOSE ? step->period : step->period - 1;
}

int64_t period_closed(const struct period_log *log)
{
    REQUIRE(log != NULL);
    return closed_after(log, log->count);
}

int64_t period_of_entry(const struct period_log *log, int64_t entry, int64_t effective_us)
{
    REQUIRE(log != NULL);
    uint32_t taken = log->count;
    while (taken > 0 && log->steps[taken - 1].entry >= entry) {
        taken--;
    }
    int64_t closed = closed_after(log, taken);
    int64_t own = period_of(effective_us);
    return own > closed ? own : closed + 1;
}

uint32_t period_spans(const struct period_log *log, struct period_span *spans)
{
    REQUIRE(log != NULL && spans != NULL);
    uint32_t count = 0;
    for (uint32_t i = 0; i <= log->count; i++) {
        struct period_span span = {i == 0 ? 0 : log->steps[i - 1].entry,
            i == log->count ? INT64_MAX : log->steps[i].entry, closed_after(log, i)};
        INVARIANT(span.after <= span.to);
        if (span.after < span.to) {
            spans[count++] = span;
        }
    }
    return count;
}

uint32_t period_open_spans(const struct period_log *log, int64_t period, struct period_span *spans)
{
    uint32_t count = period_spans(log, spans);
    uint32_t kept = 0;
    for (uint32_t i = 0; i < count; i++) {
        if (spans[i].closed >= period) {
            continue;
        }
        if (kept > 0 && spans[kept - 1].to == spans[i].after) {
            spans[kept - 1].to = spans[i].to;
        } else {
            spans[kept++] = spans[i];
        }
    }
    return kept;
}

enum period_verdict period_may_close(
    const struct period_log *log, int64_t period, int64_t first_open, int64_t now_us)
{
    if (period <= period_closed(log)) {
        return PERIOD_IS_CLOSED;
    }
    if (now_us < period_end_us(period)) {
        return PERIOD_NOT_OVER;
    }
    return first_open != PERIOD_NONE && first_open < period ? PERIOD_EARLIER_OPEN : PERIOD_ALLOWED;
}

enum period_verdict period_may_reopen(const struct period_log *log, int64_t period)
{
    int64_t closed = period_closed(log);
    return period > closed   ? PERIOD_NOT_CLOSED
           : period < closed ? PERIOD_LATER_CLOSED
                             : PERIOD_ALLOWED;
}
