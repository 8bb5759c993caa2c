/* The private listener: metrics, health, readiness; and the addresses a listener takes. */
#include "base/metrics.h"
#include "unit/http/door.h"
#include <stdatomic.h>

struct private
{
    struct http_server *server;
    uint16_t port;
    atomic_bool ready;
    atomic_int refreshed;
};

static bool is_ready(void *context, struct err_info *reterr)
{
    struct private *private = context;
    if (!atomic_load(&private->ready)) {
        return err_set(reterr, ERR_STORE_IO, "the store cannot commit") == ERR_OK;
    }
    return true;
}

static void refresh(void *context)
{
    struct private *private = context;
    (void)atomic_fetch_add(&private->refreshed, 1);
}

static int setup(void **state)
{
    struct private *private = calloc(1, sizeof *private);
    struct http_private_config config = {
        .address = STR("127.0.0.1:0"),
        .env = env_system(),
        .ready = is_ready,
        .refresh = refresh,
        .context = private,
    };
    struct err_info info = {""};
    assert_err(http_private_open(&config, &private->server, &info), ERR_OK);
    private->port = http_server_port(private->server);
    *state = private;
    return 0;
}

static int teardown(void **state)
{
    struct private *private = *state;
    (void)http_server_close(private->server);
    free(private);
    return 0;
}

static struct wire_answer get(struct wire *wire, const char *method, const char *path)
{
    wire_sendf(wire, "%s %s HTTP/1.1\r\nHost: a\r\n\r\n", method, path);
    struct wire_answer answer;
    wire_read(wire, &answer);
    return answer;
}

static void health_is_ok_as_long_as_anything_answers(void **state)
{
    struct private *private = *state;
    struct wire wire = wire_open(private->port);
    struct wire_answer answer = get(&wire, "GET", "/healthz");
    assert_int_equal(answer.status, 200);
    assert_string_equal(answer.body, "ok\n");
    wire_close(&wire);
}

static void readiness_follows_the_program_and_says_why_not(void **state)
{
    struct private *private = *state;
    struct wire wire = wire_open(private->port); /* one connection for all of it */
    struct wire_answer answer = get(&wire, "GET", "/readyz");
    assert_int_equal(answer.status, 503);
    assert_string_equal(answer.body, "the store cannot commit\n");
    atomic_store(&private->ready, true);
    answer = get(&wire, "GET", "/readyz?verbose");
    assert_int_equal(answer.status, 200);
    assert_string_equal(answer.body, "ok\n");
    wire_close(&wire);
}

static void head_has_the_headers_of_get_and_no_body(void **state)
{
    struct private *private = *state;
    struct wire wire = wire_open(private->port);
    wire_send(&wire, STR("HEAD /healthz HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n"));
    char text[2048] = "";
    size_t len = 0;
    ssize_t count = 0;
    while ((count = read(wire.fd, text + len, sizeof text - 1 - len)) > 0) {
        len += (size_t)count;
    }
    assert_non_null(strstr(text, "HTTP/1.1 200"));
    assert_non_null(strstr(text, "Content-Length: 3\r\n"));
    assert_string_equal(strstr(text, "\r\n\r\n"), "\r\n\r\n");
    wire_close(&wire);
}

static void metrics_are_refreshed_and_in_prometheus_format(void **state)
{
    struct private *private = *state;
    metric_add(METRIC_REQUESTS_REFUSED, 1);
    struct wire wire = wire_open(private->port);
    wire_send(&wire, STR("GET /metrics HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n"));
    static char text[1 << 17];
    size_t len = 0;
    ssize_t count = 0;
    while ((count = read(wire.fd, text + len, sizeof text - 1 - len)) > 0) {
        len += (size_t)count;
    }
    assert_non_null(strstr(text, "HTTP/1.1 200"));
    assert_non_null(strstr(text, "Content-Type: text/plain; version=0.0.4"));
    assert_non_null(strstr(text, "\ncounterfoil_requests_refused_total "));
    assert_int_equal(atomic_load(&private->refreshed), 1);
    wire_close(&wire);
}

static const struct {
    const char *method, *path;
    int status;
    const char *header;
} refusals[] = {
    {"GET", "/", 404, NULL},
    {"GET", "/metrics/", 404, NULL},
    {"GET", "/webhooks/acme", 404, NULL},
    {"POST", "/metrics", 405, "Allow: GET, HEAD"},
    {"DELETE", "/healthz", 405, "Allow: GET, HEAD"},
    {"OPTIONS", "/readyz", 405, "Allow: GET, HEAD"},
};

static void all_else_is_refused(void **state)
{
    struct private *private = *state;
    for (size_t i = 0; i < sizeof refusals / sizeof refusals[0]; i++) {
        struct wire wire = wire_open(private->port);
        struct wire_answer answer = get(&wire, refusals[i].method, refusals[i].path);
        assert_row(answer.status == refusals[i].status, refusals[i].path);
        assert_row(refusals[i].header == NULL || answer_has_header(&answer, refusals[i].header),
            refusals[i].path);
        wire_close(&wire);
    }
}

