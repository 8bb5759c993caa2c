#include "sandbox/load.h"
#include "base/check.h"
#include "base/timestamp.h"
#include <arpa/inet.h>
#include <errno.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/epoll.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <unistd.h>

#define REQUEST_BYTES_MAX (32 * 1024)
#define RESPONSE_BYTES_MAX (16 * 1024)
#define EVENTS_PER_WAIT 256
#define TICK_US INT64_C(100000)
#define WAIT_US INT64_C(20000)
#define DRAIN_US (5 * US_PER_SECOND)

struct connection {
    int fd; /* -1: closed */
    bool busy;
    bool counted; /* its request belongs to the measured part */
    int64_t begun_us;
    uint32_t body_bytes;
    size_t request_len, sent;
    size_t response_len;
    char request[REQUEST_BYTES_MAX];
    char response[RESPONSE_BYTES_MAX];
};

struct load {
    const struct load_config *config;
    struct env *env;
    struct load_result *result;
    struct connection *connections;
    uint32_t *idle; /* numbers of connections without a request */
    uint32_t idle_count, busy_count;
    int epoll_fd;
    bool measuring, ending;
    int64_t schedule_begun_us;
    uint64_t scheduled; /* open loop: events that were due and are sent */
};

/* ---- connections ----------------------------------------------------------------------------- */

static enum err connect_one(struct load *load, uint32_t index, struct err_info *reterr)
{
    struct connection *connection = &load->connections[index];
    struct sockaddr_in address = {
        .sin_family = AF_INET,
        .sin_port = htons(load->config->port),
        .sin_addr = {htonl(INADDR_LOOPBACK)},
    };
    int one = 1;
    int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    if (fd < 0 || connect(fd, (const struct sockaddr *)&address, sizeof address) != 0) {
        int cause = errno;
        if (fd >= 0) {
            (void)close(fd);
        }
        return err_set(reterr, ERR_NET_IO, "port %d: %s", load->config->port, strerror(cause));
    }
    (void)setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &one, sizeof one);
    struct epoll_event event = {.events = EPOLLIN | EPOLLRDHUP, .data = {.u32 = index}};
    if (epoll_ctl(load->epoll_fd, EPOLL_CTL_ADD, fd, &event) != 0) {
        (void)close(fd);
        return err_set(reterr, ERR_NET_IO, "epoll: %s", strerror(errno));
    }
    connection->fd = fd;
    connection->busy = false;
    load->idle[load->idle_count++] = index;
    return ERR_OK;
}

static void watch_writes(struct load *load, uint32_t index, bool wanted)
{
    struct epoll_event event = {
        .events = EPOLLIN | EPOLLRDHUP | (wanted ? (uint32_t)EPOLLOUT : 0), .data = {.u32 = index}};
    int failed = epoll_ctl(load->epoll_fd, EPOLL_CTL_MOD, load->connections[index].fd, &event);
    INVARIANT(failed == 0); /* it was added when it was connected */
}

/* The server went away in the middle: counted, and a new connection takes the place. */
static void reconnect(struct load *load, uint32_t index)
{
    struct connection *connection = &load->connections[index];
    if (connection->busy) {
        connection->busy = false;
        load->busy_count--;
        load->result->broken += connection->counted ? 1 : 0;
    } else {
        for (uint32_t i = 0; i < load->idle_count; i++) {
            if (load->idle[i] == index) {
                load->idle[i] = load->idle[--load->idle_count];
                break;
            }
        }
    }
    (void)close(connection->fd);
    connection->fd = -1;
    if (!load->ending && connect_one(load, index, NULL) != ERR_OK) {
        load->ending = true; /* nobody listens any more */
    }
}

/* ---- one request ----------------------------------------------------------------------------- */

static void render(struct load *load, struct connection *connection)
{
    struct merchant_event event;
    char signature[COURIER_SIGNATURE_BYTES];
    enum err err = merchant_next(load->config->merchant, &event);
    INVARIANT(err == ERR_OK); /* a forgetful merchant lives for ever */
    load->config->sign(
        load->config->secret, env_now(load->env) / US_PER_SECOND, event.body, signature);
    int head = snprintf(connection->request, sizeof connection->request,
        "POST " STR_FMT " HTTP/1.1\r\nHost: 127.0.0.1:%d\r\nAccept: */*; q=0.5, application/xml\r\n"
        "User-Agent: Stripe/1.0 (+https://stripe.com/docs/webhooks)\r\n"
        "Content-Type: application/json; charset=utf-8\r\nCache-Control: no-cache\r\n"
        "Stripe-Signature: %s\r\nContent-Length: %zu\r\n\r\n",
        STR_ARG(load->config->path), load->config->port, signature, event.body.len);
    INVARIANT(head > 0 && (size_t)head + event.body.len <= sizeof connection->request);
    memcpy(connection->request + head, event.body.data, event.body.len);
    connection->request_len = (size_t)head + event.body.len;
    connection->body_bytes = (uint32_t)event.body.len;
    connection->sent = 0;
    connection->response_len = 0;
}

