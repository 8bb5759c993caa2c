/* reconcile_listed: of any number of discrepancies those that a report lists: the worst, whatever
 * order they come in.
 *
 * Layer: flow. Private to reconciliation.
 */
#pragma once

#include "store/discrepancies.h"

struct listed;

/* Keeps at most `max` (positive). NULL without memory. */
struct listed *listed_new(uint32_t max);
struct listed *listed_free(struct listed *listed); /* NULL does nothing; returns NULL */
DEFINE_CLEANUP(struct listed *, listed_free);

/* Copies the row with its texts. ERR_TOO_LARGE: memory. */
MUST_USE enum err listed_add(struct listed *listed, const struct discrepancy *row);

/* The worst severity first, within one by finding_compare; with their texts in the arena.
 * ERR_TOO_LARGE: memory. */
MUST_USE enum err listed_take(
    struct listed *listed, struct arena *arena, struct discrepancy **ret_rows, uint32_t *ret_count);
