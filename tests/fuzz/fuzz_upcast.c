/* Any object of any version: the newest shape, which is given back as it is when asked for again,
 * and is not much larger. */
#include "base/check.h"
#include "provider/stripe/upcast.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

#define ARENA_BYTES ((size_t)64 * 1024 * 1024)
#define NODES_FACTOR 16

static size_t count_nodes(const struct json *value)
{
    size_t count = 1;
    for (const struct json *child = value->first; child != NULL; child = child->next) {
        count += count_nodes(child);
    }
    return count;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    CLEANUP(arena_free) struct arena *arena = arena_new(ARENA_BYTES);
    INVARIANT(arena != NULL);
    struct json_document document;
    if (json_parse((struct str){(const char *)data, size}, arena, &document) != ERR_OK) {
        return 0;
    }
    struct str version = json_string(json_get(document.root, STR("api_version")));
    const struct json *newest = NULL;
    enum err err = stripe_upcast(document.root, version, arena, &newest);
    if (err != ERR_OK) {
        INVARIANT(err == ERR_TOO_LARGE);
        return 0;
    }
    INVARIANT(count_nodes(newest) <= NODES_FACTOR * count_nodes(document.root));
    const struct json *again = NULL;
    err = stripe_upcast(newest, version, arena, &again);
    INVARIANT(err == ERR_TOO_LARGE || again == newest);
    return 0;
}