/* False when the connection is broken. */
static bool push(struct load *load, uint32_t index)
{
    struct connection *connection = &load->connections[index];
    bool waited = connection->sent > 0;
    while (connection->sent < connection->request_len) {
        ssize_t sent = send(connection->fd, connection->request + connection->sent,
            connection->request_len - connection->sent, MSG_DONTWAIT | MSG_NOSIGNAL);
        if (sent < 0 && errno == EINTR) {
            continue;
        }
        if (sent < 0 && errno == EAGAIN) {
            watch_writes(load, index, true);
            return true;
        }
        if (sent <= 0) {
            return false;
        }
        connection->sent += (size_t)sent;
    }
    if (waited) {
        watch_writes(load, index, false);
    }
    return true;
}

static void begin(struct load *load, int64_t begun_us)
{
    REQUIRE(load->idle_count > 0);
    uint32_t index = load->idle[--load->idle_count];
    struct connection *connection = &load->connections[index];
    render(load, connection);
    connection->busy = true;
    connection->counted = load->measuring;
    connection->begun_us = begun_us > 0 ? begun_us : env_monotonic(load->env);
    load->busy_count++;
    if (!push(load, index)) {
        reconnect(load, index);
    }
}

/* Open loop: when the next event is due. */
static int64_t due_at(const struct load *load)
{
    int64_t rate = load->config->rate;
    int64_t scheduled = (int64_t)load->scheduled;
    return load->schedule_begun_us + scheduled / rate * US_PER_SECOND +
           scheduled % rate * US_PER_SECOND / rate;
}

/* What is due, or in a closed loop whoever is free. */
static void begin_due(struct load *load, int64_t now_us)
{
    while (load->idle_count > 0 && !load->ending) {
        if (load->config->rate == 0) {
            begin(load, 0);
            continue;
        }
        int64_t due_us = due_at(load);
        if (due_us > now_us) {
            return;
        }
        load->scheduled++;
        begin(load, due_us);
    }
}

/* ---- one answer ------------------------------------------------------------------------------ */

/* The length of the whole answer; 0 while it is not all there. Answers of this program have a
 * Content-Length and no other encoding. */
static size_t answer_len(const struct connection *connection, int *ret_status)
{
    struct str rest = {connection->response, connection->response_len};
    const char *end = memmem(rest.data, rest.len, "\r\n\r\n", 4);
    if (end == NULL || rest.len < sizeof "HTTP/1.1 200" - 1) {
        return 0;
    }
    int64_t status = 0;
    int64_t body = 0;
    if (str_to_int64((struct str){rest.data + 9, 3}, &status) != ERR_OK) {
        status = 0;
    }
    struct str head = {rest.data, (size_t)(end - rest.data)};
    while (head.len > 0) {
        struct str value = str_cut(&head, '\n');
        struct str name = str_cut(&value, ':');
        if (str_eq_ignoring_case(name, STR("Content-Length")) &&
            str_to_int64(str_trim(value), &body) != ERR_OK) {
            body = 0;
        }
    }
    size_t len = (size_t)(end - rest.data) + 4 + (size_t)body;
    *ret_status = (int)status;
    return rest.len >= len ? len : 0;
}

static void count(struct load *load, const struct connection *connection, int status)
{
    struct load_result *result = load->result;
    bool good = status >= 200 && status < 300;
    result->acknowledged_in_all += good ? 1 : 0;
    if (!good) {
        result->last_refusal = status;
        result->refused += connection->counted ? 1 : 0;
        return;
    }
    if (connection->counted && load->measuring) {
        result->acknowledged++;
        result->body_bytes += connection->body_bytes;
        histogram_add(&result->latency, env_monotonic(load->env) - connection->begun_us);
    }
}

/* False when the connection is broken. */
static bool pull(struct load *load, uint32_t index)
{
    struct connection *connection = &load->connections[index];
    ssize_t got = recv(connection->fd, connection->response + connection->response_len,
        sizeof connection->response - connection->response_len, MSG_DONTWAIT);
    if (got < 0 && (errno == EAGAIN || errno == EINTR)) {
        return true;
    }
    if (got <= 0 || !connection->busy) {
        return false;
    }
    connection->response_len += (size_t)got;
    int status = 0;
    if (answer_len(connection, &status) == 0) {
        return connection->response_len < sizeof connection->response;
    }
    count(load, connection, status);
    connection->busy = false;
    load->busy_count--;
    load->idle[load->idle_count++] = index;
    return true;
}

