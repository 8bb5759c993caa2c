/* discrepancies_inside: what the files of discrepancies share. Private to them.
 *
 *   discrepancies.c         what a run does
 *   discrepancy_deeds.c     what people do
 *   discrepancy_standing.c  where money stands
 *   discrepancy_event.c     domain events, and JSON
 *
 * Layer: flow.
 */
#pragma once

#include "store/feed.h"
#include "flow/discrepancies.h"

/* Writes rows and steps, and tells of them: the end of every transaction. Rows are sorted by id. */
MUST_USE enum err discrepancies_take_steps(struct store *store,
    struct discrepancy *rows,
    struct discrepancy_step *steps,
    uint32_t count,
    int64_t occurred_us,
    struct arena *arena,
    struct err_info *reterr);
MUST_USE enum err discrepancies_out_of_room(struct err_info *reterr); /* ERR_TOO_LARGE */
