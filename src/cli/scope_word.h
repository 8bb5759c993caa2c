/* scope_word: which scope people mean: its number, a label of the configuration, or the account's
 * key.
 *
 * Layer: cli; for events, show and inbox.
 */
#pragma once

#include "store/refs.h"
#include "cli/config.h"

/* Inside a transaction. ERR_NOT_FOUND and ERR_USAGE (several fit) name the ones there are. */
MUST_USE enum err scope_find(struct store *store,
    const struct config *config,
    struct str word,
    struct arena *arena,
    int64_t *ret_scope,
    struct err_info *reterr);

/* The only scope there is: 0 when there is none yet. ERR_USAGE names the ones there are. */
MUST_USE enum err scope_only(
    struct store *store, struct arena *arena, int64_t *ret_scope, struct err_info *reterr);
