/* Clients that ask too much at once, or say too little for too long. */
#include "unit/http/door.h"
#include <netinet/in.h>
#include <pthread.h>
#include <sys/socket.h>
#include <sys/time.h>

/* --- a flood --- */

#define FLOODERS 32
#define FLOOD_MS 300      /* until the listener is in the midst of it */
#define FLOOD_MS_MAX 8000 /* it ends by itself */
#define FLOOD_ROUNDS 30
#define FLOOD_ANSWER_MS_MAX 1000

struct flood {
    uint16_t port;
    bool over;
    pthread_t threads[FLOODERS];
};

static int64_t now_ms(void)
{
    return env_monotonic(env_system()) / 1000;
}

/* One request and the end of its connection, which the listener brings about. */
static void ask_in_vain(uint16_t port)
{
    int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    const struct timeval patience = {1, 0};
    struct sockaddr_in address = {
        .sin_family = AF_INET,
        .sin_port = htons(port),
        .sin_addr = {htonl(INADDR_LOOPBACK)},
    };
    (void)setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof patience);
    if (connect(fd, (const struct sockaddr *)&address, sizeof address) == 0) {
        struct str request = STR("GET /x HTTP/1.0\r\n\r\n");
        char answer[512];
        ssize_t got = send(fd, request.data, request.len, MSG_NOSIGNAL);
        while (got > 0) {
            got = recv(fd, answer, sizeof answer, 0);
        }
    }
    (void)close(fd);
}

static void *flood_client(void *context)
{
    struct flood *flood = context;
    int64_t end_ms = now_ms() + FLOOD_MS_MAX;
    while (!__atomic_load_n(&flood->over, __ATOMIC_SEQ_CST) && now_ms() < end_ms) {
        ask_in_vain(flood->port);
    }
    return NULL;
}

static void flood_start(struct flood *flood, uint16_t port)
{
    *flood = (struct flood){.port = port};
    for (size_t i = 0; i < FLOODERS; i++) {
        assert_int_equal(pthread_create(&flood->threads[i], NULL, flood_client, flood), 0);
    }
    sleep_ms(FLOOD_MS);
}

static void flood_end(struct flood *flood)
{
    __atomic_store_n(&flood->over, true, __ATOMIC_SEQ_CST);
    for (size_t i = 0; i < FLOODERS; i++) {
        assert_int_equal(pthread_join(flood->threads[i], NULL), 0);
    }
}

/* How long the answer takes once the delivery is committed. */
static int64_t answer_ms(struct door *door, struct wire *wire)
{
    wire_post(wire, "/webhooks/acme", "good", STR("{}"));
    door_wait_for(door, 1);
    int64_t begun_ms = now_ms();
    assert_int_equal(door_release(door, ERR_OK), 1);
    struct wire_answer answer;
    wire_read(wire, &answer);
    assert_int_equal(answer.status, 200);
    return now_ms() - begun_ms;
}

static void a_flood_of_refusals_does_not_hold_up_a_commit(void **state)
{
    struct door *door = *state;
    struct wire wire = wire_open(door->port);
    struct flood flood;
    flood_start(&flood, door->port);
    int64_t longest_ms = 0;
    for (int i = 0; i < FLOOD_ROUNDS; i++) {
        int64_t ms = answer_ms(door, &wire);
        longest_ms = ms > longest_ms ? ms : longest_ms;
    }
    flood_end(&flood);
    assert_in_range(longest_ms, 0, FLOOD_ANSWER_MS_MAX);
    wire_close(&wire);
}

static void a_flood_of_refusals_does_not_hold_up_the_end(void **state)
{
    struct flood flood;
    flood_start(&flood, ((struct door *)*state)->port);
    int64_t begun_ms = now_ms();
    *state = door_close(*state);
    int64_t took_ms = now_ms() - begun_ms;
    flood_end(&flood);
    assert_in_range(took_ms, 0, 3000);
}

/* --- headers that do not end --- */

#define IDLE_S 1
#define DRIP_MS 200
#define DRIP_MS_MAX 6000 /* much more than IDLE_S and the second that looking takes */

