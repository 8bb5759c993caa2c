/* provider: the port to payment providers: proof at the door, decoding into notices.
 *
 * Verify once, with secret and clock; decode is pure: same bytes, same notices, for ever.
 *
 * Layer: provider (port). Drivers hang below it (provider/stripe) and are named by cli only.
 */
#pragma once

#include "base/arena.h"
#include "domain/envelope.h"
#include "domain/notice.h"
#include "provider/fetch.h"

/* A request as it came in; all borrowed. */
struct message {
    struct str body;
    struct str signature;    /* value of the provider's proof_header; empty when absent */
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

/* Was a field there that the decoder looked for? Static text. */
struct field_seen {
    const char *object, *path; /* "charge", "amount" */
    bool seen;
};

/* A thin event carries no data. What its twin, the event that does, is called, and which object may
 * be asked for when no twin comes. */
struct thin_says {
    struct str twin;   /* event id; empty: it names none */
    bool can_be_asked; /* the object is of a kind that is modelled */
    enum id_kind kind;
    struct str object; /* provider id */
};

struct notice_list {
    uint32_t count;
    struct notice *notices; /* in the arena; in the order in which they shall be taken */
    enum reason reason;     /* why there are none: recorded */
    bool truncated;         /* an embedded list was incomplete */
    bool is_answer;         /* was asked for, so there is no more to be had by asking */
    /* May: the twin of this thin event is awaited; there are no notices, and `reason` is what
     * becomes of it when nothing more can be had. */
    const struct thin_says *thin;

    /* How the event looked, for flow/drift: fields of its own object, in the arena. */
    struct field_seen *fields;
    uint32_t field_count;
    struct str unknown_word;     /* a status that no table knows; empty: none */
    const char *unknown_word_of; /* "charge.status" */
};

struct statement_ops;

struct provider_ops {
    const char *name; /* "stripe"; the scope's provider */

    const char *proof_header; /* must; the HTTP header by which verify proves a message */

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

    const struct provider_api_ops *api;    /* may; see fetch.h */
    const struct statement_ops *statement; /* may; see statement.h */

    const char *newest_version; /* must; newer ones are decoded as this one, and counted */

    /* must; pure. Which of two renderings of one event to decode: > 0 when version `a` is newer. */
    int (*compare_versions)(struct str a, struct str b);
};

/* Words for `counterfoil mapping`, `init` and `doctor`: the event types to enable. */
struct provider_event_type {
    const char *type;
    enum reason reason; /* NONE: mapped */
    bool past;          /* sent by older versions: no endpoint can be given it any more */
};
