/* domain_event: what we accept as having happened; the business may rely on these and on nothing
 * else.
 *
 * Whatever the order in which notices come, the same ones publish the same set of milestones (type,
 * aggregate, attempt). What a milestone carries beside that is about its publication and may depend
 * on who told of it first: `late`, and `occurred_at_us` where several notices prove one fact (a
 * success is dated by the attempt that proves it, or by the payment's own event, whichever comes
 * first; the record's succeeded_at and opened_at do not depend on it). Changes depend on the order
 * altogether.
 *
 * Layer: domain. Tables: aggregates.def, other_event.def.
 */
#pragma once

#include "domain/record.h"

enum domain_event_type {
#define EVENT(NAME, event, text, class, schema, help) EVENT_##NAME##_##event,
#include "domain/aggregates.def"
    EVENT_TYPE_COUNT,

    /* Those of what is no aggregate. */
    EVENT_OTHER_BEGIN = EVENT_TYPE_COUNT - 1,
#define OTHER_EVENT(ABOUT, NAME, text, class, schema, help) EVENT_##ABOUT##_##NAME,
#include "domain/other_event.def"
#undef OTHER_EVENT
    EVENT_ALL_COUNT
};

enum {
/* For states that prove nothing. */
#define AGGREGATE(NAME, name, prefix, help) EVENT_##NAME##_NONE = -1,
#include "domain/aggregates.def"
/* Counts the events of each aggregate: two marks and what stands between them. */
#define AGGREGATE(NAME, name, prefix, help) MARK_##NAME##_BEGIN,
#define EVENT(NAME, event, text, class, schema, help) MARK_##NAME##_##event,
#define END(NAME, name) MARK_##NAME##_END,
    MARK_NONE = -1,
#include "domain/aggregates.def"
#define AGGREGATE(NAME, name, prefix, help)                                                        \
    EVENT_##NAME##_FIRST = MARK_##NAME##_BEGIN - 2 * ID_##NAME,                                    \
    EVENT_##NAME##_COUNT = MARK_##NAME##_END - MARK_##NAME##_BEGIN - 1,
#include "domain/aggregates.def"
};

struct domain_event {
    enum domain_event_type type;
    struct own_id aggregate_id;
    struct own_id attempt_id; /* none unless it is about one attempt */
    int64_t
        occurred_at_us; /* from the provider's object where it has a time, else from its event */
    bool late;          /* learned from something older than what we knew */
};

const char *domain_event_name(enum domain_event_type type); /* "payment.succeeded" */
bool domain_event_parse(struct str name, enum domain_event_type *ret_type);
/* What it is about, and the aggregate's kind; ID_KIND_COUNT: it is about none. */
enum event_about { ABOUT_AGGREGATE, ABOUT_LINE, ABOUT_DISCREPANCY };
enum event_about domain_event_about(enum domain_event_type type);
const char *domain_event_about_word(enum domain_event_type type); /* "payment", "line" */
enum id_kind domain_event_aggregate(enum domain_event_type type);
bool domain_event_is_milestone(enum domain_event_type type);
/* Its bit in the `milestones` field of its aggregate's records. */
int64_t milestone_bit(enum domain_event_type type);
int domain_event_schema(enum domain_event_type type);
const char *domain_event_help(enum domain_event_type type);

/* The event's own data as one JSON object, e.g. {"payment":{...},"attempt_id":"cf_att_..."}:
 * `record` is the aggregate as the event left it. Golden files hold the shape; a change needs a new
 * schema version. */
void domain_event_body(const struct domain_event *event, const void *record, struct buf *to);
