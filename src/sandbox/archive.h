/* archive: what a provider's API has to list: the newest events as they were delivered, and the
 * objects that they were about, each in the order in which it was made. Pure, as the merchant is.
 *
 * An object is rendered as it is now, or as its only event showed it where the merchant does not
 * keep it; an event is rendered as it was made.
 *
 * Layer: sandbox. Table: resources.def.
 */
#pragma once

#include "sandbox/merchant.h"

#define ARCHIVE_LIMIT_MAX 100 /* of one page */
#define ARCHIVE_TYPES_MAX 20

enum resource {
#define RESOURCE(name, object, path, subject, params) RESOURCE_##name,
#include "sandbox/resources.def"
#undef RESOURCE
    RESOURCE_COUNT
};
enum list_param {
    PARAM_NONE = 0,
    PARAM_CUSTOMER = 1,
    PARAM_INTENT = 2,
    PARAM_CHARGE = 4,
    PARAM_STATUS = 8,
    PARAM_OF_EVENTS = 16,
    PARAM_DESTINATION = 32,
    PARAM_EXPAND = 64,
    PARAM_OF_LINES = 128
};

extern const struct resource_row {
    const char *object, *path; /* "payment_intent", "payment_intents" */
    enum subject subject;
    unsigned params; /* bits of enum list_param */
} resource_rows[RESOURCE_COUNT];

struct archive_config {
    const struct merchant *merchant; /* borrowed; not forgetful */
    uint32_t events_max;             /* the oldest make room */
    uint32_t objects_max;            /* of each resource; the oldest make room */
    size_t event_bytes_max;          /* bodies, likewise */
    enum api_version version;        /* of objects that the merchant does not keep */
};

struct archive;

struct archive *archive_new(const struct archive_config *config); /* NULL without memory */
struct archive *archive_free(struct archive *archive);
DEFINE_CLEANUP(struct archive *, archive_free);

const struct merchant *archive_merchant(const struct archive *archive); /* borrowed */

/* An event has been made; what it is about exists from now on. ERR_BUSY: no memory, it is not kept.
 */
MUST_USE enum err archive_add(struct archive *archive, const struct merchant_event *event);
/* It was acknowledged: no webhook is pending any more. Nothing when it is kept no longer. */
void archive_delivered(struct archive *archive, struct str event_id);

enum delivery_filter { DELIVERY_ANY, DELIVERY_DONE, DELIVERY_PENDING };

/* All that is given must hold. Texts are borrowed. */
struct archive_query {
    uint32_t owner;                           /* on whose account; see merchant.h */
    uint32_t limit;                           /* 1 to ARCHIVE_LIMIT_MAX */
    struct str starting_after, ending_before; /* ids of the resource; at most one of them */
    int64_t created_from_s, created_to_s;     /* both included */
    struct str customer, payment_intent, charge, destination;
    struct str payout, source, currency; /* of lines */
    struct str types[ARCHIVE_TYPES_MAX]; /* of events; "charge.*" too */
    uint32_t type_count;                 /* 0: all */
    enum delivery_filter delivery;
    bool
        whole; /* not a filter: objects with the lists in them that are left out unless asked for */
    bool with_ended; /* subscriptions that are over too */
};
#define ARCHIVE_QUERY_ALL                                                                          \
    ((struct archive_query){.limit = 10, .created_from_s = INT64_MIN, .created_to_s = INT64_MAX})

struct archive_page {
    uint32_t count;
    bool more;                        /* beyond the page, in the direction that was asked for */
    uint64_t rows[ARCHIVE_LIMIT_MAX]; /* newest first, for archive_render; until the next add */
};

/* ERR_NOT_FOUND: what the page is to start after or to end before is not there. */
MUST_USE enum err archive_list(const struct archive *archive,
    enum resource resource,
    const struct archive_query *query,
    struct archive_page *ret_page);
/* ERR_NOT_FOUND. Deleted objects are found, and no longer listed. */
MUST_USE enum err archive_find(const struct archive *archive,
    enum resource resource,
    uint32_t owner,
    struct str id,
    uint64_t *ret_row);
/* How it is rendered is for objects that the merchant keeps; of others it was chosen when they were
 * made. */
void archive_render(const struct archive *archive,
    enum resource resource,
    uint64_t row,
    struct merchant_rendering rendering,
    struct buf *to);
/* A list in it; see merchant_render_list. An empty one of what the merchant does not keep. */
void archive_render_list(const struct archive *archive,
    enum resource resource,
    uint64_t row,
    struct str name,
    enum api_version version,
    struct buf *to);
