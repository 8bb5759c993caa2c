#include "cli/needed_types.h"
#include "provider/stripe/stripe.h"
#include <stdlib.h>

struct str *needed_types(uint32_t *ret_count)
{
    uint32_t count = 0;
    uint32_t needed = 0;
    const struct provider_event_type *rows = stripe_event_types();
    while (rows[count].type != NULL) {
        count++;
    }
    struct str *types = calloc(count + 1, sizeof *types);
    for (uint32_t i = 0; types != NULL && i < count; i++) {
        if (rows[i].reason == REASON_NONE) {
            types[needed++] = str_from(rows[i].type);
        }
    }
    *ret_count = needed;
    return types;
}
