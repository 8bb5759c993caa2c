/* What is not decoded: events that are recorded with a reason, and fields that
 * are wrong, by name. */
#include "objects.h"

/* ---- what is not decoded ----------------------------------------------------------------- */

static void other_events_are_recorded_with_their_reason(void **state)
{
    (void)state;
    static const struct {
        const char *type, *object;
        enum reason reason;
    } rows[] = {
        {"charge.levitated", CH "\"a\":1", REASON_UNKNOWN_TYPE},
        {"v1.billing.meter.no_meter_found", "\"id\":\"mtr_1\"", REASON_NOT_MODELLED},
        {"charge.updated", "\"id\":\"ic_1\",\"object\":\"issuing.card\"", REASON_NOT_MODELLED},
        {"refund.updated", "\"id\":\"ic_1\",\"object\":\"issuing.card\"", REASON_NOT_MODELLED},
        {"customer.updated", "\"id\":\"ic_1\",\"object\":\"issuing.card\"", REASON_NOT_MODELLED},
        {"charge.refund.updated", RE "\"a\":1", REASON_NONE},
        {"charge.refund.updated", CH "\"a\":1", REASON_NONE}, /* it says itself what it is */
        {"customer.updated", "\"id\":\"cus_1\",\"created\":5", REASON_NONE}, /* then by its type */
    };
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        CLEANUP(arena_free) struct arena *arena = arena_new(ARENA_BYTES);
        struct notice_list list = notices_of(arena, rows[i].type, rows[i].object);
        assert_row(list.reason == rows[i].reason, rows[i].type);
        assert_row((list.count == 0) == (rows[i].reason != REASON_NONE), rows[i].type);
    }
}

static void an_object_goes_by_its_own_word_before_its_event_type(void **state)
{
    (void)state;
    CLEANUP(arena_free) struct arena *arena = arena_new(ARENA_BYTES);
    struct notice_list list = notices_of(arena, "charge.refund.updated", CH "\"a\":1");
    assert_int_equal(list.notices[0].kind, ID_ATTEMPT);
}

static void bodies_that_are_no_events_have_reasons_or_errors(void **state)
{
    (void)state;
    static const struct {
        const char *body;
        enum err err;
        enum reason reason;
    } rows[] = {
        {"no JSON", ERR_MALFORMED, REASON_NONE},
        {"[]", ERR_MALFORMED, REASON_NONE},
        {"{}", ERR_OK, REASON_NO_OBJECT},
        {"{\"data\":{\"object\":\"ch_1\"}}", ERR_OK, REASON_NO_OBJECT},
        {"{\"object\":\"v2.core.event\"}", ERR_OK, REASON_THIN_EVENT},
    };
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        CLEANUP(arena_free) struct arena *arena = arena_new(ARENA_BYTES);
        struct stored_event event = {str_from(rows[i].body), STR("charge.failed"), 1};
        struct notice_list list = {0};
        struct err_info info = {""};
        assert_err(stripe_provider.decode(&event, arena, &list, &info), rows[i].err);
        if (rows[i].err == ERR_OK) {
            assert_row(list.count == 0 && list.reason == rows[i].reason, rows[i].body);
        } else {
            assert_row(strlen(info.text) > 0, rows[i].body);
        }
    }
}

/* ---- what is wrong, by name -------------------------------------------------------------- */

#define LONG_ID                                                                                    \
    "xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx" \
    "xx"                                                                                           \
    "xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx" \
    "xx"                                                                                           \
    "xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx" \
    "xx"

