/* statement: Stripe's balance transactions as lines of provider/statement.h; what the files
 * statement*.c share.
 *
 *   statement.c         what a movement is in our words
 *   statement_page.c    pages of the API            statement_api.c   asking for them
 *   statement_file.c    reports as CSV              statement_text.c  their amounts and times
 *   statement_report.c  having them made            statement_balance.c  what the account holds
 *
 * Layer: provider/stripe. Tables: statement.def statement_columns.def. Source: docs/statement.md.
 */
#pragma once

#include "provider/statement.h"

extern const struct statement_ops stripe_statement_ops;

#define STRIPE_SOURCE_UNKNOWN (-1)

struct stripe_movement {
    struct str category, type; /* type is empty in the row of the category itself */
    enum line_kind kind;
    int source; /* enum id_kind, or STRIPE_SOURCE_UNKNOWN */
    enum bucket bucket;
    const char *note;
};
const struct stripe_movement *stripe_movements(size_t *ret_count);

/* What a balance transaction says of itself; empty: it does not. */
struct stripe_movement_words {
    struct str category, type, balance_type, description;
};
/* Of our own words; `category`, `type` and `note` of the row that decided, which an unknown
 * movement has none of. */
struct stripe_movement stripe_classify(const struct stripe_movement_words *words);
enum fee_kind stripe_fee_kind(struct str type);
/* The description, cut, where it is the provider's own words and names nobody; else empty. */
struct str stripe_line_text(enum line_kind kind, struct str description);

enum stripe_word_of { STRIPE_BALANCE_TYPE, STRIPE_FEE_TYPE, STRIPE_FEE_TEXT };
struct stripe_statement_word {
    enum stripe_word_of of;
    struct str word;
    int ours; /* enum bucket, fee_kind or line_kind */
    const char *note;
};
const struct stripe_statement_word *stripe_statement_words(size_t *ret_count);

struct stripe_statement_column {
    int member; /* private to statement_file.c */
    struct str name;
    unsigned needed_by; /* bits 1 << FILE_x */
    const char *ours, *note;
};
const struct stripe_statement_column *stripe_statement_columns(size_t *ret_count);

/* An amount in major units, as text, in minor ones. ERR_INVALID, ERR_OVERFLOW: *ret_problem says
 * what is wrong, in the words that follow the column's name. */
MUST_USE enum err stripe_report_amount(
    struct str text, struct currency currency, int64_t *ret_minor, const char **ret_problem);
/* A date, or a date and a time with or without a zone: without it is UTC. ERR_INVALID. */
MUST_USE enum err stripe_report_time(
    struct str text, int64_t *ret_time_us, const char **ret_problem);

/* The report that is asked for: which columns of it are read. */
#define STRIPE_REPORT_COLUMNS_MAX 20
struct stripe_report_type {
    enum statement_file file;
    struct str id;                                  /* with its version */
    const char *columns[STRIPE_REPORT_COLUMNS_MAX]; /* ended by NULL; none: it has no choice */
};
const struct stripe_report_type *stripe_report_type_of(enum statement_file file);

MUST_USE enum err stripe_report_until(struct provider_api *api,
    struct str account,
    enum statement_file file,
    int64_t *ret_until_us,
    struct err_info *reterr);
MUST_USE enum err stripe_report_request(struct provider_api *api,
    struct str account,
    const struct report_wanted *wanted,
    struct arena *arena,
    struct report_run *ret_run,
    struct err_info *reterr);
MUST_USE enum err stripe_report_look(struct provider_api *api,
    struct str account,
    struct str run_id,
    struct arena *arena,
    struct report_run *ret_run,
    struct err_info *reterr);
MUST_USE enum err stripe_report_download(struct provider_api *api,
    struct str account,
    const struct report_run *run,
    int fd,
    struct err_info *reterr);
MUST_USE enum err stripe_statement_balance(struct provider_api *api,
    struct str account,
    struct arena *arena,
    struct said_balances *ret_balances,
    struct err_info *reterr);
MUST_USE enum err stripe_statement_lines(struct provider_api *api,
    struct str account,
    struct fetch_range range,
    struct str cursor,
    struct arena *arena,
    struct said_page *ret_page,
    struct err_info *reterr);
MUST_USE enum err stripe_statement_payout_lines(struct provider_api *api,
    struct str account,
    struct str payout,
    struct str cursor,
    struct arena *arena,
    struct said_page *ret_page,
    struct err_info *reterr);
MUST_USE enum err stripe_statement_decode_page(struct str body,
    struct str payout,
    struct arena *arena,
    struct said_page *ret_page,
    struct err_info *reterr);
MUST_USE enum err stripe_statement_recognise(const struct str *header,
    uint32_t count,
    struct statement_layout *ret_layout,
    struct err_info *reterr);
MUST_USE enum err stripe_statement_record(const struct statement_layout *layout,
    const struct str *fields,
    uint32_t count,
    struct said_line *ret_line,
    uint32_t *ret_column,
    struct err_info *reterr);
MUST_USE enum err stripe_statement_total(const struct statement_layout *layout,
    const struct str *fields,
    uint32_t count,
    struct said_total *ret_total,
    uint32_t *ret_column,
    struct err_info *reterr);
