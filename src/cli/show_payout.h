/* show_payout: what is in a payout, from the amount at the bank down to each line of the provider's
 * statement, for `counterfoil show`. Every cent is in a group, or in the remainder, which is named.
 *
 * Lines are read page by page, each in a transaction of its own, so memory does not grow with them.
 *
 * Layer: cli; shared by the show*.c files. Table: show_payout.def.
 */
#pragma once

#include "domain/aggregates.h"
#include "store/statement_read.h"
#include "reconcile/remainder.h"

enum payout_group {
#define GROUP(NAME, word, title) GROUP_##NAME,
#include "cli/show_payout.def"
    GROUP_COUNT
};

struct group_sum {
    int64_t count, amount_minor, fee_minor, net_minor;
};

/* A line, and what it is about by both names. */
struct payout_line {
    const struct kept_line *kept;
    enum payout_group group;
    enum id_kind kind;    /* valid while `object` is not none */
    struct own_id object; /* of a payment's line the payment, where that is known */
    struct str name;      /* the provider's; may be empty */
};

/* In the order of time. What is said of a line is valid during the call. */
typedef enum err payout_lines_fn(
    void *context, const struct payout_line *lines, uint32_t count, struct err_info *reterr);
/* ERR_BUSY also without memory. */
MUST_USE enum err payout_lines_walk(struct store *store,
    const struct payout *payout,
    payout_lines_fn *take,
    void *context,
    struct err_info *reterr);

#define PAYOUT_NEWEST 20 /* lines that are kept for the short view */
#define PAYOUT_OWN_MAX 8 /* lines of the payout itself */

struct newest_line { /* as payout_line, with texts of its own */
    struct payout_line line;
    struct kept_line kept;
    char provider_id[LIMIT_PROVIDER_ID_BYTES + 1], name[LIMIT_PROVIDER_ID_BYTES + 1];
};

struct payout_content {
    const struct payout *payout; /* borrowed */
    struct group_sum groups[GROUP_COUNT], sum;
    int64_t other_currency; /* lines in another currency than the payout's: in no sum */
    struct own_id oldest;   /* line in it; none: there is none */
    struct newest_line newest[PAYOUT_NEWEST]; /* in the order of time */
    uint32_t newest_count;
    struct newest_line own[PAYOUT_OWN_MAX]; /* it left the balance, and came back */
    uint32_t own_count;
    int64_t remainder_minor; /* amount less sum */
    enum remainder remainder;
    bool has_roll; /* the next two are there */
    int64_t before_minor,
        after_minor; /* what the kept lines of its currency make, around its own */
};

/* A payout that no event has told of, as its own line has it, taken for one of the provider's
 * schedule; its version is 0. Inside a transaction; in the arena. ERR_NOT_FOUND: it has no such
 * line. */
MUST_USE enum err payout_of_statement(struct store *store,
    struct own_id id,
    struct arena *arena,
    struct payout **ret_payout,
    struct err_info *reterr);

/* Borrows the payout. ERR_BUSY without memory; ERR_OVERFLOW. */
MUST_USE enum err payout_content_read(struct store *store,
    const struct payout *payout,
    struct payout_content *ret,
    struct err_info *reterr);

void payout_content_text(const struct payout_content *content);
void payout_content_json(const struct payout_content *content, struct json_writer *json);

/* All lines: for people, as objects, one a line, or as comma-separated values whose last column of
 * minor units adds up to the amount, the remainder being the last row. */
enum payout_form { PAYOUT_TEXT, PAYOUT_JSON, PAYOUT_CSV };
MUST_USE enum err payout_print_all(struct store *store,
    const struct payout *payout,
    enum payout_form form,
    struct err_info *reterr);

/* --- shared by show_payout*.c --- */

const char *payout_group_word(enum payout_group group);
const char *payout_group_title(enum payout_group group);
void payout_line_json(const struct payout_line *line, struct json_writer *json);
void payout_line_text(const struct payout_line *line);
/* Adds one line to the sums. ERR_OVERFLOW */
MUST_USE enum err payout_content_add(
    struct payout_content *content, const struct payout_line *line);
/* Its own lines into an empty arena. Inside a transaction. */
MUST_USE enum err payout_own_read(struct store *store,
    struct payout_content *content,
    struct arena *arena,
    struct err_info *reterr);
/* Once all lines are added: the remainder, what it is, and the balance around. */
MUST_USE enum err payout_content_conclude(
    struct store *store, struct payout_content *content, struct err_info *reterr);
