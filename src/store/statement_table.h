/* statement_table: which slot a statement has in an engine, found by address; the engine keeps its
 * prepared form there, in an array of STATEMENT_SLOTS.
 *
 * Layer: store; for the engines.
 */
#pragma once

#include <stddef.h>
#include <stdint.h>

#define STATEMENT_SLOTS 2048 /* power of two; twice what all statements and filters can make */

struct statement_table { /* all zero: empty */
    const void *keys[STATEMENT_SLOTS];
    uint32_t used;
};

/* The slot of `key`: a new one at first, and then always the same. */
uint32_t statement_slot(struct statement_table *table, const void *key);
