#include "base/check.h"
#include "base/timestamp.h"
#include "flow/reconcile_inside.h"

#define MILLION 1000000
#define TIMELY_US (5 * US_PER_SECOND)
#define ROWS_MAX 2048 /* nine measures, three of them by currency */

__extension__ typedef __int128 wide;

static const struct measure_row measure_rows[MEASURE_COUNT] = {
    [MEASURE_EVENTS] = {"C1 events",
        "events of the days that the books need and that are in the inbox", "events", MILLION},
    [MEASURE_LINES] = {"C2 lines", "lines of the days that are posted", "lines", MILLION},
    [MEASURE_OBJECTS] = {"C3 objects",
        "volume of payments and refunds whose object and line are both known", "minor units",
        999900},
    [MEASURE_BALANCE] = {"C4 balance", "currencies whose balance is the provider's", "currencies",
        MILLION},
    [MEASURE_ROLLFORWARD] = {"C5 roll-forward",
        "currencies whose totals are those of the provider's summary", "currencies", MILLION},
    [MEASURE_PAYOUTS] = {"C6 payouts", "payouts of the days without an unexplained remainder",
        "payouts", MILLION},
    [MEASURE_CLEARING] = {"C7 clearing", "volume that has cleared, or still may", "minor units",
        999900},
    [MEASURE_TIMELINESS] = {"C8 timeliness", "entries posted within five seconds of their event",
        "entries", 990000},
    [MEASURE_EXPLAINED] = {"C9 explained", "volume that no open discrepancy is about",
        "minor units", 999999},
};

const struct measure_row *measure_row(enum measure measure)
{
    REQUIRE((unsigned)measure < MEASURE_COUNT);
    return &measure_rows[measure];
}

int64_t measure_ppm(int64_t part, int64_t whole)
{
    REQUIRE(part >= 0 && part <= whole);
    return whole == 0 ? MILLION : (int64_t)((wide)part * MILLION / whole);
}

/* --- rows --- */

static void add(struct reconcile_report *report, struct report_measure row)
{
    INVARIANT(report->measure_count < ROWS_MAX);
    row.part = row.part < 0 ? 0 : row.part > row.whole ? row.whole : row.part;
    report->measures[report->measure_count++] = row;
}

static void add_unknown(struct reconcile_report *report, enum measure measure, const char *why)
{
    add(report, (struct report_measure){.measure = measure, .why = why});
}

static void measure_events(const struct reconcile *run, struct reconcile_report *report)
{
    if (!run->events_pulled) {
        add_unknown(report, MEASURE_EVENTS,
            run->setup.dry_run       ? "a dry run does not ask"
            : run->setup.api == NULL ? "no key to ask with"
                                     : "the provider lists no events of days that are so old");
        return;
    }
    add(report, (struct report_measure){.measure = MEASURE_EVENTS,
                    .is_known = true,
                    .part = run->events_found - run->events_missing,
                    .whole = run->events_found});
}

/* Lines from before the books are kept, and not posted. */
static void measure_lines(const struct reconcile *run, struct reconcile_report *report)
{
    struct report_measure row = {.measure = MEASURE_LINES,
        .is_known = run->setup.from_us >= run->start.start_us,
        .why = "some of the days are before the books begin"};
    for (uint32_t i = 0; i < run->moved.count; i++) {
        row.whole += run->moved.rows[i].count;
        row.part += run->moved.rows[i].count - run->moved.rows[i].unposted;
    }
    add(report, row);
}

static void measure_balances(const struct reconcile *run, struct reconcile_report *report)
{
    struct report_measure row = {.measure = MEASURE_BALANCE, .is_known = run->balance_held};
    for (uint32_t i = 0; i < report->balance_count && row.is_known; i++) {
        const struct report_balance *balance = &report->balances[i];
        int64_t off = 0;
        row.whole++;
        row.part += balance->said_minor == balance->books_minor ? 1 : 0;
        if (minor_subtract(balance->said_minor, balance->books_minor, &off) != ERR_OK ||
            minor_add(row.difference_minor, off, &row.difference_minor) != ERR_OK) {
            row.difference_minor = INT64_MAX;
        }
    }
    row.why = run->setup.dry_run       ? "a dry run does not ask"
              : run->setup.api == NULL ? "no key to ask with"
                                       : "it moved whenever it was read";
    add(report, row);
}

