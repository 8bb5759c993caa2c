/* twice: events of which two bodies came over one channel in one version. They are looked for where
 * nobody has looked yet, and kept: a run that dies loses none.
 *
 * Layer: store.
 */
#pragma once

#include "store/store.h"

/* How long after a number was given its transaction has ended at the latest: the server ends one
 * that does nothing or does not answer within seconds (postgres/connect.c). */
#define TWICE_SETTLED_US US_PER_HOUR

struct twice_mark {
    int64_t seq;               /* of the inbox: looked at for good, and everything before it */
    int64_t next_seq, next_us; /* numbers that were given at next_us; 0: not known */
};
struct twice_reach {
    struct twice_mark mark; /* as it stands */
    int64_t last_seq;       /* the newest that can be seen */
    int64_t settled_seq;    /* what is not seen up to it will never be there */
};
MUST_USE enum err twice_reach(
    struct store *store, int64_t now_us, struct twice_reach *ret, struct err_info *reterr);

struct twice {
    int64_t scope;
    struct str event_id;
    int64_t first_seq, second_seq;
};
/* Each that stands in (after_seq, to_seq], with the first other one there is, wherever that stands;
 * in the order of scopes, ids and numbers. Takes as long as those rows are. */
MUST_USE enum err twice_find(struct store *store,
    int64_t scope, /* 0: all */
    int64_t after_seq,
    int64_t to_seq,
    struct arena *arena,
    struct twice **ret_rows,
    uint32_t *ret_count,
    struct err_info *reterr);
/* Those that are kept stay as they are. */
MUST_USE enum err twice_keep(
    struct store *store, const struct twice *rows, uint32_t count, struct err_info *reterr);
/* Nothing, when somebody else has moved it since it was read. */
MUST_USE enum err twice_move(struct store *store,
    const struct twice_mark *from,
    const struct twice_mark *to,
    struct err_info *reterr);
