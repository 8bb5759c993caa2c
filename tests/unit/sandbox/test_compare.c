#include "base/json.h"
#include "domain/aggregates.h"
#include "sandbox/compare.h"
#include "unit/testing.h"

/* Own ids of provider ids: the byte after the underscore, and none for "x". */
static enum err find(
    void *context, enum id_kind kind, struct str provider_id, struct own_id *ret_id)
{
    (void)context;
    (void)kind;
    char last = provider_id.data[provider_id.len - 1];
    *ret_id = (struct own_id){{0}};
    if (last != 'x') {
        ret_id->bytes[0] = (uint8_t)last;
    }
    return ERR_OK;
}

static struct own_id own(char last)
{
    return (struct own_id){{(uint8_t)last}};
}

struct compared {
    struct compare_difference differences[COMPARE_FIELDS_MAX];
    uint32_t count;
};

static struct compared compare(
    enum truth_kind kind, const char *id, const char *says, const void *record)
{
    CLEANUP(arena_free) struct arena *arena = arena_new(1024 * 1024);
    const struct compare_context context = {find, NULL};
    struct json_document document = {0};
    struct compared compared = {0};
    assert_err(json_parse(str_from(says), arena, &document), ERR_OK);
    assert_err(compare_snapshot(&context, kind, str_from(id), document.root, record,
                   compared.differences, &compared.count),
        ERR_OK);
    return compared;
}

static const char charge_says[] =
    "{\"status\":\"succeeded\",\"captured\":true,\"refunded\":false,\"amount\":1000,"
    "\"amount_captured\":600,\"amount_refunded\":500,\"currency\":\"eur\",\"customer\":\"cus_c\","
    "\"payment_intent\":\"pi_p\",\"method\":\"card\",\"failure_code\":null,\"created\":7}";

static struct attempt attempt_that_agrees(void)
{
    return (struct attempt){
        .seen = true,
        .state = ATTEMPT_SUCCEEDED,
        .amount_minor = 1000,
        .captured_minor = 600,
        .refunded_minor = 100, /* 400 of the 500 were never captured */
        .currency = {"EUR"},
        .customer_id = own('c'),
        .payment_id = own('p'),
        .method = "card",
        .made_at = 7000000,
    };
}

static void charge_that_agrees_has_no_difference(void **state)
{
    (void)state;
    struct attempt attempt = attempt_that_agrees();
    assert_int64_equal(compare(TRUTH_CHARGE, "ch_1", charge_says, &attempt).count, 0);
}

static void each_field_that_differs_is_named_with_both_sides(void **state)
{
    (void)state;
    struct attempt attempt = attempt_that_agrees();
    attempt.refunded_minor = 500;
    attempt.customer_id = own('d');
    attempt.state = ATTEMPT_FAILED;
    struct compared compared = compare(TRUTH_CHARGE, "ch_1", charge_says, &attempt);
    assert_int64_equal(compared.count, 3);
    assert_string_equal(compared.differences[0].field, "state");
    assert_string_equal(compared.differences[0].truth, "succeeded");
    assert_string_equal(compared.differences[0].store, "failed");
    assert_string_equal(compared.differences[1].field, "refunded_minor");
    assert_string_equal(compared.differences[1].truth, "100");
    assert_string_equal(compared.differences[1].store, "500");
    assert_string_equal(compared.differences[2].field, "customer_id");
}

static void charge_without_an_intent_is_owned_by_the_payment_of_its_own_id(void **state)
{
    (void)state;
    struct attempt attempt = {.seen = true, .state = ATTEMPT_FAILED, .payment_id = own('b')};
    assert_int64_equal(
        compare(TRUTH_CHARGE, "ch_b",
            "{\"status\":\"failed\",\"amount\":0,\"amount_captured\":0,\"amount_refunded\":0,"
            "\"payment_intent\":null,\"created\":0}",
            &attempt)
            .count,
        0);
}

static void object_that_the_store_does_not_know_is_a_difference(void **state)
{
    (void)state;
    struct refund refund = {.state = REFUND_SUCCEEDED, .attempt_id = own('a')};
    struct compared compared = compare(TRUTH_REFUND, "re_1",
        "{\"state\":\"succeeded\",\"amount_minor\":0,\"attempt_id\":\"ch_x\",\"made_at\":0}",
        &refund);
    assert_int64_equal(compared.count, 1);
    assert_string_equal(compared.differences[0].field, "attempt_id");
    assert_string_equal(compared.differences[0].truth, "(unknown: ch_x)");
}

static void state_of_an_intent_goes_by_what_was_tried(void **state)
{
    (void)state;
    static const struct {
        const char *says;
        int state;
    } rows[] = {
        {"{\"status\":\"requires_payment_method\"}", PAYMENT_OPEN},
        {"{\"status\":\"requires_payment_method\",\"error_code\":\"card_declined\"}",
            PAYMENT_FAILED},
        {"{\"status\":\"requires_payment_method\",\"latest_charge\":\"ch_a\"}", PAYMENT_FAILED},
        {"{\"status\":\"requires_action\"}", PAYMENT_ACTION_REQUIRED},
        {"{\"status\":\"processing\"}", PAYMENT_PROCESSING},
        {"{\"status\":\"requires_capture\"}", PAYMENT_AUTHORIZED},
        {"{\"status\":\"succeeded\"}", PAYMENT_SUCCEEDED},
        {"{\"status\":\"canceled\"}", PAYMENT_CANCELED},
    };
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        struct payment payment = {.said_seen = true, .said_state = rows[i].state};
        struct compared compared = compare(TRUTH_INTENT, "pi_1", rows[i].says, &payment);
        for (uint32_t k = 0; k < compared.count; k++) {
            assert_row(strcmp(compared.differences[k].field, "said_state") != 0, rows[i].says);
        }
    }
}

