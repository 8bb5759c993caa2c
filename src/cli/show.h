/* show: one object with all that belongs to it, as it is read from the store for `counterfoil
 * show`.
 *
 * Layer: cli; shared by the show*.c files. Table: show_parts.def.
 */
#pragma once

#include "store/discrepancies.h"
#include "store/feed.h"
#include "store/inbox.h"
#include "store/records.h"
#include "store/refs.h"
#include "cli/command.h"
#include "cli/show_payout.h"

#define PART_ANY (-1) /* in whatever state */

enum part_way { PART_WHOLE, PART_LINE, PART_LISTED };

/* The object that was asked for, or one of its parts. */
struct shown_object {
    enum id_kind kind;
    struct own_id id;
    const void *record;
    struct str *provider_ids;
    uint32_t provider_id_count;
    struct str *links; /* by field: the provider's id of what it names; of the first object only */
    uint32_t group;    /* of parts */
    enum part_way way;
    const struct price *price; /* what it costs, where it has no amount of its own; NULL: unknown */
    bool is_former;            /* LISTED: what it belongs to has it no more */
};

/* Parts of one key. */
struct shown_group {
    const char *key;
    enum part_way way;
    bool more; /* older ones are not shown */
};
enum {
#define PART(OF, PART, field, key, how, state, most) PART_ROW_##OF##_##PART,
#include "cli/show_parts.def"
#undef PART
    PART_ROW_COUNT
};

/* One line of the timeline: what an inbox event did, is about to do, or brought. One pointer is
 * set. */
struct moment {
    int64_t seq;                         /* of the inbox event */
    const struct timeline_entry *effect; /* it was decided */
    const struct inbox_row *open;        /* it is not, or never will be */
    const struct feed_entry *event;      /* a domain event that it caused */
};

struct shown {                    /* everything lives in the arena */
    struct shown_object *objects; /* the first is the one that was asked for */
    uint32_t object_count;
    struct shown_group
        groups[PART_ROW_COUNT]; /* all that such an object can have, empty ones too */
    uint32_t group_count;
    struct moment *moments; /* in the order in which things came in */
    uint32_t moment_count;
    struct scope_row scope;
    const struct payout_content *content; /* of a payout; NULL: of anything else */
    struct discrepancy *discrepancies;    /* that are not over, of it and its parts */
    uint32_t discrepancy_count;
};

/* Fills objects and groups: `record` and its parts. Inside a transaction. */
MUST_USE enum err show_gather(struct store *store,
    enum id_kind kind,
    const void *record,
    struct arena *arena,
    struct shown *shown,
    struct err_info *reterr);

/* Fills the objects' prices. Inside a transaction. */
MUST_USE enum err show_prices(
    struct store *store, struct arena *arena, struct shown *shown, struct err_info *reterr);
#define SHOW_PRICE_BYTES 200
/* "3 x 12.00 EUR a month, Pro"; empty without a price. */
void show_price(const struct shown_object *object, char to[static SHOW_PRICE_BYTES]);

/* What came of an event, in words: applied, or stale for which other event. */
void show_why(const struct shown *shown, const struct inbox_effect *effect, char *to, size_t size);
void show_text(const struct shown *shown, int64_t now_us);
/* Its fields alone. */
void show_object(const struct shown_object *object);
void show_json(const struct shown *shown);
