/* What stands in inbox_event, for events whose work is known. */
#include "store/inbox.h"
#include "store/internal.h"

#define ROOT "(SELECT coalesce(s.above, s.scope) FROM scope s WHERE s.scope = e.scope)"
static const struct sql_statement event_read = {
    .text = "SELECT e.scope, e.event_id, e.type, e.api_version, e.subject, e.occurred_at_us, "
            "e.received_us, e.body, " ROOT " FROM inbox_event e WHERE e.seq = ?1",
    .parameters = "i",
    .postgres_set =
        "SELECT p.n, e.scope, e.event_id, e.type, e.api_version, e.subject, e.occurred_at_us, "
        "e.received_us, e.body, " ROOT " "
        "FROM unnest(?1) WITH ORDINALITY p (seq, n) JOIN inbox_event e ON e.seq = p.seq",
};

struct event_walk {
    struct inbox_event **events;
    struct arena *arena;
    struct err_info *reterr;
    uint32_t found;
};

static enum err take_event(
    void *context, uint32_t index, const struct sql_value *columns, uint32_t column_count)
{
    (void)column_count;
    struct event_walk *walk = context;
    struct inbox_event *event = walk->events[index];
    event->scope = column_int(&columns[0]);
    event->occurred_at_us = column_int(&columns[5]);
    event->received_us = column_int(&columns[6]);
    event->root = column_int(&columns[8]);
    walk->found++;
    if (!column_copy(walk->arena, &columns[1], &event->event_id) ||
        !column_copy(walk->arena, &columns[2], &event->type) ||
        !column_copy(walk->arena, &columns[3], &event->api_version) ||
        !column_copy(walk->arena, &columns[4], &event->subject) ||
        !column_copy(walk->arena, &columns[7], &event->body)) {
        return store_out_of_room(walk->reterr);
    }
    return ERR_OK;
}

enum err inbox_bodies(struct store *store,
    struct inbox_event **events,
    uint32_t count,
    struct arena *arena,
    struct err_info *reterr)
{
    struct parameters seqs = parameters_new(store->scratch, &event_read, count);
    if (seqs.values == NULL) {
        return store_out_of_room(reterr);
    }
    for (uint32_t i = 0; i < count; i++) {
        parameters_add(&seqs, sql_int(events[i]->seq));
    }
    struct event_walk walk = {events, arena, reterr, 0};
    TRY(sql_run(store->engine, &event_read, seqs.values, count, take_event, &walk, NULL, reterr));
    ENSURE(walk.found == count);
    return ERR_OK;
}
