/* yajl does not look whether an allocation has failed, so none may. Before it starts it gets one
 * piece of the heap that holds all it can come to want: some fixed structures, and for each of its
 * two growing buffers, which together see no byte of the text twice, less than four times its
 * bytes. */
#include "base/check.h"
#include "base/json_internal.h"
#include <stdlib.h>

#define FIXED_BYTES ((size_t)16 * 1024)
#define BYTES_PER_BYTE 4
#define ALIGNMENT ((size_t)16) /* of any type; a piece's size stands in as many bytes before it */

bool json_scratch_init(struct json_scratch *scratch, size_t text_len)
{
    if (text_len > (SIZE_MAX - FIXED_BYTES) / BYTES_PER_BYTE) {
        return false;
    }
    scratch->used = 0;
    scratch->bytes = FIXED_BYTES + BYTES_PER_BYTE * text_len;
    scratch->data = malloc(scratch->bytes);
    return scratch->data != NULL;
}

void json_scratch_fini(struct json_scratch *scratch)
{
    free(scratch->data);
    scratch->data = NULL;
}

void *json_scratch_alloc(void *context, size_t bytes)
{
    struct json_scratch *scratch = context;
    INVARIANT(bytes <= scratch->bytes);
    size_t wanted = ALIGNMENT + (bytes + ALIGNMENT - 1) / ALIGNMENT * ALIGNMENT;
    INVARIANT(wanted <= scratch->bytes - scratch->used);
    unsigned char *piece = scratch->data + scratch->used;
    memcpy(piece, &bytes, sizeof bytes);
    scratch->used += wanted;
    return piece + ALIGNMENT;
}

void *json_scratch_realloc(void *context, void *old, size_t bytes)
{
    void *piece = json_scratch_alloc(context, bytes);
    if (old != NULL) {
        size_t old_bytes;
        memcpy(&old_bytes, (unsigned char *)old - ALIGNMENT, sizeof old_bytes);
        memcpy(piece, old, old_bytes < bytes ? old_bytes : bytes);
    }
    return piece;
}

void json_scratch_free(void *context, void *piece)
{
    (void)context; /* all goes at once */
    (void)piece;
}
