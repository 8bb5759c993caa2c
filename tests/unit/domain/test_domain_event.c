#include "domain/aggregates.h"
#include "domain/domain_event.h"
#include "unit/testing.h"

#define BODY_BYTES_MAX 8192

/* As the event of that type leaves it. */
static struct payment sample_payment(enum domain_event_type type)
{
    static const enum payment_state states[EVENT_TYPE_COUNT] = {
        [EVENT_PAYMENT_OPENED] = PAYMENT_OPEN,
        [EVENT_PAYMENT_ACTION_REQUIRED] = PAYMENT_ACTION_REQUIRED,
        [EVENT_PAYMENT_PROCESSING] = PAYMENT_PROCESSING,
        [EVENT_PAYMENT_AUTHORIZED] = PAYMENT_AUTHORIZED,
        [EVENT_PAYMENT_SUCCEEDED] = PAYMENT_SUCCEEDED,
        [EVENT_PAYMENT_CANCELED] = PAYMENT_CANCELED,
        [EVENT_PAYMENT_ATTEMPT_FAILED] = PAYMENT_FAILED,
        [EVENT_PAYMENT_FAILED_LATE] = PAYMENT_FAILED,
        [EVENT_PAYMENT_LINKED] = PAYMENT_SUCCEEDED,
        [EVENT_PAYMENT_CHANGED] = PAYMENT_SUCCEEDED,
    };
    struct payment payment = {.head = {.id = {{0x01, 0x9a}}, .scope = 1, .version = 3},
        .state = (int)states[type],
        .amount_minor = 123456,
        .currency = {"EUR"},
        .customer_id = {{0x01, 0x9b}},
        .attempt_id = {{0x01, 0x9c}},
        .attempt_count = 2,
        .opened_at = INT64_C(1795344700000000),
        .said_seen = true,
        .said_content = 77};
    if (type == EVENT_PAYMENT_OPENED) {
        payment.attempt_id = (struct own_id){{0}};
        payment.attempt_count = 0;
    }
    if (payment.state == PAYMENT_FAILED) {
        (void)str_copy_to(payment.failure_code, sizeof payment.failure_code, STR("card_declined"));
    }
    if (payment.state == PAYMENT_SUCCEEDED || type == EVENT_PAYMENT_FAILED_LATE) {
        payment.received_minor = 123456;
        payment.succeeded_at = INT64_C(1795344772000000);
    }
    if (type == EVENT_PAYMENT_CHANGED) {
        payment.refunded_minor = 5000;
    }
    return payment;
}

static struct refund sample_refund(enum domain_event_type type)
{
    static const enum refund_state states[EVENT_TYPE_COUNT] = {
        [EVENT_REFUND_OPENED] = REFUND_PENDING,
        [EVENT_REFUND_ACTION_REQUIRED] = REFUND_ACTION_REQUIRED,
        [EVENT_REFUND_SUCCEEDED] = REFUND_SUCCEEDED,
        [EVENT_REFUND_FAILED] = REFUND_FAILED,
        [EVENT_REFUND_CANCELED] = REFUND_CANCELED,
        [EVENT_REFUND_CHANGED] = REFUND_SUCCEEDED,
    };
    struct refund refund = {.head = {.id = {{0x01, 0x9d}}, .scope = 1, .version = 2},
        .state = (int)states[type],
        .amount_minor = 5000,
        .currency = {"EUR"},
        .payment_id = {{0x01, 0x9a}},
        .attempt_id = {{0x01, 0x9c}},
        .reason = "requested_by_customer",
        .made_at = INT64_C(1795345000000000),
        .contested = type == EVENT_REFUND_CHANGED};
    if (type == EVENT_REFUND_FAILED) {
        (void)str_copy_to(
            refund.failure_reason, sizeof refund.failure_reason, STR("expired_or_canceled_card"));
    }
    return refund;
}

static struct customer sample_customer(enum domain_event_type type)
{
    return (struct customer){.head = {.id = {{0x01, 0x9b}}, .scope = 1, .version = 1},
        .name = "Zo\xc3\xab \"Z\" M\xc3\xbcller",
        .email = "zoe@example.com",
        .deleted = type == EVENT_CUSTOMER_DELETED,
        .made_at = INT64_C(1795300000000000)};
}

