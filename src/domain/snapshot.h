/* snapshot: what all decides share: which snapshot of an object stands, which facts are new, and
 * times that may be unknown. Private to this folder.
 *
 * Layer: domain.
 */
#pragma once

#include "domain/decide.h"
#include "domain/life.h"

/* What a record keeps about the snapshot that it shows. */
struct said {
    bool known; /* false: no snapshot of this object was ever taken */
    struct stamp stamp;
    int64_t content;
};

struct verdict {
    enum standing standing;
    bool takes;   /* the notice becomes the snapshot that the record shows */
    bool settles; /* the record's `contested` is to be what the caller says */
    bool late;    /* what is learned now is learned from something that does not stand */
};

enum standing snapshot_standing(const struct said *said, struct stamp stamp, int64_t content);

/* Requires `tie` to be said for a STANDING_TIE; it may be for a STANDING_SAME, whose set may be
 * contested. */
struct verdict snapshot_judge(enum standing standing, enum tie tie);

/* Was a currency changed? An empty one says nothing. */
bool currency_differs(struct currency a, struct currency b);

/* The id that a link names, or none. */
struct own_id link_target(struct link link, struct own_id id);

/* Learns what a link names and never forgets it. False, with nothing changed, when the record knows
 * another one already. */
MUST_USE bool link_learn(struct own_id *known, struct link link, struct own_id id);

/* The earlier of two times, either of which may be unknown. Unknown is 0, and what no calendar has.
 */
int64_t time_earliest(int64_t a_us, int64_t b_us);

/* The object's own time where it has one, else the notice's. */
int64_t time_of_object(int64_t created_at_us, struct stamp stamp);

/* When something came about that the object has no time of its own for: when the object was made,
 * if the notice is hardly younger (a declined card is declined at once), else at the notice's time.
 * It looks at this one notice alone, so the same notice gives the same time whatever came before
 * it. */
int64_t time_of_outcome(int64_t created_at_us, struct stamp stamp);

/* Publishes `event` unless its bit in *milestones says that it was, and sets the bit. */
void milestone_learn(struct decision *decision, int64_t *milestones, struct domain_event event);
bool milestone_is_known(int64_t milestones, enum domain_event_type type);

void decision_add(struct decision *decision, struct domain_event event);

/* `changed`: any field of any record, or a milestone. */
enum effect decision_effect(struct verdict verdict, bool changed);
