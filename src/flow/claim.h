/* claim: inbox events that a worker has claimed, and what they say.
 *
 * Decoding is pure, so it may run on another thread than the worker's, beside commits that are none
 * of the claim's business; never at the same time as another verb of the same claim.
 *
 * Layer: flow.
 */
#pragma once

#include "store/inbox.h"
#include "provider/provider.h"

struct decoded {
    enum err err;                      /* why it says nothing */
    struct str error_text;             /* when err is not ERR_OK */
    const struct notice_list *notices; /* when it is */
};

struct claim {
    int64_t token;
    struct inbox_event *events;
    uint32_t count;
    uint32_t done; /* decided so far; the others stand behind them */
    /* What events[decoded_from .. decoded_from + decoded_count) say, one entry each. */
    struct decoded *decoded;
    uint32_t decoded_from, decoded_count;
    struct arena *events_arena;
    struct arena *notices_arena;
};

/* False without memory; claim_fini is due either way. */
MUST_USE bool claim_init(struct claim *claim);
void claim_fini(struct claim *claim);
void claim_drop(struct claim *claim);          /* has no events any more */
bool claim_is_open(const struct claim *claim); /* some of it is not decided */

/* In the store's transaction: takes what is due, at most row_max events, for lease_us. */
MUST_USE enum err claim_take(struct claim *claim,
    struct store *store,
    struct env *env,
    int64_t now_us,
    int64_t lease_us,
    uint32_t row_max,
    struct err_info *reterr);

/* Decodes the next `count` events, unless that is done. An event that cannot be decoded is not an
 * error of this. ERR_TOO_LARGE: together they need more memory than a batch may have; fewer may
 * not. */
MUST_USE enum err claim_decode(
    struct claim *claim, const struct provider_ops *provider, uint32_t count);
