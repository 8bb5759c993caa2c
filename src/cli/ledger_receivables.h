/* ledger_receivables: what is owed to us, by how long it is due: read page by page, told in every
 * form.
 *
 * Layer: cli; private to ledger_receivables*.c.
 */
#pragma once

#include "domain/aggregates.h"
#include "store/journal.h"
#include "cli/command.h"
#include "ledger/age.h"

/* One balance of a receivables account. */
struct receivable {
    struct ledger_balance balance;
    struct str names, customer_names; /* the provider's, separated by blanks; only in lists */
    const struct invoice *invoice;    /* NULL: of a dispute, or not known */
    int64_t due_us;
    const char *due_from; /* which time that is */
    enum age age;
};

struct aged_sum {
    int64_t count, minor;
};

/* Of one currency. Disputes have no day on which they are due. */
struct aged {
    struct currency currency;
    struct aged_sum ages[AGE_COUNT], invoices, disputes;
};

#define AGED_MAX 256

struct receivables {
    struct command_context *context;
    struct str account_word, at_word;
    int64_t at_us;
    bool list, csv;
    struct aged sums[AGED_MAX]; /* by currency, once all is read */
    uint32_t sum_count;
};

/* Before and for each row of a list; as JSON, CSV or text. */
void receivables_list_begin(const struct receivables *asked);
void receivables_list_row(const struct receivables *asked, const struct receivable *row);
/* The sums. ERR_BUSY: no memory */
MUST_USE enum err receivables_print(const struct receivables *asked);
