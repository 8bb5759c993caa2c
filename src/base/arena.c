#include "base/arena.h"
#include "base/check.h"
#include <stdalign.h>
#include <stdlib.h>

/* Under AddressSanitizer what is not given out is poisoned, and a gap stands between any two
 * pieces: an overrun inside a block is then found as surely as one of the heap. */
#if defined(__SANITIZE_ADDRESS__)
#define ARENA_POISONS 1
#elif defined(__has_feature)
#if __has_feature(address_sanitizer)
#define ARENA_POISONS 1
#endif
#endif

#if defined(ARENA_POISONS)
#include <sanitizer/asan_interface.h>
#define ARENA_GAP_BYTES 16
#else
#define ASAN_POISON_MEMORY_REGION(address, bytes) ((void)(address), (void)(bytes))
#define ASAN_UNPOISON_MEMORY_REGION(address, bytes) ((void)(address), (void)(bytes))
#define ARENA_GAP_BYTES 0
#endif

#define ARENA_ALIGNMENT alignof(max_align_t)
#define ARENA_BLOCK_BYTES_MIN ((size_t)16 * 1024)
#define ARENA_BLOCK_BYTES_MAX ((size_t)4 * 1024 * 1024) /* larger only for a larger piece */

struct arena_block {
    struct arena_block *next; /* the older ones */
    size_t bytes;             /* of data */
    alignas(max_align_t) unsigned char data[];
};

struct arena {
    struct arena_block *newest; /* the one pieces are cut from */
    size_t newest_used;
    size_t older_used; /* given out from the blocks before it */
    size_t held;       /* data bytes of all blocks; never above bytes_max */
    size_t bytes_max;
};

struct arena *arena_new(size_t bytes_max)
{
    REQUIRE(bytes_max > 0);
    struct arena *arena = calloc(1, sizeof *arena);
    if (arena != NULL) {
        arena->bytes_max = bytes_max;
    }
    return arena;
}

static struct arena_block *block_free(struct arena_block *block)
{
    struct arena_block *next = block->next;
    ASAN_UNPOISON_MEMORY_REGION(block->data, block->bytes);
    free(block);
    return next;
}

struct arena *arena_free(struct arena *arena)
{
    if (arena != NULL) {
        while (arena->newest != NULL) {
            arena->newest = block_free(arena->newest);
        }
        free(arena);
    }
    return NULL;
}

/* Blocks double, so that a worker's arena soon is one block that fits its usual batch. */
static bool arena_grow(struct arena *arena, size_t bytes_needed)
{
    size_t room = arena->bytes_max - arena->held;
    if (bytes_needed > room) {
        return false;
    }
    size_t bytes = arena->newest != NULL ? 2 * arena->newest->bytes : ARENA_BLOCK_BYTES_MIN;
    bytes = bytes > ARENA_BLOCK_BYTES_MAX ? ARENA_BLOCK_BYTES_MAX : bytes;
    bytes = bytes < bytes_needed ? bytes_needed : bytes;
    bytes = bytes > room ? room : bytes;
    struct arena_block *block = malloc(sizeof *block + bytes);
    if (block == NULL) {
        return false;
    }
    ASAN_POISON_MEMORY_REGION(block->data, bytes);
    block->next = arena->newest;
    block->bytes = bytes;
    arena->older_used += arena->newest_used;
    arena->newest = block;
    arena->newest_used = 0;
    arena->held += bytes;
    ENSURE(arena->held <= arena->bytes_max);
    return true;
}

void *arena_alloc_unzeroed(struct arena *arena, size_t bytes)
{
    REQUIRE(arena != NULL);
    if (bytes > arena->bytes_max) {
        return NULL; /* before the rounding, which could overflow */
    }
    size_t wanted = bytes + ARENA_GAP_BYTES;
    wanted = (wanted + ARENA_ALIGNMENT - 1) / ARENA_ALIGNMENT * ARENA_ALIGNMENT;
    if (arena->newest == NULL || wanted > arena->newest->bytes - arena->newest_used) {
        if (!arena_grow(arena, wanted)) {
            return NULL;
        }
    }
    INVARIANT(arena->newest_used + wanted <= arena->newest->bytes);
    unsigned char *piece = arena->newest->data + arena->newest_used;
    arena->newest_used += wanted;
    ASAN_UNPOISON_MEMORY_REGION(piece, bytes);
    return piece;
}

void *arena_alloc(struct arena *arena, size_t bytes)
{
    void *piece = arena_alloc_unzeroed(arena, bytes);
    if (piece != NULL) {
        memset(piece, 0, bytes);
    }
    return piece;
}

void *arena_alloc_array(struct arena *arena, size_t element_bytes, size_t count)
{
    REQUIRE(element_bytes > 0);
    return count > SIZE_MAX / element_bytes ? NULL : arena_alloc(arena, element_bytes * count);
}

struct str arena_copy(struct arena *arena, struct str s)
{
    REQUIRE(s.data != NULL || s.len == 0);
    if (s.len == SIZE_MAX) {
        return STR_NONE;
    }
    char *copy = arena_alloc_unzeroed(arena, s.len + 1);
    if (copy == NULL) {
        return STR_NONE;
    }
    if (s.len > 0) {
        memcpy(copy, s.data, s.len);
    }
    copy[s.len] = '\0';
    return (struct str){copy, s.len};
}

void arena_reset(struct arena *arena)
{
    REQUIRE(arena != NULL);
    struct arena_block *kept = arena->newest; /* the largest */
    for (struct arena_block *block = kept; block != NULL; block = block->next) {
        kept = block->bytes > kept->bytes ? block : kept;
    }
    for (struct arena_block *block = arena->newest; block != NULL;) {
        block = block == kept ? block->next : block_free(block);
    }
    arena->newest = kept;
    arena->newest_used = 0;
    arena->older_used = 0;
    arena->held = 0;
    if (kept != NULL) {
        kept->next = NULL;
        arena->held = kept->bytes;
        ASAN_POISON_MEMORY_REGION(kept->data, kept->bytes);
    }
}

size_t arena_used(const struct arena *arena)
{
    REQUIRE(arena != NULL);
    return arena->older_used + arena->newest_used;
}
