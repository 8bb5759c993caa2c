/* Requests that wait for their commit, and what may happen meanwhile. */
#include "unit/http/door.h"
#include <errno.h>
#include <netinet/in.h>
#include <pthread.h>
#include <sys/socket.h>

#define MANY 100

static void wait_until_idle(struct door *door)
{
    for (int ms = 0; http_server_active(door->server) > 0; ms++) {
        assert_true(ms < 10000);
        sleep_ms(1);
    }
}

static void expect_status(struct wire *wire, int status)
{
    struct wire_answer answer;
    wire_read(wire, &answer);
    assert_int_equal(answer.status, status);
}

static void a_hundred_requests_wait_at_once(void **state)
{
    struct door *door = *state;
    struct wire wires[MANY];
    for (size_t i = 0; i < MANY; i++) {
        wires[i] = wire_open(door->port);
        wire_post(&wires[i], "/webhooks/acme", "good", STR("{}"));
    }
    door_wait_for(door, MANY);
    assert_int_equal(http_server_active(door->server), MANY);
    assert_int_equal(http_server_connections(door->server), MANY);
    assert_true(wire_is_silent(&wires[0], 20));
    assert_int_equal(door_release(door, ERR_OK), MANY);
    bool seen[MANY + 1] = {false};
    for (size_t i = 0; i < MANY; i++) {
        struct wire_answer answer;
        wire_read(&wires[i], &answer);
        unsigned seq = 0;
        assert_int_equal(sscanf(answer.body, "{\"status\":\"kept\",\"seq\":%u}", &seq), 1);
        assert_in_range(seq, 1, MANY);
        assert_false(seen[seq]);
        seen[seq] = true;
        wire_close(&wires[i]);
    }
    wait_until_idle(door);
}

/* The library asks for 128 events at a time. Its own loop, when it gets just as many, asks again
 * before it looks at them, and waits. */
static void as_many_requests_as_the_library_takes_events_do_not_stall(void **state)
{
    enum { EVENTS = 128 };
    struct door *door = *state;
    struct wire first = wire_open(door->port);
    struct wire wires[2 * EVENTS];
    for (size_t i = 0; i < 2 * EVENTS; i++) {
        wires[i] = wire_open(door->port);
        wire_post(&wires[i], "/webhooks/acme", "forged", STR("{}"));
        expect_status(&wires[i], 400); /* it is accepted, and idle */
    }
    for (uint32_t count = EVENTS; count <= 2 * EVENTS; count += EVENTS) {
        door_freeze(door);
        wire_post(&first, "/webhooks/acme", "good", STR("{}"));
        while (http_server_active(door->server) == 0) {
            sleep_ms(1);
        }
        for (size_t i = 0; i < count; i++) {
            wire_post(&wires[i], "/webhooks/acme", "good", STR("{}"));
        }
        door_thaw(door);
        door_wait_for(door, count + 1);
        assert_int_equal(door_release(door, ERR_OK), count + 1);
        expect_status(&first, 200);
        for (size_t i = 0; i < count; i++) {
            expect_status(&wires[i], 200);
        }
        wait_until_idle(door);
    }
    for (size_t i = 0; i < 2 * EVENTS; i++) {
        wire_close(&wires[i]);
    }
    wire_close(&first);
}

static void done_may_come_before_the_submission_returns(void **state)
{
    struct door *door = *state;
    struct wire wire = wire_open(door->port);
    for (int i = 0; i < 300; i++) {
        door_mode_set(door, i % 3 == 0 ? DOOR_ANSWERS : DOOR_ANSWERS_BEHIND, ERR_OK);
        wire_post(&wire, "/webhooks/acme", "good", STR("{}"));
        expect_status(&wire, 200);
    }
    wire_close(&wire);
}

