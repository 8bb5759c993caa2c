#include "unit/cli/report_sample.h"
#include "base/check.h"
#include "base/timestamp.h"

/* 2026-11-21 00:00 in Berlin */
#define DAY_US (INT64_C(1795215600) * US_PER_SECOND)
#define AS_OF_US (DAY_US + 30 * US_PER_HOUR)

static const struct currency EUR = {"EUR"};
static const struct currency JPY = {"JPY"};
static const struct currency KWD = {"KWD"};

static struct own_id id_of(uint8_t number)
{
    return (struct own_id){{1, 2, 3, 4, 5, 6, 0x70, 8, 0x90, 10, 11, 12, 13, 14, 15, number}};
}

static void begin(struct report_sample *sample, int64_t days)
{
    *sample = (struct report_sample){.report = {.scope = 1,
                                         .account = STR("shop"),
                                         .environment = STR("live"),
                                         .zone = STR("Europe/Berlin"),
                                         .from_us = DAY_US + US_PER_DAY - days * US_PER_DAY,
                                         .to_us = DAY_US + US_PER_DAY,
                                         .as_of_us = AS_OF_US,
                                         .currencies = sample->currencies,
                                         .movements = sample->movements,
                                         .balances = sample->balances,
                                         .payouts = sample->payouts,
                                         .measures = sample->measures,
                                         .waiting = sample->waiting,
                                         .open = sample->open,
                                         .discrepancies = sample->discrepancies}};
}

static void add_measure(struct report_sample *sample, struct report_measure measure)
{
    sample->measures[sample->report.measure_count++] = measure;
}

const struct reconcile_report *report_sample_agreed(struct report_sample *sample)
{
    struct reconcile_report *report = &sample->report;
    begin(sample, 1);
    report->agreed = true;
    report->covered_from_us = DAY_US;
    report->covered_to_us = AS_OF_US;
    sample->currencies[report->currency_count++] = (struct report_currency){
        EUR, 100000, 9710, -50000, 59710, true, 100000, 9710, -50000, 59710};
    sample->movements[report->movement_count++] =
        (struct report_movement){EUR, LINE_PAYMENT, 1, 10000, 290, 9710};
    sample->balances[report->balance_count++] = (struct report_balance){EUR, 59710, true, 59710};
    sample->payouts[report->payout_count++] = (struct report_payout){.id = id_of(1),
        .provider_id = STR("po_1"),
        .state = 0,
        .automatic = true,
        .arrival_us = DAY_US + US_PER_HOUR,
        .amount_minor = 50000,
        .currency = EUR,
        .line_count = 3,
        .lines_minor = 50000};
    add_measure(sample, (struct report_measure){
                            .measure = MEASURE_EVENTS, .is_known = true, .part = 12, .whole = 12});
    add_measure(sample, (struct report_measure){.currency = EUR,
                            .measure = MEASURE_EXPLAINED,
                            .is_known = true,
                            .part = 10000,
                            .whole = 10000});
    return report;
}

static void add_measures(struct report_sample *sample)
{
    add_measure(sample,
        (struct report_measure){.measure = MEASURE_EVENTS, .why = "the provider was not asked"});
    add_measure(sample, (struct report_measure){.currency = EUR,
                            .measure = MEASURE_LINES,
                            .is_known = true,
                            .part = 999999,
                            .whole = 1000000,
                            .difference_minor = -1250});
    add_measure(sample, (struct report_measure){.currency = EUR,
                            .measure = MEASURE_OBJECTS,
                            .is_known = true,
                            .part = 99989,
                            .whole = 100000});
    add_measure(sample, (struct report_measure){.currency = JPY,
                            .measure = MEASURE_OBJECTS,
                            .is_known = true,
                            .part = 2999999,
                            .whole = 3000000});
    add_measure(sample, (struct report_measure){.measure = MEASURE_TIMELINESS,
                            .is_known = true,
                            .part = 99,
                            .whole = 100,
                            .p99_us = 4200000});
}

static void add_payouts(struct report_sample *sample)
{
    struct reconcile_report *report = &sample->report;
    sample->payouts[report->payout_count++] = (struct report_payout){.id = id_of(1),
        .provider_id = STR("po_1"),
        .automatic = true,
        .arrival_us = DAY_US + US_PER_HOUR,
        .amount_minor = 123456789,
        .currency = EUR,
        .line_count = 2,
        .lines_minor = 123456539,
        .remainder_minor = 250,
        .remainder = REMAINDER_UNEXPLAINED};
    sample->payouts[report->payout_count++] = (struct report_payout){.id = id_of(2),
        .provider_id = STR("po_2"),
        .arrival_us = DAY_US + US_PER_HOUR,
        .amount_minor = 700,
        .currency = JPY,
        .remainder_minor = 700,
        .remainder = REMAINDER_BY_HAND};
}

