/* shadow: the derived half of a store once more, empty, beside the live one, to be filled from the
 * inbox and compared.
 *
 * A store that is shadowed reads the inbox and the ids as they are; what its verbs read and write
 * of the derived tables (records, effects, totals) are temporary tables of its own, and ids that
 * provider_ref lacks are kept in another one. The engine refuses every other write. All of it is
 * gone with the connection.
 *
 * Layer: store.
 */
#pragma once

#include "store/inbox.h"
#include "store/store.h"

/* Outside a transaction, once, on a store opened for writing, before other threads run. */
MUST_USE enum err shadow_open(struct store *store, struct err_info *reterr);

/* How many ids had to be made. */
MUST_USE enum err shadow_new_ids(struct store *store, int64_t *ret_count, struct err_info *reterr);

/* Counts of decided events, in place of those before; `by_reason` are the recorded ones. */
MUST_USE enum err shadow_set_totals(struct store *store,
    const int64_t by_status[static WORK_STATUS_COUNT],
    const int64_t by_reason[static REASON_COUNT],
    struct err_info *reterr);

/* Begins a transaction that may write to the live tables as well. Until its end nobody else writes
 * derived rows, but for a SQLite file's serve, which must not run: store_lock_serve first.
 * ERR_BUSY */
MUST_USE enum err shadow_begin_apply(struct store *store, struct err_info *reterr);

struct shadow_changes {
    int64_t removed, changed, added; /* records */
    int64_t effects, ids;
};
/* In that transaction: makes the live rows what the shadow's are, and writes nothing where they are
 * equal. A record's version counts on; which facts were published (`milestones`) is never
 * forgotten; how an effect came out stays as it was. Ids that were made are added to provider_ref:
 * ERR_CONFLICT when one of them has got another meanwhile. */
MUST_USE enum err shadow_apply(
    struct store *store, struct shadow_changes *ret_changes, struct err_info *reterr);
