/* gapscan: compares what the provider says there was with what the inbox has, again and again, and
 * fetches what is missing: of an account, and of all accounts connected to it.
 *
 * Every `every_us` a scan goes back to `overlap_us` before the end of the last one, and once a day
 * 72 h back, or to that end if it is older. It ends `lag_us` ago: what is younger may still be on
 * its way. How far it came stands in the store, so that several nodes, and a restart, share the
 * work.
 *
 * Four scans may be under way, a page in turns: the frequent and the daily one of the account, and
 * one of each of an account connected to it, the one that is due longest. So none holds off
 * another. A connected account that fails waits by itself, at least an hour when the provider
 * refuses it.
 *
 * Layer: flow.
 */
#pragma once

#include "store/backfill.h"
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

enum gapscan_news {
    GAPSCAN_NOTHING, /* a page of a scan that goes on; or none is due */
    GAPSCAN_FINISHED,
    GAPSCAN_FAILED,  /* tried again at again_us, where it stopped or from its beginning */
    GAPSCAN_REFUSED, /* a connected account, by itself: tried again at again_us */
};

struct gapscan_report {
    enum gapscan_news news;
    struct str connected; /* whose scan it is, until the next step; empty: the account's own */
    bool daily;
    bool was_refused; /* FINISHED, REFUSED: so was the one before */
    /* FINISHED */
    int64_t from_us, to_us;
    int64_t checked;   /* events there were, at the provider */
    int64_t missing;   /* of them not in the inbox when it looked; they are now */
    int64_t too_large; /* of them larger than the inbox keeps */
    /* FAILED, REFUSED */
    enum err err;
    struct err_info info;
    int64_t again_us;
};

struct gapscan *gapscan_new(const struct gapscan_setup *setup); /* NULL without memory */
struct gapscan *gapscan_free(struct gapscan *gapscan);          /* NULL does nothing */
DEFINE_CLEANUP(struct gapscan *, gapscan_free);

/* Begins a scan if one is due, and takes one page of it, or of one that is under way. *ret_wake_us:
 * when to come again; now_us when there is more. */
void gapscan_step(struct gapscan *gapscan,
    int64_t now_us,
    struct gapscan_report *ret_report,
    int64_t *ret_wake_us);

/* What the last scans of all these accounts found, whichever node made them; zeros before the first
 * step. */
MUST_USE enum err gapscan_sums(
    struct gapscan *gapscan, struct gap_sums *ret, struct err_info *reterr);
