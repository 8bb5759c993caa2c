/* envelope: the outside of a proven delivery, in our words: made by a provider at the door, kept by
 * the store.
 *
 * Layer: domain.
 */
#pragma once

#include "domain/reason.h"

/* What stands on the outside of a proven body: enough to store and to find it. Borrows body and
 * arena. Every text is NUL-free UTF-8 within its bound in limits.h. */
struct envelope {
    struct str event_id;    /* never empty: a body without a usable id gets "sha256:<64 hex>" */
    struct str type;        /* "" when unknown */
    struct str api_version; /* "" when absent */
    struct str account;     /* connected account that it came from; "" is the endpoint's own */
    struct str subject;     /* provider id of the object it is about; "" when none */
    int64_t occurred_at_us; /* the provider's time of the event; 0 when unknown */
    int64_t proof_at_us;    /* time inside the signature */
    bool live;
    bool clock_skewed;          /* signed more than 5 s in our future */
    bool text_replaced;         /* escaped NULs or lone surrogates stand as U+FFFD */
    uint32_t secret_index;      /* which secret proved it */
    enum reason reason;         /* NONE: to be decoded; else recorded at once */
    uint8_t body_sha256[32];    /* of the exact bytes */
    uint8_t content_sha256[32]; /* of the bytes without what varies per delivery */
};