static const struct bad_row {
    const char *type, *object;
    enum err err;
    const char *names; /* the message begins so */
} bad_rows[] = {
    {"charge.updated", "\"object\":\"charge\"", ERR_INVALID, "data.object.id is missing"},
    {"charge.updated", "\"object\":\"charge\",\"id\":null", ERR_INVALID,
        "data.object.id is missing"},
    {"charge.updated", "\"object\":\"charge\",\"id\":7", ERR_INVALID,
        "data.object.id must be text"},
    {"charge.updated", "\"object\":\"charge\",\"id\":\"\"", ERR_INVALID,
        "data.object.id must not be empty"},
    {"charge.updated", "\"object\":\"charge\",\"id\":\"" LONG_ID "\"", ERR_TOO_LARGE,
        "data.object.id is longer than 255 bytes"},
    {"charge.updated", "\"id\":\"ch_1\",\"currency\":\"eur\",\"created\":5", ERR_INVALID,
        "data.object.amount is missing"},
    {"charge.updated", "\"id\":\"ch_1\",\"amount\":\"1000\"", ERR_INVALID,
        "data.object.amount must be a whole number"},
    {"charge.updated", "\"id\":\"ch_1\",\"amount\":10.00", ERR_INVALID,
        "data.object.amount must be a whole number"},
    {"charge.updated", "\"id\":\"ch_1\",\"amount\":1e400", ERR_INVALID,
        "data.object.amount must be a whole number"},
    {"charge.updated", "\"id\":\"ch_1\",\"amount\":9223372036854775808", ERR_OVERFLOW,
        "data.object.amount does not fit into 64 bits"},
    {"charge.updated", "\"id\":\"ch_1\",\"amount\":-1", ERR_INVALID,
        "data.object.amount must not be negative"},
    {"charge.updated", "\"id\":\"ch_1\",\"amount\":true", ERR_INVALID, "data.object.amount"},
    {"charge.updated", "\"id\":\"ch_1\",\"amount\":{}", ERR_INVALID, "data.object.amount"},
    {"charge.updated", "\"id\":\"ch_1\",\"amount\":1,\"created\":5", ERR_INVALID,
        "data.object.currency is missing"},
    {"charge.updated", "\"id\":\"ch_1\",\"amount\":1,\"currency\":\"euro\",\"created\":5",
        ERR_INVALID, "data.object.currency must be three letters"},
    {"charge.updated", "\"id\":\"ch_1\",\"amount\":1,\"currency\":978,\"created\":5", ERR_INVALID,
        "data.object.currency"},
    {"charge.updated", "\"id\":\"ch_1\",\"amount\":1,\"currency\":\"eur\"", ERR_INVALID,
        "data.object.created is missing"},
    {"charge.updated", "\"id\":\"ch_1\",\"amount\":1,\"currency\":\"eur\",\"created\":253402300800",
        ERR_OVERFLOW, "data.object.created is after the year 9999"},
    {"charge.updated", CH "\"status\":7", ERR_INVALID, "data.object.status must be text"},
    {"charge.updated", CH "\"captured\":\"true\"", ERR_INVALID,
        "data.object.captured must be true or false"},
    {"charge.updated", CH "\"amount_refunded\":0.5", ERR_INVALID, "data.object.amount_refunded"},
    {"charge.updated", CH "\"amount_captured\":[1]", ERR_INVALID, "data.object.amount_captured"},
    {"charge.updated", CH "\"customer\":5", ERR_INVALID, "data.object.customer must be text"},
    {"charge.updated", CH "\"customer\":{}", ERR_INVALID, "data.object.customer has no id"},
    {"charge.updated", CH "\"customer\":\"" LONG_ID "\"", ERR_TOO_LARGE, "data.object.customer"},
    {"charge.updated", CH "\"refunds\":7", ERR_INVALID, "data.object.refunds must be a list"},
    {"charge.updated", CH "\"refunds\":{\"data\":{}}", ERR_INVALID, "data.object.refunds"},
    {"charge.updated",
        CH "\"refunds\":{\"data\":[{" RE "\"a\":1},{\"id\":\"re_2\",\"amount\":2.5}]}", ERR_INVALID,
        "data.object.refunds.data[1].amount must be a whole number"},
    {"payment_intent.created",
        PI "\"charges\":{\"data\":[{" CH "\"refunds\":[{\"id\":\"re_1\"}]}]}", ERR_INVALID,
        "data.object.latest_charge.refunds.data[0].amount is missing"},
    {"payment_intent.created", PI "\"latest_charge\":{\"id\":\"ch_1\",\"object\":\"charge\"}",
        ERR_INVALID, "data.object.latest_charge.amount is missing"},
    {"payment_intent.created", "\"id\":\"pi_1\"", ERR_INVALID, "data.object.amount is missing"},
    {"refund.created", "\"id\":\"re_1\"", ERR_INVALID, "data.object.amount is missing"},
    {"refund.created", "\"id\":\"re_1\",\"amount\":-1", ERR_INVALID,
        "data.object.amount must not be negative"},
    {"refund.created", RE "\"status\":7", ERR_INVALID, "data.object.status must be text"},
    {"customer.created", "\"object\":\"customer\"", ERR_INVALID, "data.object.id is missing"},
    {"customer.created", "\"id\":\"cus_1\"", ERR_INVALID, "data.object.created is missing"},
    {"customer.created", "\"id\":\"cus_1\",\"created\":\"5\"", ERR_INVALID, "data.object.created"},
};

