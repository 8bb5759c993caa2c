/* Thin events: which twin is awaited, what may be asked for instead, and which change nothing at
 * once. */
#include "samples.h"

#define THIN(type, rest)                                                                           \
    "{\"id\":\"evt_t\",\"object\":\"v2.core.event\",\"type\":\"" type "\"" rest "}"
#define RELATED(id, type) ",\"related_object\":{\"id\":" id ",\"type\":" type "}"
#define LONG_10 "aaaaaaaaaa"
#define LONG_100 LONG_10 LONG_10 LONG_10 LONG_10 LONG_10 LONG_10 LONG_10 LONG_10 LONG_10 LONG_10
#define LONG_300 LONG_100 LONG_100 LONG_100

static const struct thin_row {
    const char *name, *body;
    const char *twin;   /* NULL: none is awaited */
    const char *object; /* NULL: nothing can be asked for */
    enum id_kind kind;
    enum reason reason;
} rows[] = {
    {"a twin and an object",
        THIN("v1.charge.failed", ",\"snapshot_event\":\"evt_s\"" RELATED("\"ch_1\"", "\"charge\"")),
        "evt_s", "ch_1", ID_ATTEMPT, REASON_THIN_EVENT},
    {"a payment intent",
        THIN("v1.payment_intent.succeeded", RELATED("\"pi_1\"", "\"payment_intent\"")), "", "pi_1",
        ID_PAYMENT, REASON_THIN_EVENT},
    {"no object", THIN("v1.customer.created", ",\"snapshot_event\":\"evt_s\""), "evt_s", NULL,
        ID_PAYMENT, REASON_THIN_EVENT},
    {"an object of a kind that is not modelled",
        THIN("v1.charge.failed", RELATED("\"x_1\"", "\"billing.meter\"")), "", NULL, ID_PAYMENT,
        REASON_THIN_EVENT},
    {"names that are no text",
        THIN("v1.charge.failed", ",\"snapshot_event\":7" RELATED("{}", "[]")), "", NULL, ID_PAYMENT,
        REASON_THIN_EVENT},
    {"ids that are too long",
        THIN("v1.charge.failed",
            ",\"snapshot_event\":\"" LONG_300 "\"" RELATED("\"" LONG_300 "\"", "\"charge\"")),
        "", NULL, ID_PAYMENT, REASON_THIN_EVENT},
    {"a twin that is recorded", THIN("v1.balance_settings.updated", ""), NULL, NULL, ID_PAYMENT,
        REASON_NO_MONEY},
    {"v1 without a twin", THIN("v1.product.activated", ""), NULL, NULL, ID_PAYMENT, REASON_SUBSET},
    {"v2", THIN("v2.core.account.created", ""), NULL, NULL, ID_PAYMENT, REASON_HOUSEKEEPING},
    {"a thin type as the twin's name", THIN("v1.v2.core.account.created", ""), NULL, NULL,
        ID_PAYMENT, REASON_UNKNOWN_TYPE},
    {"nobody's type", THIN("v1.whatever", ""), NULL, NULL, ID_PAYMENT, REASON_UNKNOWN_TYPE},
    {"a thin event of a snapshot's type", THIN("charge.failed", ""), NULL, NULL, ID_PAYMENT,
        REASON_THIN_EVENT},
    {"a snapshot of a thin event's type",
        "{\"id\":\"evt_t\",\"object\":\"event\",\"type\":\"v1.charge.failed\",\"created\":1}", NULL,
        NULL, ID_PAYMENT, REASON_UNKNOWN_TYPE},
};

static void each_thin_event_awaits_its_twin_or_is_recorded(void **state)
{
    (void)state;
    CLEANUP(arena_free) struct arena *arena = arena_new(ARENA_BYTES);
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        const struct thin_row *row = &rows[i];
        struct notice_list list = {0};
        arena_reset(arena);
        struct stored_event event = sample_event(str_from(row->body), arena);
        assert_row(stripe_provider.decode(&event, arena, &list, NULL) == ERR_OK, row->name);
        assert_row(list.count == 0 && list.reason == row->reason, row->name);
        assert_row((list.thin != NULL) == (row->twin != NULL), row->name);
        if (list.thin != NULL) {
            assert_row(str_eq(list.thin->twin, str_from(row->twin)), row->name);
            assert_row(list.thin->can_be_asked == (row->object != NULL), row->name);
        }
        if (row->object != NULL) {
            assert_row(str_eq(list.thin->object, str_from(row->object)), row->name);
            assert_row(list.thin->kind == row->kind, row->name);
        }
    }
}

TESTS_MAIN("thin", TEST(each_thin_event_awaits_its_twin_or_is_recorded))
