/* What the public listener answers to whom. */
#include "base/limits.h"
#include "base/metrics.h"
#include "unit/http/door.h"
#include <strings.h>

struct request_case {
    const char *name;
    const char *request; /* all of it */
    int status;
    const char *body;   /* NULL: the library's */
    const char *header; /* NULL: none in particular */
};

#define JSON(err, message) "{\"error\":\"" err "\",\"message\":\"" message "\"}"
#define NO_SUCH_THING JSON("NOT_FOUND", "there is no such thing")
#define NO_LENGTH JSON("INVALID", "a Content-Length is needed; chunked bodies are not taken")
#define BAD_LENGTH                                                                                 \
    JSON("MALFORMED", "the Content-Length is no number, or stands there more than once")

static const struct request_case request_cases[] = {
    {"another path", "POST /other HTTP/1.1\r\nHost: a\r\nContent-Length: 0\r\n\r\n", 404,
        NO_SUCH_THING, "Content-Type: application/json"},
    {"the root", "GET / HTTP/1.1\r\nHost: a\r\n\r\n", 404, NO_SUCH_THING, NULL},
    {"no account in the path", "POST /webhooks/ HTTP/1.1\r\nHost: a\r\nContent-Length: 0\r\n\r\n",
        404, NO_SUCH_THING, NULL},
    {"two segments", "POST /webhooks/acme/x HTTP/1.1\r\nHost: a\r\nContent-Length: 0\r\n\r\n", 404,
        NO_SUCH_THING, NULL},
    {"an escaped slash is part of the name",
        "POST /webhooks/acme%2Fx HTTP/1.1\r\nHost: a\r\nContent-Length: 0\r\n\r\n", 404,
        NO_SUCH_THING, NULL},
    {"an escaped NUL does not end the name",
        "POST /webhooks/acme%00x HTTP/1.1\r\nHost: a\r\nContent-Length: 0\r\n\r\n", 404,
        NO_SUCH_THING, NULL},
    {"an unknown account", "POST /webhooks/nobody HTTP/1.1\r\nHost: a\r\nContent-Length: 0\r\n\r\n",
        404, NO_SUCH_THING, NULL},
    {"GET", "GET /webhooks/acme HTTP/1.1\r\nHost: a\r\n\r\n", 405,
        JSON("INVALID", "webhooks are delivered by POST"), "Allow: POST"},
    {"PUT", "PUT /webhooks/acme HTTP/1.1\r\nHost: a\r\nContent-Length: 0\r\n\r\n", 405,
        JSON("INVALID", "webhooks are delivered by POST"), "Allow: POST"},
    {"a method nobody knows", "BREW /webhooks/acme HTTP/1.1\r\nHost: a\r\n\r\n", 405,
        JSON("INVALID", "webhooks are delivered by POST"), "Allow: POST"},
    {"GET for an unknown account does not tell", "GET /webhooks/nobody HTTP/1.1\r\nHost: a\r\n\r\n",
        405, JSON("INVALID", "webhooks are delivered by POST"), "Allow: POST"},
    {"no length", "POST /webhooks/acme HTTP/1.1\r\nHost: a\r\n\r\n", 411, NO_LENGTH, NULL},
    {"chunked",
        "POST /webhooks/acme HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n1\r\na\r\n",
        411, NO_LENGTH, NULL},
    {"chunked and a length",
        "POST /webhooks/acme HTTP/1.1\r\nHost: a\r\nContent-Length: 4\r\n"
        "Transfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
        411, NO_LENGTH, NULL},
    {"two lengths",
        "POST /webhooks/acme HTTP/1.1\r\nHost: a\r\nContent-Length: 4\r\nContent-Length: 5\r\n\r\n",
        400, BAD_LENGTH, NULL},
    {"a length with a letter",
        "POST /webhooks/acme HTTP/1.1\r\nHost: a\r\nContent-Length: x4\r\n\r\n", 400, NULL, NULL},
    {"a negative length", "POST /webhooks/acme HTTP/1.1\r\nHost: a\r\nContent-Length: -1\r\n\r\n",
        400, NULL, NULL},
    {"a byte too many",
        "POST /webhooks/acme HTTP/1.1\r\nHost: a\r\nContent-Length: 1048577\r\n\r\n", 413,
        JSON("TOO_LARGE", "the body is too large"), NULL},
    {"a length beyond all numbers",
        "POST /webhooks/acme HTTP/1.1\r\nHost: a\r\nContent-Length: "
        "99999999999999999999999\r\n\r\n",
        413, NULL, NULL},
    {"an unproven sender",
        "POST /webhooks/acme HTTP/1.1\r\nHost: a\r\nContent-Length: 2\r\n"
        "Stripe-Signature: forged\r\n\r\n{}",
        400, JSON("UNPROVEN", "the sender is not proven"), "Content-Type: application/json"},
    {"no signature", "POST /webhooks/acme HTTP/1.1\r\nHost: a\r\nContent-Length: 2\r\n\r\n{}", 400,
        JSON("UNPROVEN", "the sender is not proven"), NULL},
    {"an empty body",
        "POST /webhooks/acme HTTP/1.1\r\nHost: a\r\nContent-Length: 0\r\n"
        "Stripe-Signature: good\r\n\r\n",
        400, JSON("UNPROVEN", "the sender is not proven"), NULL},
    {"no room to verify",
        "POST /webhooks/acme HTTP/1.1\r\nHost: a\r\nContent-Length: 2\r\n"
        "Stripe-Signature: busy\r\n\r\n{}",
        503, JSON("BUSY", "the queue is full"), "Retry-After: 5"},
    {"a delivery",
        "POST /webhooks/acme HTTP/1.1\r\nHost: a\r\nContent-Length: 2\r\n"
        "Stripe-Signature: good\r\n\r\n{}",
        200, "{\"status\":\"kept\",\"seq\":1}", "Content-Type: application/json"},
    {"header names in any case, a query, an escaped letter",
        "POST /webhooks/%61cme?x=1&y=%zz HTTP/1.1\r\nhost: a\r\nCONTENT-LENGTH: 2\r\n"
        "stripe-SIGNATURE:good\r\n\r\n{}",
        200, "{\"status\":\"kept\",\"seq\":1}", NULL},
    {"an account with a blank in its name",
        "POST /webhooks/b%20c HTTP/1.1\r\nHost: a\r\nContent-Length: 2\r\n"
        "Stripe-Signature: good\r\n\r\n{}",
        200, "{\"status\":\"kept\",\"seq\":1}", NULL},
    {"HTTP/1.0",
        "POST /webhooks/acme HTTP/1.0\r\nContent-Length: 2\r\nStripe-Signature: good\r\n\r\n{}",
        200, "{\"status\":\"kept\",\"seq\":1}", NULL},
    {"what is proven and no JSON is kept",
        "POST /webhooks/acme HTTP/1.1\r\nHost: a\r\nContent-Length: 2\r\n"
        "Stripe-Signature: good-odd\r\n\r\n{}",
        200, "{\"status\":\"kept\",\"seq\":1,\"recorded\":\"not_json\"}", NULL},
};

