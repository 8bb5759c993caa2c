#include "base/check.h"
#include "provider/stripe/decode.h"

static const struct stripe_event_row rows[] = {
#define EVENT_TYPE(type, object, rank, help)                                                       \
    {{(type), sizeof(type) - 1}, STRIPE_##object, (rank), (help)},
#include "provider/stripe/events.def"
#undef EVENT_TYPE
};
enum { ROW_COUNT = sizeof rows / sizeof *rows };

static const struct provider_event_type types[] = {
#define EVENT_TYPE(type, object, rank, help) {(type), REASON_NONE},
#include "provider/stripe/events.def"
#undef EVENT_TYPE
    {NULL, REASON_NONE},
};

const struct stripe_event_row *stripe_event_find(struct str type)
{
    for (size_t i = 0; i < ROW_COUNT; i++) {
        INVARIANT(rows[i].rank > 0 && rows[i].rank < STRIPE_RANKS_PER_STATE);
        if (str_eq(rows[i].type, type)) {
            return &rows[i];
        }
    }
    return NULL;
}

const struct stripe_event_row *stripe_event_rows(size_t *ret_count)
{
    *ret_count = ROW_COUNT;
    return rows;
}

const struct provider_event_type *stripe_event_types(void)
{
    return types;
}
