/* gapscan: compares what the provider says there was with what the inbox has, again and again, and
 * fetches what is missing.
 *
 * Every `every_us` a scan goes back to `overlap_us` before the end of the last one, and once a day
 * 72 h back, or to that end if it is older. It ends `lag_us` ago: what is younger may still be on
 * its way. How far it came stands in the store, so that several nodes, and a restart, share the
 * work.
 *
 * Layer: flow.
 */
#pragma once

#include "store/store.h"
#include "flow/accounts.h"

struct gapscan;

struct gapscan_setup { /* all borrowed */
    struct store *store;
    const struct account *account;
    struct provider_api *api;
    struct env *env;
    const struct str *types; /* that are looked for: those that the mapping needs */
    uint32_t type_count;
    int64_t every_us, lag_us, overlap_us;
};

struct gapscan_report {
    bool finished; /* a scan ended with this step */
    /* Of that scan, or while none is due of the last one, whichever node made it. to_us is 0 while
     * one is under way, and before the first. */
    int64_t from_us, to_us;
    int64_t checked; /* events there were, at the provider */
    int64_t missing; /* of them not in the inbox when it looked; they are now */
    int64_t refused; /* of them larger than the inbox keeps */
};

struct gapscan *gapscan_new(const struct gapscan_setup *setup); /* NULL without memory */
struct gapscan *gapscan_free(struct gapscan *gapscan);          /* NULL does nothing */
DEFINE_CLEANUP(struct gapscan *, gapscan_free);

/* Begins a scan if one is due, and takes one page of it. *ret_wake_us: when to come again; now_us
 * when there is more. After an error back off and come again: the page is asked for once more, or,
 * where the provider refused it, the scan begins anew. */
MUST_USE enum err gapscan_step(struct gapscan *gapscan,
    int64_t now_us,
    struct gapscan_report *ret_report,
    int64_t *ret_wake_us,
    struct err_info *reterr);
