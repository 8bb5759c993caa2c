/* gapscan_inside: what the files of the gap scan share. Private to them.
 *
 *   gapscan.c        turns, pages, failures
 *   gapscan_marks.c  which scan is due and how far it reaches; what stands in the store of it
 *
 * Layer: flow.
 */
#pragma once

#include "base/limits.h"
#include "flow/backfill.h"
#include "flow/gapscan.h"

enum { GAPSCAN_LANES = 4 };

/* One kind of scan: of the account or of those connected to it, frequent or daily. */
struct gapscan_lane {
    bool below, daily;
    struct backfill *walk; /* NULL: none is under way */
    uint32_t pages;        /* of it */
    int64_t scope;         /* of the scan that is under way, or was the last */
    char connected[LIMIT_PROVIDER_ID_BYTES + 1]; /* whose that is; "" for the account's own */
    int64_t from_us, to_us;
    int64_t lease_us;   /* until then other nodes leave it alone */
    int64_t due_us;     /* when to look again */
    int64_t backoff_us; /* 0: nothing failed */
};

struct gapscan {
    struct gapscan_setup setup;
    struct gapscan_lane lanes[GAPSCAN_LANES];
    uint32_t turn;
    int64_t root; /* the account's scope; 0: not known yet */
    struct arena *arena;
};

/* Begins the scan that is due in the lane, or sets due_us. */
MUST_USE enum err gapscan_begin(
    struct gapscan *gapscan, struct gapscan_lane *lane, int64_t now_us, struct err_info *reterr);

/* Before each page: other nodes leave the scan alone for some minutes more. One that has become
 * another node's, because this one was away for longer, ends here: walk is NULL. */
MUST_USE enum err gapscan_hold(
    struct gapscan *gapscan, struct gapscan_lane *lane, int64_t now_us, struct err_info *reterr);

/* A scan ends as if it had not begun. */
MUST_USE enum err gapscan_give_back(
    struct gapscan *gapscan, struct gapscan_lane *lane, struct err_info *reterr);

/* Its end, in the store and in the report. */
MUST_USE enum err gapscan_finish(struct gapscan *gapscan,
    struct gapscan_lane *lane,
    int64_t now_us,
    struct gapscan_report *report,
    struct err_info *reterr);

/* The failure of a connected account's scan, in the store and in the report. */
MUST_USE enum err gapscan_note_failure(struct gapscan *gapscan,
    const struct gapscan_lane *lane,
    bool refused,
    int64_t now_us,
    struct gapscan_report *report,
    struct err_info *reterr);
