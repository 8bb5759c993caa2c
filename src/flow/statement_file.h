/* statement_file: takes a report of the provider's that lies in a file, as somebody downloaded it
 * or this program: all of it is checked, and then taken.
 *
 * It is read twice. The first time every record is read and nothing is kept; the second time its
 * lines are kept and posted, some thousand a transaction. So a file is taken whole or not at all,
 * but for what stops the second reading: then the same again knows what is there and goes on.
 *
 * Layer: flow. Source: docs/statement.md.
 */
#pragma once

#include "base/digest.h"
#include "flow/accounts.h"
#include "flow/statement.h"

#define FILED_CURRENCIES_MAX 256
#define FILED_AS_IT_SAYS (-1)

struct filed_sum {
    struct currency currency;
    int64_t amount_minor, fee_minor, net_minor;
    bool overflows;
};

struct filed_statement {
    const char *name; /* for messages; borrowed */
    int fd;           /* of a regular file, open for reading; the caller's */
    /* Out of the check. */
    int64_t bytes;
    struct statement_layout layout;
    uint8_t sha256[SHA256_BYTES];
    int64_t lines, from_us, to_us;
    struct filed_sum sums[FILED_CURRENCIES_MAX];
    uint32_t sum_count;
    /* Out of the taking. */
    struct taken_counts counts;
    bool was_there;        /* its bytes were taken before, to the end */
    int64_t source_number; /* of its source */
};

/* Called now and then; `taken`: lines of the second reading, 0 in the first. */
typedef void filed_progress_fn(void *context, const struct filed_statement *file, int64_t taken);

struct filed_setup { /* all borrowed */
    struct store *store;
    const struct account *account; /* whose provider has a statement */
    struct str below;              /* an account connected to it; empty: itself */
    struct env *env;
    int as; /* enum statement_file where the columns fit it, or FILED_AS_IT_SAYS */
    bool
        surely_ours; /* it came from the account's own provider: need not be looked into for that */
    bool dry_run;    /* compares, and keeps nothing */
    const atomic_bool *cancelled;   /* may be NULL; once it is set: ERR_CLOSED */
    filed_progress_fn *on_progress; /* may be NULL */
    void *context;
};

/* Errors name file, line and column, never a value: ERR_MALFORMED, ERR_INVALID, ERR_OVERFLOW,
 * ERR_TOO_LARGE, ERR_FILE_IO, ERR_CLOSED. Fills in what the check finds. */
MUST_USE enum err statement_file_check(
    const struct filed_setup *setup, struct filed_statement *file, struct err_info *reterr);
/* Takes a checked file, in transactions of its own. ERR_CONFLICT: it was changed meanwhile;
 * ERR_INVALID: it is of another account; ERR_CLOSED; errors of the store. */
MUST_USE enum err statement_file_take(
    const struct filed_setup *setup, struct filed_statement *file, struct err_info *reterr);
