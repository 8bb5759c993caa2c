#include "unit/net/peer.h"
#include <arpa/inet.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <pthread.h>
#include <stdatomic.h>
#include <sys/socket.h>

#define REQUEST_BYTES 32768
#define CONNECTIONS_MAX 64

struct peer {
    int fd;
    int stop[2]; /* a pipe: closed on one side when the end has come */
    uint16_t port;
    pthread_t acceptor;
    pthread_t threads[CONNECTIONS_MAX];
    int fds[CONNECTIONS_MAX];
    atomic_uint accepted;
};

static bool send_all(int fd, const char *data, size_t len)
{
    while (len > 0) {
        ssize_t count = send(fd, data, len, MSG_NOSIGNAL);
        if (count <= 0) {
            return false;
        }
        data += count;
        len -= (size_t)count;
    }
    return true;
}

static bool send_text(int fd, const char *text)
{
    return send_all(fd, text, strlen(text));
}

static bool send_ok(int fd, const char *data, size_t len)
{
    char head[64];
    (void)snprintf(head, sizeof head, "HTTP/1.1 200 OK\r\nContent-Length: %zu\r\n\r\n", len);
    return send_text(fd, head) && send_all(fd, data, len);
}

/* False: the connection is to be closed. */
static bool answer(int fd, const char *request, size_t len)
{
    static char filler[200000];
    char path[32] = "";
    (void)sscanf(request, "%*s %31s", path);
    if (strcmp(path, "/ok") == 0) {
        return send_ok(fd, "hello", 5);
    } else if (strcmp(path, "/echo") == 0) {
        return send_ok(fd, request, len);
    } else if (strcmp(path, "/big") == 0) {
        return send_ok(fd, filler, sizeof filler);
    } else if (strcmp(path, "/exact") == 0) {
        return send_ok(fd, filler, 65536);
    } else if (strcmp(path, "/busy") == 0) {
        return send_text(fd, "HTTP/1.1 503 Busy\r\nRetry-After: 7\r\nContent-Length: 0\r\n\r\n");
    } else if (strcmp(path, "/when") == 0) {
        return send_text(fd, "HTTP/1.1 503 Busy\r\nRetry-After: soon\r\nContent-Length: 0\r\n\r\n");
    } else if (strcmp(path, "/headers") == 0) {
        return send_text(fd, "HTTP/1.1 200 OK\r\nDate: Sun, 22 Nov 2026 14:42:54 GMT\r\n"
                             "request-id: req_1\r\nEmpty:\r\nRequest-Id: req_2\r\n"
                             "Content-Length: 0\r\n\r\n");
    } else if (strcmp(path, "/short") == 0) {
        (void)send_text(fd, "HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\nhello");
    } else if (strcmp(path, "/redirect") == 0) {
        return send_text(fd, "HTTP/1.1 302 There\r\nLocation: /ok\r\nContent-Length: 0\r\n\r\n");
    } else if (strcmp(path, "/garbage") == 0) {
        (void)send_text(fd, "this is no HTTP\r\n\r\n");
    } else if (strcmp(path, "/endless") == 0) {
        bool ok = send_text(fd, "HTTP/1.1 200 OK\r\n\r\n");
        while (ok) {
            ok = send_all(fd, filler, sizeof filler);
        }
    }
    return strcmp(path, "/slow") == 0;
}

/* How long the request at the start of `text` is, or 0 when it is not all there yet. */
static size_t request_len(const char *text, size_t len)
{
    const char *end = memmem(text, len, "\r\n\r\n", 4);
    if (end == NULL) {
        return 0;
    }
    const char *length = strcasestr(text, "\r\nContent-Length:");
    size_t whole = (size_t)(end - text) + 4;
    whole += length != NULL && length < end ? strtoul(length + 17, NULL, 10) : 0;
    return whole <= len ? whole : 0;
}

struct connection {
    struct peer *peer;
    uint32_t index;
};

static void *serve(void *context)
{
    struct connection *connection = context;
    int fd = connection->peer->fds[connection->index];
    free(connection);
    char text[REQUEST_BYTES + 1];
    size_t len = 0;
    bool going_on = true;
    while (going_on) {
        ssize_t count = recv(fd, text + len, REQUEST_BYTES - len, 0);
        if (count <= 0) {
            break;
        }
        len += (size_t)count;
        text[len] = '\0';
        size_t whole = request_len(text, len);
        if (whole > 0) {
            going_on = answer(fd, text, whole);
            memmove(text, text + whole, len - whole);
            len -= whole;
        }
    }
    (void)shutdown(fd, SHUT_RDWR);
    return NULL;
}

static void *accept_all(void *context)
{
    struct peer *peer = context;
    struct pollfd fds[2] = {{peer->fd, POLLIN, 0}, {peer->stop[0], POLLIN, 0}};
    while (poll(fds, 2, -1) > 0 && fds[1].revents == 0) {
        uint32_t index = atomic_load(&peer->accepted);
        struct connection *connection = malloc(sizeof *connection);
        assert_non_null(connection);
        assert_true(index < CONNECTIONS_MAX);
        peer->fds[index] = accept(peer->fd, NULL, NULL);
        int on = 1; /* head and body leave in two pieces */
        (void)setsockopt(peer->fds[index], IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
        *connection = (struct connection){peer, index};
        assert_int_equal(pthread_create(&peer->threads[index], NULL, serve, connection), 0);
        atomic_store(&peer->accepted, index + 1);
    }
    return NULL;
}

struct peer *peer_open(void)
{
    struct peer *peer = calloc(1, sizeof *peer);
    assert_non_null(peer);
    peer->fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    struct sockaddr_in address = {.sin_family = AF_INET, .sin_addr = {htonl(INADDR_LOOPBACK)}};
    socklen_t len = sizeof address;
    assert_int_equal(bind(peer->fd, (struct sockaddr *)&address, sizeof address), 0);
    assert_int_equal(listen(peer->fd, 128), 0);
    assert_int_equal(getsockname(peer->fd, (struct sockaddr *)&address, &len), 0);
    assert_int_equal(pipe(peer->stop), 0);
    peer->port = ntohs(address.sin_port);
    assert_int_equal(pthread_create(&peer->acceptor, NULL, accept_all, peer), 0);
    return peer;
}

struct peer *peer_close(struct peer *peer)
{
    (void)close(peer->stop[1]);
    (void)pthread_join(peer->acceptor, NULL);
    for (uint32_t i = 0; i < atomic_load(&peer->accepted); i++) {
        (void)shutdown(peer->fds[i], SHUT_RDWR);
        (void)pthread_join(peer->threads[i], NULL);
        (void)close(peer->fds[i]);
    }
    (void)close(peer->fd);
    (void)close(peer->stop[0]);
    free(peer);
    return NULL;
}

uint16_t peer_port(const struct peer *peer)
{
    return peer->port;
}

uint32_t peer_connections(struct peer *peer)
{
    return atomic_load(&peer->accepted);
}
