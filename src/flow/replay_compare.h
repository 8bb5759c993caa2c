/* replay_compare: the live derived rows and the rebuilt ones, side by side in key order, a page of
 * either in memory.
 *
 * Layer: flow.
 */
#pragma once

#include "store/derived.h"

/* Borrowed for the call. A row that stands on one side only has no other and no field. */
struct replay_difference {
    int table;                                /* of store/derived.h; DERIVED_COUNT: inbox_total */
    const struct derived_row *live, *rebuilt; /* one of them may be NULL */
    uint32_t field;                           /* the first, when both are there */
    const struct derived_total *live_total, *rebuilt_total; /* of inbox_total; likewise */
};
typedef void replay_difference_fn(void *context, const struct replay_difference *difference);

struct replay_comparison {
    int64_t live[DERIVED_COUNT], rebuilt[DERIVED_COUNT]; /* rows */
    int64_t differing[DERIVED_COUNT + 1];                /* rows; the last: of inbox_total */
    int64_t different;                                   /* all of them */
};

/* Inside a transaction of either store. Calls `on_difference` for each field that differs. */
MUST_USE enum err replay_compare(struct store *live,
    struct store *shadow,
    replay_difference_fn *on_difference,
    void *context,
    struct replay_comparison *ret,
    struct err_info *reterr);
