/* replay_print: what `counterfoil replay` says: progress, differences, sums.
 *
 * Layer: cli; shared by replay.c and replay_print.c.
 */
#pragma once

#include "store/shadow.h"
#include "flow/replay.h"
#include "flow/replay_compare.h"
#include "flow/repost.h"
#include "cli/progress.h"
#include "cli/show.h"

struct replay_printer {
    struct command_context *context;
    int64_t shown_max; /* differences, and events that would be decided otherwise, of each */
    bool values;       /* show text that may be a person's */
    int64_t began_us;  /* monotonic */
    int64_t last_seq;  /* of the inbox, when it began */
    int64_t others, differences;
    struct progress progress;
};

void replay_print_progress(struct replay_printer *printer, const struct replay_counts *counts);
replay_other_fn replay_print_other;           /* context: the printer */
replay_difference_fn replay_print_difference; /* the same */

struct replay_sums {
    struct replay_counts counts;
    struct replay_comparison compared;
    int64_t new_ids;
    bool applied;
    struct repost_counts posted; /* to the books, after that */
    struct shadow_changes changes;
};
void replay_print_sums(struct replay_printer *printer, const struct replay_sums *sums);

/* Of --as-of: how many of each kind in each state. */
MUST_USE enum err replay_print_states(
    struct replay_printer *printer, struct store *shadow, struct err_info *reterr);
/* And one of them. */
void replay_print_object(struct replay_printer *printer, const struct shown_object *object);
