/* part: which parts of a whole are current: the items of a subscription, the lines of an invoice.
 *
 * A whole says its parts in a list, of which a provider may show the beginning only. The whole
 * keeps the newest stamp at which its list was shown to the end, from whichever notice. A part that
 * was named since, or by that very list, is current; one that was last named before is not in it
 * any more. A list that is cut off takes nothing away: what stands behind the cut stays current.
 *
 * Of several lists within one second the one that stands is found as snapshots are (flow/ties), and
 * a part of that second must have stood in it, or in one that was cut off. Lists are told apart by
 * a hash of their ids.
 *
 * Layer: domain. Table: PART and LISTING in aggregates.def.
 */
#pragma once

#include "domain/notice.h"

struct part_kind {
    enum id_kind part, whole;
    size_t link;                               /* of the part's record: the whole's id */
    size_t listed_in;                          /* of the part's record: hash of its list */
    size_t whole_at, whole_rank, whole_listed; /* of the whole's record */
};
const struct part_kind *part_kind_of(enum id_kind part);  /* NULL: no part of anything */
const struct part_kind *part_kind_in(enum id_kind whole); /* NULL: it lists no parts */

/* Is the part, which names this whole, in it still? By records of the row's kinds. */
bool part_is_current(const struct part_kind *row, const void *whole, const void *part);

/* The list that a notice brought to its end, unless a newer one is known. */
void part_list_learn(const struct part_kind *row, void *whole, const struct notice *notice);

/* Is the list of that stamp the one that stands, so that the others of that stamp decide? */
bool part_list_has_stamp(const struct part_kind *row, const void *whole, struct stamp stamp);
/* Of several lists of the stamp that stands: this one is the last. */
void part_list_settle(const struct part_kind *row, void *whole, int64_t list);
