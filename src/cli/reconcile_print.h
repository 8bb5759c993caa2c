/* reconcile_print: the report of a run of reconciliation, for people and for programs.
 *
 * The same report gives the same bytes: there is no clock in it. Colours, in text alone, are the
 * terminal's.
 *
 * Layer: cli. Table: reconcile_sections.def.
 */
#pragma once

#include "flow/reconcile_report.h"
#include "reconcile/day.h"

#define REPORT_SCHEMA 1               /* of the JSON form */
#define REPORT_BYTES_MAX (64u << 20u) /* of any form */

enum report_format { REPORT_TEXT, REPORT_JSON, REPORT_CSV, REPORT_MARKDOWN };

/* Appends it. `zone` is that of the account's days; NULL: UTC. to->failed when it has no room. */
void reconcile_print(const struct reconcile_report *report,
    const struct zone *zone,
    enum report_format format,
    struct buf *to);
