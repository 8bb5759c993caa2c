/* line: one movement of the provider's account statement, in our words, and how it is posted.
 *
 * Layer: ledger. Tables: lines.def, chart.def.
 */
#pragma once

#include "base/limits.h"
#include "ledger/entry.h"

enum line_kind {
#define LINE(KIND, word, counter, key, bucket, fees, alert, help) LINE_##KIND,
#include "ledger/lines.def"
#undef LINE
    LINE_KIND_COUNT
};

enum fee_kind {
    FEE_PROVIDER,
    FEE_PASSTHROUGH,
    FEE_APPLICATION,
    FEE_TAX,
    FEE_UNSPECIFIED,
    FEE_KIND_COUNT
};

/* Where at the provider the money is: what the provider calls the balance's type. */
enum bucket { BUCKET_PAYMENTS, BUCKET_PREFUND, BUCKET_ISSUING, BUCKET_RISK, BUCKET_COUNT };

#define LINE_FEES_MAX 8

/* No amount beyond it is believed, be it right: then some nine hundred lines fit into a balance,
 * and one that is odd stalls nobody. */
#define LINE_MINOR_MAX INT64_C(10000000000000000)

struct line_fee {
    enum fee_kind kind;
    int64_t minor; /* negative: given back */
};

struct statement_line {
    struct own_id id; /* made of the scope and the provider's id of the line */
    enum line_kind kind;
    enum bucket bucket;
    int64_t amount_minor, fee_minor, net_minor; /* positive: to us; the fee: from us */
    struct currency currency;                   /* of settlement */
    int64_t created_us, available_us;
    struct own_id source;  /* the object that it is about; none: not known */
    struct own_id attempt; /* the attempt that it is about in turn; none: not known */
    /* What the payer saw, where that is another currency; an empty currency: the same, or not
     * known. Of the amount's sign. */
    int64_t customer_minor;
    struct currency customer_currency;
    uint32_t fee_count; /* 0: the line does not say which fees */
    struct line_fee fees[LINE_FEES_MAX];
};

/* What is wrong with a line; it is posted all the same. The last three are for who keeps it. */
enum line_flaw {
    FLAW_NET = 1 << 0,          /* net is not amount less fee */
    FLAW_FEES = 1 << 1,         /* the fees that it names are not its fee */
    FLAW_ADJUSTMENT = 1 << 2,   /* somebody must explain it */
    FLAW_UNCLASSIFIED = 1 << 3, /* of an unknown kind */
    FLAW_UNKEYED = 1 << 4,      /* what it is about is not known */
    FLAW_RESTATED = 1 << 5,     /* another source said otherwise; what was said first stands */
    FLAW_UNPOSTED = 1 << 6,     /* but this one is not posted: it is too large */
    FLAW_UNEXCHANGED = 1 << 7,  /* in another currency than the payer's, which nothing explains */
};

struct line_policy {
    bool fee_tax_is_input; /* tax on fees is given back by the state: no expense */
};

#define LINE_POSTINGS_MAX (8 + LINE_FEES_MAX)

const char *line_kind_word(enum line_kind kind);
MUST_USE enum err line_kind_parse(struct str word, enum line_kind *ret); /* ERR_NOT_FOUND */
const char *fee_kind_word(enum fee_kind kind);
const char *bucket_word(enum bucket bucket);

/* The same on every node and in every history, and in the order of time. `created_us` is what was
 * said first: a file without it gives the time that it has, and a line keeps its id. */
struct own_id line_id(int64_t scope, struct str provider_id, int64_t created_us);
/* An id made of numbers and bytes that say what something is, behind the milliseconds of a time. */
struct own_id derived_id(int64_t at_us, char what, int64_t a, int64_t b, struct str rest);
#define DERIVED_REST_BYTES_MAX LIMIT_PROVIDER_ID_BYTES

/* The account that the money is in until, and from, the line's available_us. */
enum ledger_account line_account_first(const struct statement_line *line);
bool line_is_released(const struct statement_line *line); /* moves to available when it is time */

/* The payer saw another currency than the line's, and that is the one that the business knows. */
bool line_is_exchanged(const struct statement_line *line);

/* Posts a line into a begun entry of the money stream, which the caller subtracts what was posted
 * of that line from and finishes. Where payer and settlement differ in currency, what meets the
 * business's side is what the payer saw; the two legs stand against each other in the attempt's
 * position. *ret_flaws: of enum line_flaw. ERR_OVERFLOW: an amount beyond LINE_MINOR_MAX;
 * ERR_TOO_LARGE: less room than LINE_POSTINGS_MAX. */
MUST_USE enum err line_post(const struct statement_line *line,
    const struct line_policy *policy,
    struct ledger_entry *entry,
    unsigned *ret_flaws);
