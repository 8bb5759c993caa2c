/* statement: the provider's account statement, line by line: asked for, or read from a file that
 * somebody downloaded. What asks the provider says so; everything else is pure.
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

/* A line in the provider's own names. Texts are borrowed: of a page from the arena, of
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
    bool is_unexchanged;  /* the payer's currency is another one, and no exchange is told of */
    unsigned learned;     /* of enum said_field */
    int64_t effective_us; /* of a payout's line: when it left the balance; 0: not known */
};

/* A total of the provider's own, of which lines make the proof. */
struct said_total {
    struct str category; /* "starting_balance", "activity", ... as the provider says */
    struct currency currency;
    int64_t net_minor;
};

/* A line that cannot be read: it is told, and somebody must look at it. */
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

/* --- what the provider holds --- */

/* Parts that are added up: what may be had at once is in `available`, and no part of its own. */
enum balance_part {
    BALANCE_AVAILABLE,
    BALANCE_PENDING,
    BALANCE_CONNECT_RESERVED,
    BALANCE_ISSUING,
    BALANCE_PREFUND,
    BALANCE_RISK_RESERVED,
    BALANCE_PART_COUNT
};
const char *balance_part_word(enum balance_part part);

struct said_balance {
    enum balance_part part;
    struct currency currency;
    int64_t minor;
};
struct said_balances { /* in the arena */
    uint32_t count;
    struct said_balance *items; /* each part and currency once; one that is not there holds 0 */
};

/* --- files that the provider makes when asked --- */

struct report_wanted {
    enum statement_file file;
    int64_t from_us, to_us; /* whole seconds; `to_us` itself is not in it any more */
    /* The same `round` again is the same run, for a day at least; another one is a new run. */
    int64_t round;
};

enum run_state { RUN_PENDING, RUN_SUCCEEDED, RUN_FAILED };

struct report_run { /* texts in the arena */
    enum run_state state;
    struct str id;
    struct str why; /* of RUN_FAILED, in the provider's words; may be empty */
    struct str url; /* of RUN_SUCCEEDED */
    int64_t bytes;  /* of its file; 0: not said */
};

struct statement_ops {
    /* --- may: NULL where a provider has no such thing; they ask. Errors as in fetch.h --- */

    /* What the account holds now. */
    MUST_USE enum err (*balance)(struct provider_api *api,
        struct str account,
        struct arena *arena,
        struct said_balances *ret_balances,
        struct err_info *reterr);
    /* Until when, that time excluded, files of a kind can be had. ERR_REFUSED: the key may not. */
    MUST_USE enum err (*report_until)(struct provider_api *api,
        struct str account,
        enum statement_file file,
        int64_t *ret_until_us,
        struct err_info *reterr);
    /* Begins a run: in UTC, with the columns that are read. ERR_INVALID: the provider will not make
     * it, as before `report_until`. ERR_REFUSED: the key may not. */
    MUST_USE enum err (*report_request)(struct provider_api *api,
        struct str account,
        const struct report_wanted *wanted,
        struct arena *arena,
        struct report_run *ret_run,
        struct err_info *reterr);
    MUST_USE enum err (*report_look)(struct provider_api *api,
        struct str account,
        struct str run_id,
        struct arena *arena,
        struct report_run *ret_run,
        struct err_info *reterr);
    /* Writes the file of a run that succeeded to `fd`, which is emptied before. ERR_MALFORMED: it
     * lies where the key is not sent to; ERR_NET_IO: it is cut off; ERR_TOO_LARGE:
     * LIMIT_REPORT_BYTES; ERR_FILE_IO. */
    MUST_USE enum err (*report_download)(struct provider_api *api,
        struct str account,
        const struct report_run *run,
        int fd,
        struct err_info *reterr);

    /* --- must --- */

    /* A page of lines by the time they were made, newest first. Errors as in fetch.h. */
    MUST_USE enum err (*lines)(struct provider_api *api,
        struct str account,
        struct fetch_range range,
        struct str cursor,
        struct arena *arena,
        struct said_page *ret_page,
        struct err_info *reterr);
    /* The lines in an automatic payout, and its own, which is not `payout`'s. */
    MUST_USE enum err (*payout_lines)(struct provider_api *api,
        struct str account,
        struct str payout,
        struct str cursor,
        struct arena *arena,
        struct said_page *ret_page,
        struct err_info *reterr);

    /* Pure: a page as it came, which it does not borrow; `payout` as it was asked for, or empty.
     * ERR_MALFORMED: no page; ERR_TOO_LARGE: arena. */
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