static void state_of_a_charge_goes_by_capture_and_release(void **state)
{
    (void)state;
    static const struct {
        const char *says;
        int state;
    } rows[] = {
        {"{\"status\":\"pending\",\"captured\":true}", ATTEMPT_PENDING},
        {"{\"status\":\"succeeded\",\"captured\":true}", ATTEMPT_SUCCEEDED},
        {"{\"status\":\"succeeded\",\"captured\":false}", ATTEMPT_AUTHORIZED},
        {"{\"status\":\"succeeded\",\"captured\":false,\"refunded\":true}", ATTEMPT_FAILED},
        {"{\"status\":\"failed\",\"captured\":false}", ATTEMPT_FAILED},
    };
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        struct attempt attempt = {.seen = true, .state = rows[i].state};
        struct compared compared = compare(TRUTH_CHARGE, "ch_1", rows[i].says, &attempt);
        for (uint32_t k = 0; k < compared.count; k++) {
            assert_row(strcmp(compared.differences[k].field, "state") != 0, rows[i].says);
        }
    }
}

static void dispute_is_compared_by_the_types_of_its_fields(void **state)
{
    (void)state;
    struct dispute dispute = {.state = DISPUTE_INQUIRY_CLOSED,
        .amount_minor = 700,
        .currency = {"EUR"},
        .is_inquiry = true,
        .attempt_id = own('a'),
        .made_at = 7000000};
    static const char says[] =
        "{\"state\":\"warning_closed\",\"amount_minor\":700,\"currency\":\"eur\","
        "\"is_inquiry\":true,\"attempt_id\":\"ch_a\",\"withdrawn_minor\":0,\"made_at\":7}";
    assert_int64_equal(compare(TRUTH_DISPUTE, "du_1", says, &dispute).count, 0);
    dispute.state = DISPUTE_LOST;
    dispute.withdrawn_minor = 700;
    dispute.funds_withdrawn = true;
    struct compared compared = compare(TRUTH_DISPUTE, "du_1", says, &dispute);
    assert_int64_equal(compared.count, 3);
    assert_string_equal(compared.differences[0].field, "state");
    assert_string_equal(compared.differences[0].truth, "inquiry_closed");
    assert_string_equal(compared.differences[1].field, "withdrawn_minor");
    assert_string_equal(compared.differences[2].field, "funds_withdrawn");
}

static void what_the_store_need_not_know_may_be_missing_and_not_wrong(void **state)
{
    (void)state;
    static const char says[] =
        "{\"state\":\"paid\",\"payment_id\":\"pi_p\",\"collects_itself\":false,\"due_at\":0}";
    struct invoice invoice = {.state = INVOICE_PAID};
    uint32_t before = compare(TRUTH_INVOICE, "in_1", says, &invoice).count;
    invoice.payment_id = own('p');
    assert_int64_equal(compare(TRUTH_INVOICE, "in_1", says, &invoice).count, before);
    invoice.payment_id = own('q');
    struct compared compared = compare(TRUTH_INVOICE, "in_1", says, &invoice);
    assert_int64_equal(compared.count, before + 1);
    bool named = false;
    for (uint32_t i = 0; i < compared.count; i++) {
        named |= strcmp(compared.differences[i].field, "payment_id") == 0;
    }
    assert_true(named);
}

/* A field that the domain gets one day is compared, or the table says why not. */
static void every_business_field_of_a_record_has_its_row(void **state)
{
    (void)state;
    static const struct {
        enum id_kind kind;
        const char *member;
    } has[] = {
#define SAYS(KIND, member, how, path) {ID_##KIND, #member},
#define LEFT(KIND, member, why) {ID_##KIND, #member},
#define MAY_SAY(KIND, member, how, path) {ID_##KIND, #member},
#include "sandbox/records.def"
    };
    static const enum id_kind kinds[] = {
#define RECORD(KIND, word) ID_##KIND,
#include "sandbox/records.def"
    };
    for (size_t i = 0; i < sizeof kinds / sizeof *kinds; i++) {
        const struct record_kind *kind = record_kind_of(kinds[i]);
        for (size_t k = 0; k < kind->field_count; k++) {
            const struct field *field = &kind->fields[k];
            int rows = strcmp(field->name, "contested") == 0 ? 1 : 0; /* not compared then */
            for (size_t row = 0; row < sizeof has / sizeof *has; row++) {
                rows += has[row].kind == kinds[i] && strcmp(has[row].member, field->name) == 0;
            }
            assert_row(!field_is_business(field) || rows == 1, field->name);
        }
    }
}

TESTS_MAIN("sandbox/compare",
    TEST(dispute_is_compared_by_the_types_of_its_fields),
    TEST(what_the_store_need_not_know_may_be_missing_and_not_wrong),
    TEST(every_business_field_of_a_record_has_its_row),
    TEST(charge_that_agrees_has_no_difference),
    TEST(each_field_that_differs_is_named_with_both_sides),
    TEST(charge_without_an_intent_is_owned_by_the_payment_of_its_own_id),
    TEST(object_that_the_store_does_not_know_is_a_difference),
    TEST(state_of_an_intent_goes_by_what_was_tried),
    TEST(state_of_a_charge_goes_by_capture_and_release))
