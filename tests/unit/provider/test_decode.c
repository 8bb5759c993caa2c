/* From an event's body to notices: tables of objects, and what is wrong with some. */
#include "samples.h"

#define AT "1700000000"

/* An event whose object is given without its braces. */
static struct str event_of(struct arena *arena, const char *type, const char *object)
{
    struct buf body;
    buf_init(&body, 1 << 20);
    buf_addf(&body,
        "{\"id\":\"evt_1\",\"object\":\"event\",\"type\":\"%s\",\"created\":" AT
        ",\"livemode\":false,\"data\":{\"object\":{%s}}}",
        type, object);
    assert_false(body.failed);
    struct str copy = arena_copy(arena, buf_str(&body));
    buf_fini(&body);
    return copy;
}

static struct notice_list notices_of(struct arena *arena, const char *type, const char *object)
{
    struct notice_list list;
    struct err_info info = {""};
    enum err err = sample_decode(event_of(arena, type, object), arena, &list, &info);
    if (err != ERR_OK) {
        print_error("%s: %s\n", object, info.text);
    }
    assert_err(err, ERR_OK);
    return list;
}

#define PI                                                                                         \
    "\"id\":\"pi_1\",\"object\":\"payment_intent\",\"amount\":1000,\"currency\":\"eur\","          \
    "\"created\":5,"
#define CH                                                                                         \
    "\"id\":\"ch_1\",\"object\":\"charge\",\"amount\":1000,\"currency\":\"eur\",\"created\":5,"
#define RE                                                                                         \
    "\"id\":\"re_1\",\"object\":\"refund\",\"amount\":400,\"currency\":\"eur\",\"created\":5,"

/* ---- payment intents ---------------------------------------------------------------------------
 */

static const struct {
    const char *object;
    enum payment_state state;
} intent_rows[] = {
    {PI "\"status\":\"requires_payment_method\"", PAYMENT_OPEN},
    {PI "\"status\":\"requires_payment_method\",\"last_payment_error\":null,\"latest_charge\":null",
        PAYMENT_OPEN},
    {PI "\"status\":\"requires_payment_method\",\"last_payment_error\":{}", PAYMENT_FAILED},
    {PI "\"status\":\"requires_payment_method\",\"latest_charge\":\"ch_1\"", PAYMENT_FAILED},
    {PI "\"status\":\"requires_payment_method\",\"charges\":{\"data\":[]}", PAYMENT_OPEN},
    {PI "\"status\":\"requires_payment_method\",\"charges\":{\"data\":[{" CH
        "\"status\":\"failed\"}]}",
        PAYMENT_FAILED},
    {PI "\"status\":\"requires_source\"", PAYMENT_OPEN},
    {PI "\"status\":\"requires_source\",\"last_payment_error\":{\"code\":\"x\"}", PAYMENT_FAILED},
    {PI "\"status\":\"requires_confirmation\"", PAYMENT_OPEN},
    {PI "\"status\":\"requires_confirmation\",\"last_payment_error\":{}", PAYMENT_OPEN},
    {PI "\"status\":\"requires_action\"", PAYMENT_ACTION_REQUIRED},
    {PI "\"status\":\"requires_source_action\"", PAYMENT_ACTION_REQUIRED},
    {PI "\"status\":\"processing\"", PAYMENT_PROCESSING},
    {PI "\"status\":\"requires_capture\"", PAYMENT_AUTHORIZED},
    {PI "\"status\":\"succeeded\"", PAYMENT_SUCCEEDED},
    {PI "\"status\":\"canceled\"", PAYMENT_CANCELED},
    {PI "\"status\":\"canceled\",\"last_payment_error\":{\"code\":\"x\"}", PAYMENT_CANCELED},
    {PI "\"status\":\"levitating\"", PAYMENT_UNKNOWN},
    {PI "\"status\":null", PAYMENT_UNKNOWN},
    {PI "\"a\":1", PAYMENT_UNKNOWN},
};

static void payment_intents_have_our_states(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof intent_rows / sizeof *intent_rows; i++) {
        CLEANUP(arena_free) struct arena *arena = arena_new(ARENA_BYTES);
        struct notice_list list =
            notices_of(arena, "payment_intent.created", intent_rows[i].object);
        assert_row(list.notices[0].kind == NOTICE_PAYMENT, intent_rows[i].object);
        assert_row(
            list.notices[0].payment_says.state == intent_rows[i].state, intent_rows[i].object);
    }
}