static void every_request_gets_its_answer(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof request_cases / sizeof request_cases[0]; i++) {
        const struct request_case *row = &request_cases[i];
        struct door *door = door_open();
        door_mode_set(door, DOOR_ANSWERS, ERR_OK);
        struct wire wire = wire_open(door->port);
        wire_send(&wire, str_from(row->request));
        struct wire_answer answer;
        assert_row(wire_try_read(&wire, &answer), row->name);
        assert_row(answer.status == row->status, row->name);
        assert_row(row->body == NULL || strcmp(answer.body, row->body) == 0, row->name);
        assert_row(row->header == NULL || answer_has_header(&answer, row->header), row->name);
        wire_close(&wire);
        (void)door_close(door);
    }
}

struct result_case {
    enum err result;
    int status;
    const char *body;
    enum metric metric;
};

static const struct result_case result_cases[] = {
    {ERR_OK, 200, "{\"status\":\"kept\",\"seq\":1}", METRIC_DELIVERIES_KEPT},
    {ERR_BUSY, 503, JSON("BUSY", "the queue is full"), METRIC_DELIVERIES_BUSY},
    {ERR_CLOSED, 503, JSON("CLOSED", "it is closing"), METRIC_DELIVERIES_FAILED},
    {ERR_STORE_IO, 503, JSON("STORE_IO", "the store cannot be used"), METRIC_DELIVERIES_FAILED},
    {ERR_STORE_FULL, 503, JSON("STORE_FULL", "the store has no room left"),
        METRIC_DELIVERIES_FAILED},
    /* What is proven never hears that it is wrong, nor without its seq that it is kept. */
    {ERR_TOO_LARGE, 503, JSON("STORE_IO", "the store cannot be used"), METRIC_DELIVERIES_FAILED},
    {ERR_SCHEMA, 503, JSON("STORE_IO", "the store cannot be used"), METRIC_DELIVERIES_FAILED},
    {ERR_DUPLICATE, 503, JSON("STORE_IO", "the store cannot be used"), METRIC_DELIVERIES_FAILED},
    {ERR_CONFLICT, 503, JSON("STORE_IO", "the store cannot be used"), METRIC_DELIVERIES_FAILED},
};