static void a_waiting_request_does_not_hold_up_the_next_connection(void **state)
{
    struct door *door = *state;
    struct wire first = wire_open(door->port);
    wire_post(&first, "/webhooks/acme", "good", STR("{}"));
    door_wait_for(door, 1);
    struct wire second = wire_open(door->port);
    wire_post(&second, "/webhooks/acme", "forged", STR("{}"));
    expect_status(&second, 400);
    assert_int_equal(door_release(door, ERR_STORE_IO), 1);
    expect_status(&first, 503);
    wire_close(&first);
    wire_close(&second);
}

/* Also: no SIGPIPE reaches the process, whose handling of it is the default here. */
static void a_client_may_be_gone_when_its_delivery_is_done(void **state)
{
    struct door *door = *state;
    (void)signal(SIGPIPE, SIG_DFL);
    const struct linger at_once = {1, 0};
    for (int with_reset = 0; with_reset < 2; with_reset++) {
        for (int i = 0; i < 20; i++) {
            struct wire wire = wire_open(door->port);
            wire_post(&wire, "/webhooks/acme", "good", STR("{\"some\":\"body\"}"));
            door_wait_for(door, (uint32_t)i + 1);
            if (with_reset) {
                (void)setsockopt(wire.fd, SOL_SOCKET, SO_LINGER, &at_once, sizeof at_once);
            }
            wire_close(&wire);
        }
        assert_int_equal(http_server_active(door->server), 20);
        assert_str_equal_to(door_last(door)->body, "{\"some\":\"body\"}");
        assert_int_equal(door_release(door, ERR_OK), 20);
        wait_until_idle(door);
    }
    struct wire wire = wire_open(door->port);
    wire_post(&wire, "/webhooks/acme", "good", STR("{}"));
    door_wait_for(door, 1);
    assert_int_equal(door_release(door, ERR_OK), 1);
    expect_status(&wire, 200);
    wire_close(&wire);
}

static void a_client_that_has_said_all_still_gets_its_answer(void **state)
{
    struct door *door = *state;
    static char body[300000];
    memset(body, 'x', sizeof body);
    const size_t sizes[] = {1, 2000, sizeof body};
    for (size_t i = 0; i < sizeof sizes / sizeof sizes[0]; i++) {
        struct wire wire = wire_open(door->port);
        wire_post(&wire, "/webhooks/acme", "good", (struct str){body, sizes[i]});
        assert_int_equal(shutdown(wire.fd, SHUT_WR), 0);
        door_wait_for(door, 1);
        assert_int_equal(door_release(door, ERR_OK), 1);
        expect_status(&wire, 200);
        wire_close(&wire);
    }
}

static void accounts_may_be_replaced_while_a_request_waits(void **state)
{
    struct door *door = *state;
    struct wire waiting = wire_open(door->port);
    wire_post(&waiting, "/webhooks/acme", "good", STR("{}"));
    struct wire reading = wire_open(door->port);
    wire_send(&reading, STR("POST /webhooks/acme HTTP/1.1\r\nHost: a\r\nContent-Length: 2\r\n"
                            "Stripe-Signature: good\r\n\r\n{"));
    door_wait_for(door, 1);
    while (http_server_active(door->server) < 2) {
        sleep_ms(1);
    }
    accounts_current_replace(door->accounts, door_accounts("other", "b c"));
    wire_send(&reading, STR("}"));
    door_wait_for(door, 2); /* begun under the old set, proven with its secrets */
    assert_str_equal_to(door_last(door)->account->says.name, "acme");
    struct wire late = wire_open(door->port);
    wire_post(&late, "/webhooks/acme", "good", STR("{}"));
    expect_status(&late, 404);
    assert_int_equal(door_release(door, ERR_OK), 2);
    expect_status(&waiting, 200);
    expect_status(&reading, 200);
    wire_post(&waiting, "/webhooks/other", "good", STR("{}"));
    door_wait_for(door, 1);
    assert_int_equal(door_release(door, ERR_OK), 1);
    expect_status(&waiting, 200);
    wire_close(&waiting);
    wire_close(&reading);
    wire_close(&late);
}