/* Any member's value, by its row: the same in every run. */
static void fill(const struct field *field, int number, void *member)
{
    int64_t whole = field->type == FIELD_TIME ? INT64_C(1795344772000000) + number : 1000 + number;
    struct own_id id = {{0x01, (uint8_t)number}};
    switch (field->type) {
    case FIELD_ID:
        memcpy(member, &id, sizeof id);
        break;
    case FIELD_INT:
    case FIELD_MINOR:
    case FIELD_TIME:
        memcpy(member, &whole, sizeof whole);
        break;
    case FIELD_BOOL:
        *(bool *)member = number % 2 == 0;
        break;
    case FIELD_CURRENCY:
        memcpy(member, "EUR", sizeof "EUR");
        break;
    case FIELD_TEXT:
        (void)str_copy_to(member, field->size, str_from(field->name));
        break;
    case FIELD_ENUM:
        *(int *)member = number % field->words->count;
        break;
    default:
        fail();
    }
}

static void body_by_rows(enum domain_event_type type, struct buf *to)
{
    const struct record_kind *kind = record_kind_of(domain_event_aggregate(type));
    _Alignas(max_align_t) unsigned char record[RECORD_BYTES_MAX] = {0};
    struct record_head *head = (struct record_head *)(void *)record;
    head->id = (struct own_id){{0x01, 0x9a}};
    for (size_t i = 0; i < kind->field_count; i++) {
        const struct field *field = &kind->fields[i];
        fill(field, (int)i + (int)type - kind->first_event, record + field->offset);
    }
    struct domain_event event = {.type = type, .aggregate_id = head->id};
    domain_event_body(&event, record, to);
}

static void body_of(enum domain_event_type type, struct buf *to)
{
    enum id_kind kind = domain_event_aggregate(type);
    if (kind != ID_PAYMENT && kind != ID_REFUND && kind != ID_CUSTOMER) {
        body_by_rows(type, to);
        return;
    }
    struct payment payment = sample_payment(type);
    struct refund refund = sample_refund(type);
    struct customer customer = sample_customer(type);
    struct domain_event event = {.type = type, .occurred_at_us = payment.opened_at};
    bool of_attempt = type == EVENT_PAYMENT_ATTEMPT_FAILED || type == EVENT_PAYMENT_FAILED_LATE;
    event.attempt_id = of_attempt ? payment.attempt_id : (struct own_id){{0}};
    const void *record = &payment;
    event.aggregate_id = payment.head.id;
    if (kind == ID_REFUND) {
        record = &refund;
        event.aggregate_id = refund.head.id;
    } else if (kind == ID_CUSTOMER) {
        record = &customer;
        event.aggregate_id = customer.head.id;
    }
    domain_event_body(&event, record, to);
}

/* One line and its end, in GOLDEN_DIR/<type>.json; COUNTERFOIL_GOLDEN_WRITE=1 writes those that
 * are missing, for reading over. */
static const char *golden_path(enum domain_event_type type)
{
    static char path[512];
    (void)snprintf(path, sizeof path, "%s/%s.json", GOLDEN_DIR, domain_event_name(type));
    return path;
}

static void write_golden(enum domain_event_type type, struct str body)
{
    if (getenv("COUNTERFOIL_GOLDEN_WRITE") != NULL) {
        FILE *file = fopen(golden_path(type), "wbx");
        if (file != NULL) {
            assert_int_equal(fwrite(body.data, 1, body.len, file), body.len);
            assert_int_equal(fclose(file), 0);
        }
    }
}

static size_t read_golden(enum domain_event_type type, char *to, size_t bytes_max)
{
    const char *path = golden_path(type);
    FILE *file = fopen(path, "rb");
    if (file == NULL) {
        print_error("%s is missing\n", path);
        return 0;
    }
    size_t len = fread(to, 1, bytes_max, file);
    (void)fclose(file);
    return len;
}

