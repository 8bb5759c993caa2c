/* life: the states of every aggregate and the moves between them.
 *
 * Snapshots may be lost or skipped, so the table holds every pair that a life can show, not only
 * neighbours. A move outside the table is accepted, because the newest snapshot is the truth, and
 * reported (decision.unexpected_move).
 *
 * Layer: domain. Table: aggregates.def.
 */
#pragma once

#include "domain/domain_event.h"

struct life_state {
    enum id_kind kind;
    const char *word;
    int fact; /* enum domain_event_type that it proves; -1: none */
    const char *help;
};
struct life_move {
    enum id_kind kind;
    int from, to; /* of the kind's own enum */
    const char *when;
};
const struct life_state *life_states(size_t *ret_count); /* of one kind in the order of its enum */
const struct life_move *life_moves(size_t *ret_count);

/* Staying is no move, and of a state that this version does not know nothing can be said. */
bool life_move_is_allowed(enum id_kind kind, int from, int to);
