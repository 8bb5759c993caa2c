/* inbox: durable, immutable, numbered events of providers, and the work there is with each.
 *
 * inbox_event is append-only. inbox_work has one row per event for ever. A row is due while
 * due_at_us is not NULL; a partial index over the due ones keeps claims fast however many events
 * are kept.
 *
 *   status     due_at_us            meaning
 *   new        0                    never tried; due since ever, whatever the clock does
 *   claimed    end of the lease     a worker has it; past the lease its attempt never ended
 *   waiting    next look            the last attempt failed; without an error: another is awaited
 *   applied, stale, recorded, dead  NULL: decided
 *
 * Layer: store.
 */
#pragma once

#include "domain/decide.h"
#include "domain/envelope.h"
#include "domain/id.h"
#include "store/store.h"

enum work_status {
    WORK_NEW,
    WORK_CLAIMED,
    WORK_WAITING,
    WORK_APPLIED,
    WORK_STALE,
    WORK_RECORDED,
    WORK_DEAD,
    WORK_STATUS_COUNT
};
const char *work_status_word(enum work_status status);
bool work_status_parse(struct str word, enum work_status *ret_status);

enum channel { CHANNEL_WEBHOOK, CHANNEL_BACKFILL, CHANNEL_FETCH, CHANNEL_IMPORT, CHANNEL_COUNT };
const char *channel_word(enum channel channel);
bool channel_parse(struct str word, enum channel *ret_channel);

/* --- append --- */

struct inbox_append {
    int64_t scope;
    enum channel channel;
    const struct envelope *envelope; /* reason other than NONE: recorded at once */
    struct str body;
    struct str proof; /* "webhook acme-live secret 0 at 1492774577": never a secret */
    int64_t received_us;
    int64_t seq;    /* out: its place, or its first one's */
    bool duplicate; /* out */
};

/* Keeps the new ones, in one go. A duplicate has the same scope, event id and rendering (api
 * version, content hash) as a row that is kept, over whichever channel, or that stands earlier in
 * this very batch. */
MUST_USE enum err inbox_append(struct store *store,
    struct arena *arena,
    struct inbox_append *rows,
    uint32_t count,
    struct err_info *reterr);

/* What a list of the provider's tells that the inbox need not keep once more: an event that is
 * there in that api version, whatever its bytes; of CHANNEL_FETCH an object (event id
 * `object@second`) that was fetched before and said the very same. Sets ret_known[i]. */
MUST_USE enum err inbox_known(struct store *store,
    const struct inbox_append *rows,
    uint32_t count,
    bool *ret_known,
    struct err_info *reterr);

struct inbox_key {
    int64_t scope;
    struct str event_id;
};
/* Which events are there, in whichever rendering. Sets ret_there[i]. */
MUST_USE enum err inbox_has(struct store *store,
    const struct inbox_key *keys,
    uint32_t count,
    bool *ret_there,
    struct err_info *reterr);

/* --- claim and finish --- */

struct inbox_event {
    int64_t seq, scope;
    int64_t root;            /* for ref_scope() */
    int64_t attempts;        /* this one included */
    int64_t crashes;         /* earlier attempts that never ended */
    int64_t first_failed_us; /* 0: none failed */
    struct str event_id, type, api_version, subject;
    int64_t occurred_at_us, received_us;
    struct str body;
};

/* Claims due events for `lease_us`: at most row_max rows and about LIMIT_CLAIM_BYTES of bodies.
 * First those that were tried before, the longest due first, up to a quarter of both bounds (one is
 * always taken); then new ones, oldest first; then more of the former. When the one that comes
 * first is one whose last attempt never ended, it comes alone. The claim holds after the commit;
 * the token fences inbox_finish. */
MUST_USE enum err inbox_claim(struct store *store,
    int64_t token,
    int64_t now_us,
    int64_t lease_us,
    uint32_t row_max,
    struct arena *arena,
    struct inbox_event **ret_events,
    uint32_t *ret_count,
    struct err_info *reterr);

/* SQLite at the start of serve: claims of the process before are over. PostgreSQL: leases end by
 * time. */
MUST_USE enum err inbox_release_claims(
    struct store *store, int64_t now_us, struct err_info *reterr);

struct inbox_outcome {
    int64_t seq;
    enum work_status status; /* APPLIED, STALE, RECORDED, DEAD, WAITING */
    enum reason reason;      /* RECORDED */
    enum err error;          /* DEAD; WAITING, where OK says that nothing failed */
    struct str error_text;   /* of an error: names the field; no body, no person's data */
    int64_t due_us;          /* WAITING */
};
/* ERR_FENCED when any row no longer carries `token`: roll back, it is somebody else's. */
MUST_USE enum err inbox_finish(struct store *store,
    int64_t token,
    int64_t now_us,
    const struct inbox_outcome *outcomes,
    uint32_t count,
    struct err_info *reterr);

/* Gives claimed events back untouched, the attempt uncounted: a worker that stops with a claim in
 * hand. */
MUST_USE enum err inbox_unclaim(
    struct store *store, int64_t token, int64_t now_us, struct err_info *reterr);

/* Events that wait without an error, for something that has not come: those received until
 * `received_to_us` and due until `due_to_us`, the longest due first. */