static void amount_received_falls_back_on_the_amount_of_a_success(void **state)
{
    (void)state;
    CLEANUP(arena_free) struct arena *arena = arena_new(ARENA_BYTES);
    struct notice_list list =
        notices_of(arena, "payment_intent.succeeded", PI "\"status\":\"succeeded\"");
    assert_int64_equal(list.notices[0].payment_says.received_minor, 1000);
    list = notices_of(arena, "payment_intent.succeeded", PI "\"status\":\"processing\"");
    assert_int64_equal(list.notices[0].payment_says.received_minor, 0);
    list = notices_of(
        arena, "payment_intent.succeeded", PI "\"status\":\"succeeded\",\"amount_received\":600");
    assert_int64_equal(list.notices[0].payment_says.received_minor, 600);
}

static void the_error_code_goes_before_the_error_type(void **state)
{
    (void)state;
    CLEANUP(arena_free) struct arena *arena = arena_new(ARENA_BYTES);
    struct notice_list list = notices_of(arena, "payment_intent.payment_failed",
        PI "\"last_payment_error\":{\"type\":\"card_error\",\"code\":\"card_declined\"}");
    assert_str_equal_to(list.notices[0].payment_says.failure_code, "card_declined");
    list = notices_of(arena, "payment_intent.payment_failed",
        PI "\"last_payment_error\":{\"type\":\"api_error\"}");
    assert_str_equal_to(list.notices[0].payment_says.failure_code, "api_error");
}

/* ---- charges -----------------------------------------------------------------------------------
 */

static const struct charge_row {
    const char *object;
    enum attempt_state state;
    int64_t captured_minor, refunded_minor;
} charge_rows[] = {
    {CH "\"status\":\"succeeded\",\"captured\":true", ATTEMPT_SUCCEEDED, 1000, 0},
    {CH "\"status\":\"succeeded\",\"captured\":true,\"amount_captured\":1000,\"amount_refunded\":0",
        ATTEMPT_SUCCEEDED, 1000, 0},
    {CH "\"status\":\"succeeded\",\"captured\":true,\"amount_captured\":1000,\"amount_refunded\":"
        "300",
        ATTEMPT_SUCCEEDED, 1000, 300},
    {CH "\"status\":\"succeeded\",\"captured\":true,\"refunded\":true,\"amount_refunded\":1000",
        ATTEMPT_SUCCEEDED, 1000, 1000},
    {CH "\"status\":\"succeeded\",\"captured\":false,\"amount_captured\":0", ATTEMPT_AUTHORIZED, 0,
        0},
    {CH "\"status\":\"succeeded\",\"captured\":false", ATTEMPT_AUTHORIZED, 0, 0},
    /* 600 of 1000 captured: Stripe calls the other 400 refunded, though nobody had paid them. */
    {CH "\"status\":\"succeeded\",\"captured\":true,\"amount_captured\":600,\"amount_refunded\":"
        "400",
        ATTEMPT_SUCCEEDED, 600, 0},
    {CH "\"status\":\"succeeded\",\"captured\":true,\"amount_captured\":600,\"amount_refunded\":"
        "550",
        ATTEMPT_SUCCEEDED, 600, 150},
    {CH "\"status\":\"succeeded\",\"captured\":true,\"amount_captured\":1200,\"amount_refunded\":"
        "50",
        ATTEMPT_SUCCEEDED, 1200, 50},
    /* Released or run out. */
    {CH "\"status\":\"succeeded\",\"captured\":false,\"refunded\":true,\"amount_refunded\":1000",
        ATTEMPT_FAILED, 0, 0},
    {CH "\"status\":\"succeeded\",\"captured\":false,\"amount_refunded\":1000", ATTEMPT_FAILED, 0,
        0},
    {CH "\"status\":\"succeeded\",\"captured\":false,\"refunded\":false,\"amount_refunded\":0",
        ATTEMPT_AUTHORIZED, 0, 0},
    {CH "\"status\":\"pending\",\"captured\":true", ATTEMPT_PENDING, 0, 0},
    {CH "\"status\":\"failed\",\"captured\":false", ATTEMPT_FAILED, 0, 0},
    {CH "\"status\":\"failed\",\"captured\":true,\"amount_captured\":1000", ATTEMPT_FAILED, 1000,
        0},
    {CH "\"status\":\"paid\",\"paid\":true,\"captured\":true", ATTEMPT_SUCCEEDED, 1000, 0},
    {CH "\"paid\":true,\"captured\":true", ATTEMPT_SUCCEEDED, 1000, 0},
    {CH "\"paid\":true", ATTEMPT_SUCCEEDED, 1000, 0},
    {CH "\"paid\":true,\"captured\":false", ATTEMPT_AUTHORIZED, 0, 0},
    {CH "\"paid\":false,\"failure_code\":\"card_declined\"", ATTEMPT_FAILED, 0, 0},
    {CH "\"status\":\"floating\",\"paid\":true", ATTEMPT_UNKNOWN, 0, 0},
    {CH "\"captured\":true", ATTEMPT_UNKNOWN, 0, 0},
};

