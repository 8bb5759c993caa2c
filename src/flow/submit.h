/* submit: puts what was asked for into the inbox, unless it is there: the one way in for whatever
 * came by no webhook.
 *
 * Layer: flow.
 */
#pragma once

#include "store/inbox.h"
#include "store/refs.h"
#include "flow/accounts.h"

struct submitted {
    uint32_t added;
    uint32_t known;   /* were there, by whichever channel */
    uint32_t refused; /* larger than the inbox keeps */
};

/* When the inbox need not have it. */
enum submit_unless {
    UNLESS_RENDERED, /* inbox_known() */
    UNLESS_THERE,    /* an event of that id is there, in whichever API version */
};

/* The scope of what an account's endpoint or API gives: its own, or that of an account below it. */
struct scope_key submit_scope_key(const struct account *account, struct str below);
/* Its number; made on first sight. */
MUST_USE enum err submit_scope(struct store *store,
    const struct account *account,
    struct str below,
    int64_t *ret_scope,
    struct err_info *reterr);

/* Inside a write transaction, which the caller commits; nothing outlives it when it is rolled back.
 * `channel` is BACKFILL for events and FETCH for objects. */
MUST_USE enum err submit_fetched(struct store *store,
    const struct account *account,
    enum channel channel,
    enum submit_unless unless,
    const struct fetched *items,
    uint32_t count,
    int64_t received_us,
    struct arena *arena,
    struct submitted *ret,
    struct err_info *reterr);
