/* report_sample: reports made by hand, as a run would leave them.
 *
 * Layer: tests.
 */
#pragma once

#include "flow/reconcile_report.h"

struct report_sample {
    struct report_currency currencies[2];
    struct report_movement movements[3];
    struct report_balance balances[3];
    struct report_payout payouts[3];
    struct report_measure measures[12];
    struct report_waiting waiting[1];
    struct report_open open[3];
    struct discrepancy discrepancies[30];
    struct reconcile_report report;
};

/* A day in Berlin on which all agrees; nothing was open before. */
const struct reconcile_report *report_sample_agreed(struct report_sample *sample);
/* Two days with something of everything, in three currencies. */
const struct reconcile_report *report_sample_not_agreed(struct report_sample *sample);
/* A day on which `count` discrepancies are open, of all severities in turn. */
const struct reconcile_report *report_sample_many(struct report_sample *sample, uint32_t count);
