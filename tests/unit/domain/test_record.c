#include "domain/aggregates.h"
#include "unit/testing.h"

static struct buf json_buf;

static struct str json_of(enum id_kind kind, const void *record)
{
    struct json_writer writer;
    buf_clear(&json_buf);
    json_writer_init(&writer, &json_buf);
    json_begin_object(&writer, STR_NONE);
    record_to_json(record_kind_of(kind), record, &writer);
    json_end_object(&writer);
    assert_false(json_buf.failed);
    return buf_str(&json_buf);
}

static void every_kind_is_described_within_its_struct(void **state)
{
    (void)state;
    static const size_t sizes[] = {
#define AGGREGATE(NAME, name, prefix, help) [ID_##NAME] = sizeof(struct name),
#include "domain/aggregates.def"
    };
    for (int i = 0; i < ID_KIND_COUNT; i++) {
        const struct record_kind *kind = record_kind_of((enum id_kind)i);
        assert_int_equal(kind->id_kind, i);
        assert_int_equal(kind->size, sizes[i]);
        assert_string_equal(kind->table, id_kind_word((enum id_kind)i));
        size_t end = sizeof(struct record_head);
        for (size_t f = 0; f < kind->field_count; f++) {
            const struct field *field = &kind->fields[f];
            assert_row(field->offset >= end, field->name);
            end = field->offset + field->size;
            assert_row(end <= kind->size, field->name);
            assert_row((field->type == FIELD_ENUM) == (field->words != NULL), field->name);
            assert_row((field->type == FIELD_ID) == (field->id_kind != ID_KIND_COUNT), field->name);
            assert_row(field->help[0] != '\0', field->name);
        }
    }
}

static const struct field *field_at(const struct record_kind *kind, size_t offset)
{
    for (size_t i = 0; i < kind->field_count; i++) {
        if (kind->fields[i].offset == offset) {
            return &kind->fields[i];
        }
    }
    return NULL;
}

static void every_amount_names_a_currency_and_no_currency_goes_without_an_amount(void **state)
{
    (void)state;
    for (int i = 0; i < ID_KIND_COUNT; i++) {
        const struct record_kind *kind = record_kind_of((enum id_kind)i);
        uint64_t currencies = 0;
        uint64_t named = 0; /* both are bits, by place among the fields */
        bool has_amounts = false;
        for (size_t f = 0; f < kind->field_count; f++) {
            const struct field *field = &kind->fields[f];
            currencies |= field->type == FIELD_CURRENCY ? UINT64_C(1) << f : 0;
            if (field->type == FIELD_MINOR) {
                const struct field *currency = field_at(kind, field->currency_offset);
                assert_row(currency != NULL && currency->type == FIELD_CURRENCY, field->name);
                named |= UINT64_C(1) << (currency - kind->fields);
                has_amounts = true;
            }
        }
        assert_row(!has_amounts || named == currencies, kind->table);
    }
}

static void what_was_withdrawn_by_a_dispute_is_in_the_currency_of_settlement(void **state)
{
    (void)state;
    const struct record_kind *kind = record_kind_of(ID_DISPUTE);
    assert_int_equal(record_field(kind, STR("withdrawn_minor"))->currency_offset,
        record_field(kind, STR("settlement_currency"))->offset);
    assert_int_equal(record_field(kind, STR("amount_minor"))->currency_offset,
        record_field(kind, STR("currency"))->offset);
}

static void a_new_payment_shows_null_where_nothing_is_known(void **state)
{
    (void)state;
    struct payment payment = {.head = {.id = {{0}}}};
    assert_str_equal_to(json_of(ID_PAYMENT, &payment),
        "{\"id\":null,\"state\":\"open\",\"amount_minor\":0,\"currency\":null,"
        "\"received_minor\":0,\"refunded_minor\":0,\"customer_id\":null,\"attempt_id\":null,"
        "\"attempt_count\":0,\"failure_code\":null,\"opened_at\":null,\"succeeded_at\":null,"
        "\"contested\":false}");
}

