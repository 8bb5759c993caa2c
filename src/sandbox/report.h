/* report: the provider's financial reports of the shop, as files: which there are, their columns,
 * and their records. Pure.
 *
 * A line of the account statement belongs to the second in which it was made, that of a payout to
 * the one in which its money leaves the balance. So, for every interval and currency:
 * starting balance + activity + payouts = ending balance.
 *
 * Layer: sandbox. Tables: report_types.def report_columns.def. Source: docs/sandbox.md, RFC 4180.
 */
#pragma once

#include "base/zone.h"
#include "sandbox/merchant_lines.h"

enum report_type {
#define REPORT(name, family, version, title, holds, each) REPORT_##name,
#include "sandbox/report_types.def"
#undef REPORT
    REPORT_COUNT
};

enum report_holds {
    REPORT_HOLDS_ACTIVITY, /* all but payouts */
    REPORT_HOLDS_PAYOUTS,  /* and what comes back of them */
    REPORT_HOLDS_PAID_OUT, /* what automatic payouts were made of */
    REPORT_HOLDS_LEFT,     /* what the ending balance is made of */
    REPORT_HOLDS_ALL
};

extern const struct report_type_row {
    struct str id; /* "balance.summary.1" */
    const char *title;
    int version;
    enum report_holds holds;
    bool is_total;
} report_types[REPORT_COUNT];

#define REPORT_COLUMNS_MAX 96

struct report_order { /* texts are the caller's */
    enum report_type type;
    uint32_t owner;                      /* whose; see merchant.h */
    int64_t from_s, to_s;                /* the end is excluded */
    struct str currency;                 /* "": all */
    struct str category;                 /* "": all */
    const struct zone *zone;             /* for the columns without _utc; NULL is UTC */
    uint8_t column_count;                /* 0: those of the type by itself */
    uint8_t columns[REPORT_COLUMNS_MAX]; /* in this order; each once */
};

MUST_USE enum err report_type_find(struct str id, enum report_type *ret_type); /* ERR_NOT_FOUND */
/* ERR_NOT_FOUND: a report of that type has no such column. */
MUST_USE enum err report_column_find(enum report_type type, struct str name, uint8_t *ret_column);
/* All that the type has, or has by itself, in the order of the table; gives how many. */
uint8_t report_columns_all(enum report_type type, uint8_t columns[static REPORT_COLUMNS_MAX]);
uint8_t report_columns_default(enum report_type type, uint8_t columns[static REPORT_COLUMNS_MAX]);
struct str report_column_name(uint8_t column);

/* Appends the whole file. */
void report_write(
    const struct merchant *merchant, const struct report_order *order, struct buf *to);