static void connections_beyond_the_bound_wait_outside(void **state)
{
    (void)state;
    struct door *door = door_open_with(2, 0);
    struct wire wires[3];
    for (size_t i = 0; i < 3; i++) {
        wires[i] = wire_open(door->port);
        wire_post(&wires[i], "/webhooks/acme", "forged", STR("{}"));
        if (i < 2) {
            expect_status(&wires[i], 400);
        }
    }
    assert_true(wire_is_silent(&wires[2], 100));
    assert_int_equal(http_server_connections(door->server), 2);
    wire_close(&wires[0]);
    expect_status(&wires[2], 400);
    wire_close(&wires[1]);
    wire_close(&wires[2]);
    (void)door_close(door);
}

/* --- draining and closing --- */

static bool can_connect(uint16_t port)
{
    int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    struct sockaddr_in address = {
        .sin_family = AF_INET,
        .sin_port = htons(port),
        .sin_addr = {htonl(INADDR_LOOPBACK)},
    };
    int result = connect(fd, (const struct sockaddr *)&address, sizeof address);
    (void)close(fd);
    return result == 0;
}

static void draining_finishes_what_is_under_way_and_takes_no_connection(void **state)
{
    struct door *door = *state;
    struct wire waiting = wire_open(door->port);
    wire_post(&waiting, "/webhooks/acme", "good", STR("{}"));
    door_wait_for(door, 1);
    struct wire reading = wire_open(door->port);
    wire_send(&reading, STR("POST /webhooks/acme HTTP/1.1\r\nHost: a\r\nContent-Length: 2\r\n"
                            "Stripe-Signature: good\r\n\r\n{"));
    struct wire idle = wire_open(door->port);
    wire_post(&idle, "/webhooks/acme", "forged", STR("{}"));
    expect_status(&idle, 400);
    while (http_server_active(door->server) != 2) {
        sleep_ms(1);
    }
    http_server_quiesce(door->server);
    assert_false(can_connect(door->port));
    assert_int_equal(http_server_active(door->server), 2);

    wire_send(&reading, STR("}"));
    door_wait_for(door, 2);
    assert_int_equal(door_release(door, ERR_OK), 2);
    struct wire *const wires[] = {&waiting, &reading, &idle};
    wire_post(&idle, "/webhooks/acme", "good", STR("{}"));
    door_wait_for(door, 1);
    assert_int_equal(door_release(door, ERR_OK), 1);
    for (size_t i = 0; i < 3; i++) {
        struct wire_answer answer;
        wire_read(wires[i], &answer);
        assert_int_equal(answer.status, 200);
        assert_true(answer_has_header(&answer, "Connection: close"));
        assert_true(wire_is_closed(wires[i], 5000));
        wire_close(wires[i]);
    }
    wait_until_idle(door);
}

static void closing_cuts_idle_and_half_read_connections(void **state)
{
    struct door *door = *state;
    struct wire idle = wire_open(door->port);
    wire_post(&idle, "/webhooks/acme", "forged", STR("{}"));
    expect_status(&idle, 400);
    struct wire silent = wire_open(door->port);
    struct wire reading = wire_open(door->port);
    wire_send(&reading, STR("POST /webhooks/acme HTTP/1.1\r\nHost: a\r\nContent-Length: 9000\r\n"
                            "Stripe-Signature: good\r\n\r\n{"));
    while (http_server_active(door->server) < 1) {
        sleep_ms(1);
    }
    *state = door_close(door);
    assert_true(wire_is_closed(&idle, 5000));
    assert_true(wire_is_closed(&silent, 5000));
    assert_true(wire_is_closed(&reading, 5000));
    wire_close(&idle);
    wire_close(&silent);
    wire_close(&reading);
}

static void *release_late(void *context)
{
    sleep_ms(100);
    assert_int_equal(door_release(context, ERR_OK), 1);
    return NULL;
}

