/* feed: domain events with positions without gaps, per scope; append-only; also the outbox.
 *
 * The feed head is updated by the last statements before the commit, so no reader can overtake a
 * late commit.
 *
 * Layer: store.
 */
#pragma once

#include "domain/domain_event.h"
#include "store/store.h"

struct feed_entry {
    int64_t scope;
    int64_t position; /* out of append */
    enum domain_event_type type;
    int schema;
    struct own_id aggregate_id, attempt_id;
    int64_t occurred_at_us, recorded_at_us;
    int64_t cause_seq; /* the inbox event that brought it */
    bool late;
    struct str body; /* JSON object */
};

/* Gives positions in the order of the rows and writes them. Call last, just before the commit. */
MUST_USE enum err feed_append(struct store *store,
    struct arena *arena,
    struct feed_entry *entries,
    uint32_t count,
    struct err_info *reterr);

/* Entries of `scope` with position > after, in order, at most limit. */
MUST_USE enum err feed_read(struct store *store,
    int64_t scope,
    int64_t after,
    uint32_t limit,
    struct arena *arena,
    struct feed_entry **ret_entries,
    uint32_t *ret_count,
    struct err_info *reterr);
/* The same, of one aggregate. */
MUST_USE enum err feed_read_of(struct store *store,
    struct own_id aggregate,
    int64_t scope,
    int64_t after,
    uint32_t limit,
    struct arena *arena,
    struct feed_entry **ret_entries,
    uint32_t *ret_count,
    struct err_info *reterr);
/* All of one aggregate, in order: for its timeline. */
MUST_USE enum err feed_of(struct store *store,
    struct own_id aggregate,
    struct arena *arena,
    struct feed_entry **ret_entries,
    uint32_t *ret_count,
    struct err_info *reterr);