static void every_result_of_the_intake_gets_its_answer(void **state)
{
    (void)state;
    const enum door_mode modes[] = {DOOR_REFUSES, DOOR_ANSWERS, DOOR_ANSWERS_BEHIND};
    for (size_t i = 0; i < sizeof result_cases / sizeof result_cases[0]; i++) {
        const struct result_case *row = &result_cases[i];
        for (size_t m = row->result == ERR_OK ? 1 : 0; m < sizeof modes / sizeof modes[0]; m++) {
            struct door *door = door_open();
            door_mode_set(door, modes[m], row->result);
            int64_t before = metric_value(row->metric);
            struct wire wire = wire_open(door->port);
            wire_post(&wire, "/webhooks/acme", "good", STR("{}"));
            struct wire_answer answer;
            wire_read(&wire, &answer);
            assert_row(answer.status == row->status, row->body);
            assert_string_equal(answer.body, row->body);
            assert_row(
                answer_has_header(&answer, "Retry-After: 5") == (row->status == 503), row->body);
            assert_int64_equal(metric_value(row->metric), before + 1);
            wire_close(&wire);
            (void)door_close(door);
        }
    }
}

static void a_duplicate_is_answered_with_the_first_seq(void **state)
{
    struct door *door = *state;
    int64_t before = metric_value(METRIC_DELIVERIES_DUPLICATE);
    struct wire wire = wire_open(door->port);
    wire_post(&wire, "/webhooks/acme", "good", STR("{}"));
    door_wait_for(door, 1);
    door_last(door)->duplicate = true;
    door_last(door)->seq = INT64_MAX;
    assert_int_equal(door_release(door, ERR_OK), 1);
    struct wire_answer answer;
    wire_read(&wire, &answer);
    assert_int_equal(answer.status, 200);
    assert_string_equal(answer.body, "{\"status\":\"duplicate\",\"seq\":9223372036854775807}");
    assert_int64_equal(metric_value(METRIC_DELIVERIES_DUPLICATE), before + 1);
    wire_close(&wire);
}

