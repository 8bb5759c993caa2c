/* Bodies: exact, slow, in pieces, cut off, more than was said. */
#include "base/limits.h"
#include "unit/http/door.h"

static char big[LIMIT_BODY_BYTES + 1];

static int fill_big(void **state)
{
    (void)state;
    uint64_t random = test_seed();
    for (size_t i = 0; i < sizeof big; i++) {
        big[i] = (char)test_random(&random);
    }
    return 0;
}

static void a_body_of_exactly_the_bound_is_kept_byte_for_byte(void **state)
{
    struct door *door = *state;
    struct wire wire = wire_open(door->port);
    wire_post(&wire, "/webhooks/acme", "good", (struct str){big, LIMIT_BODY_BYTES});
    door_wait_for(door, 1);
    struct delivery *delivery = door_last(door);
    assert_int_equal(delivery->body.len, LIMIT_BODY_BYTES);
    assert_memory_equal(delivery->body.data, big, LIMIT_BODY_BYTES);
    assert_memory_equal(delivery->envelope.event_id.data, big, 64);
    assert_str_equal_to(delivery->envelope.type, "test.event");
    assert_str_equal_to(delivery->envelope.subject, "subject");
    assert_int_equal(door_release(door, ERR_OK), 1);
    struct wire_answer answer;
    wire_read(&wire, &answer);
    assert_int_equal(answer.status, 200);
    wire_close(&wire);
}

static void a_body_of_one_byte_more_is_413_before_it_is_read(void **state)
{
    struct door *door = *state;
    struct wire wire = wire_open(door->port);
    wire_sendf(&wire, "POST /webhooks/acme HTTP/1.1\r\nHost: a\r\nContent-Length: %zu\r\n\r\n",
        sizeof big);
    struct wire_answer answer;
    wire_read(&wire, &answer); /* none of the body was sent yet */
    assert_int_equal(answer.status, 413);
    assert_true(answer_has_header(&answer, "Connection: close"));
    wire_close(&wire);
}

static void a_client_that_sends_too_much_at_once_still_reads_the_413(void **state)
{
    struct door *door = *state;
    struct wire wire = wire_open(door->port);
    wire_sendf(&wire, "POST /webhooks/acme HTTP/1.1\r\nHost: a\r\nContent-Length: %zu\r\n\r\n",
        sizeof big);
    (void)wire_try_send(&wire, (struct str){big, sizeof big});
    struct wire_answer answer;
    wire_read(&wire, &answer);
    assert_int_equal(answer.status, 413);
    wire_close(&wire);
}

static void a_request_may_come_byte_by_byte(void **state)
{
    struct door *door = *state;
    door_mode_set(door, DOOR_ANSWERS, ERR_OK);
    static const char request[] = "POST /webhooks/acme HTTP/1.1\r\nHost: a\r\nContent-Length: 12"
                                  "\r\nStripe-Signature: good\r\n\r\nin fragments";
    struct wire wire = wire_open(door->port);
    for (size_t i = 0; i + 1 < sizeof request; i++) {
        wire_send(&wire, (struct str){request + i, 1});
        if (i % 16 == 0) {
            sleep_ms(1); /* else the kernel may put them together again */
        }
    }
    struct wire_answer answer;
    wire_read(&wire, &answer);
    assert_int_equal(answer.status, 200);
    wire_close(&wire);
}

static void requests_in_one_segment_are_answered_in_order(void **state)
{
    struct door *door = *state;
    door_mode_set(door, DOOR_ANSWERS_BEHIND, ERR_OK);
    struct wire wire = wire_open(door->port);
    wire_send(&wire, STR("POST /webhooks/acme HTTP/1.1\r\nHost: a\r\nContent-Length: 1\r\n"
                         "Stripe-Signature: good\r\n\r\n1"
                         "POST /webhooks/acme HTTP/1.1\r\nHost: a\r\nContent-Length: 1\r\n"
                         "Stripe-Signature: forged\r\n\r\n2"
                         "POST /webhooks/acme HTTP/1.1\r\nHost: a\r\nContent-Length: 1\r\n"
                         "Stripe-Signature: good\r\n\r\n3"));
    struct wire_answer answer;
    wire_read(&wire, &answer);
    assert_string_equal(answer.body, "{\"status\":\"kept\",\"seq\":1}");
    wire_read(&wire, &answer);
    assert_int_equal(answer.status, 400);
    wire_read(&wire, &answer);
    assert_string_equal(answer.body, "{\"status\":\"kept\",\"seq\":2}");
    wire_close(&wire);
}

static void a_connection_serves_many_requests(void **state)
{
    struct door *door = *state;
    door_mode_set(door, DOOR_ANSWERS, ERR_OK);
    struct wire wire = wire_open(door->port);
    uint64_t random = test_seed();
    for (int i = 0; i < 200; i++) {
        size_t len = 1 + test_random_below(&random, i % 20 == 0 ? 200000 : 3000);
        wire_post(&wire, "/webhooks/acme", "good", (struct str){big, len});
        struct wire_answer answer;
        wire_read(&wire, &answer);
        assert_int_equal(answer.status, 200);
    }
    assert_int_equal(http_server_connections(door->server), 1);
    wire_close(&wire);
}

