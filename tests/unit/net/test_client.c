/* The HTTP client against a peer that does what it likes. */
#include "base/env.h"
#include "net/client.h"
#include "unit/net/peer.h"
#include <pthread.h>
#include <sched.h>

#define SECOND_US INT64_C(1000000)

/* A request and what `done` saw of it. */
struct call {
    struct net_request request; /* first member */
    char url[96];
    int done_count;
    enum err err;
    struct str response; /* copied */
    char text[70000];
    struct net_client *client;
    int chain; /* requests still to begin out of `done` */
};

static void on_done(struct net_request *request, enum err err)
{
    struct call *call = (struct call *)request;
    call->done_count++;
    call->err = err;
    assert_true(request->response.len < sizeof call->text);
    memcpy(call->text, request->response.data, request->response.len);
    call->text[request->response.len] = '\0';
    call->response = (struct str){call->text, request->response.len};
    if (call->chain > 0) {
        call->chain--;
        assert_err(net_client_begin(call->client, &call->request), ERR_OK);
    }
}

static struct call *call_new(struct peer *peer, const char *path)
{
    struct call *call = calloc(1, sizeof *call);
    assert_non_null(call);
    (void)snprintf(call->url, sizeof call->url, "http://127.0.0.1:%u%s", peer_port(peer), path);
    call->request.url = str_from(call->url);
    call->request.timeout_us = 10 * SECOND_US;
    call->request.done = on_done;
    return call;
}

static void run(struct net_client *client, const struct call *call)
{
    for (int i = 0; call->done_count == 0; i++) {
        assert_true(i < 10000);
        net_client_step(client, SECOND_US);
    }
}

/* One request on a client of its own. */
static struct call *fetch(struct peer *peer, const char *path)
{
    struct call *call = call_new(peer, path);
    struct net_client *client = net_client_new(1);
    assert_non_null(client);
    assert_err(net_client_begin(client, &call->request), ERR_OK);
    run(client, call);
    assert_int_equal(net_client_active(client), 0);
    (void)net_client_free(client);
    assert_int_equal(call->done_count, 1);
    return call;
}

struct answer_case {
    const char *path;
    enum err err;
    int status;
    size_t response_len;
    int64_t retry_after_s;
};

static const struct answer_case answer_cases[] = {
    {"/ok", ERR_OK, 200, 5, -1},
    {"/busy", ERR_OK, 503, 0, 7},
    {"/when", ERR_OK, 503, 0, 0},
    {"/redirect", ERR_OK, 302, 0, -1},
    {"/exact", ERR_OK, 200, 65536, -1},
    {"/big", ERR_OK, 200, 65536, -1},
    {"/endless", ERR_OK, 200, 65536, -1},
    {"/cut", ERR_NET_IO, 0, 0, -1},
    {"/garbage", ERR_NET_IO, 0, 0, -1},
};

static void every_answer_is_understood_and_bounded(void **state)
{
    for (size_t i = 0; i < sizeof answer_cases / sizeof answer_cases[0]; i++) {
        const struct answer_case *row = &answer_cases[i];
        struct call *call = fetch(*state, row->path);
        assert_row(call->err == row->err, row->path);
        assert_row(call->request.status == row->status, row->path);
        assert_row(call->response.len == row->response_len, row->path);
        assert_row(call->request.retry_after_s == row->retry_after_s, row->path);
        free(call);
    }
}

