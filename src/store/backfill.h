/* backfill: how far a walk over the provider's lists has come, so that it goes on where it stopped.
 *
 * Layer: store.
 */
#pragma once

#include "store/store.h"

struct backfill_mark { /* of the last walk of one kind in one scope */
    int64_t from_us, to_us;
    struct str cursor; /* of the next page; empty at the beginning */
    bool done;
    int64_t found, added, known, missing;
    int64_t updated_us;
};

/* *ret_found is false when there was none yet. Its cursor lies in the arena. */
MUST_USE enum err backfill_mark_read(struct store *store,
    int64_t scope,
    struct str kind,
    struct arena *arena,
    struct backfill_mark *ret,
    bool *ret_found,
    struct err_info *reterr);

/* In the transaction with what the page brought. */
MUST_USE enum err backfill_mark_write(struct store *store,
    int64_t scope,
    struct str kind,
    const struct backfill_mark *mark,
    struct err_info *reterr);
