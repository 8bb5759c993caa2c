/* replay: decides the events of the inbox once more, in the order of their numbers, into a shadow
 * of the derived half (store/shadow.h). Nothing is published, and nothing but the shadow is written
 * to.
 *
 * What the decoder was once asked about is decoded again by this version of the program: what was
 * applied, was stale, or was recorded for what it says. What the intake recorded unread, what a
 * person discarded, dead letters and open events are left as they are. Ids come from provider_ref;
 * one that is missing there, because an event was recorded when it came, is made in the shadow.
 *
 *   read -> turn -> take, until turn says that there is no more; then catch up, in transactions
 *   of the caller's, with what was decided meanwhile.
 *
 * Layer: flow.
 */
#pragma once

#include "store/inbox_read.h"
#include "provider/provider.h"

struct replay;

/* An event that would now be decided otherwise than it was. Borrowed for the call. */
struct replay_other {
    int64_t seq;
    struct str type;
    enum work_status was, now; /* `now` DEAD: it cannot be decided any more, `why` says what */
    enum reason was_reason, now_reason;
    struct str why;
};
typedef void replay_other_fn(void *context, const struct replay_other *other);

struct replay_setup {     /* all borrowed */
    struct store *live;   /* the inbox is read from it; may be open for reading only */
    struct store *shadow; /* after shadow_open() */
    const struct provider_ops *provider;
    struct env *env;
    int64_t received_to_us;    /* events that came later are left out; INT64_MAX: none */
    replay_other_fn *on_other; /* may be NULL */
    void *context;
};

struct replay_counts {
    int64_t passed;         /* events looked at */
    int64_t taken;          /* of them applied or stale, now */
    int64_t recorded, dead; /* of them kept as they are, or now recorded */
    int64_t open;           /* not decided yet, when they were looked at last */
    int64_t other;          /* would now be decided otherwise */
    int64_t read_to_seq;
};

struct replay *replay_new(const struct replay_setup *setup); /* NULL without memory */
struct replay *replay_free(struct replay *replay);           /* NULL does nothing; returns NULL */
DEFINE_CLEANUP(struct replay *, replay_free);

/* Reads and decodes the next page, in a transaction of its own. Uses the live store alone, so it
 * may run on another thread beside replay_take. */
MUST_USE enum err replay_read(struct replay *replay, struct err_info *reterr);
/* Makes the page that was read the one to take. False: the end was read. */
bool replay_turn(struct replay *replay);
/* Decides that page in one transaction of the shadow's. ERR_TOO_LARGE: more events are open or dead
 * than are remembered. */
MUST_USE enum err replay_take(struct replay *replay, struct err_info *reterr);

/* Inside a transaction of either store: takes what was not decided when it was passed, and what
 * came behind it; then the shadow's totals are those of that moment. */
MUST_USE enum err replay_catch_up(struct replay *replay, struct err_info *reterr);

struct replay_counts replay_counts(const struct replay *replay);