static void who_expects_100_is_told_to_continue(void **state)
{
    struct door *door = *state;
    door_mode_set(door, DOOR_ANSWERS, ERR_OK);
    struct wire wire = wire_open(door->port);
    wire_send(&wire, STR("POST /webhooks/acme HTTP/1.1\r\nHost: a\r\nContent-Length: 2\r\n"
                         "Expect: 100-continue\r\nStripe-Signature: good\r\n\r\n"));
    struct wire_answer answer;
    wire_read(&wire, &answer);
    assert_int_equal(answer.status, 100);
    wire_send(&wire, STR("{}"));
    wire_read(&wire, &answer);
    assert_int_equal(answer.status, 200);
    wire_close(&wire);
}

static void wait_until_idle(struct door *door)
{
    for (int ms = 0; http_server_active(door->server) > 0; ms++) {
        assert_true(ms < 10000);
        sleep_ms(1);
    }
}

static void a_body_cut_off_by_its_sender_is_not_delivered(void **state)
{
    struct door *door = *state;
    door_mode_set(door, DOOR_ANSWERS, ERR_OK);
    static const size_t sent[] = {0, 1, 999, 100000};
    for (size_t i = 0; i < sizeof sent / sizeof sent[0]; i++) {
        struct wire wire = wire_open(door->port);
        wire_sendf(&wire, "POST /webhooks/acme HTTP/1.1\r\nHost: a\r\nContent-Length: 200000\r\n"
                          "Stripe-Signature: good\r\n\r\n");
        wire_send(&wire, (struct str){big, sent[i]});
        while (http_server_active(door->server) == 0) {
            sleep_ms(1);
        }
        wire_close(&wire);
        wait_until_idle(door);
    }
    struct wire wire = wire_open(door->port);
    wire_post(&wire, "/webhooks/acme", "good", STR("{}"));
    struct wire_answer answer;
    wire_read(&wire, &answer);
    assert_string_equal(answer.body, "{\"status\":\"kept\",\"seq\":1}");
    wire_close(&wire);
}

static void a_sender_who_falls_silent_is_cut(void **state)
{
    (void)state;
    struct door *door = door_open_with(0, 1);
    struct wire wire = wire_open(door->port);
    wire_send(&wire, STR("POST /webhooks/acme HTTP/1.1\r\nHost: a\r\nContent-Length: 2\r\n"
                         "Stripe-Signature: good\r\n\r\n{"));
    assert_true(wire_is_closed(&wire, 5000));
    wire_close(&wire);
    (void)door_close(door);
}

static void a_sender_who_never_ends_is_cut_though_he_is_never_silent(void **state)
{
    (void)state;
    struct door *door = door_open_with(0, 1);
    struct wire wire = wire_open(door->port);
    wire_send(&wire, STR("POST /webhooks/acme HTTP/1.1\r\nHost: a\r\nContent-Length: 1000000\r\n"
                         "Stripe-Signature: good\r\n\r\n"));
    int pieces = 0;
    while (wire_try_send(&wire, STR(".")) && !wire_is_closed(&wire, 100)) {
        pieces++;
        assert_true(pieces < 80);
    }
    assert_true(pieces >= 5);
    wire_close(&wire);
    (void)door_close(door);
}

static void what_follows_a_body_is_another_request(void **state)
{
    struct door *door = *state;
    door_mode_set(door, DOOR_ANSWERS, ERR_OK);
    struct wire wire = wire_open(door->port);
    wire_send(&wire, STR("POST /webhooks/acme HTTP/1.1\r\nHost: a\r\nContent-Length: 2\r\n"
                         "Stripe-Signature: good\r\n\r\n{}{\"more\": true}\r\n\r\n"));
    struct wire_answer answer;
    wire_read(&wire, &answer);
    assert_int_equal(answer.status, 200);
    if (wire_try_read(&wire, &answer)) {
        assert_in_range(answer.status, 400, 499);
    }
    assert_true(wire_is_closed(&wire, 5000));
    wire_close(&wire);
}

static const char *const garbage[] = {
    "\x16\x03\x01\x02\x01\x01\x01\x01\xfc\x03\x03\r\n\r\n",
    "POST\r\n\r\n",
    "POST /webhooks/acme\r\n\r\n",
    "POST /webhooks/acme HTTP/9.9\r\n\r\n",
    "POST  HTTP/1.1\r\n\r\n",
    "POST /webhooks/acme HTTP/1.1\r\n: : :\r\nContent-Length\r\n\r\n",
    "POST /webhooks/acme HTTP/1.1\r\nContent-Length: 2\r\n folded\r\n\r\n{}",
    "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n",
    "\xff\xfe\xfd\xfc\r\n\r\n",
    "GET /\xff\xff HTTP/1.1\r\nHost: \xff\r\n\r\n",
};

