/* reconcile_report: what a run of reconciliation states of one account, for people and programs:
 * made from the store alone, sorted, and the same bytes of numbers every time for the same days and
 * the same as_of, on either engine. No clock, no chance.
 *
 * Everything is in the caller's arena.
 *
 * Layer: flow.
 */
#pragma once

#include "store/discrepancies.h"
#include "store/journal.h"
#include "store/runs.h"
#include "ledger/line.h"
#include "reconcile/remainder.h"

/* What moved in the days, by currency and kind of line, in the order of lines.def. */
struct report_movement {
    struct currency currency;
    enum line_kind kind;
    int64_t count, amount_minor, fee_minor, net_minor;
};

/* opening + activity + payouts = closing; the provider's own totals where it gave them for just
 * these days. */
struct report_currency {
    struct currency currency;
    int64_t opening_minor, activity_minor, payouts_minor, closing_minor;
    bool totals_known;
    int64_t said_opening_minor, said_activity_minor, said_payouts_minor, said_closing_minor;
};

/* What the provider holds, at the moment of the run. */
struct report_balance {
    struct currency currency;
    int64_t books_minor;
    bool is_said;       /* the provider was asked, and its answer held still */
    int64_t said_minor; /* all its buckets together */
};

/* Payouts that arrive within the days, by arrival and id. */
struct report_payout {
    struct own_id id;
    struct str provider_id;
    int state; /* enum payout_state */
    bool automatic;
    int64_t arrival_us, amount_minor;
    struct currency currency;
    int64_t line_count, lines_minor, remainder_minor; /* of its lines but its own */
    enum remainder remainder;
};

/* Completeness, C1 to C9: `part` of `whole`, in units of what is counted. */
enum measure {
    MEASURE_EVENTS,      /* C1 events of needed types at the provider that are in the inbox */
    MEASURE_LINES,       /* C2 lines of the days that are posted */
    MEASURE_OBJECTS,     /* C3 volume of the days whose objects are known */
    MEASURE_BALANCE,     /* C4 currencies whose balance is the provider's */
    MEASURE_ROLLFORWARD, /* C5 currencies whose totals are the provider's */
    MEASURE_PAYOUTS,     /* C6 payouts without an unlabelled remainder */
    MEASURE_CLEARING,    /* C7 volume that has cleared, or still may */
    MEASURE_TIMELINESS,  /* C8 entries posted within the target */
    MEASURE_EXPLAINED,   /* C9 volume that nothing open is about */
    MEASURE_COUNT
};
struct measure_row {
    const char *word, *help, *unit; /* "C1 events", ..., "events" or "minor units" */
    int64_t target_ppm;             /* what is wanted, in millionths */
};
const struct measure_row *measure_row(enum measure measure);
struct report_measure {
    struct currency currency; /* empty: over all */
    enum measure measure;
    bool is_known; /* false: nothing could be compared, and the report says why */
    int64_t part, whole, difference_minor;
    int64_t p99_us;  /* C8 */
    const char *why; /* static; when not known */
};
int64_t measure_ppm(int64_t part, int64_t whole); /* rounded down: 1000000 only if all */

/* Money on its way: keys of clearing accounts that are not zero yet and need not be. */
struct report_waiting {
    enum ledger_account account;
    struct currency currency;
    int64_t count, minor, oldest_us;
};

/* Discrepancies that are not over, by kind. */
struct report_open {
    enum discrepancy_code code;
    struct currency currency;
    int64_t count[AGE_BUCKETS], minor[AGE_BUCKETS]; /* of absolute amounts */
};

struct reconcile_report {
    int64_t scope;
    struct str account, environment, zone;      /* label or key of the account; zone of its days */
    int64_t from_us, to_us, as_of_us, start_us; /* start: of the books; 0: none */
    int64_t covered_from_us, covered_to_us;     /* of the statement: known whole; 0: not at all */

    struct report_currency *currencies;
    struct report_movement *movements;
    struct report_balance *balances;
    struct report_payout *payouts;
    struct report_measure *measures;
    struct report_waiting *waiting;
    struct report_open *open;
    struct discrepancy *discrepancies; /* not over, the worst severity first, then by
                                        * finding_compare; the first REPORT_LISTED_MAX of them */
    uint32_t currency_count, movement_count, balance_count, payout_count, measure_count,
        waiting_count, open_count, discrepancy_count;
    int64_t open_total; /* discrepancies that are not over */
    int64_t critical_total;
    bool agreed; /* nothing is open */
};
#define REPORT_LISTED_MAX 10000
#define REPORT_PAYOUTS_MAX 10000
