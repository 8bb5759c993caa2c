/* workset: everything one projection batch touches, in memory: the aggregates its notices name,
 * loaded in few round trips, changed by decide, written back once each.
 *
 *   add notices -> load -> take each notice -> save
 *
 * A worker's; lives in the batch's arena, so it is never freed by itself.
 *
 * Layer: flow.
 */
#pragma once

#include "domain/decide.h"
#include "store/feed.h"
#include "store/inbox.h"
#include "store/records.h"
#include "store/refetch.h"
#include "store/refs.h"
#include "provider/provider.h"

struct workset;
struct accounts;

struct workset_setup {
    struct store *store;   /* inside a transaction from load to feed */
    struct arena *arena;   /* everything lives here */
    struct arena *scratch; /* reset at will */
    struct buf *body;      /* for rendering domain events */
    struct env *env;
    const struct provider_ops *provider;
    int64_t now_us;
    uint32_t event_max;              /* how many events will be added */
    const struct accounts *accounts; /* as whose policies the books are posted; NULL: defaults */
};

/* NULL when the arena has no room. */
struct workset *workset_new(const struct workset_setup *setup);

/* Remembers an event with its notices; both must outlive the set. ERR_TOO_LARGE: arena. */
MUST_USE enum err workset_add(
    struct workset *set, const struct inbox_event *event, const struct notice_list *notices);

/* Finds or makes the own ids of all that the notices name, and loads it, locked. */
MUST_USE enum err workset_load(struct workset *set, struct err_info *reterr);

/* Takes all notices of the `index`th added event. On ERR_OK *ret_status is APPLIED or STALE. An
 * error of class INPUT is the event's own: nothing of it was taken. Others are the store's. */
MUST_USE enum err workset_take(
    struct workset *set, uint32_t index, enum work_status *ret_status, struct err_info *reterr);

/* Writes records and effects. The feed is left to workset_feed, which must come last. */
MUST_USE enum err workset_save(struct workset *set, struct err_info *reterr);
MUST_USE enum err workset_feed(struct workset *set, struct err_info *reterr);

/* The objects that were contested, or not seen whole, by what was taken: for refetch_want(). */
struct refetch_want *workset_wants(struct workset *set, uint32_t *ret_count);

struct workset_counts {
    uint32_t domain_events, contested, unexpected_moves;
};
struct workset_counts workset_counts(const struct workset *set);
