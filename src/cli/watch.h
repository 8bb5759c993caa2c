/* watch: what the live view shows at one moment.
 *
 * Layer: cli; shared by watch.c and watch_view.c.
 */
#pragma once

#include "store/inbox.h"
#include "store/records.h"
#include "cli/event_line.h"
#include "cli/scrape.h"

#define WATCH_EVENTS 8      /* the last few */
#define WATCH_CURRENCIES 12 /* more are summed up in one line */

struct watch_amount {
    struct currency currency;
    int64_t count, amount_minor, received_minor, refunded_minor;
    bool overflow; /* a sum does not fit: not shown */
};

struct watch_event {
    enum domain_event_type type;
    struct own_id aggregate_id;
    int64_t occurred_at_us, recorded_at_us;
    bool late, has_amount;
    int64_t amount_minor;
    struct currency currency;
    char money[MONEY_TEXT_BYTES];
    char state[32]; /* empty: it has none */
};

struct watch_view {
    int64_t now_us, running_us; /* the clock; since the watch began */
    const char *engine;         /* NULL: the store is not there */
    struct err_info away;       /* why */
    bool serve_answers;
    struct scrape scrape; /* when it does */
    struct inbox_stats stats;
    int64_t events;     /* domain events */
    int64_t per_second; /* kept in the last interval */
    int64_t payments_by_state[PAYMENT_STATE_COUNT];
    struct watch_amount amounts[WATCH_CURRENCIES];
    uint32_t amount_count, amounts_more;
    struct watch_event recent[WATCH_EVENTS]; /* newest first */
    uint32_t recent_count;
};

int64_t watch_received(const struct watch_view *view); /* deliveries kept, as far as is known */
int64_t watch_open(const struct watch_view *view);     /* new and claimed */

/* Lines for people, each ended by a newline. */
void watch_format_screen(const struct watch_view *view, struct buf *to);
void watch_format_line(const struct watch_view *view, struct buf *to);
void watch_format_json(const struct watch_view *view, bool is_summary, struct buf *to);
/* At the end: what happened between the two. */
void watch_format_summary(
    const struct watch_view *first, const struct watch_view *last, struct buf *to);