static void a_full_attempt_shows_every_business_field_and_no_other(void **state)
{
    (void)state;
    struct attempt attempt = {.head = {.id = {{1}}, .scope = 9, .version = 9},
        .payment_id = {{2}},
        .seen = true,
        .state = ATTEMPT_SUCCEEDED,
        .amount_minor = INT64_MAX,
        .currency = {"EUR"},
        .captured_minor = 5,
        .refunded_minor = 4,
        .customer_id = {{3}},
        .method = "card",
        .failure_code = "a \"code\"",
        .made_at = INT64_C(1795344772123456),
        .contested = true,
        .said_at = 77,
        .said_rank = 77,
        .said_content = 77,
        .milestones = 77};
    assert_str_equal_to(json_of(ID_ATTEMPT, &attempt),
        "{\"id\":\"cf_att_01000000000000000000000000000000\","
        "\"payment_id\":\"cf_pay_02000000000000000000000000000000\",\"seen\":true,"
        "\"state\":\"succeeded\",\"amount_minor\":9223372036854775807,\"currency\":\"EUR\","
        "\"captured_minor\":5,\"refunded_minor\":4,"
        "\"customer_id\":\"cf_cus_03000000000000000000000000000000\",\"method\":\"card\","
        "\"failure_code\":\"a \\\"code\\\"\",\"made_at\":\"2026-11-22T10:52:52.123456Z\","
        "\"contested\":true}");
}

static void fill(void *record, const struct field *field, uint8_t with)
{
    char *member = (char *)record + field->offset;
    if (field->type == FIELD_TEXT || field->type == FIELD_CURRENCY) {
        member[0] = (char)('a' + with);
    } else if (field->type == FIELD_BOOL) {
        *(bool *)member = with != 0;
    } else if (field->type == FIELD_ENUM) {
        *(int *)member = with;
    } else {
        member[0] = (char)with;
    }
}

static void a_difference_in_any_field_is_seen_where_it_counts(void **state)
{
    (void)state;
    for (int i = 0; i < ID_KIND_COUNT; i++) {
        const struct record_kind *kind = record_kind_of((enum id_kind)i);
        for (size_t f = 0; f < kind->field_count; f++) {
            _Alignas(max_align_t) unsigned char a[RECORD_BYTES_MAX], b[RECORD_BYTES_MAX];
            memset(&a, 0, sizeof a);
            memset(&b, 0, sizeof b);
            const struct field *field = &kind->fields[f];
            fill(&b, field, 1);
            bool business = field_is_business(field);
            const struct field *differs = NULL;
            assert_row(record_business_equal(kind, &a, &b, &differs) == !business, field->name);
            assert_row(differs == (business ? field : NULL), field->name);
            assert_row(record_business_equal(kind, &a, &b, NULL) == !business, field->name);
            assert_row(!record_equal(kind, &a, &b), field->name);
            fill(&a, field, 1);
            assert_row(record_equal(kind, &a, &b), field->name);
        }
    }
}

static void what_stands_behind_the_end_of_a_text_means_nothing(void **state)
{
    (void)state;
    struct customer a = {.name = "Ann\0xyz"};
    struct customer b = {.name = "Ann"};
    assert_true(record_equal(record_kind_of(ID_CUSTOMER), &a, &b));
}

static void heads_are_not_compared(void **state)
{
    (void)state;
    struct refund a = {.head = {.id = {{1}}, .version = 1}};
    struct refund b = {.head = {.id = {{2}}, .version = 2}};
    assert_true(record_equal(record_kind_of(ID_REFUND), &a, &b));
    assert_true(record_business_equal(record_kind_of(ID_REFUND), &a, &b, NULL));
}

static void a_state_outside_its_words_is_a_corrupt_record(void **state)
{
    (void)state;
    struct refund refund = {.state = REFUND_STATE_COUNT};
    assert_aborts((void)json_of(ID_REFUND, &refund));
    refund.state = -1;
    assert_aborts((void)json_of(ID_REFUND, &refund));
}

static int make_buf(void **state)
{
    (void)state;
    buf_init(&json_buf, 65536);
    return 0;
}

static int free_buf(void **state)
{
    (void)state;
    buf_fini(&json_buf);
    return 0;
}

TESTS_MAIN_WITH("record",
    make_buf,
    free_buf,
    TEST(every_kind_is_described_within_its_struct),
    TEST(every_amount_names_a_currency_and_no_currency_goes_without_an_amount),
    TEST(what_was_withdrawn_by_a_dispute_is_in_the_currency_of_settlement),
    TEST(a_new_payment_shows_null_where_nothing_is_known),
    TEST(a_full_attempt_shows_every_business_field_and_no_other),
    TEST(a_difference_in_any_field_is_seen_where_it_counts),
    TEST(what_stands_behind_the_end_of_a_text_means_nothing),
    TEST(heads_are_not_compared),
    TEST(a_state_outside_its_words_is_a_corrupt_record))