static void a_post_carries_its_body_and_headers_and_nothing_odd(void **state)
{
    struct call *call = call_new(*state, "/echo");
    struct net_client *client = net_client_new(1);
    call->request.post = true;
    call->request.body = (struct str){"{\"a\":\0 1}", 9};
    call->request.headers[0] = STR("Stripe-Signature: t=1,v1=ab");
    call->request.headers[2] = STR("X-Second: 2");
    assert_err(net_client_begin(client, &call->request), ERR_OK);
    run(client, call);
    assert_err(call->err, ERR_OK);
    assert_true(str_starts_with(call->response, STR("POST /echo HTTP/1.1\r\n")));
    assert_non_null(strstr(call->text, "\r\nStripe-Signature: t=1,v1=ab\r\n"));
    assert_non_null(strstr(call->text, "\r\nX-Second: 2\r\n"));
    assert_non_null(strstr(call->text, "\r\nContent-Type: application/json; charset=utf-8\r\n"));
    assert_non_null(strstr(call->text, "\r\nContent-Length: 9\r\n"));
    assert_non_null(strstr(call->text, "\r\nUser-Agent: counterfoil/"));
    assert_null(strstr(call->text, "Expect"));
    assert_memory_equal(call->response.data + call->response.len - 9, "{\"a\":\0 1}", 9);

    /* The same slot: nothing of it is left in the next request. */
    call->request.post = false;
    call->request.headers[0] = STR_NONE;
    call->request.headers[2] = STR_NONE;
    call->done_count = 0;
    assert_err(net_client_begin(client, &call->request), ERR_OK);
    run(client, call);
    assert_true(str_starts_with(call->response, STR("GET /echo HTTP/1.1\r\n")));
    assert_null(strstr(call->text, "Stripe-Signature"));
    assert_null(strstr(call->text, "Content-"));
    (void)net_client_free(client);
    free(call);
}

static void a_given_content_type_and_an_empty_body_are_kept(void **state)
{
    struct call *call = call_new(*state, "/echo");
    struct net_client *client = net_client_new(1);
    call->request.post = true;
    call->request.headers[3] = STR("content-type: text/plain");
    assert_err(net_client_begin(client, &call->request), ERR_OK);
    run(client, call);
    assert_err(call->err, ERR_OK);
    assert_non_null(strstr(call->text, "content-type: text/plain\r\n"));
    assert_non_null(strstr(call->text, "Content-Length: 0\r\n"));
    assert_null(strstr(call->text, "application/json"));
    (void)net_client_free(client);
    free(call);
}

static void one_connection_serves_many_requests_that_done_begins(void **state)
{
    struct peer *peer = *state;
    struct call *call = call_new(peer, "/ok");
    struct net_client *client = net_client_new(1);
    call->client = client;
    call->chain = 99;
    assert_err(net_client_begin(client, &call->request), ERR_OK);
    for (int i = 0; call->done_count < 100; i++) {
        assert_true(i < 10000);
        net_client_step(client, SECOND_US);
        assert_string_equal(call->text, call->done_count > 0 ? "hello" : "");
    }
    assert_int_equal(peer_connections(peer), 1);
    (void)net_client_free(client);
    free(call);
}

static void more_than_the_bound_at_once_is_busy(void **state)
{
    enum { MANY = 16 };
    struct peer *peer = *state;
    struct net_client *client = net_client_new(MANY);
    struct call *calls[MANY + 1];
    for (int i = 0; i <= MANY; i++) {
        calls[i] = call_new(peer, "/ok");
        assert_err(net_client_begin(client, &calls[i]->request), i < MANY ? ERR_OK : ERR_BUSY);
    }
    assert_int_equal(net_client_active(client), MANY);
    for (int i = 0; i < MANY; i++) {
        run(client, calls[i]);
        assert_err(calls[i]->err, ERR_OK);
    }
    assert_int_equal(calls[MANY]->done_count, 0);
    assert_int_equal(net_client_active(client), 0);
    assert_err(net_client_begin(client, &calls[MANY]->request), ERR_OK);
    run(client, calls[MANY]);
    (void)net_client_free(client);
    for (int i = 0; i <= MANY; i++) {
        free(calls[i]);
    }
}

static void a_silent_peer_costs_the_deadline_and_no_more(void **state)
{
    struct call *call = call_new(*state, "/slow");
    call->request.timeout_us = SECOND_US / 5;
    int64_t begin_us = env_monotonic(env_system());
    struct err_info info = {""};
    assert_err(net_fetch(&call->request, &info), ERR_TIMEOUT);
    assert_in_range(env_monotonic(env_system()) - begin_us, SECOND_US / 6, 5 * SECOND_US);
    assert_int_equal(call->done_count, 1);
    assert_true(info.text[0] != '\0');
    free(call);
}

