#include "base/check.h"
#include "base/digest.h"
#include "provider/stripe/decode.h"
#include <pthread.h>

#define TEXT(text)                                                                                 \
    {                                                                                              \
        (text), sizeof(text) - 1                                                                   \
    }
static const struct stripe_event_row rows[] = {
#define EVENT_TYPE(type, object, rank, help)                                                       \
    {TEXT(type), STRIPE_##object, (rank), REASON_NONE, (help)},
#define PAST_EVENT_TYPE EVENT_TYPE
#define RECORDED_TYPE(type, reason, help) {TEXT(type), STRIPE_EVENT, 0, REASON_##reason, (help)},
#include "provider/stripe/event_types.def"
#undef EVENT_TYPE
#undef PAST_EVENT_TYPE
#undef RECORDED_TYPE
#define THIN_TYPE(type, reason, help) {TEXT(type), STRIPE_THIN, 0, REASON_##reason, (help)},
#include "provider/stripe/thin_types.def"
#undef THIN_TYPE
};
enum { ROW_COUNT = sizeof rows / sizeof *rows, SLOT_COUNT = 1024 };
_Static_assert(ROW_COUNT * 2 <= SLOT_COUNT, "the slots are at most half full");

static const struct provider_event_type types[] = {
#define EVENT_TYPE(type, object, rank, help) {(type), REASON_NONE, false},
#define PAST_EVENT_TYPE(type, object, rank, help) {(type), REASON_NONE, true},
#define RECORDED_TYPE(type, reason, help)
#include "provider/stripe/event_types.def"
#undef EVENT_TYPE
#undef PAST_EVENT_TYPE
#undef RECORDED_TYPE
    {NULL, REASON_NONE, false},
};

/* Open addressing by the type's hash; filled once. */
static uint16_t slots[SLOT_COUNT]; /* row number + 1 */
static pthread_once_t filled = PTHREAD_ONCE_INIT;

static size_t slot_of(struct str type)
{
    size_t at = (size_t)hash_bytes(type.data, type.len, 0) % SLOT_COUNT;
    while (slots[at] != 0 && !str_eq(rows[slots[at] - 1].type, type)) {
        at = (at + 1) % SLOT_COUNT;
    }
    return at;
}

static void fill_slots(void)
{
    for (size_t i = 0; i < ROW_COUNT; i++) {
        INVARIANT(rows[i].rank >= 0 && rows[i].rank < STRIPE_RANKS_PER_STATE);
        size_t at = slot_of(rows[i].type);
        INVARIANT(slots[at] == 0); /* no type stands twice */
        slots[at] = (uint16_t)(i + 1);
    }
}

const struct stripe_event_row *stripe_event_find(struct str type)
{
    (void)pthread_once(&filled, fill_slots);
    uint16_t slot = slots[slot_of(type)];
    return slot == 0 ? NULL : &rows[slot - 1];
}

const struct stripe_event_row *stripe_event_find_twin(struct str thin_type)
{
    static const struct str prefix = {"v1.", 3};
    if (!str_starts_with(thin_type, prefix)) {
        return NULL;
    }
    const struct stripe_event_row *row =
        stripe_event_find((struct str){thin_type.data + prefix.len, thin_type.len - prefix.len});
    return row == NULL || row->object == STRIPE_THIN ? NULL : row;
}

const struct stripe_event_row *stripe_event_rows(size_t *ret_count)
{
    *ret_count = ROW_COUNT;
    return rows;
}

bool stripe_event_type_wants_name(struct str type)
{
    return str_eq(type, STR("reporting.report_type.updated"));
}

const struct provider_event_type *stripe_event_types(void)
{
    return types;
}
