/* event_line: domain events as people and programs read them, and which of them are wanted.
 *
 * Layer: cli; for events and watch.
 */
#pragma once

#include "store/feed.h"
#include "cli/command.h"

/* What the event's own data say of the object; all in the entry's or the arena's memory. */
struct event_summary {
    char money[MONEY_TEXT_BYTES]; /* empty: it has no amount */
    bool has_amount;
    int64_t amount_minor;
    struct currency currency;
    struct str state; /* empty: it has none */
};
struct event_summary event_summary_read(const struct feed_entry *entry, struct arena *arena);

/* A line for people, and its end. */
void event_line_text(const struct feed_entry *entry, struct arena *arena);
/* A line for programs, and its end; `line` is cleared before. */
void event_line_json(const struct feed_entry *entry, struct buf *line);

/* --type and --kind. */
struct event_filter {
    struct str type, kind_word; /* as they were given; empty: all */
    bool type_is_family;        /* `payment.*` */
    enum id_kind kind;
};
/* Reads the words. ERR_USAGE: there is no such type or kind, which was said. */
MUST_USE enum err event_filter_take(struct command_context *context, struct event_filter *filter);
bool event_is_wanted(const struct event_filter *filter, const struct feed_entry *entry);
