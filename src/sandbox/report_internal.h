/* report_internal: what the files of the reports share; included by report*.c only.
 *
 * Layer: sandbox.
 */
#pragma once

#include "sandbox/merchant_internal.h"
#include "sandbox/report.h"

/* One record: a line of the statement, or a sum of lines. */
struct report_record {
    const struct merchant *merchant;
    const struct zone *zone;
    struct merchant_line line; /* of a sum only its currency */
    struct scene scene;        /* of the line's source; empty where there is none */
    const char *total;         /* "activity"; of a line NULL */
    int64_t total_at_s, total_net;
};

/* Every row of report_columns.def has its value in report_values.c. */
#define COLUMN(name, value, in, default_in)                                                        \
    void report_value_##value(const struct report_record *record, struct buf *to);
#include "sandbox/report_columns.def"
#undef COLUMN

extern const struct report_column {
    struct str name;
    void (*value)(const struct report_record *record, struct buf *to);
    unsigned in, default_in; /* bits 1 << enum report_type */
} report_columns[];

bool report_is_payout(const struct merchant_line *line); /* or what comes back of one */
