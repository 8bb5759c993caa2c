/* explain_inside: what `counterfoil explain` is asked, and who answers. Private to explain*.c.
 *
 * Layer: cli.
 */
#pragma once

#include "cli/command.h"
#include "cli/explain_story.h"
#include "cli/object_word.h"

struct explaining {
    struct command_context *context;
    struct store *store;
    struct str asked;                 /* the id; */
    struct object_word word;          /* ... of what is told: of a discrepancy, what it is about */
    struct str amount, currency, day; /* asked for by these instead of an id; may be empty */
    struct story story;
    const struct payout *payout; /* it is one: what is in it follows; NULL: anything else */
};

/* explain_find.c: finds out what the id is of, and tells its story. A command_work_fn.
 * ERR_NOT_FOUND, ERR_CONFLICT and ERR_USAGE say what to do. */
MUST_USE enum err explain_id(struct store *store, void *explaining, struct err_info *reterr);
/* A new beginning, in an empty arena. ERR_BUSY without memory. */
MUST_USE enum err explain_begin(
    struct explaining *explaining, struct store *store, struct err_info *reterr);

/* explain_amount.c: what moved exactly that much on that day. Transactions of its own. ERR_USAGE
 * was said; ERR_NOT_FOUND: nothing did. */
MUST_USE enum err explain_amount(struct explaining *explaining, struct err_info *reterr);