static void garbage_ends_only_its_own_connection(void **state)
{
    struct door *door = *state;
    door_mode_set(door, DOOR_ANSWERS, ERR_OK);
    for (size_t i = 0; i < sizeof garbage / sizeof garbage[0]; i++) {
        struct wire wire = wire_open(door->port);
        (void)wire_try_send(&wire, str_from(garbage[i]));
        struct wire_answer answer;
        while (wire_try_read(&wire, &answer)) {
            assert_row(answer.status >= 400 && answer.status < 600, garbage[i]);
        }
        wire_close(&wire);
    }
    uint64_t random = test_seed();
    for (int i = 0; i < 200; i++) {
        struct wire wire = wire_open(door->port);
        size_t at = test_random_below(&random, sizeof big / 2);
        (void)wire_try_send(&wire, (struct str){big + at, test_random_below(&random, 20000)});
        wire_close(&wire);
    }
    struct wire wire = wire_open(door->port);
    wire_post(&wire, "/webhooks/acme", "good", STR("{}"));
    struct wire_answer answer;
    wire_read(&wire, &answer);
    assert_int_equal(answer.status, 200);
    wire_close(&wire);
}

/* A thousand announcements of a mebibyte hold a mebibyte or so, not a gibibyte. */
static void announced_bytes_hold_no_memory(void **state)
{
    struct door *door = *state;
    door_mode_set(door, DOOR_ANSWERS, ERR_OK);
    struct wire wires[300];
    for (size_t i = 0; i < sizeof wires / sizeof wires[0]; i++) {
        wires[i] = wire_open(door->port);
        wire_send(
            &wires[i], STR("POST /webhooks/acme HTTP/1.1\r\nHost: a\r\nContent-Length: 1048576\r\n"
                           "Stripe-Signature: good\r\n\r\n{"));
    }
    struct wire wire = wire_open(door->port);
    wire_post(&wire, "/webhooks/acme", "good", (struct str){big, LIMIT_BODY_BYTES});
    struct wire_answer answer;
    wire_read(&wire, &answer);
    assert_int_equal(answer.status, 200);
    wire_close(&wire);
    for (size_t i = 0; i < sizeof wires / sizeof wires[0]; i++) {
        wire_close(&wires[i]);
    }
}

static void bodies_beyond_the_bound_of_all_are_busy(void **state)
{
    struct door *door = *state;
    enum { FIT = LIMIT_QUEUE_BYTES / LIMIT_BODY_BYTES };
    static struct wire wires[FIT];
    struct str body = {big, LIMIT_BODY_BYTES};
    for (uint32_t i = 0; i < FIT; i++) {
        wires[i] = wire_open(door->port);
        wire_post(&wires[i], "/webhooks/acme", "good", body);
    }
    door_wait_for(door, FIT);
    struct wire wire = wire_open(door->port);
    wire_post(&wire, "/webhooks/acme", "good", STR("{}"));
    struct wire_answer answer;
    wire_read(&wire, &answer);
    assert_int_equal(answer.status, 503);
    assert_true(answer_has_header(&answer, "Retry-After: 5"));
    assert_int_equal(door_release(door, ERR_OK), FIT);
    for (uint32_t i = 0; i < FIT; i++) {
        wire_read(&wires[i], &answer);
        assert_int_equal(answer.status, 200);
        wire_close(&wires[i]);
    }
    wait_until_idle(door);
    door_mode_set(door, DOOR_ANSWERS, ERR_OK);
    wire_post(
        &wire, "/webhooks/acme", "good", STR("{}")); /* the same connection, once there is room */
    wire_read(&wire, &answer);
    assert_int_equal(answer.status, 200);
    wire_close(&wire);
}

#define DOOR_TEST(function) TEST_WITH(function, door_setup, door_teardown)

TESTS_MAIN_WITH("http/body",
    fill_big,
    NULL,
    DOOR_TEST(a_body_of_exactly_the_bound_is_kept_byte_for_byte),
    DOOR_TEST(a_body_of_one_byte_more_is_413_before_it_is_read),
    DOOR_TEST(a_client_that_sends_too_much_at_once_still_reads_the_413),
    DOOR_TEST(a_request_may_come_byte_by_byte),
    DOOR_TEST(requests_in_one_segment_are_answered_in_order),
    DOOR_TEST(a_connection_serves_many_requests),
    DOOR_TEST(who_expects_100_is_told_to_continue),
    DOOR_TEST(a_body_cut_off_by_its_sender_is_not_delivered),
    TEST(a_sender_who_falls_silent_is_cut),
    TEST(a_sender_who_never_ends_is_cut_though_he_is_never_silent),
    DOOR_TEST(what_follows_a_body_is_another_request),
    DOOR_TEST(garbage_ends_only_its_own_connection),
    DOOR_TEST(announced_bytes_hold_no_memory),
    DOOR_TEST(bodies_beyond_the_bound_of_all_are_busy))