static struct discrepancy discrepancy_of(uint8_t number, enum discrepancy_code code)
{
    return (struct discrepancy){.id = id_of(number),
        .found = {.code = code,
            .scope = 1,
            .subject_kind = ID_PAYMENT,
            .subject = id_of((uint8_t)(100 + number)),
            .name = STR("ch_1"),
            .currency = EUR,
            .ours_minor = 1000,
            .theirs_minor = 750,
            .since_us = DAY_US,
            .text = STR("the payment is 10.00 EUR, and its line 7.50 EUR")},
        .state = DISCREPANCY_OPEN,
        .raised_us = AS_OF_US,
        .changed_us = AS_OF_US,
        .first_run = 1,
        .last_run = 1,
        .step_count = 1};
}

static void add_discrepancies(struct report_sample *sample)
{
    struct reconcile_report *report = &sample->report;
    struct discrepancy *next = sample->discrepancies;
    next[0] = discrepancy_of(1, CODE_AMOUNT_MISMATCH);
    next[1] = discrepancy_of(3, CODE_UNCLASSIFIED_MOVEMENT);
    next[1].found.currency = KWD;
    next[1].found.ours_minor = INT64_MIN;
    next[1].found.theirs_minor = INT64_MAX; /* what is off does not fit */
    next[1].state = DISCREPANCY_ACKNOWLEDGED;
    next[1].owner = STR("ada");
    next[2] = discrepancy_of(2, CODE_MISSING_LOCAL_EVENT);
    next[2].found.currency = (struct currency){""};
    next[2].found.subject_kind = KEY_NONE;
    next[2].found.name = STR("=evt_1");
    next[2].found.text = STR("a \"hostile\" | name,\nwith *marks* and \x1b[2J");
    report->discrepancy_count = 3;
    report->open_total = 3;
    report->critical_total = 1;
    sample->open[report->open_count++] =
        (struct report_open){CODE_AMOUNT_MISMATCH, EUR, {0, 1}, {0, 250}};
    sample->open[report->open_count++] =
        (struct report_open){CODE_MISSING_LOCAL_EVENT, {""}, {1}, {0}};
    sample->open[report->open_count++] = (struct report_open){
        CODE_UNCLASSIFIED_MOVEMENT, KWD, {0, 0, 0, 0, 2}, {1, 0, 0, 0, INT64_MAX}};
}

const struct reconcile_report *report_sample_not_agreed(struct report_sample *sample)
{
    struct reconcile_report *report = &sample->report;
    begin(sample, 2);
    report->start_us = DAY_US - 10 * US_PER_DAY;
    sample->currencies[report->currency_count++] =
        (struct report_currency){EUR, -5, 123456789, 0, 123456784, false, 0, 0, 0, 0};
    sample->currencies[report->currency_count++] =
        (struct report_currency){JPY, 0, 1500, -700, 800, true, 0, 1500, -700, 801};
    sample->movements[report->movement_count++] =
        (struct report_movement){EUR, LINE_PAYMENT, 4, 123456900, 111, 123456789};
    sample->movements[report->movement_count++] =
        (struct report_movement){JPY, LINE_REFUND, 2, -300, 0, -300};
    sample->balances[report->balance_count++] = (struct report_balance){EUR, 1, false, 0};
    sample->balances[report->balance_count++] = (struct report_balance){JPY, 800, true, 801};
    sample->balances[report->balance_count++] =
        (struct report_balance){KWD, INT64_MIN, true, INT64_MAX};
    sample->waiting[report->waiting_count++] =
        (struct report_waiting){ACCOUNT_CLEARING_PAYMENT, EUR, 3, -12345, DAY_US};
    add_payouts(sample);
    add_measures(sample);
    add_discrepancies(sample);
    return report;
}

const struct reconcile_report *report_sample_many(struct report_sample *sample, uint32_t count)
{
    static const enum discrepancy_code codes[] = {
        CODE_MISSING_LOCAL_EVENT, CODE_ORPHAN, CODE_PAYOUT_SUM};
    struct reconcile_report *report = &sample->report;
    begin(sample, 1);
    REQUIRE(count <= sizeof sample->discrepancies / sizeof sample->discrepancies[0]);
    for (uint32_t worst = 3; worst-- > 0;) {
        for (uint32_t i = worst; i < count; i += 3) {
            sample->discrepancies[report->discrepancy_count++] =
                discrepancy_of((uint8_t)i, codes[worst]);
        }
    }
    report->open_total = count;
    report->critical_total = count / 3;
    return report;
}
