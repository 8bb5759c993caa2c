/* arena: memory that is given back all at once; one per worker, reset per batch.
 *
 * Layer: base.
 */
#pragma once

#include "base/str.h"

struct arena;

/* Blocks come from the heap as needed, never more than bytes_max in all; NULL without memory. */
struct arena *arena_new(size_t bytes_max);
struct arena *arena_free(struct arena *arena); /* NULL does nothing; returns NULL */
DEFINE_CLEANUP(struct arena *, arena_free);

/* Zeroed, aligned for any type; NULL when bytes_max would be exceeded or the heap is out. */
void *arena_alloc(struct arena *arena, size_t bytes) MUST_USE;
void *arena_alloc_unzeroed(struct arena *arena, size_t bytes) MUST_USE;
void *arena_alloc_array(struct arena *arena, size_t element_bytes, size_t count) MUST_USE;
#define arena_new_array(arena, type, count)                                                        \
    ((type *)arena_alloc_array((arena), sizeof(type), (count)))

/* A NUL-terminated copy that lives as long as the arena; data is NULL when out of room. */
struct str arena_copy(struct arena *arena, struct str s);

void arena_reset(struct arena *arena); /* everything given out is gone; keeps one block */
size_t arena_used(const struct arena *arena);