static void closing_waits_for_deliveries_that_another_thread_steps(void **state)
{
    struct door *door = *state;
    struct wire wire = wire_open(door->port);
    wire_post(&wire, "/webhooks/acme", "good", STR("{}"));
    door_wait_for(door, 1);
    pthread_t thread;
    assert_int_equal(pthread_create(&thread, NULL, release_late, door), 0);
    door->server = http_server_close(door->server);
    assert_int_equal(door_waiting(door), 0);
    assert_int_equal(pthread_join(thread, NULL), 0);
    wire_close(&wire);
}

/* --- everything at once --- */

struct storm {
    struct door *door;
    uint64_t seed;
    int good;
    bool over;
};

static void *storm_client(void *context)
{
    struct storm *storm = context;
    uint64_t random = storm->seed;
    struct wire wires[8];
    for (int round = 0; round < 40; round++) {
        for (size_t i = 0; i < 8; i++) {
            wires[i] = wire_open(storm->door->port);
            wire_post(&wires[i], "/webhooks/acme",
                test_random_below(&random, 5) == 0 ? "forged" : "good", STR("{\"a\":1}"));
            if (test_random_below(&random, 6) == 0) {
                wire_close(&wires[i]);
            }
        }
        for (size_t i = 0; i < 8; i++) {
            struct wire_answer answer;
            if (wires[i].fd >= 0 && wire_try_read(&wires[i], &answer)) {
                storm->good += answer.status == 200;
            }
            wire_close(&wires[i]);
        }
    }
    return NULL;
}

static void *storm_release(void *context)
{
    struct storm *storm = context;
    while (!__atomic_load_n(&storm->over, __ATOMIC_SEQ_CST)) {
        (void)door_release(storm->door, ERR_OK);
        sleep_ms(1);
    }
    return NULL;
}

static void a_storm_of_clients_that_come_and_go_loses_nothing(void **state)
{
    struct door *door = *state;
    struct storm storms[4] = {{.good = 0}};
    pthread_t threads[4];
    struct storm release = {.door = door};
    pthread_t release_thread;
    assert_int_equal(pthread_create(&release_thread, NULL, storm_release, &release), 0);
    for (size_t i = 0; i < 4; i++) {
        storms[i].door = door;
        storms[i].seed = test_seed() + i;
        assert_int_equal(pthread_create(&threads[i], NULL, storm_client, &storms[i]), 0);
    }
    for (size_t i = 0; i < 4; i++) {
        assert_int_equal(pthread_join(threads[i], NULL), 0);
        assert_true(storms[i].good > 0);
    }
    wait_until_idle(door);
    __atomic_store_n(&release.over, true, __ATOMIC_SEQ_CST);
    assert_int_equal(pthread_join(release_thread, NULL), 0);
    assert_int_equal(door_waiting(door), 0);
}

#define DOOR_TEST(function) TEST_WITH(function, door_setup, door_teardown)

TESTS_MAIN("http/waiting",
    DOOR_TEST(a_hundred_requests_wait_at_once),
    DOOR_TEST(as_many_requests_as_the_library_takes_events_do_not_stall),
    DOOR_TEST(done_may_come_before_the_submission_returns),
    DOOR_TEST(a_waiting_request_does_not_hold_up_the_next_connection),
    DOOR_TEST(a_client_may_be_gone_when_its_delivery_is_done),
    DOOR_TEST(a_client_that_has_said_all_still_gets_its_answer),
    DOOR_TEST(accounts_may_be_replaced_while_a_request_waits),
    TEST(connections_beyond_the_bound_wait_outside),
    DOOR_TEST(draining_finishes_what_is_under_way_and_takes_no_connection),
    DOOR_TEST(closing_cuts_idle_and_half_read_connections),
    DOOR_TEST(closing_waits_for_deliveries_that_another_thread_steps),
    DOOR_TEST(a_storm_of_clients_that_come_and_go_loses_nothing))