static void charges_have_our_states_and_amounts(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof charge_rows / sizeof *charge_rows; i++) {
        const struct charge_row *row = &charge_rows[i];
        CLEANUP(arena_free) struct arena *arena = arena_new(ARENA_BYTES);
        struct notice_list list = notices_of(arena, "charge.updated", row->object);
        assert_row(list.notices[0].kind == NOTICE_ATTEMPT, row->object);
        assert_row(list.notices[0].attempt_says.state == row->state, row->object);
        assert_row(list.notices[0].attempt_says.captured_minor == row->captured_minor, row->object);
        assert_row(list.notices[0].attempt_says.refunded_minor == row->refunded_minor, row->object);
    }
}

static void the_method_is_read_where_it_stands(void **state)
{
    (void)state;
    static const struct {
        const char *object, *method;
    } rows[] = {
        {CH "\"payment_method_details\":{\"type\":\"sepa_debit\"},\"source\":{\"object\":\"card\"}",
            "sepa_debit"},
        {CH "\"source\":{\"object\":\"source\",\"type\":\"ideal\"}", "ideal"},
        {CH "\"source\":{\"object\":\"bank_account\"}", "bank_account"},
        {CH "\"card\":{\"object\":\"card\",\"type\":\"Visa\"}", "card"},
        {CH "\"payment_method_details\":null", ""},
        {CH "\"payment_method_details\":{\"type\":7}", ""},
    };
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        CLEANUP(arena_free) struct arena *arena = arena_new(ARENA_BYTES);
        struct notice_list list = notices_of(arena, "charge.updated", rows[i].object);
        assert_str_equal_to(list.notices[0].attempt_says.method, rows[i].method);
    }
}

/* ---- refunds and customers ----------------------------------------------------------------------
 */

static void refunds_have_our_states(void **state)
{
    (void)state;
    static const struct {
        const char *object;
        enum refund_state state;
    } rows[] = {
        {RE "\"status\":\"pending\"", REFUND_PENDING},
        {RE "\"status\":\"requires_action\"", REFUND_ACTION_REQUIRED},
        {RE "\"status\":\"succeeded\"", REFUND_SUCCEEDED},
        {RE "\"status\":\"failed\"", REFUND_FAILED},
        {RE "\"status\":\"canceled\"", REFUND_CANCELED},
        {RE "\"status\":\"floating\",\"balance_transaction\":\"txn_1\"", REFUND_UNKNOWN},
        {RE "\"balance_transaction\":\"txn_1\"", REFUND_SUCCEEDED},
        {RE "\"status\":null,\"balance_transaction\":\"txn_1\"", REFUND_SUCCEEDED},
        {RE "\"status\":null,\"balance_transaction\":null", REFUND_UNKNOWN},
    };
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        CLEANUP(arena_free) struct arena *arena = arena_new(ARENA_BYTES);
        struct notice_list list = notices_of(arena, "refund.updated", rows[i].object);
        assert_row(list.notices[0].kind == NOTICE_REFUND, rows[i].object);
        assert_row(list.notices[0].refund_says.state == rows[i].state, rows[i].object);
    }
}

static void a_customer_is_deleted_by_its_event_or_by_its_stub(void **state)
{
    (void)state;
    static const struct {
        const char *type, *object;
        bool deleted;
    } rows[] = {
        {"customer.created", "\"id\":\"cus_1\",\"object\":\"customer\",\"created\":5", false},
        {"customer.deleted", "\"id\":\"cus_1\",\"object\":\"customer\",\"created\":5", true},
        {"customer.updated", "\"id\":\"cus_1\",\"object\":\"customer\",\"deleted\":true", true},
        {"customer.updated",
            "\"id\":\"cus_1\",\"object\":\"customer\",\"created\":5,\"deleted\":false", false},
    };
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        CLEANUP(arena_free) struct arena *arena = arena_new(ARENA_BYTES);
        struct notice_list list = notices_of(arena, rows[i].type, rows[i].object);
        assert_row(list.notices[0].customer_says.deleted == rows[i].deleted, rows[i].type);
    }
}

