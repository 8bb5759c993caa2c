/* Objects on their own: what state and which amounts their fields mean. */
#include "objects.h"

/* ---- payment intents --------------------------------------------------------------------- */

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
        assert_row(list.notices[0].kind == ID_PAYMENT, intent_rows[i].object);
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

/* ---- charges ----------------------------------------------------------------------------- */

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
        assert_row(list.notices[0].kind == ID_ATTEMPT, row->object);
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

/* ---- refunds and customers --------------------------------------------------------------- */

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
        assert_row(list.notices[0].kind == ID_REFUND, rows[i].object);
        assert_row(said_refund(&list.notices[0])->state == (int)rows[i].state, rows[i].object);
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
        {"customer.deleted",
            "\"id\":\"cus_1\",\"object\":\"customer\",\"created\":5,\"deleted\":false", true},
    };
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        CLEANUP(arena_free) struct arena *arena = arena_new(ARENA_BYTES);
        struct notice_list list = notices_of(arena, rows[i].type, rows[i].object);
        assert_row(said_customer(&list.notices[0])->deleted == rows[i].deleted, rows[i].type);
    }
}

TESTS_MAIN("states",
    TEST(payment_intents_have_our_states),
    TEST(amount_received_falls_back_on_the_amount_of_a_success),
    TEST(the_error_code_goes_before_the_error_type),
    TEST(charges_have_our_states_and_amounts),
    TEST(the_method_is_read_where_it_stands),
    TEST(refunds_have_our_states),
    TEST(a_customer_is_deleted_by_its_event_or_by_its_stub))
