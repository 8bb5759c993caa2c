/* show: one object with all that belongs to it, as it is read from the store for `counterfoil
 * show`.
 *
 * Layer: cli; shared by show.c and show_print.c.
 */
#pragma once

#include "store/feed.h"
#include "store/inbox.h"
#include "store/records.h"
#include "store/refs.h"
#include "cli/command.h"

/* The main object, or one of its attempts or refunds. */
struct shown_object {
    enum id_kind kind;
    struct own_id id;
    const void *record;
    struct str *provider_ids;
    uint32_t provider_id_count;
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
    struct moment *moments; /* in the order in which things came in */
    uint32_t moment_count;
    struct scope_row scope;
};

void show_text(const struct shown *shown, int64_t now_us);
void show_json(const struct shown *shown);