/* ---- links
 * --------------------------------------------------------------------------------------- */

static void assert_link(struct link link, enum link_state state, const char *id, const char *row)
{
    assert_row(link.state == state, row);
    assert_row(str_eq(link.provider_id, str_from(id)), row);
}

static const struct link_row {
    const char *type, *object;
    enum link_state state;
    const char *id;
} customer_links[] = {
    {"charge.updated", CH "\"customer\":\"cus_1\"", LINK_NAMED, "cus_1"},
    {"charge.updated", CH "\"customer\":null", LINK_NONE, ""},
    {"charge.updated", CH "\"a\":1", LINK_UNSAID, ""},
    {"charge.updated", CH "\"customer\":{\"id\":\"cus_1\",\"object\":\"customer\",\"created\":5}",
        LINK_NAMED, "cus_1"},
    {"charge.updated",
        CH "\"customer\":{\"id\":\"cus_1\",\"object\":\"customer\",\"deleted\":true}", LINK_NAMED,
        "cus_1"},
    {"payment_intent.created", PI "\"customer\":\"cus_1\"", LINK_NAMED, "cus_1"},
    {"payment_intent.created", PI "\"customer\":null", LINK_NONE, ""},
};

static void a_customer_may_be_said_in_five_ways(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof customer_links / sizeof *customer_links; i++) {
        const struct link_row *row = &customer_links[i];
        CLEANUP(arena_free) struct arena *arena = arena_new(ARENA_BYTES);
        struct notice_list list = notices_of(arena, row->type, row->object);
        assert_link(list.notices[0].customer, row->state, row->id, row->object);
    }
}

static void a_charge_without_a_payment_intent_is_a_payment_of_its_own(void **state)
{
    (void)state;
    CLEANUP(arena_free) struct arena *arena = arena_new(ARENA_BYTES);
    struct notice_list list = notices_of(arena, "charge.updated", CH "\"payment_intent\":null");
    assert_link(list.notices[0].payment, LINK_NONE, "", "null");
    list = notices_of(arena, "charge.updated", CH "\"a\":1");
    assert_link(list.notices[0].payment, LINK_NONE, "", "absent");
    list = notices_of(arena, "charge.updated", CH "\"payment_intent\":\"pi_1\"");
    assert_link(list.notices[0].payment, LINK_NAMED, "pi_1", "named");
}

static void a_refund_may_not_say_what_it_gives_back(void **state)
{
    (void)state;
    CLEANUP(arena_free) struct arena *arena = arena_new(ARENA_BYTES);
    struct notice_list list = notices_of(arena, "refund.created", RE "\"a\":1");
    assert_link(list.notices[0].payment, LINK_UNSAID, "", "absent");
    assert_link(list.notices[0].attempt, LINK_UNSAID, "", "absent");
    list = notices_of(arena, "refund.created", RE "\"payment_intent\":null,\"charge\":null");
    assert_link(list.notices[0].payment, LINK_NONE, "", "null");
    assert_link(list.notices[0].attempt, LINK_NONE, "", "null");
    list =
        notices_of(arena, "refund.created", RE "\"payment_intent\":\"pi_1\",\"charge\":\"ch_1\"");
    assert_link(list.notices[0].payment, LINK_NAMED, "pi_1", "named");
    assert_link(list.notices[0].attempt, LINK_NAMED, "ch_1", "named");
}

static void the_newest_attempt_is_latest_charge_or_the_first_of_charges(void **state)
{
    (void)state;
    static const struct {
        const char *object;
        enum link_state state;
        const char *id;
    } rows[] = {
        {PI "\"latest_charge\":\"ch_9\",\"charges\":{\"data\":[{" CH "\"a\":1}]}", LINK_NAMED,
            "ch_9"},
        {PI "\"charges\":{\"data\":[{" CH
            "\"a\":1},{\"id\":\"ch_0\",\"amount\":1,\"currency\":\"eur\","
            "\"created\":4}]}",
            LINK_NAMED, "ch_1"},
        {PI "\"charges\":{\"data\":[]}", LINK_NONE, ""},
        {PI "\"latest_charge\":null", LINK_NONE, ""},
        {PI "\"a\":1", LINK_UNSAID, ""},
    };
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        CLEANUP(arena_free) struct arena *arena = arena_new(ARENA_BYTES);
        struct notice_list list = notices_of(arena, "payment_intent.created", rows[i].object);
        assert_link(list.notices[0].attempt, rows[i].state, rows[i].id, rows[i].object);
    }
}

