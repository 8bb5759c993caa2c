/* inbox_read: decided events in the order of their numbers, with their bodies, for deciding them
 * once more.
 *
 * Layer: store.
 */
#pragma once

#include "store/inbox.h"

struct inbox_reread {
    struct inbox_event event; /* the body only of those that are read again */
    enum work_status status;  /* as it was decided, or that it is open */
    enum reason reason;
    /* Its body was decided: applied, stale, or recorded by the decoder. Not dead letters, nor what
     * the intake recorded unread (it is proof of nothing that a decoder should see: another
     * environment, no event), nor what a person has discarded. */
    bool again;
};

/* At most row_max events behind `after_seq`, and about bytes_max of bodies, one event excepted. An
 * empty page is the end. */
MUST_USE enum err inbox_read(struct store *store,
    int64_t after_seq,
    uint32_t row_max,
    int64_t bytes_max,
    struct arena *arena,
    struct inbox_reread **ret_rows,
    uint32_t *ret_count,
    struct err_info *reterr);

/* The same for events with these numbers, in rising order; *ret_count may be fewer. */
MUST_USE enum err inbox_read_these(struct store *store,
    const int64_t *seqs,
    uint32_t count,
    int64_t bytes_max,
    struct arena *arena,
    struct inbox_reread **ret_rows,
    uint32_t *ret_count,
    struct err_info *reterr);

/* The last event's number; 0: none. */
MUST_USE enum err inbox_last_seq(struct store *store, int64_t *ret_seq, struct err_info *reterr);