static void measure_totals(struct reconcile_report *report)
{
    struct report_measure row = {
        .measure = MEASURE_ROLLFORWARD, .why = "no balance summary of just these days"};
    for (uint32_t i = 0; i < report->currency_count; i++) {
        const struct report_currency *currency = &report->currencies[i];
        bool agrees = currency->opening_minor == currency->said_opening_minor &&
                      currency->activity_minor == currency->said_activity_minor &&
                      currency->payouts_minor == currency->said_payouts_minor &&
                      currency->closing_minor == currency->said_closing_minor;
        row.is_known = row.is_known || currency->totals_known;
        row.whole += currency->totals_known ? 1 : 0;
        row.part += currency->totals_known && agrees ? 1 : 0;
    }
    add(report, row);
}

static void measure_payouts(struct reconcile_report *report)
{
    struct report_measure row = {.measure = MEASURE_PAYOUTS, .is_known = true};
    for (uint32_t i = 0; i < report->payout_count; i++) {
        row.whole++;
        row.part += remainder_is_open(report->payouts[i].remainder) ? 0 : 1;
    }
    add(report, row);
}

static enum err measure_timeliness(
    struct reconcile *run, struct reconcile_report *report, struct err_info *reterr)
{
    struct timeliness timeliness;
    TRY(proof_timeliness(
        run->setup.store, run->run.scope, run->setup.as_of_us, TIMELY_US, &timeliness, reterr));
    add(report, (struct report_measure){.measure = MEASURE_TIMELINESS,
                    .is_known = timeliness.count > 0,
                    .part = timeliness.within,
                    .whole = timeliness.count,
                    .p99_us = timeliness.p99_us,
                    .why = "no webhook has been posted yet"});
    return ERR_OK;
}

/* --- volumes, by currency --- */

static bool is_about_objects(enum line_kind kind)
{
    return kind == LINE_PAYMENT || kind == LINE_REFUND;
}

/* What moved in a currency: in all, or with objects of ours. */
static int64_t volume(
    const struct reconcile_report *report, struct currency currency, bool of_objects)
{
    int64_t sum = 0;
    for (uint32_t i = 0; i < report->movement_count; i++) {
        const struct report_movement *movement = &report->movements[i];
        if (currency_eq(movement->currency, currency) &&
            (!of_objects || is_about_objects(movement->kind))) {
            sum = minor_grow(sum, movement->amount_minor);
        }
    }
    return sum;
}

static bool is_of_measure(enum measure measure, enum discrepancy_code code)
{
    switch ((int)measure) {
    case MEASURE_OBJECTS:
        return code == CODE_MISSING_LOCAL_OBJECT || code == CODE_MISSING_AT_PROVIDER;
    case MEASURE_CLEARING:
        return code == CODE_AMOUNT_MISMATCH || code == CODE_CURRENCY_MISMATCH ||
               code == CODE_MISSING_AT_PROVIDER || code == CODE_MISSING_LOCAL_OBJECT ||
               code == CODE_STATUS_MISMATCH || code == CODE_PAYOUT_STUCK;
    default:
        return true;
    }
}

static int64_t open_volume(
    const struct reconcile_report *report, struct currency currency, enum measure measure)
{
    int64_t sum = 0;
    for (uint32_t i = 0; i < report->open_count; i++) {
        const struct report_open *open = &report->open[i];
        for (uint32_t age = 0; age < AGE_BUCKETS && currency_eq(open->currency, currency) &&
                               is_of_measure(measure, open->code);
             age++) {
            sum = minor_grow(sum, open->minor[age]);
        }
    }
    return sum;
}

/* What is open may be older than the days, and then more than moved in them: nothing is left. */
static void measure_volume(struct reconcile_report *report, enum measure measure)
{
    for (uint32_t i = 0; i < report->currency_count; i++) {
        struct currency currency = report->currencies[i].currency;
        int64_t whole = volume(report, currency, measure == MEASURE_OBJECTS);
        int64_t open = open_volume(report, currency, measure);
        add(report, (struct report_measure){.currency = currency,
                        .measure = measure,
                        .is_known = true,
                        .part = open < whole ? whole - open : 0,
                        .whole = whole,
                        .difference_minor = open});
    }
}

enum err reconcile_measure(
    struct reconcile *run, struct reconcile_report *report, struct err_info *reterr)
{
    report->measures = arena_new_array(run->setup.arena, struct report_measure, ROWS_MAX);
    if (report->measures == NULL || report->currency_count > ROWS_MAX / 4) {
        return report_out_of_room(reterr);
    }
    measure_events(run, report);
    measure_lines(run, report);
    measure_volume(report, MEASURE_OBJECTS);
    measure_balances(run, report);
    measure_totals(report);
    measure_payouts(report);
    measure_volume(report, MEASURE_CLEARING);
    TRY(measure_timeliness(run, report, reterr));
    measure_volume(report, MEASURE_EXPLAINED);
    return ERR_OK;
}
