/* reconcile_inside: what the files of reconciliation share. Private to them.
 *
 *   reconcile.c           the run, stage by stage
 *   reconcile_lease.c     that it is the only one of the account
 *   reconcile_pull.c      asks for what is missing
 *   reconcile_cover.c     what of the statement is known whole
 *   reconcile_heal.c      asks again for objects that do not agree, and waits until it is decided
 *   reconcile_find.c      all finders, one after the other
 *   find_clearing.c       keys that have not cleared
 *   find_lines.c          lines that say something odd
 *   find_objects.c        payouts, disputes, invoices paid twice
 *   find_twice.c          looks through what came for events with two contents
 *   find_events.c         events that were not taken in, or came with two contents
 *   find_proofs.c         balances and totals
 *   find_connected.c      debts of connected accounts
 *   reconcile_balances.c  what the books hold at the provider: compared, and rolled forward
 *   reconcile_report.c    what is stated, reconcile_measures.c how complete it is
 *   reconcile_open.c      what of it is not over
 *   reconcile_start.c     books that begin in the middle of a history
 *
 * Layer: flow.
 */
#pragma once

#include "store/proofs.h"
#include "store/records.h"
#include "store/twice.h"
#include "flow/reconcile.h"
#include "ledger/minor.h"
#include "reconcile/clearing.h"

/* Of one run. What is beyond is not raised before fewer are found, and while there is any nothing
 * of its code is cleared. */
#define FINDINGS_MAX 100000
#define FINDING_PAGE 500 /* rows that are looked at in one transaction's memory */

struct moved {
    struct line_sums *rows;
    uint32_t count;
};

/* A balance as the provider says: what can be paid out sooner or later, and what is held back. Of
 * some reserves it does not say what they hold, so that is compared only where it names any. */
struct said_bucket {
    struct currency currency;
    int64_t free_minor, reserved_minor;
};

/* What the provider said of a connected account's balance when it was asked for. */
struct said_below {
    struct own_id balance;
    int64_t minor;
};

/* A look through the inbox, page by page. */
#define TWICE_PAGE 20000 /* numbers that are looked through at once */
struct twice_look {
    struct twice_reach reach;
    int64_t at_seq, began_us;
    bool is_begun;
};

struct reconcile {
    struct reconcile_setup setup;
    struct reconcile_run run;
    struct reconcile_progress progress;
    struct books_start start;
    int64_t holder, kept_us; /* of the lease; kept: monotonic */
    bool kept_long;          /* over a long step */
    struct arena *pages;     /* owned; of one page */

    /* What pulls brought. */
    bool events_pulled; /* the provider was asked for all events of the days */
    int64_t events_found, events_missing;
    bool balance_held;            /* the balance was read, and held still */
    struct said_bucket *balances; /* in setup.arena */
    uint32_t balance_count;
    int64_t covered_from_us, covered_to_us; /* of the statement; 0: not at all */

    struct twice_look twice;

    /* What was found, in setup.arena. */
    struct finding *findings;
    uint32_t finding_count, finding_room;
    struct settle_looked looked;
    struct moved moved;
    struct payout_sum *payouts; /* of those that arrive within the days, by id */
    uint32_t payout_count, payout_room;
    struct report_currency *currencies;
    uint32_t currency_count;
    struct report_waiting *waiting;
    uint32_t waiting_count;
    struct ledger_balance *older; /* keys of objects that are older than the books */
    uint32_t older_count, older_room;
    bool has_healed;
    struct said_below *below; /* in setup.arena; of connected accounts that were found owing */
    uint32_t below_count, below_asked, below_at; /* at: the next finding */
    bool below_away;                             /* no more of them are asked for */

    /* What pulls are under way. */
    struct pulling *pulling;
    struct healing *healing;
    struct reconcile_report *report;
};

/* --- findings --- */

/* Keeps one that is due at the run's as_of, and is not from before the books; text and name are
 * copied. ERR_TOO_LARGE: memory. */
MUST_USE enum err finding_add(struct reconcile *run, const struct finding *finding);
/* The text that a finding shows, in the arena; empty without room. */
struct str finding_text(struct arena *arena, const char *format, ...) PRINTF_LIKE(2, 3);
/* Is what was made then older than the books? */
bool is_before_books(const struct reconcile *run, int64_t made_us);

/* Each looks at all of its kind, in a transaction of its own that is begun. */
typedef enum err finder_fn(struct reconcile *run, struct err_info *reterr);
finder_fn find_in_clearing, find_in_lines, find_told_by_one, find_unread, find_in_payouts,
    find_in_disputes, find_in_invoices, find_in_events, find_in_balances, find_in_totals,
    find_in_connected;
/* All of them; sorts what they find. */
MUST_USE enum err reconcile_find(struct reconcile *run, struct err_info *reterr);

/* --- objects --- */

/* Calls `each` with all records of a kind, page by page; run->pages holds no more than a page. */
typedef enum err record_page_fn(
    struct reconcile *run, void *context, void **records, uint32_t count, struct err_info *reterr);
MUST_USE enum err reconcile_records(struct reconcile *run,
    enum id_kind kind,
    record_page_fn *each,
    void *context,
    struct err_info *reterr);