static void a_step_waits_no_longer_than_told(void **state)
{
    (void)state;
    struct net_client *client = net_client_new(1);
    int64_t begin_us = env_monotonic(env_system());
    net_client_step(client, 0);
    assert_true(env_monotonic(env_system()) - begin_us < SECOND_US / 20);
    net_client_step(client, SECOND_US / 20);
    assert_in_range(env_monotonic(env_system()) - begin_us, SECOND_US / 21, 5 * SECOND_US);
    (void)net_client_free(client);
}

static void freeing_ends_what_is_under_way_with_closed(void **state)
{
    struct call *call = call_new(*state, "/slow");
    struct net_client *client = net_client_new(2);
    assert_err(net_client_begin(client, &call->request), ERR_OK);
    net_client_step(client, SECOND_US / 50);
    assert_int_equal(call->done_count, 0);
    (void)net_client_free(client);
    assert_int_equal(call->done_count, 1);
    assert_err(call->err, ERR_CLOSED);
    free(call);
}

static const char *const bad_urls[] = {"", "nonsense", "file:///etc/passwd", "ftp://127.0.0.1/",
    "http://", "http://a b/", "gopher://127.0.0.1/"};

static void only_http_urls_are_taken(void **state)
{
    for (size_t i = 0; i < sizeof bad_urls / sizeof bad_urls[0]; i++) {
        struct call *call = call_new(*state, "/ok");
        call->request.url = str_from(bad_urls[i]);
        struct err_info info = {""};
        assert_row(net_fetch(&call->request, &info) == ERR_INVALID, bad_urls[i]);
        assert_row(call->done_count == 0 && info.text[0] != '\0', bad_urls[i]);
        free(call);
    }
}

static void a_header_cannot_smuggle_another(void **state)
{
    struct call *call = call_new(*state, "/ok");
    call->request.headers[1] = STR("X-A: 1\r\nX-B: 2");
    assert_err(net_fetch(&call->request, NULL), ERR_INVALID);
    call->request.headers[1] = (struct str){"X-A: 1\0", 7};
    assert_err(net_fetch(&call->request, NULL), ERR_INVALID);
    free(call);
}

static void a_closed_port_is_named(void **state)
{
    (void)state;
    struct peer *peer = peer_open();
    struct call *call = call_new(peer, "/ok?key=secret");
    (void)peer_close(peer);
    struct err_info info = {""};
    assert_err(net_fetch(&call->request, &info), ERR_NET_IO);
    assert_non_null(strstr(info.text, "127.0.0.1"));
    assert_null(strstr(info.text, "secret"));
    free(call);
}

static void a_peer_without_tls_is_no_https_peer(void **state)
{
    struct peer *peer = *state;
    struct call *call = call_new(peer, "/ok");
    (void)snprintf(call->url, sizeof call->url, "https://127.0.0.1:%u/ok", peer_port(peer));
    call->request.url = str_from(call->url);
    call->request.timeout_us = SECOND_US / 2; /* the peer waits for the end of a request line */
    enum err err = net_fetch(&call->request, NULL);
    assert_true(err == ERR_NET_IO || err == ERR_TIMEOUT);
    free(call);
}

static void a_fetch_gives_back_what_it_borrowed(void **state)
{
    struct call *call = call_new(*state, "/busy");
    call->request.done = NULL;
    call->request.context = call;
    assert_err(net_fetch(&call->request, NULL), ERR_OK);
    assert_int_equal(call->request.status, 503);
    assert_int64_equal(call->request.retry_after_s, 7);
    assert_null(call->request.done);
    assert_ptr_equal(call->request.context, call);
    assert_int_equal(call->request.response.len, 0);
    free(call);
}

static void loopback_is_reached_without_the_proxy_of_the_environment(void **state)
{
    assert_int_equal(setenv("http_proxy", "http://127.0.0.1:1", 1), 0);
    struct call *call = fetch(*state, "/ok");
    (void)unsetenv("http_proxy");
    assert_err(call->err, ERR_OK);
    free(call);
}

