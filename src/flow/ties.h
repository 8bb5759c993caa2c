/* ties: decides which of several snapshots of one object in one second is the last, as a set, so
 * that the order of arrival does not matter.
 *
 * The set are the object's inbox events of that second with the highest rank, one rendering of each
 * event (newest API version, then smallest hash). The one that no other follows, by the provider's
 * own proof (provider_ops.follows), wins; if there is none (each of two proves to follow the other:
 * it was so, was changed, and was changed back) or more than one, the object is contested and the
 * smallest body hash stands.
 *
 * Layer: flow.
 */
#pragma once

#include "provider/provider.h"

struct tie_member {
    const struct notice *notice; /* about the object in question */
    struct str event_id, api_version, body;
    uint8_t body_sha256[32];
};

struct tie_verdict {
    const struct tie_member *winner;
    bool contested;
};

/* Pure. `members` (1 to LIMIT_TIE_EVENTS) have equal stamps; renderings of one event among them are
 * resolved here. The order of the members does not change the verdict. `scratch` is reset; no
 * member lives in it. */
struct tie_verdict ties_decide(const struct provider_ops *provider,
    const struct tie_member *members,
    uint32_t count,
    struct arena *scratch);

/* Pure. When there are too many to tell: contested, and the smallest hash stands. */
struct tie_verdict ties_too_many(const struct tie_member *members, uint32_t count);
