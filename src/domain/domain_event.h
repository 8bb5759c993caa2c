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
 * Layer: domain. Table: domain_event.def.
 */
#pragma once

#include "domain/record.h"

enum domain_event_type {
#define EVENT(name, text, aggregate, class, schema, help) EVENT_##name,
#include "domain/domain_event.def"
#undef EVENT
    EVENT_TYPE_COUNT
};
_Static_assert(EVENT_TYPE_COUNT <= 62, "milestones are bits of an int64_t");

#define MILESTONE_BIT(type) (INT64_C(1) << (type)) /* in the `milestones` field of a record */

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
enum id_kind domain_event_aggregate(enum domain_event_type type);
bool domain_event_is_milestone(enum domain_event_type type);
int domain_event_schema(enum domain_event_type type);
const char *domain_event_help(enum domain_event_type type);

/* The event's own data as one JSON object, e.g. {"payment":{...},"attempt_id":"cf_att_..."}:
 * `record` is the aggregate as the event left it. Golden files hold the shape; a change needs a new
 * schema version. */
void domain_event_body(const struct domain_event *event, const void *record, struct buf *to);