/* ---- embedded objects
 * ----------------------------------------------------------------------------- */

static void embedded_objects_are_notices_of_their_own(void **state)
{
    (void)state;
    CLEANUP(arena_free) struct arena *arena = arena_new(ARENA_BYTES);
    struct notice_list list = notices_of(arena, "payment_intent.succeeded",
        PI "\"status\":\"succeeded\","
           "\"customer\":{\"id\":\"cus_1\",\"object\":\"customer\",\"created\":5},"
           "\"latest_charge\":{" CH "\"status\":\"succeeded\",\"captured\":true,"
           "\"refunds\":{\"object\":\"list\",\"has_more\":true,\"data\":[{" RE
           "\"status\":\"pending\"}]}}");
    assert_int_equal(list.count, 4);
    assert_int_equal(list.notices[0].kind, NOTICE_PAYMENT);
    assert_int_equal(list.notices[1].kind, NOTICE_CUSTOMER);
    assert_int_equal(list.notices[2].kind, NOTICE_ATTEMPT);
    assert_link(list.notices[2].payment, LINK_NAMED, "pi_1", "from around it");
    assert_int_equal(list.notices[3].kind, NOTICE_REFUND);
    assert_link(list.notices[3].attempt, LINK_NAMED, "ch_1", "from around it");
    assert_true(list.truncated);
    assert_true(list.notices[2].stamp.rank % 100 == 0);
    assert_true(list.notices[0].stamp.rank % 100 > 0);
    assert_int64_equal(list.notices[3].stamp.at_us, INT64_C(1700000000) * US_PER_SECOND);
}

static void refunds_were_once_an_array(void **state)
{
    (void)state;
    CLEANUP(arena_free) struct arena *arena = arena_new(ARENA_BYTES);
    struct notice_list list = notices_of(
        arena, "charge.refunded", CH "\"paid\":true,\"refunds\":[{" RE "\"charge\":\"ch_1\"}]");
    assert_int_equal(list.count, 2);
    assert_false(list.truncated);
    assert_str_equal_to(list.notices[1].object, "re_1");
}

static void refunds_without_ids_are_not_summed(void **state)
{
    (void)state;
    CLEANUP(arena_free) struct arena *arena = arena_new(ARENA_BYTES);
    struct notice_list list = notices_of(arena, "charge.refunded",
        CH
        "\"paid\":true,\"refunds\":[{\"amount\":5,\"currency\":\"usd\",\"created\":1},7,\"re_7\"]");
    assert_int_equal(list.count, 1);
    assert_true(list.truncated);
}

static void a_list_without_its_data_is_incomplete(void **state)
{
    (void)state;
    CLEANUP(arena_free) struct arena *arena = arena_new(ARENA_BYTES);
    struct notice_list list = notices_of(arena, "charge.failed", CH "\"refunds\":{}");
    assert_int_equal(list.count, 1);
    assert_true(list.truncated);
}

static void the_outermost_of_two_snapshots_of_one_object_counts(void **state)
{
    (void)state;
    CLEANUP(arena_free) struct arena *arena = arena_new(ARENA_BYTES);
    struct notice_list list = notices_of(arena, "charge.succeeded",
        CH "\"status\":\"succeeded\",\"payment_intent\":{" PI
           "\"status\":\"succeeded\",\"latest_charge\":{" CH "\"status\":\"failed\"}}");
    assert_int_equal(list.count, 2);
    assert_int_equal(list.notices[0].kind, NOTICE_ATTEMPT);
    assert_int_equal(list.notices[0].attempt_says.state, ATTEMPT_SUCCEEDED);
    assert_int_equal(list.notices[1].kind, NOTICE_PAYMENT);
}

static void a_stub_of_a_deleted_customer_is_only_a_reference(void **state)
{
    (void)state;
    CLEANUP(arena_free) struct arena *arena = arena_new(ARENA_BYTES);
    struct notice_list list = notices_of(arena, "charge.updated",
        CH "\"customer\":{\"id\":\"cus_1\",\"object\":\"customer\",\"deleted\":true}");
    assert_int_equal(list.count, 1);
}