static void wait_for_answers(struct load *load, int64_t now_us)
{
    struct epoll_event events[EVENTS_PER_WAIT];
    int64_t wait_us = WAIT_US;
    if (load->config->rate > 0 && load->idle_count > 0 && !load->ending) {
        int64_t until_us = due_at(load) - env_monotonic(load->env);
        wait_us = until_us < 0 ? 0 : until_us < WAIT_US ? until_us : WAIT_US;
    }
    const struct timespec wait = {
        0, wait_us * 1000}; /* epoll_wait knows no less than a millisecond */
    int count = epoll_pwait2(load->epoll_fd, events, EVENTS_PER_WAIT, &wait, NULL);
    for (int i = 0; i < count; i++) {
        uint32_t index = events[i].data.u32;
        bool good = true;
        if ((events[i].events & EPOLLOUT) != 0) {
            good = push(load, index);
        }
        if (good && (events[i].events & (EPOLLIN | EPOLLRDHUP | EPOLLHUP | EPOLLERR)) != 0) {
            good = pull(load, index);
        }
        if (!good) {
            reconnect(load, index);
        } else if (load->config->rate == 0 && load->idle_count > 0 && !load->ending) {
            begin_due(load, now_us);
        }
    }
}

/* ---- the run --------------------------------------------------------------------------------- */

static int64_t own_cpu_us(void)
{
    struct rusage usage;
    (void)getrusage(RUSAGE_SELF, &usage);
    return (usage.ru_utime.tv_sec + usage.ru_stime.tv_sec) * US_PER_SECOND +
           usage.ru_utime.tv_usec + usage.ru_stime.tv_usec;
}

static void loop(struct load *load)
{
    const struct load_config *config = load->config;
    int64_t begun_us = env_monotonic(load->env);
    int64_t measure_us = begun_us + config->warm_up_us;
    int64_t end_us = measure_us + config->measured_us;
    int64_t tick_us = begun_us;
    int64_t cpu_us = 0;
    load->schedule_begun_us = begun_us;
    for (;;) {
        int64_t now_us = env_monotonic(load->env);
        if (!load->measuring && now_us >= measure_us) {
            load->measuring = true;
            measure_us = now_us;
            cpu_us = own_cpu_us();
            tick_us = now_us;
        }
        if (config->tick != NULL && now_us >= tick_us) {
            config->tick(
                config->context, now_us, load->measuring, load->result->acknowledged_in_all);
            tick_us = now_us + TICK_US;
        }
        if (now_us >= end_us || load->ending || (config->stopped != NULL && config->stopped())) {
            break;
        }
        begin_due(load, now_us);
        wait_for_answers(load, now_us);
    }
    int64_t now_us = env_monotonic(load->env);
    load->result->elapsed_us = load->measuring ? now_us - measure_us : 0;
    load->result->generator_cpu_us = load->measuring ? own_cpu_us() - cpu_us : 0;
    uint64_t due = (uint64_t)((now_us - begun_us) * config->rate / US_PER_SECOND);
    load->result->late = due > load->scheduled ? due - load->scheduled : 0;
}

/* What is under way is still answered, and counts for nothing but the acknowledged in all. */
static void drain(struct load *load)
{
    int64_t until_us = env_monotonic(load->env) + DRAIN_US;
    load->measuring = false;
    load->ending = true;
    while (load->busy_count > 0 && env_monotonic(load->env) < until_us) {
        wait_for_answers(load, 0);
    }
}

static void load_close(struct load *load)
{
    for (uint32_t i = 0; load->connections != NULL && i < load->config->connections; i++) {
        if (load->connections[i].fd >= 0) {
            (void)close(load->connections[i].fd);
        }
    }
    if (load->epoll_fd >= 0) {
        (void)close(load->epoll_fd);
    }
    free(load->connections);
    free(load->idle);
}

static enum err load_open(struct load *load, struct err_info *reterr)
{
    uint32_t connections = load->config->connections;
    load->epoll_fd = epoll_create1(EPOLL_CLOEXEC);
    load->idle = calloc(connections, sizeof *load->idle);
    load->connections = calloc(connections, sizeof *load->connections);
    for (uint32_t i = 0; load->connections != NULL && i < connections; i++) {
        load->connections[i].fd = -1;
    }
    if (load->epoll_fd < 0 || load->idle == NULL || load->connections == NULL) {
        return err_set(reterr, ERR_BUSY, "out of memory or descriptors");
    }
    for (uint32_t i = 0; i < connections; i++) {
        TRY(connect_one(load, i, reterr));
    }
    return ERR_OK;
}

enum err load_run(const struct load_config *config,
    struct env *env,
    struct load_result *ret_result,
    struct err_info *reterr)
{
    REQUIRE(config->connections > 0);
    REQUIRE(config->merchant != NULL);
    REQUIRE(config->measured_us > 0);
    struct load_result result = {0};
    struct load load = {.config = config, .env = env, .result = &result};
    enum err err = load_open(&load, reterr);
    if (err == ERR_OK) {
        loop(&load);
        drain(&load);
        *ret_result = result;
    }
    load_close(&load);
    return err;
}
