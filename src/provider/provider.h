/* provider: the port to payment providers: proof at the door, decoding into notices.
 *
 * Verify once, with secret and clock; decode is pure: same bytes, same notices, for ever.
 *
 * Layer: provider (port). Drivers hang below it (provider/stripe) and are named by cli only.
 */
#pragma once

#include "base/arena.h"
#include "domain/notice.h"

/* A request as it came in; all borrowed. */
struct message {
    struct str body;
    struct str signature;    /* the provider's signature header; empty when absent */
    bool signature_repeated; /* the header stood there more than once */
};

/* What an account of the configuration brings: borrowed by the flow until the next reload. */
struct provider_account {
    struct str name;        /* label in the configuration and in the URL */
    struct str account_key; /* the provider's account id, or the label when none was configured */
    bool live;              /* environment */
    uint32_t secret_count;
    const struct str *secrets; /* signing secrets, any of which may prove */
};

/* Why a body that is proven changes nothing by itself; kept with the inbox event. reasons.def:
 * REASON(NAME, "word", "help"); NONE is the first. */
enum reason {
#define REASON(name, word, help) REASON_##name,
#include "provider/reasons.def"
#undef REASON
    REASON_COUNT
};
const char *reason_word(enum reason reason); /* "not_utf8" */
const char *reason_help(enum reason reason);
bool reason_parse(struct str word, enum reason *ret_reason);

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

/* Why a message was not proven: for the log and metrics, never for the sender. */
enum unproven {
    UNPROVEN_NO_HEADER,
    UNPROVEN_HEADER_MALFORMED,
    UNPROVEN_NO_SIGNATURE, /* no usable v1 value */
    UNPROVEN_NO_MATCH,
    UNPROVEN_TOO_OLD,
    UNPROVEN_EMPTY_BODY,
    UNPROVEN_COUNT
};
const char *unproven_word(enum unproven unproven);

/* An inbox event as decode gets it. */
struct stored_event {
    struct str body;
    struct str type;
    int64_t occurred_at_us;
};

struct notice_list {
    uint32_t count;
    struct notice *notices; /* in the arena; in the order in which they shall be taken */
    enum reason reason;     /* why there are none: recorded */
    bool truncated;         /* an embedded list was incomplete */
};

struct provider_ops {
    const char *name; /* "stripe"; the scope's provider */

    /* must; the only one that sees a secret and the clock. Proves `message` and reads its
     * envelope. ERR_UNPROVEN with *ret_unproven; ERR_BUSY when the arena is too small. A proven
     * body always gives ERR_OK: what is odd about it stands in envelope.reason. Thread-safe. */
    MUST_USE enum err (*verify)(const struct provider_account *account,
        const struct message *message,
        int64_t now_us,
        struct arena *arena,
        struct envelope *ret_envelope,
        enum unproven *ret_unproven);

    /* must; pure. ERR_OK with no notices and a reason: recorded. ERR_MALFORMED, ERR_INVALID,
     * ERR_OVERFLOW: a permanent error, *reterr names the field. ERR_TOO_LARGE: bounds.
     * Thread-safe. */
    MUST_USE enum err (*decode)(const struct stored_event *event,
        struct arena *arena,
        struct notice_list *ret_notices,
        struct err_info *reterr);

    /* must; pure. Two events of one object in one second: does `later` itself prove
     * that it directly follows `earlier` (Stripe: previous_attributes)? False when
     * it cannot tell or cannot parse. */
    bool (*follows)(struct str later_body, struct str earlier_body, struct arena *arena);

    /* must; pure. Which of two renderings of one event to decode: > 0 when version `a` is newer. */
    int (*compare_versions)(struct str a, struct str b);
};

/* Words for `counterfoil mapping`, `init` and `doctor`: the event types to enable. */
struct provider_event_type {
    const char *type;
    enum reason reason; /* NONE: mapped */
};