static struct net_request plain_request(struct call *call)
{
    struct net_request request = call->request;
    request.done = NULL;
    return request;
}

static void a_kept_client_fetches_again_and_again_over_one_connection(void **state)
{
    struct peer *peer = *state;
    struct net_client *client = net_client_new(1);
    struct call *call = call_new(peer, "/ok");
    struct net_request request = plain_request(call);
    for (int i = 0; i < 20; i++) {
        assert_err(net_client_fetch(client, &request, NULL), ERR_OK);
        assert_str_equal_to(request.response, "hello");
    }
    assert_int_equal(peer_connections(peer), 1);
    (void)net_client_free(client);
    free(call);
}

struct canceller {
    struct peer *peer;
    uint32_t connections; /* until there are more */
    atomic_bool cancelled;
};

static void *cancel_once_connected(void *context)
{
    struct canceller *canceller = context;
    while (peer_connections(canceller->peer) == canceller->connections) {
        (void)sched_yield();
    }
    atomic_store(&canceller->cancelled, true);
    return NULL;
}

static void what_is_waited_for_ends_when_it_is_cancelled(void **state)
{
    struct peer *peer = *state;
    struct canceller canceller = {.peer = peer, .connections = peer_connections(peer)};
    struct net_client *client = net_client_new(1);
    struct call *slow = call_new(peer, "/slow");
    struct net_request request = plain_request(slow);
    request.timeout_us = 60 * SECOND_US;
    request.cancelled = &canceller.cancelled;
    pthread_t thread;
    assert_int_equal(pthread_create(&thread, NULL, cancel_once_connected, &canceller), 0);
    int64_t begin_us = env_monotonic(env_system());
    assert_err(net_client_fetch(client, &request, NULL), ERR_CLOSED);
    assert_true(env_monotonic(env_system()) - begin_us < 30 * SECOND_US);
    (void)pthread_join(thread, NULL);
    assert_err(
        net_client_fetch(client, &request, NULL), ERR_CLOSED); /* nothing is begun any more */
    atomic_store(&canceller.cancelled, false);
    struct call *next = call_new(peer, "/ok");
    request = plain_request(next);
    request.cancelled = &canceller.cancelled;
    assert_err(net_client_fetch(client, &request, NULL), ERR_OK);
    (void)net_client_free(client);
    free(slow);
    free(next);
}

static void wanted_headers_are_found_whatever_their_case(void **state)
{
    struct net_client *client = net_client_new(1);
    struct call *call = call_new(*state, "/headers");
    struct net_request request = plain_request(call);
    request.wanted[0] = "Absent";
    request.wanted[1] = "Request-Id";
    request.wanted[2] = "Empty";
    request.wanted[3] = "Date";
    struct err_info info;
    assert_err(net_client_fetch(client, &request, &info), ERR_OK);
    assert_int_equal(request.found[0].len, 0);
    assert_str_equal_to(request.found[1], "req_1");
    assert_int_equal(request.found[2].len, 0);
    assert_str_equal_to(request.found[3], "Sun, 22 Nov 2026 14:42:54 GMT");
    assert_int64_equal(request.date_us, INT64_C(1795358574) * SECOND_US);

    (void)snprintf(strstr(call->url, "/headers"), 16, "/ok");
    request.url = str_from(call->url);
    assert_err(net_client_fetch(client, &request, &info), ERR_OK);
    assert_int_equal(request.found[1].len, 0);
    assert_int64_equal(request.date_us, 0);
    (void)net_client_free(client);
    free(call);
}

static const struct {
    const char *path;
    size_t bytes_max;
    enum err err;
} bounded_cases[] = {
    {"/big", 200000, ERR_OK},
    {"/big", 199999, ERR_TOO_LARGE},
    {"/endless", 300000, ERR_TOO_LARGE},
    {"/short", 100, ERR_NET_IO},
    {"/ok", 4, ERR_TOO_LARGE},
};