/* What the finders want to know of a record of any kind. */
struct object_facts {
    bool is_known;     /* it was seen, not only named */
    bool is_final;     /* money has moved, or will not move any more */
    int64_t made_us;   /* 0: not known */
    const char *state; /* a word; "" without states */
};
struct object_facts object_facts(enum id_kind kind, const void *record /* NULL: none */);

/* --- the lease --- */

/* In a write transaction. ERR_LOCKED: another process reconciles the account. */
MUST_USE enum err reconcile_lease_take(struct reconcile *run, struct err_info *reterr);
/* In every write transaction of what only one may do; `context` is the run. ERR_LOCKED: it was held
 * up so long that another one took the account; nothing may be written then. */
MUST_USE enum err reconcile_lease_keep(void *context, struct err_info *reterr);
/* The same in the transaction that ends the run. *ret_is_over: an earlier one may have done so
 * without an answer, since nobody has the account any more; there is nothing left to write. */
MUST_USE enum err reconcile_lease_last(
    struct reconcile *run, bool *ret_is_over, struct err_info *reterr);
/* Outside any transaction, before every piece that takes a while. */
MUST_USE enum err reconcile_lease_prolong(struct reconcile *run, struct err_info *reterr);
void reconcile_lease_end(struct reconcile *run);
/* Is the next step one that may take longer than minutes? */
bool reconcile_is_long(const struct reconcile *run);

/* --- stages --- */

/* Each is called until *ret_more is false. */
MUST_USE enum err reconcile_pull_events(
    struct reconcile *run, bool *ret_more, struct err_info *reterr);
MUST_USE enum err reconcile_pull_lines(
    struct reconcile *run, bool *ret_more, struct err_info *reterr);
MUST_USE enum err reconcile_pull_balance(
    struct reconcile *run, bool *ret_more, struct err_info *reterr);
/* Asks whether connected accounts that were found owing still do. */
MUST_USE enum err reconcile_ask_connected(
    struct reconcile *run, bool *ret_more, struct err_info *reterr);
/* Before anything is found: what came since the last look. */
MUST_USE enum err reconcile_look_twice(
    struct reconcile *run, bool *ret_more, struct err_info *reterr);
/* Lines of payouts of which only healing said that they stand. */
MUST_USE enum err reconcile_pull_payouts(
    struct reconcile *run, bool *ret_more, struct err_info *reterr);
struct pulling *pulling_free(struct pulling *pulling); /* NULL does nothing; returns NULL */
MUST_USE enum err reconcile_heal(struct reconcile *run, bool *ret_more, struct err_info *reterr);
struct healing *healing_free(struct healing *healing);
/* What of the statement is known whole; in a read transaction. */
MUST_USE enum err reconcile_cover(struct reconcile *run, struct err_info *reterr);

/* Each in a write transaction, of which it is the last. Posts what the provider held before the
 * books' lines, once; needs the balance. */
MUST_USE enum err reconcile_open_books(struct reconcile *run, struct err_info *reterr);
/* Files what is older than the books and has not cleared under the opening. */
MUST_USE enum err reconcile_file_older(struct reconcile *run, struct err_info *reterr);

/* --- what is stated --- */

MUST_USE enum err report_out_of_room(struct err_info *reterr); /* ERR_TOO_LARGE */
/* Books and provider at as_of, by currency; in the arena. */
MUST_USE enum err reconcile_compare_balances(struct reconcile *run,
    struct arena *arena,
    struct report_balance **ret_rows,
    uint32_t *ret_count,
    struct err_info *reterr);
/* The same now, in parts. */
struct held_row {
    struct currency currency;
    int64_t books_free_minor, books_reserved_minor, said_free_minor, said_reserved_minor;
};
MUST_USE enum err reconcile_hold(struct reconcile *run,
    struct arena *arena,
    struct held_row **ret_rows,
    uint32_t *ret_count,
    struct err_info *reterr);
/* Fills in run->moved and run->currencies: the days' movements, and what they make of each
 * currency. Reserves are no part of it: what is held back is a line like any other. */
MUST_USE enum err reconcile_roll_forward(struct reconcile *run, struct err_info *reterr);
/* Were all lines of the days told by the API, and by a report as well? */
MUST_USE enum err reconcile_covered_by_both(
    struct reconcile *run, bool *ret_both, struct err_info *reterr);

/* In a read transaction. */
MUST_USE enum err reconcile_state(struct reconcile *run, struct err_info *reterr);
/* Fills in which discrepancies are not over, or of a dry run would not be, had it settled. */
MUST_USE enum err reconcile_state_open(
    struct reconcile *run, struct reconcile_report *report, struct err_info *reterr);
/* Fills in the report's measures; after everything else of it. */
MUST_USE enum err reconcile_measure(
    struct reconcile *run, struct reconcile_report *report, struct err_info *reterr);
/* Does it arrive within the days? Then run->payouts has what its lines sum to, in id order. */
struct payout;
bool payout_is_of_days(const struct reconcile *run, const struct payout *payout);
/* The remainder of a payout, and why; `name` is the provider's id of it. */
struct payout_left {
    enum remainder why;
    int64_t minor;
};
MUST_USE enum err payout_remainder(struct reconcile *run,
    const struct payout *payout,
    const struct payout_sum *sum,
    struct str name,
    struct payout_left *ret,
    struct err_info *reterr);