static void what_is_wrong_is_named(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof bad_rows / sizeof *bad_rows; i++) {
        const struct bad_row *row = &bad_rows[i];
        CLEANUP(arena_free) struct arena *arena = arena_new(ARENA_BYTES);
        struct notice_list list = {.count = 77};
        struct err_info info = {""};
        assert_err(
            sample_decode(event_of(arena, row->type, row->object), arena, &list, &info), row->err);
        assert_int_equal(list.count, 77); /* as it was */
        if (!str_starts_with(str_from(info.text), str_from(row->names))) {
            print_error("said: %s\nexpected: %s\n", info.text, row->names);
        }
        assert_row(str_starts_with(str_from(info.text), str_from(row->names)), row->object);
    }
}

static void amounts_are_exact_beyond_two_to_the_53(void **state)
{
    (void)state;
    CLEANUP(arena_free) struct arena *arena = arena_new(ARENA_BYTES);
    struct notice_list list = notices_of(arena, "refund.created",
        "\"id\":\"re_1\",\"amount\":9007199254740993,\"currency\":\"eur\",\"created\":5");
    assert_int64_equal(said_refund(&list.notices[0])->amount_minor, INT64_C(9007199254740993));
    list = notices_of(arena, "refund.created",
        "\"id\":\"re_1\",\"amount\":9223372036854775807,\"currency\":\"eur\",\"created\":5");
    assert_int64_equal(said_refund(&list.notices[0])->amount_minor, INT64_MAX);
}

static void replaced_text_in_metadata_does_not_matter(void **state)
{
    (void)state;
    CLEANUP(arena_free) struct arena *arena = arena_new(ARENA_BYTES);
    struct notice_list list = notices_of(
        arena, "charge.updated", CH "\"metadata\":{\"a\":\"\\u0000\",\"b\":\"\\ud800\"}");
    assert_int_equal(list.count, 1);
}

static void the_same_bytes_give_the_same_notices(void **state)
{
    (void)state;
    CLEANUP(arena_free) struct arena *arena = arena_new(ARENA_BYTES);
    const char *object =
        CH "\"status\":\"succeeded\",\"customer\":\"cus_1\",\"refunds\":[{" RE "\"a\":1}]";
    struct notice_list one = notices_of(arena, "charge.refunded", object);
    struct notice_list two = notices_of(arena, "charge.refunded", object);
    assert_int_equal(one.count, two.count);
    for (uint32_t i = 0; i < one.count; i++) {
        assert_strs_equal(one.notices[i].object, two.notices[i].object);
        assert_int64_equal(one.notices[i].stamp.rank, two.notices[i].stamp.rank);
        assert_int64_equal(notice_content(&one.notices[i], &(struct notice_ids){0}),
            notice_content(&two.notices[i], &(struct notice_ids){0}));
    }
}

TESTS_MAIN("refused",
    TEST(other_events_are_recorded_with_their_reason),
    TEST(an_object_goes_by_its_own_word_before_its_event_type),
    TEST(bodies_that_are_no_events_have_reasons_or_errors),
    TEST(what_is_wrong_is_named),
    TEST(amounts_are_exact_beyond_two_to_the_53),
    TEST(replaced_text_in_metadata_does_not_matter),
    TEST(the_same_bytes_give_the_same_notices))