struct inbox_awaiting {
    int64_t seq;
    int64_t due_us, received_us;
    struct str account_key, environment; /* of its scope */
    struct str root_key; /* of the account that it is connected to; its own: to none */
    struct str type, body;
    int64_t occurred_at_us;
};
MUST_USE enum err inbox_list_awaiting(struct store *store,
    int64_t received_to_us,
    int64_t due_to_us,
    uint32_t row_max,
    struct arena *arena,
    struct inbox_awaiting **ret_rows,
    uint32_t *ret_count,
    struct err_info *reterr);
/* Makes one of them due at `due_us`. *ret_moved is false when it does not wait any more, or is due
 * otherwise than it was listed: then leave it. */
MUST_USE enum err inbox_await_until(struct store *store,
    const struct inbox_awaiting *row,
    int64_t due_us,
    bool *ret_moved,
    struct err_info *reterr);
/* Records one of them. *ret_settled is false when it does not wait any more. */
MUST_USE enum err inbox_settle(struct store *store,
    int64_t seq,
    enum reason reason,
    int64_t now_us,
    bool *ret_settled,
    struct err_info *reterr);

/* When the next event is due; INT64_MAX when none is open. */
MUST_USE enum err inbox_next_due(struct store *store, int64_t *ret_due_us, struct err_info *reterr);

/* --- effects: what each event did to each object; the timeline, and the set that decides ties ---
 */

struct inbox_effect {
    int64_t seq;
    enum id_kind kind;
    struct own_id object_id; /* of the contributing object: payment, attempt, refund, customer */
    struct stamp stamp;
    enum effect effect;
    bool contested;
};
MUST_USE enum err effects_append(struct store *store,
    const struct inbox_effect *effects,
    uint32_t count,
    struct err_info *reterr);

/* The events of one object in one second with one rank, with their bodies, in the order of the
 * bodies' hashes: what is cut does not depend on which came first. At most LIMIT_TIE_EVENTS + 1, so
 * that the caller sees that there are too many. */
struct tie_event {
    int64_t seq;
    int64_t rank;
    struct str event_id, type, api_version, body;
    uint8_t body_sha256[32];
    int64_t occurred_at_us;
};
MUST_USE enum err effects_of_second(struct store *store,
    struct own_id object,
    int64_t at_us,
    int64_t rank,
    struct arena *arena,
    struct tie_event **ret_events,
    uint32_t *ret_count,
    struct err_info *reterr);

struct timeline_entry {
    struct inbox_effect effect;
    struct str event_id, type;
    int64_t occurred_at_us, received_us;
};
MUST_USE enum err effects_of_objects(struct store *store,
    const struct own_id *objects,
    uint32_t count,
    struct arena *arena,
    struct timeline_entry **ret_entries,
    uint32_t *ret_count,
    struct err_info *reterr);

/* --- looking, and what people do --- */

struct inbox_row { /* an event with its work, without the body */
    int64_t seq, scope;
    enum channel channel;
    struct str event_id, type, api_version, subject, proof;
    bool live;
    int64_t occurred_at_us, received_us, body_bytes;
    uint8_t body_sha256[32];
    enum work_status status;
    enum reason reason;
    int64_t attempts, crashes, due_us, first_failed_us, finished_us;
    struct str error_name, error_text;
};

struct inbox_filter { /* zeroed: everything */
    bool by_status;
    enum work_status status;
    struct str type;     /* exact, or a prefix ending in ".*" */
    struct str event_id; /* exact */
    struct str error;    /* exact error name, "MALFORMED" */
    int64_t scope;       /* 0: any */
    int64_t after_seq;
    int64_t received_from_us, received_to_us; /* 0: open; to is exclusive */
    bool newest_first;
    uint32_t limit; /* 0: 100 */
};
MUST_USE enum err inbox_list(struct store *store,
    const struct inbox_filter *filter,
    struct arena *arena,
    struct inbox_row **ret_rows,
    uint32_t *ret_count,
    struct err_info *reterr);
/* ERR_NOT_FOUND. The body is checked against its hash: ERR_STORE_IO when it differs. */
MUST_USE enum err inbox_get(struct store *store,
    int64_t seq,
    struct arena *arena,
    struct inbox_row *ret_row,
    struct str *ret_body,
    struct err_info *reterr);

struct inbox_stats {
    int64_t total;
    int64_t by_status[WORK_STATUS_COUNT];
    int64_t oldest_open_us;    /* received time of the oldest not decided; 0: none */
    int64_t oldest_waiting_us; /* received time; 0: none */
    int64_t oldest_dead_us;    /* received time; 0: none */
    uint32_t reason_count;
    int64_t by_reason[REASON_COUNT];
};
/* Counts; reads the index over open rows and a table of totals, never the whole inbox. */
MUST_USE enum err inbox_stats(
    struct store *store, struct inbox_stats *ret, struct err_info *reterr);

/* Dead letters: due again now with attempts from zero; or recorded as discarded. Only rows that are
 * dead change: *ret_changed. */
MUST_USE enum err dead_retry(struct store *store,
    const int64_t *seqs,
    uint32_t count,
    int64_t now_us,
    int64_t *ret_changed,
    struct err_info *reterr);
MUST_USE enum err dead_discard(struct store *store,
    const int64_t *seqs,
    uint32_t count,
    int64_t now_us,
    int64_t *ret_changed,
    struct err_info *reterr);
