/* statement_inside: what the files of the statement's taker share. Private to them.
 *
 *   statement.c        a batch: what is known, whom lines are about, what is written
 *   statement_merge.c  what a line learns, and what is said otherwise
 *   statement_post.c   the entries of lines, releases and exchanges
 *   statement_events.c what lines tell the business
 *
 * Layer: flow.
 */
#pragma once

#include "store/journal.h"
#include "flow/statement.h"

/* A line that is being taken: what it was before, and what it is now. */
struct taken_line {
    struct kept_line was; /* scope 0: it is new */
    struct kept_line now;
    bool changed;
    struct line_policy policy; /* how it is posted */
};

struct restatements {
    struct restatement *rows;
    uint32_t count, room;
    struct arena *arena;
};

/* The ids of what a line names; none: it does not. */
struct said_ids {
    struct own_id source, attempt, payout;
};

/* What is said, as a line to be kept; texts are borrowed from it. */
struct kept_line statement_fresh(const struct said_line *said,
    const struct said_ids *ids,
    const struct statement_batch *batch,
    int64_t now_us);
/* Adds what `said` knows to *taken, and what it says otherwise to `to`. ERR_TOO_LARGE: arena */
MUST_USE enum err statement_merge(
    struct taken_line *taken, const struct kept_line *said, struct restatements *to);

struct entries { /* in the arena */
    struct journal_entry *items;
    uint32_t count, room;
};
/* Fills in the flaws, and gathers what is to be posted of lines and releases. Lines need not be
 * written yet. */
MUST_USE enum err statement_entries(struct store *store,
    struct arena *arena,
    struct taken_line *const *lines,
    uint32_t count,
    int64_t now_us,
    struct entries *to,
    struct err_info *reterr);
/* Gathers the exchanges that the lines are part of. Lines are written. */
MUST_USE enum err statement_exchanges(struct store *store,
    struct arena *arena,
    struct taken_line *const *lines,
    uint32_t count,
    int64_t now_us,
    struct entries *to,
    struct err_info *reterr);
/* Publishes what lines of some kinds tell; last of all. */
MUST_USE enum err statement_publish(struct store *store,
    struct arena *arena,
    struct taken_line *const *lines,
    uint32_t count,
    int64_t now_us,
    struct err_info *reterr);