static void more_objects_than_the_bound_are_said_to_be_truncated(void **state)
{
    (void)state;
    CLEANUP(arena_free) struct arena *arena = arena_new(ARENA_BYTES);
    struct buf object;
    buf_init(&object, 1 << 20);
    buf_add(&object, STR(CH "\"status\":\"succeeded\",\"refunds\":{\"data\":["));
    for (int i = 0; i < LIMIT_NOTICES + 50; i++) {
        buf_addf(&object, "%s{\"id\":\"re_%d\",\"amount\":1,\"currency\":\"eur\",\"created\":5}",
            i > 0 ? "," : "", i);
    }
    buf_add(&object, STR("]}"));
    buf_add_char(&object, '\0');
    struct notice_list list = notices_of(arena, "charge.refunded", object.data);
    assert_int_equal(list.count, LIMIT_NOTICES);
    assert_true(list.truncated);
    assert_str_equal_to(list.notices[0].object, "ch_1");
    buf_fini(&object);
}

/* ---- what is not decoded
 * ---------------------------------------------------------------------------- */

static void other_events_are_recorded_with_their_reason(void **state)
{
    (void)state;
    static const struct {
        const char *type, *object;
        enum reason reason;
    } rows[] = {
        {"invoice.paid", "\"id\":\"in_1\",\"object\":\"invoice\"", REASON_NOT_MODELLED},
        {"charge.dispute.created", "\"id\":\"dp_1\",\"object\":\"dispute\"", REASON_NOT_MODELLED},
        {"charge.levitated", CH "\"a\":1", REASON_NOT_MODELLED},
        {"customer.subscription.updated", "\"id\":\"sub_1\",\"object\":\"subscription\"",
            REASON_NOT_MODELLED},
        {"customer.updated", "\"id\":\"acct_1\",\"object\":\"account\"", REASON_NOT_MODELLED},
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
    assert_int_equal(list.notices[0].kind, NOTICE_ATTEMPT);
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

/* ---- what is wrong, by name
 * --------------------------------------------------------------------------- */

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
        "data.object.charges.data[0].refunds.data[0].amount is missing"},
    {"payment_intent.created", PI "\"latest_charge\":{\"id\":\"ch_1\",\"object\":\"charge\"}",
        ERR_INVALID, "data.object.latest_charge.amount is missing"},
    {"payment_intent.created", "\"id\":\"pi_1\"", ERR_INVALID, "data.object.amount is missing"},
    {"refund.created", "\"id\":\"re_1\"", ERR_INVALID, "data.object.amount is missing"},
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
    assert_int64_equal(list.notices[0].refund_says.amount_minor, INT64_C(9007199254740993));
    list = notices_of(arena, "refund.created",
        "\"id\":\"re_1\",\"amount\":9223372036854775807,\"currency\":\"eur\",\"created\":5");
    assert_int64_equal(list.notices[0].refund_says.amount_minor, INT64_MAX);
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

TESTS_MAIN("decode",
    TEST(payment_intents_have_our_states),
    TEST(amount_received_falls_back_on_the_amount_of_a_success),
    TEST(the_error_code_goes_before_the_error_type),
    TEST(charges_have_our_states_and_amounts),
    TEST(the_method_is_read_where_it_stands),
    TEST(refunds_have_our_states),
    TEST(a_customer_is_deleted_by_its_event_or_by_its_stub),
    TEST(a_customer_may_be_said_in_five_ways),
    TEST(a_charge_without_a_payment_intent_is_a_payment_of_its_own),
    TEST(a_refund_may_not_say_what_it_gives_back),
    TEST(the_newest_attempt_is_latest_charge_or_the_first_of_charges),
    TEST(embedded_objects_are_notices_of_their_own),
    TEST(refunds_were_once_an_array),
    TEST(refunds_without_ids_are_not_summed),
    TEST(a_list_without_its_data_is_incomplete),
    TEST(the_outermost_of_two_snapshots_of_one_object_counts),
    TEST(a_stub_of_a_deleted_customer_is_only_a_reference),
    TEST(more_objects_than_the_bound_are_said_to_be_truncated),
    TEST(other_events_are_recorded_with_their_reason),
    TEST(an_object_goes_by_its_own_word_before_its_event_type),
    TEST(bodies_that_are_no_events_have_reasons_or_errors),
    TEST(what_is_wrong_is_named),
    TEST(amounts_are_exact_beyond_two_to_the_53),
    TEST(replaced_text_in_metadata_does_not_matter),
    TEST(the_same_bytes_give_the_same_notices))
