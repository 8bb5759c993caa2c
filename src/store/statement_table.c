/* Open addressing. Nothing is ever taken out, so a slot stays where it is. */
#include "store/statement_table.h"
#include "base/check.h"

uint32_t statement_slot(struct statement_table *table, const void *key)
{
    REQUIRE(key != NULL);
    uint64_t hash = (uint64_t)(uintptr_t)key * UINT64_C(0x9e3779b97f4a7c15);
    uint32_t at = (uint32_t)(hash >> 32) % STATEMENT_SLOTS;
    while (table->keys[at] != NULL && table->keys[at] != key) {
        at = (at + 1) % STATEMENT_SLOTS;
    }
    if (table->keys[at] == NULL) {
        INVARIANT(table->used + 1 < STATEMENT_SLOTS); /* a search ends at a free slot */
        table->used++;
        table->keys[at] = key;
    }
    return at;
}
