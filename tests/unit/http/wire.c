#include "unit/http/wire.h"
#include <arpa/inet.h>
#include <errno.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <strings.h>
#include <sys/socket.h>
#include <sys/time.h>

#define PATIENCE_S 10

struct wire wire_open(uint16_t port)
{
    struct wire wire = {.fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0)};
    assert_true(wire.fd >= 0);
    struct timeval patience = {PATIENCE_S, 0};
    int on = 1;
    assert_int_equal(setsockopt(wire.fd, SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof patience), 0);
    assert_int_equal(setsockopt(wire.fd, SOL_SOCKET, SO_SNDTIMEO, &patience, sizeof patience), 0);
    assert_int_equal(setsockopt(wire.fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on), 0);
    struct sockaddr_in address = {
        .sin_family = AF_INET,
        .sin_port = htons(port),
        .sin_addr = {htonl(INADDR_LOOPBACK)},
    };
    assert_int_equal(connect(wire.fd, (const struct sockaddr *)&address, sizeof address), 0);
    return wire;
}

void wire_close(struct wire *wire)
{
    if (wire->fd >= 0) {
        (void)close(wire->fd);
    }
    wire->fd = -1;
}

bool wire_try_send(struct wire *wire, struct str bytes)
{
    for (size_t sent = 0; sent < bytes.len;) {
        ssize_t count = send(wire->fd, bytes.data + sent, bytes.len - sent, MSG_NOSIGNAL);
        if (count <= 0) {
            return false;
        }
        sent += (size_t)count;
    }
    return true;
}

void wire_send(struct wire *wire, struct str bytes)
{
    assert_true(wire_try_send(wire, bytes));
}

void wire_sendf(struct wire *wire, const char *format, ...)
{
    char text[2048];
    va_list arguments;
    va_start(arguments, format);
    int len = vsnprintf(text, sizeof text, format, arguments);
    va_end(arguments);
    assert_true(len >= 0 && (size_t)len < sizeof text);
    wire_send(wire, (struct str){text, (size_t)len});
}

void wire_post(struct wire *wire, const char *path, const char *signature, struct str body)
{
    wire_sendf(wire, "POST %s HTTP/1.1\r\nHost: test\r\nContent-Length: %zu\r\n%s%s%s\r\n", path,
        body.len, signature != NULL ? "Stripe-Signature: " : "", signature != NULL ? signature : "",
        signature != NULL ? "\r\n" : "");
    wire_send(wire, body);
}

static bool receive(struct wire *wire)
{
    assert_true(wire->len < sizeof wire->bytes);
    ssize_t count = recv(wire->fd, wire->bytes + wire->len, sizeof wire->bytes - wire->len, 0);
    if (count <= 0) {
        assert_false(count < 0 && errno == EAGAIN); /* nothing came: that is a hang */
        return false;
    }
    wire->len += (size_t)count;
    return true;
}

static void consume(struct wire *wire, size_t count)
{
    memmove(wire->bytes, wire->bytes + count, wire->len - count);
    wire->len -= count;
}

/* The value of a header in a NUL-terminated head; "" when it has none. */
static const char *header_value(const char *head, const char *name)
{
    for (const char *line = strstr(head, "\r\n"); line != NULL; line = strstr(line + 2, "\r\n")) {
        if (strncasecmp(line + 2, name, strlen(name)) == 0 && line[2 + strlen(name)] == ':') {
            return line + 3 + strlen(name);
        }
    }
    return "";
}

bool wire_try_read(struct wire *wire, struct wire_answer *ret_answer)
{
    memset(ret_answer, 0, sizeof *ret_answer);
    const char *end = NULL;
    while ((end = memmem(wire->bytes, wire->len, "\r\n\r\n", 4)) == NULL) {
        if (!receive(wire)) {
            return false;
        }
    }
    size_t head_len = (size_t)(end - wire->bytes) + 2;
    assert_true(head_len < sizeof ret_answer->head);
    memcpy(ret_answer->head, wire->bytes, head_len);
    consume(wire, head_len + 2);
    assert_int_equal(sscanf(ret_answer->head, "HTTP/1.%*d %d", &ret_answer->status), 1);
    size_t body_len = strtoul(header_value(ret_answer->head, "Content-Length"), NULL, 10);
    assert_true(body_len < sizeof ret_answer->body);
    while (wire->len < body_len) {
        if (!receive(wire)) {
            return false;
        }
    }
    memcpy(ret_answer->body, wire->bytes, body_len);
    consume(wire, body_len);
    return true;
}

void wire_read(struct wire *wire, struct wire_answer *ret_answer)
{
    assert_true(wire_try_read(wire, ret_answer));
}

static bool wait_readable(struct wire *wire, int wait_ms)
{
    struct pollfd poll_fd = {wire->fd, POLLIN, 0};
    return poll(&poll_fd, 1, wait_ms) > 0;
}

bool wire_is_closed(struct wire *wire, int wait_ms)
{
    while (wait_readable(wire, wait_ms)) {
        wire->len = 0;
        if (!receive(wire)) {
            return true;
        }
    }
    return false;
}

bool wire_is_silent(struct wire *wire, int wait_ms)
{
    return wire->len == 0 && !wait_readable(wire, wait_ms);
}

bool answer_has_header(const struct wire_answer *answer, const char *line)
{
    char wanted[256];
    (void)snprintf(wanted, sizeof wanted, "\r\n%s\r\n", line);
    return strcasestr(answer->head, wanted) != NULL;
}

void sleep_ms(int ms)
{
    (void)nanosleep(&(struct timespec){ms / 1000, ms % 1000 * 1000000L}, NULL);
}