/* --- addresses --- */

static enum err open_at(const char *address, struct http_server **ret, struct err_info *reterr)
{
    struct http_private_config config = {.address = str_from(address), .env = env_system()};
    return http_private_open(&config, ret, reterr);
}

static const struct {
    const char *address;
    enum err err;
    const char *says;
} addresses[] = {
    {"127.0.0.1:0", ERR_OK, NULL},
    {"0.0.0.0:0", ERR_OK, NULL},
    {"", ERR_CONFIG, "is no address to listen on"},
    {"127.0.0.1", ERR_CONFIG, "is no address to listen on"},
    {"127.0.0.1:", ERR_CONFIG, "is no address to listen on"},
    {":8420", ERR_CONFIG, "is no address to listen on"},
    {"8420", ERR_CONFIG, "is no address to listen on"},
    {"127.0.0.1:65536", ERR_CONFIG, "is no address to listen on"},
    {"127.0.0.1:-1", ERR_CONFIG, "is no address to listen on"},
    {"127.0.0.1:+1", ERR_CONFIG, "is no address to listen on"},
    {"127.0.0.1:80x", ERR_CONFIG, "is no address to listen on"},
    {"127.0.0.1 :0", ERR_CONFIG, "is no address to listen on"},
    {"localhost:0", ERR_CONFIG, "is no address to listen on"},
    {"::1:0", ERR_CONFIG, "is no address to listen on"},
    {"[::1]", ERR_CONFIG, "is no address to listen on"},
    {"[::1]0", ERR_CONFIG, "is no address to listen on"},
    {"[::1:0", ERR_CONFIG, "is no address to listen on"},
    {"[127.0.0.1]:0", ERR_CONFIG, "is no address to listen on"},
    {"[]:0", ERR_CONFIG, "is no address to listen on"},
    {"192.0.2.1:0", ERR_NET_IO, "this machine has no such address"},
};

static void an_address_is_a_number_and_a_port(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof addresses / sizeof addresses[0]; i++) {
        struct http_server *server = NULL;
        struct err_info info = {""};
        enum err err = open_at(addresses[i].address, &server, &info);
        assert_row(err == addresses[i].err, addresses[i].address);
        assert_row(
            err == ERR_OK || strstr(info.text, addresses[i].says) != NULL, addresses[i].address);
        (void)http_server_close(server);
    }
}

static void an_address_in_use_is_named(void **state)
{
    struct private *private = *state;
    char address[32];
    (void)snprintf(address, sizeof address, "127.0.0.1:%u", private->port);
    struct http_server *server = NULL;
    struct err_info info = {""};
    assert_err(open_at(address, &server, &info), ERR_NET_IO);
    assert_null(server);
    assert_non_null(strstr(info.text, address));
    assert_non_null(strstr(info.text, "another process listens there"));
}

static void an_address_is_free_again_when_the_listener_is_closed(void **state)
{
    (void)state;
    char address[32] = "127.0.0.1:0";
    for (int i = 0; i < 3; i++) {
        struct http_server *server = NULL;
        struct err_info info = {""};
        assert_err(open_at(address, &server, &info), ERR_OK);
        (void)snprintf(address, sizeof address, "127.0.0.1:%u", http_server_port(server));
        struct wire wire = wire_open(http_server_port(server));
        assert_int_equal(get(&wire, "GET", "/healthz").status, 200);
        (void)http_server_close(server); /* this side closes first, and has the TIME_WAIT */
        wire_close(&wire);
    }
}

static void an_ipv6_address_is_taken_or_the_machine_has_none(void **state)
{
    (void)state;
    struct http_server *server = NULL;
    struct err_info info = {""};
    enum err err = open_at("[::1]:0", &server, &info);
    if (err != ERR_OK) {
        assert_err(err, ERR_NET_IO);
        return;
    }
    assert_true(http_server_port(server) > 0);
    (void)http_server_close(server);
}

#define PRIVATE_TEST(function) TEST_WITH(function, setup, teardown)

TESTS_MAIN("http/private",
    PRIVATE_TEST(health_is_ok_as_long_as_anything_answers),
    PRIVATE_TEST(readiness_follows_the_program_and_says_why_not),
    PRIVATE_TEST(head_has_the_headers_of_get_and_no_body),
    PRIVATE_TEST(metrics_are_refreshed_and_in_prometheus_format),
    PRIVATE_TEST(all_else_is_refused),
    TEST(an_address_is_a_number_and_a_port),
    PRIVATE_TEST(an_address_in_use_is_named),
    TEST(an_address_is_free_again_when_the_listener_is_closed),
    TEST(an_ipv6_address_is_taken_or_the_machine_has_none))
