/* samples: files and decoded events for the tests of the provider room.
 *
 * Layer: tests. Needs provider/stripe.
 */
#pragma once

#include "base/arena.h"
#include "base/json.h"
#include "base/limits.h"
#include "base/timestamp.h"
#include "provider/stripe/stripe.h"
#include "unit/testing.h"
#include <dirent.h>

#define ARENA_BYTES ((size_t)128 * 1024 * 1024)

/* Where this test's source tree lies; meson says it. */
#if !defined(SOURCE_ROOT)
#error "SOURCE_ROOT is not defined"
#endif

/* The whole file in the arena; STR_NONE when it cannot be read. */
static inline struct str sample_file(struct arena *arena, const char *path)
{
    FILE *file = fopen(path, "rb");
    if (file == NULL) {
        return STR_NONE;
    }
    struct str text = STR_NONE;
    if (fseek(file, 0, SEEK_END) == 0) {
        long size = ftell(file);
        char *data = size < 0 ? NULL : arena_alloc_unzeroed(arena, (size_t)size + 1);
        if (data != NULL && fseek(file, 0, SEEK_SET) == 0 &&
            fread(data, 1, (size_t)size, file) == (size_t)size) {
            data[size] = '\0';
            text = (struct str){data, (size_t)size};
        }
    }
    (void)fclose(file);
    return text;
}

/* Material that is not part of the repository: beside the checkout, or where COUNTERFOIL_SHARED
 * says. Tests that need it say that they are skipped when it is not there. */
static inline const char *sample_shared(const char *relative)
{
    static char path[1024];
    const char *shared = getenv("COUNTERFOIL_SHARED");
    (void)snprintf(path, sizeof path, "%s/stripe/%s",
        shared != NULL ? shared : SOURCE_ROOT "/../shared", relative);
    return path;
}

/* Reads an event as the flow would hand it to decode. */
static inline struct stored_event sample_event(struct str body, struct arena *arena)
{
    struct envelope envelope;
    assert_err(stripe_envelope_read(body, false, arena, &envelope), ERR_OK);
    return (struct stored_event){body, envelope.type, envelope.occurred_at_us};
}

static inline enum err sample_decode(
    struct str body, struct arena *arena, struct notice_list *ret_list, struct err_info *reterr)
{
    struct stored_event event = sample_event(body, arena);
    return stripe_provider.decode(&event, arena, ret_list, reterr);
}
