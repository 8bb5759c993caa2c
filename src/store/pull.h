/* pull: which parts of the provider's statement were asked for, and how far that came, so that it
 * goes on where it stopped and can be told what is known whole.
 *
 * All times are whole seconds, both included.
 *
 * Layer: store.
 */
#pragma once

#include "store/statement.h"

#define PULL_LINES STR("lines")   /* by the time they were made */
#define PULL_PAYOUT STR("payout") /* the lines in one payout; from_us and to_us are 0 */
#define PULL_BOTH STR("both")     /* a time of which reports tell a part, and lines the rest */
/* Other words are statement_file_word(): a file that the provider was asked to make. */

struct pull_row { /* texts in the caller's arena, or borrowed */
    int64_t scope;
    struct str what, subject; /* subject: the provider's id of the payout; else empty */
    int64_t from_us, to_us;
    struct str cursor; /* of the next page, or the run of a report; empty: at the beginning */
    int64_t source;    /* who tells these lines; 0: nothing was kept yet */
    int64_t round;     /* how often it was finished */
    struct taken_counts counts;
    int64_t refused; /* lines that could not be read */
    int64_t began_us, updated_us;
    int64_t finished_us; /* the last time; 0: never */
    bool under_way;
};

/* Of that scope, kind and subject, the one under way that was begun first; *ret_found is false when
 * there is none. */
MUST_USE enum err pull_under_way(struct store *store,
    int64_t scope,
    struct str what,
    struct str subject,
    struct arena *arena,
    struct pull_row *ret,
    bool *ret_found,
    struct err_info *reterr);
/* The row of exactly that time. */
MUST_USE enum err pull_read(struct store *store,
    const struct pull_row *key, /* scope, what, subject, from_us, to_us */
    struct arena *arena,
    struct pull_row *ret,
    bool *ret_found,
    struct err_info *reterr);
/* In the transaction with what the page brought. */
MUST_USE enum err pull_write(
    struct store *store, const struct pull_row *row, struct err_info *reterr);

/* Lines that could not be read, of pulls whose time was not asked for again without any. */
struct pull_unread {
    int64_t most;    /* of one pull: several may have had the same; 0: none */
    int64_t from_us; /* when the earliest of these pulls begins */
};
MUST_USE enum err pull_unread(struct store *store,
    int64_t scope,
    struct str what,
    struct pull_unread *ret,
    struct err_info *reterr);

/* Up to when, from `from_us` on, pulls of that kind that were finished leave no second out, one
 * after the other; from_us less a second when none is there. */
MUST_USE enum err pull_covered_until(struct store *store,
    int64_t scope,
    struct str what,
    int64_t from_us,
    int64_t *ret_until_us,
    struct err_info *reterr);
/* Is all of [from_us, to_us] covered? */
MUST_USE enum err pull_covered(struct store *store,
    int64_t scope,
    struct str what,
    int64_t from_us,
    int64_t to_us,
    bool *ret_covered,
    struct err_info *reterr);

/* What is known of finished pulls of a kind: for what is due, and how. */
struct pull_summary {
    int64_t first_from_us; /* of all: where the statement begins; 0: there is none */
    int64_t last_to_us;    /* of all: until when it is known; 0 */
    int64_t last_long_us;  /* when one of at least `long_us` was finished last; 0 */
    int64_t recent_lines;  /* of those that end after `since_us` ... */
    int64_t recent_us;     /* ... and so much time they cover together */
};
MUST_USE enum err pull_summarise(struct store *store,
    int64_t scope,
    struct str what,
    int64_t long_us,
    int64_t since_us,
    struct pull_summary *ret,
    struct err_info *reterr);

/* Automatic payouts of a scope whose lines stand, made since `since_us`, and whose lines were not
 * asked for to the end: provider ids in the order of time, at most `limit`, in the arena. */
MUST_USE enum err pull_payouts_due(struct store *store,
    int64_t scope,
    int64_t since_us,
    uint32_t limit,
    struct arena *arena,
    struct str **ret_ids,
    uint32_t *ret_count,
    struct err_info *reterr);
