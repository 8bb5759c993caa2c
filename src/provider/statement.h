/* statement: the provider's account statement, line by line: asked for, or read from a file that
 * somebody downloaded. Pure but for `lines` and `payout_lines`, which ask.
 *
 * A line is told by several sources that know more or less of it: `learned` says which of the
 * fields that may be missing this one knows. What every source knows never changes from one to the
 * other; a source that says otherwise restates the line.
 *
 * A line is never refused for what it is: an unknown word makes it LINE_UNCLASSIFIED. One that
 * cannot be read at all is told as such, and the others of its page stand.
 *
 * Layer: provider (port).
 */
#pragma once

#include "base/arena.h"
#include "domain/id.h"
#include "provider/fetch.h"
#include "ledger/line.h"

/* Fields that a source of lines may not have. */
enum said_field {
    SAID_FEES = 1 << 0,     /* line.fees */
    SAID_STATUS = 1 << 1,   /* available; it changes without notice */
    SAID_SOURCE = 1 << 2,   /* source; also that there is none */
    SAID_ATTEMPT = 1 << 3,  /* attempt; also that there is none */
    SAID_CUSTOMER = 1 << 4, /* line.customer_minor; also that there is none */
    SAID_PAYOUT = 1 << 5,   /* payout; never that there is none, since one may come */
    SAID_TYPE = 1 << 6,     /* type and line.bucket; without it the kind goes by the category */
    SAID_CREATED = 1 << 7,  /* line.created_us, available_us; without it both are effective_us */
};

#define SAID_WORD_BYTES_MAX 80  /* of type and category */
#define SAID_TEXT_BYTES_MAX 200 /* of text */

/* A line in the provider's own names. Texts are borrowed: of a page from the arena and its body, of
 * a file from the record. */
struct said_line {
    struct statement_line line; /* without id, source and attempt */
    struct str provider_id;
    struct str type, category; /* the provider's words for what it is */
    enum id_kind source_kind;  /* valid when `source` is not empty */
    struct str source;         /* of a modelled kind, else empty */
    struct str attempt;        /* of a payment: its source; of a refund or dispute: what it is of */
    struct str account;        /* of a transfer or a fee: the connected account; may be empty */
    struct str payout;         /* the automatic payout that it is in; may be empty */
    struct str text; /* what a fee is for, or an adjustment; empty for whatever may name people */
    bool available;
    unsigned learned;     /* of enum said_field */
    int64_t effective_us; /* of a payout's line: when it left the balance; 0: not known */
};

/* A total of the provider's own, of which lines make the proof. */
struct said_total {
    struct str category; /* "starting_balance", "activity", ... as the provider says */
    struct currency currency;
    int64_t net_minor;
};

/* A line that cannot be read: kept in the body, and somebody must look at it. */
struct said_refusal {
    uint32_t index;         /* in the page, from 0 */
    struct str provider_id; /* may be empty */
    enum err err;           /* ERR_MALFORMED, ERR_INVALID, ERR_OVERFLOW, ERR_TOO_LARGE */
    struct str why;         /* names element and field, not the value */
};

struct said_page { /* all in the arena */
    uint32_t line_count, refusal_count;
    struct said_line *lines; /* newest first, as the provider has them */
    struct said_refusal *refusals;
    struct str cursor; /* asks for the next page */
    bool more;
};

/* --- files --- */

enum statement_file {
    FILE_ACTIVITY,     /* every line but payouts */
    FILE_PAYOUTS,      /* lines of payouts */
    FILE_PAYOUT_ITEMS, /* the lines in automatic payouts */
    FILE_ENDING,       /* the lines that were not paid out yet */
    FILE_SUMMARY,      /* totals */
    STATEMENT_FILE_COUNT
};
const char *statement_file_word(enum statement_file file);

#define STATEMENT_COLUMNS_MAX 32

/* What a header says, and where in a record each column that is read is. */
struct statement_layout {
    enum statement_file file;
    unsigned fits; /* bits 1 << FILE_x: some reports have the same columns, and `file` is a guess */
    uint32_t column_count;
    int16_t column_of[STATEMENT_COLUMNS_MAX]; /* by the driver's own numbering; -1: not there */
};

struct statement_ops {
    /* A page of lines by the time they were made, newest first. Errors as in fetch.h. */
    MUST_USE enum err (*lines)(struct provider_api *api,
        struct str account,
        struct fetch_range range,
        struct str cursor,
        struct arena *arena,
        struct said_page *ret_page,
        struct str *ret_body, /* the exact bytes that were sent; in the arena */
        struct err_info *reterr);
    /* The lines in an automatic payout, and its own, which is not `payout`'s. */
    MUST_USE enum err (*payout_lines)(struct provider_api *api,
        struct str account,
        struct str payout,
        struct str cursor,
        struct arena *arena,
        struct said_page *ret_page,
        struct str *ret_body,
        struct err_info *reterr);

    /* Pure: a stored page again; `payout` as it was asked for, or empty. ERR_MALFORMED: no page;
     * ERR_TOO_LARGE: arena. */
    MUST_USE enum err (*decode_page)(struct str body,
        struct str payout,
        struct arena *arena,
        struct said_page *ret_page,
        struct err_info *reterr);

    /* Pure: which file it is, by its first record. ERR_NOT_FOUND: none of ours; ERR_INVALID: a
     * column is missing, or there twice (named). Unknown columns are ignored. */
    MUST_USE enum err (*recognise)(const struct str *header,
        uint32_t count,
        struct statement_layout *ret_layout,
        struct err_info *reterr);
    /* Pure: one record of such a file, but for FILE_SUMMARY. ERR_MALFORMED, ERR_INVALID,
     * ERR_OVERFLOW, ERR_TOO_LARGE with *ret_column, the number of the column from 1, and a text
     * that names it but not its value. The line borrows from the record. */
    MUST_USE enum err (*read_record)(const struct statement_layout *layout,
        const struct str *fields,
        uint32_t count,
        struct said_line *ret_line,
        uint32_t *ret_column,
        struct err_info *reterr);
    /* Pure: one record of a FILE_SUMMARY; the rest as above. */
    MUST_USE enum err (*read_total)(const struct statement_layout *layout,
        const struct str *fields,
        uint32_t count,
        struct said_total *ret_total,
        uint32_t *ret_column,
        struct err_info *reterr);
};
