/* period: the months of the books, which of them are closed, and to which an entry belongs.
 *
 * An entry belongs to the month of its effective time, unless that was closed when the entry was
 * recorded: then to the first month that was open then. So a closed month never changes, whatever
 * comes late, and an entry never moves: what is closed or reopened later concerns later entries.
 *
 * Closing a month closes the ones before it, too; only the last closed one can be reopened. Months
 * are those of UTC. All is derived from the log of what was closed and reopened, and from numbers
 * of entries; nothing is written into the journal.
 *
 * Layer: ledger.
 */
#pragma once

#include "base/str.h"

#define PERIOD_TEXT_BYTES 8 /* "2026-10" and the NUL */
#define PERIOD_NONE INT64_C(-1)

/* A month is a number: the one after it is one more, and 0000-01 is 0. */
MUST_USE enum err period_parse(struct str text, int64_t *ret_period); /* ERR_MALFORMED */
void period_format(int64_t period, char to[static PERIOD_TEXT_BYTES]);
int64_t period_of(int64_t time_us);
int64_t period_begin_us(int64_t period);
int64_t period_end_us(int64_t period); /* the first time behind it */

enum period_action { PERIOD_CLOSE, PERIOD_REOPEN };
const char *period_action_word(enum period_action action);
MUST_USE enum err period_action_parse(struct str word, enum period_action *ret); /* ERR_NOT_FOUND */

struct period_step {
    enum period_action action;
    int64_t period;
    int64_t entry; /* the last one that had been recorded; never less than in the step before */
};

struct period_log { /* of one scope, the oldest step first; borrowed */
    const struct period_step *steps;
    uint32_t count;
};

/* The last closed month, now; PERIOD_NONE: none is. */
int64_t period_closed(const struct period_log *log);
/* The month that the entry of that number belongs to. */
int64_t period_of_entry(const struct period_log *log, int64_t entry, int64_t effective_us);

/* Entries that were recorded while the same months were closed: after < number <= to. */
struct period_span {
    int64_t after, to;
    int64_t closed; /* the last closed month then */
};
/* All of them, in order. `spans` has room for log->count + 1; returns how many there are. */
uint32_t period_spans(const struct period_log *log, struct period_span *spans);
/* Those during which `period` was open, neighbours in one: what is in one of them and happened
 * before period_end_us(period) belongs to that month or to one before; nothing else does. */
uint32_t period_open_spans(const struct period_log *log, int64_t period, struct period_span *spans);

enum period_verdict {
    PERIOD_ALLOWED,
    PERIOD_NOT_OVER,
    PERIOD_IS_CLOSED,
    PERIOD_EARLIER_OPEN, /* there are entries in an open month before it */
    PERIOD_NOT_CLOSED,
    PERIOD_LATER_CLOSED
};
/* `first_open`: the first month behind the last closed one that has entries; PERIOD_NONE: none. */
enum period_verdict period_may_close(
    const struct period_log *log, int64_t period, int64_t first_open, int64_t now_us);
enum period_verdict period_may_reopen(const struct period_log *log, int64_t period);
