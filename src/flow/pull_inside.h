/* pull_inside: what the files of the pull share. Private to them.
 *
 *   pull.c          stages
 *   pull_rows.c     transactions, and what stands in the store of the list at hand
 *   pull_due.c      what is due
 *   pull_pages.c    lists, a page a transaction
 *   pull_reports.c  files that the provider makes
 *   pull_balance.c  the balance
 *
 * Layer: flow.
 */
#pragma once

#include "base/limits.h"
#include "flow/pull.h"
#include "flow/statement.h"

#define PULL_PARTS_MAX 3 /* what was begun, what is newer, what is older */
#define PULL_TRIES 5     /* of a transaction */

struct pull_part { /* walked from its end to its beginning */
    int64_t from_us, to_us;
};

struct pull {
    struct pull_setup setup;
    struct pull_progress progress;
    struct statement_taker *taker;
    struct arena *page_arena, *scratch;
    int64_t scope, root; /* of the transaction at hand */

    struct pull_part parts[PULL_PARTS_MAX];
    uint32_t part_count, part;
    bool is_planned, reports_planned;

    /* The list, or the report, at hand: what stands in the store of it. */
    bool is_open;
    struct pull_row row; /* its texts are these: */
    char cursor[LIMIT_PROVIDER_ID_BYTES + 1], subject[LIMIT_PROVIDER_ID_BYTES + 1];

    struct said_page page;
    bool has_page;
    bool cursor_is_old;        /* it comes from the store: the provider may have forgotten it */
    uint64_t milestone;        /* of a cursor, as a hash: it must not come again (Brent) */
    uint64_t pages, pages_max; /* since the milestone, and until the next */
    int64_t reached_us;        /* in this part */

    struct arena *names; /* of the payouts that are due, as many as are listed at once */
    struct str *payouts;
    uint32_t payout_count, payout;

    uint32_t file; /* which of the reports; */
    int64_t reports_until_us;
    struct report_run run; /* in the page's arena */
    int64_t looks, awaited_since_us;
};

/* Begins a transaction for writing, and finds scope and root in it, the row's too: that of an
 * account that is new has another number in each until one of them is kept. On failure it has
 * ended. */
MUST_USE enum err pull_transaction(struct pull *pull, struct err_info *reterr);
/* Ends it: kept, or with only_look not. */
MUST_USE enum err pull_commit(struct pull *pull, struct err_info *reterr);

/* Opens the row of that time in the store: a new one, or as it was left. */
MUST_USE enum err pull_open(struct pull *pull,
    struct str what,
    struct str subject,
    struct pull_part part,
    struct err_info *reterr);
/* What a step that fails has changed of the row is taken back. */
struct pull_mark {
    struct pull_row row;
    char cursor[LIMIT_PROVIDER_ID_BYTES + 1];
};
void pull_save(const struct pull *pull, struct pull_mark *to);
void pull_restore(struct pull *pull, const struct pull_mark *from);
bool pull_set_cursor(struct pull *pull, struct str cursor); /* false: it is too long */
void pull_finish_row(struct pull *pull, int64_t now_us);

void pull_add_counts(struct taken_counts *to, const struct taken_counts *more);

/* A page of the list that is open. *ret_ended: it was the last, and the list is closed. */
MUST_USE enum err pull_page(struct pull *pull, bool *ret_ended, struct err_info *reterr);

/* A step of the reports. *ret_ended: all of them are taken. */
MUST_USE enum err pull_report(struct pull *pull, bool *ret_ended, struct err_info *reterr);
/* Until when all of them can be had, included. */
MUST_USE enum err pull_reports_until(
    struct pull *pull, int64_t *ret_until_us, struct err_info *reterr);