static void headers_beyond_the_bound_are_431(void **state)
{
    struct door *door = *state;
    door_mode_set(door, DOOR_ANSWERS, ERR_OK);
    static const size_t sizes[] = {LIMIT_HEADER_BYTES - 200, LIMIT_HEADER_BYTES + 200,
        LIMIT_HEADER_BYTES + 6000, 3 * LIMIT_HEADER_BYTES};
    static const int statuses[] = {200, 431, 431, 431};
    static char filler[3 * LIMIT_HEADER_BYTES];
    memset(filler, 'x', sizeof filler);
    for (size_t i = 0; i < sizeof sizes / sizeof sizes[0]; i++) {
        struct wire wire = wire_open(door->port);
        wire_sendf(&wire, "POST /webhooks/acme HTTP/1.1\r\nHost: a\r\nContent-Length: 2\r\n"
                          "Stripe-Signature: good\r\nX-Filler: ");
        (void)wire_try_send(&wire, (struct str){filler, sizes[i]});
        (void)wire_try_send(&wire, STR("\r\n\r\n{}"));
        struct wire_answer answer;
        wire_read(&wire, &answer);
        assert_int_equal(answer.status, statuses[i]);
        wire_close(&wire);
    }
}

static void a_repeated_signature_is_told_to_the_provider(void **state)
{
    struct door *door = *state;
    door_mode_set(door, DOOR_ANSWERS, ERR_OK);
    for (int repeated = 0; repeated < 2; repeated++) {
        struct wire wire = wire_open(door->port);
        wire_sendf(&wire,
            "POST /webhooks/acme HTTP/1.1\r\nHost: a\r\nContent-Length: 2\r\n"
            "Stripe-Signature: good\r\n%s\r\n{}",
            repeated ? "Stripe-Signature: forged\r\n" : "");
        struct wire_answer answer;
        wire_read(&wire, &answer);
        assert_int_equal(answer.status, 200); /* the first counts, for the double */
        assert_int_equal(door_signature_repeated(), repeated);
        wire_close(&wire);
    }
}

static void what_the_envelope_says_is_counted(void **state)
{
    struct door *door = *state;
    door_mode_set(door, DOOR_ANSWERS, ERR_OK);
    int64_t skewed = metric_value(METRIC_CLOCK_SKEW);
    int64_t replaced = metric_value(METRIC_TEXT_REPLACED);
    int64_t refused = metric_value(METRIC_REQUESTS_REFUSED);
    int64_t unproven = metric_value(METRIC_DELIVERIES_UNPROVEN);
    struct wire wire = wire_open(door->port);
    struct wire_answer answer;
    static const char *const signatures[] = {"good-skewed", "good-replaced", "good", "forged"};
    for (size_t i = 0; i < sizeof signatures / sizeof signatures[0]; i++) {
        wire_post(&wire, "/webhooks/acme", signatures[i], STR("{}"));
        wire_read(&wire, &answer);
    }
    wire_post(&wire, "/nowhere", "good", STR("{}"));
    wire_read(&wire, &answer);
    assert_int64_equal(metric_value(METRIC_CLOCK_SKEW), skewed + 1);
    assert_int64_equal(metric_value(METRIC_TEXT_REPLACED), replaced + 1);
    assert_int64_equal(metric_value(METRIC_REQUESTS_REFUSED), refused + 1);
    assert_int64_equal(metric_value(METRIC_DELIVERIES_UNPROVEN), unproven + 1);
    wire_close(&wire);
}

static void what_is_refused_is_not_repeated_back(void **state)
{
    struct door *door = *state;
    struct wire wire = wire_open(door->port);
    wire_post(&wire, "/webhooks/acme", "forged-secret", STR("the body's secret"));
    struct wire_answer answer;
    wire_read(&wire, &answer);
    assert_null(strcasestr(answer.body, "secret"));
    assert_null(strcasestr(answer.head, "secret"));
    wire_close(&wire);
}

TESTS_MAIN("http/answers",
    TEST(every_request_gets_its_answer),
    TEST(every_result_of_the_intake_gets_its_answer),
    TEST_WITH(a_duplicate_is_answered_with_the_first_seq, door_setup, door_teardown),
    TEST_WITH(headers_beyond_the_bound_are_431, door_setup, door_teardown),
    TEST_WITH(a_repeated_signature_is_told_to_the_provider, door_setup, door_teardown),
    TEST_WITH(what_the_envelope_says_is_counted, door_setup, door_teardown),
    TEST_WITH(what_is_refused_is_not_repeated_back, door_setup, door_teardown))