/* The business reads these bodies. Who changes one gives the type a new schema version, and keeps
 * the old file for what is stored already. */
static void every_body_is_what_its_golden_file_says(void **state)
{
    (void)state;
    for (int type = 0; type < EVENT_TYPE_COUNT; type++) {
        struct buf body;
        char golden[BODY_BYTES_MAX];
        buf_init(&body, BODY_BYTES_MAX);
        body_of((enum domain_event_type)type, &body);
        buf_add_char(&body, '\n');
        write_golden((enum domain_event_type)type, buf_str(&body));
        size_t len = read_golden((enum domain_event_type)type, golden, sizeof golden);
        bool same = !body.failed && str_eq(buf_str(&body), (struct str){golden, len});
        if (!same) {
            print_error("%s is now\n" STR_FMT, domain_event_name((enum domain_event_type)type),
                STR_ARG(buf_str(&body)));
        }
        buf_fini(&body);
        assert_row(same, domain_event_name((enum domain_event_type)type));
    }
}

static void every_name_parses_back(void **state)
{
    (void)state;
    for (int i = 0; i < EVENT_TYPE_COUNT; i++) {
        enum domain_event_type type = EVENT_TYPE_COUNT;
        const char *name = domain_event_name((enum domain_event_type)i);
        assert_row(domain_event_parse(str_from(name), &type), name);
        assert_row((int)type == i, name);
    }
    enum domain_event_type type = EVENT_REFUND_FAILED;
    assert_false(domain_event_parse(STR("payment.exploded"), &type));
    assert_int_equal(type, EVENT_REFUND_FAILED);
}

static void every_name_begins_with_its_aggregate(void **state)
{
    (void)state;
    for (int i = 0; i < EVENT_TYPE_COUNT; i++) {
        enum domain_event_type type = (enum domain_event_type)i;
        struct str name = str_from(domain_event_name(type));
        struct str aggregate = str_cut(&name, '.');
        assert_str_equal_to(aggregate, id_kind_word(domain_event_aggregate(type)));
        assert_true(domain_event_schema(type) >= 1);
        assert_true(domain_event_help(type)[0] != '\0');
    }
}

static bool happens_again(enum domain_event_type type)
{
    static const enum domain_event_type others[] = {EVENT_PAYMENT_LINKED, EVENT_SUBSCRIPTION_PAUSED,
        EVENT_SUBSCRIPTION_RESUMED, EVENT_SUBSCRIPTION_COLLECTION_PAUSED,
        EVENT_SUBSCRIPTION_COLLECTION_RESUMED, EVENT_CONNECTED_ACCOUNT_CHARGES_STOPPED,
        EVENT_CONNECTED_ACCOUNT_PAYOUTS_STOPPED};
    for (size_t i = 0; i < sizeof others / sizeof others[0]; i++) {
        if (type == others[i]) {
            return true;
        }
    }
    return str_ends_with(str_from(domain_event_name(type)), STR(".changed"));
}

static void changes_links_pauses_and_stops_are_the_only_ones_that_happen_again(void **state)
{
    (void)state;
    for (int i = 0; i < EVENT_TYPE_COUNT; i++) {
        enum domain_event_type type = (enum domain_event_type)i;
        assert_row(
            domain_event_is_milestone(type) == !happens_again(type), domain_event_name(type));
    }
}

static void a_body_with_another_aggregate_breaks_the_contract(void **state)
{
    (void)state;
    struct payment payment = sample_payment(EVENT_PAYMENT_OPENED);
    struct domain_event event = {.type = EVENT_PAYMENT_OPENED, .aggregate_id = {{0xee}}};
    struct buf body;
    buf_init(&body, BODY_BYTES_MAX);
    assert_aborts(domain_event_body(&event, &payment, &body));
    buf_fini(&body);
}

TESTS_MAIN("domain_event",
    TEST(every_body_is_what_its_golden_file_says),
    TEST(every_name_parses_back),
    TEST(every_name_begins_with_its_aggregate),
    TEST(changes_links_pauses_and_stops_are_the_only_ones_that_happen_again),
    TEST(a_body_with_another_aggregate_breaks_the_contract))
