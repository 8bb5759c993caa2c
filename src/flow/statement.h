/* statement: takes lines of the provider's statement: keeps them, learns, and posts what is new of
 * them, with whatever else must be posted because of them, in the transaction of the caller.
 *
 * The same lines in any order, from whichever sources, end in the same books. A line that says
 * otherwise than before in what never changes stands as it was said first: it is *restated*, which
 * is kept for whoever must explain it. No line stalls the others.
 *
 * Layer: flow.
 */
#pragma once

#include "store/statement.h"
#include "provider/provider.h"
#include "provider/statement.h"

#define STATEMENT_BATCH 4096 /* lines that are taken at once */

struct statement_taker;

/* Borrows all. NULL without memory. */
struct statement_taker *statement_taker_new(
    struct store *store, const struct provider_ops *provider, struct env *env);
struct statement_taker *statement_taker_free(struct statement_taker *taker);
DEFINE_CLEANUP(struct statement_taker *, statement_taker_free);

struct statement_batch {
    int64_t scope, root; /* of the account; root: of the one that it is connected to, or its own */
    int64_t source;      /* statement_source_begin() in this transaction, or in one before */
    const struct said_line *lines;
    uint32_t count;            /* at most STATEMENT_BATCH */
    enum source_kind kind;     /* of the source */
    struct line_policy policy; /* of the scope's account */
};

/* Inside a write transaction, of which it is the last: it holds the heads of the scope's journal
 * and feed until the commit. ERR_OVERFLOW: a balance does not fit; ERR_BUSY, ERR_CONFLICT:
 * begin the transaction again. */
MUST_USE enum err statement_take(struct statement_taker *taker,
    const struct statement_batch *batch,
    int64_t now_us,
    struct taken_counts *ret_counts,
    struct err_info *reterr);