/* How long a client could go on that sends a letter now and then. */
static int64_t drip(struct wire *wire)
{
    int64_t begun_ms = now_ms();
    while (now_ms() - begun_ms < DRIP_MS_MAX && !wire_is_closed(wire, DRIP_MS)) {
        (void)wire_try_send(wire, STR("x"));
    }
    return now_ms() - begun_ms;
}

static void expect_status(struct wire *wire, int status)
{
    struct wire_answer answer;
    wire_read(wire, &answer);
    assert_int_equal(answer.status, status);
}

static void headers_that_drip_are_cut_off(void **state)
{
    (void)state;
    static const char *const beginnings[] = {"", "GET /x", "POST /webhooks/acme HTTP/1.1\r\nX: "};
    struct door *door = door_open_with(0, IDLE_S);
    for (size_t i = 0; i < sizeof beginnings / sizeof beginnings[0]; i++) {
        struct wire wire = wire_open(door->port);
        wire_send(&wire, str_from(beginnings[i]));
        assert_in_range(drip(&wire), IDLE_S * 1000 - DRIP_MS, DRIP_MS_MAX - 1000);
        wire_close(&wire);
    }
    (void)door_close(door);
}

static void headers_of_a_later_request_have_their_own_time(void **state)
{
    (void)state;
    struct door *door = door_open_with(0, IDLE_S);
    struct wire wire = wire_open(door->port);
    for (int i = 0; i < 5; i++) {
        wire_post(&wire, "/webhooks/acme", "forged", STR("{}"));
        expect_status(&wire, 400);
        sleep_ms(IDLE_S * 1000 / 2); /* together: more than the first one's time */
    }
    assert_in_range(drip(&wire), 0, DRIP_MS_MAX - 1000);
    wire_close(&wire);
    (void)door_close(door);
}

static void the_wait_for_a_commit_is_not_the_headers(void **state)
{
    (void)state;
    struct door *door = door_open_with(0, IDLE_S);
    struct wire wire = wire_open(door->port);
    wire_post(&wire, "/webhooks/acme", "good", STR("{}"));
    door_wait_for(door, 1);
    assert_true(wire_is_silent(&wire, IDLE_S * 1000 + 1500));
    assert_int_equal(door_release(door, ERR_OK), 1);
    expect_status(&wire, 200);
    wire_close(&wire);
    (void)door_close(door);
}

static void those_in_time_stay_when_others_are_cut_off(void **state)
{
    enum { SLOW = 20 };
    (void)state;
    struct door *door = door_open_with(0, IDLE_S);
    struct wire slow[SLOW];
    struct wire waiting = wire_open(door->port);
    wire_post(&waiting, "/webhooks/acme", "good", STR("{}"));
    for (size_t i = 0; i < SLOW; i++) {
        slow[i] = wire_open(door->port);
        wire_send(&slow[i], STR("POST /w"));
    }
    wire_close(&slow[0]);
    wire_close(&slow[SLOW / 2]);
    door_wait_for(door, 1);
    for (int64_t begun_ms = now_ms(); http_server_connections(door->server) > 1;) {
        assert_true(now_ms() - begun_ms < DRIP_MS_MAX);
        for (size_t i = 0; i < SLOW; i++) {
            if (slow[i].fd >= 0) {
                (void)wire_try_send(&slow[i], STR("x"));
            }
        }
        sleep_ms(DRIP_MS);
    }
    assert_int_equal(door_release(door, ERR_OK), 1);
    expect_status(&waiting, 200);
    wire_close(&waiting);
    for (size_t i = 0; i < SLOW; i++) {
        wire_close(&slow[i]);
    }
    (void)door_close(door);
}

TESTS_MAIN("http/pressure",
    TEST_WITH(a_flood_of_refusals_does_not_hold_up_a_commit, door_setup, door_teardown),
    TEST_WITH(a_flood_of_refusals_does_not_hold_up_the_end, door_setup, door_teardown),
    TEST(headers_that_drip_are_cut_off),
    TEST(headers_of_a_later_request_have_their_own_time),
    TEST(the_wait_for_a_commit_is_not_the_headers),
    TEST(those_in_time_stay_when_others_are_cut_off))
