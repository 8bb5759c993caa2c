/* scopes: the numbers of scopes already seen, so that a delivery costs no look-up. One thread's.
 *
 * What was learned inside a transaction counts only once that has committed.
 *
 * Layer: flow.
 */
#pragma once

#include "store/store.h"
#include "flow/accounts.h"

struct scopes;

struct scopes *scopes_new(void);
struct scopes *scopes_free(struct scopes *scopes); /* NULL does nothing; returns NULL */

/* As submit_scope(). Remembers at most LIMIT_SCOPES. */
MUST_USE enum err scopes_get(struct scopes *scopes,
    struct store *store,
    const struct account *account,
    struct str below,
    int64_t *ret_scope,
    struct err_info *reterr);
void scopes_committed(struct scopes *scopes);
void scopes_rolled_back(struct scopes *scopes);