static void a_response_is_whole_or_an_error_when_its_bound_is_given(void **state)
{
    struct net_client *client = net_client_new(1);
    for (size_t i = 0; i < sizeof bounded_cases / sizeof bounded_cases[0]; i++) {
        struct call *call = call_new(*state, bounded_cases[i].path);
        struct net_request request = plain_request(call);
        request.response_bytes_max = bounded_cases[i].bytes_max;
        struct err_info info = {""};
        enum err err = net_client_fetch(client, &request, &info);
        assert_row(err == bounded_cases[i].err, bounded_cases[i].path);
        assert_row(err == ERR_OK || info.text[0] != '\0', bounded_cases[i].path);
        assert_row(err != ERR_OK || request.response.len == 200000, bounded_cases[i].path);
        free(call);
    }
    (void)net_client_free(client);
}

static const struct {
    const char *url;
    enum err err;
    struct net_place place;
} url_cases[] = {
    {"https://api.stripe.com", ERR_OK, {true, false, true}},
    {"http://127.0.0.1:8430", ERR_OK, {false, true, true}},
    {"http://127.9.9.9/", ERR_OK, {false, true, true}},
    {"http://[::1]:80/v", ERR_OK, {false, true, true}},
    {"http://LocalHost:1", ERR_OK, {false, true, true}},
    {"http://127.0.0.1.example", ERR_OK, {false, false, true}},
    {"http://localhost.example", ERR_OK, {false, false, true}},
    {"http://10.127.0.1", ERR_OK, {false, false, true}},
    {"http://127.0.0.1@far.example/", ERR_OK, {false, false, false}},
    {"https://x.example/?a=1", ERR_OK, {true, false, false}},
    {"https://x.example/#a", ERR_OK, {true, false, false}},
    {"ftp://127.0.0.1/", ERR_INVALID, {0}},
    {"127.0.0.1", ERR_INVALID, {0}},
    {"", ERR_INVALID, {0}},
};

static void a_url_says_where_it_leads(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof url_cases / sizeof url_cases[0]; i++) {
        struct net_place place = {0};
        assert_row(
            net_url_read(str_from(url_cases[i].url), &place) == url_cases[i].err, url_cases[i].url);
        assert_row(place.tls == url_cases[i].place.tls, url_cases[i].url);
        assert_row(place.is_loopback == url_cases[i].place.is_loopback, url_cases[i].url);
        assert_row(place.bare == url_cases[i].place.bare, url_cases[i].url);
    }
}

static int setup(void **state)
{
    *state = peer_open();
    return 0;
}

static int teardown(void **state)
{
    *state = peer_close(*state);
    return 0;
}

#define PEER_TEST(function) TEST_WITH(function, setup, teardown)

TESTS_MAIN("net/client",
    PEER_TEST(every_answer_is_understood_and_bounded),
    PEER_TEST(a_post_carries_its_body_and_headers_and_nothing_odd),
    PEER_TEST(a_given_content_type_and_an_empty_body_are_kept),
    PEER_TEST(one_connection_serves_many_requests_that_done_begins),
    PEER_TEST(more_than_the_bound_at_once_is_busy),
    PEER_TEST(a_silent_peer_costs_the_deadline_and_no_more),
    TEST(a_step_waits_no_longer_than_told),
    PEER_TEST(freeing_ends_what_is_under_way_with_closed),
    PEER_TEST(only_http_urls_are_taken),
    PEER_TEST(a_header_cannot_smuggle_another),
    TEST(a_closed_port_is_named),
    PEER_TEST(a_peer_without_tls_is_no_https_peer),
    PEER_TEST(a_fetch_gives_back_what_it_borrowed),
    PEER_TEST(loopback_is_reached_without_the_proxy_of_the_environment),
    PEER_TEST(what_is_waited_for_ends_when_it_is_cancelled),
    PEER_TEST(a_kept_client_fetches_again_and_again_over_one_connection),
    PEER_TEST(wanted_headers_are_found_whatever_their_case),
    PEER_TEST(a_response_is_whole_or_an_error_when_its_bound_is_given),
    TEST(a_url_says_where_it_leads))
