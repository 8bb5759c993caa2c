#include "unit/provider/api_peer.h"
#include <arpa/inet.h>
#include <netinet/in.h>
#include <pthread.h>
#include <sys/socket.h>

#define ANSWERS_MAX 256
#define HEAD_BYTES 8192

struct answer {
    char *made; /* owned; NULL when borrowed */
    struct str bytes;
    enum api_peer_after after;
};

struct api_peer {
    int fd;
    char url[40];
    pthread_t thread;
    pthread_mutex_t lock; /* of what follows */
    int connection;       /* -1: none */
    uint32_t said, asked, connections;
    struct answer answers[ANSWERS_MAX];
    char *requests[ANSWERS_MAX];
};

static bool send_all(int fd, struct str bytes)
{
    while (bytes.len > 0) {
        ssize_t count = send(fd, bytes.data, bytes.len, MSG_NOSIGNAL);
        if (count <= 0) {
            return false;
        }
        bytes.data += count;
        bytes.len -= (size_t)count;
    }
    return true;
}

/* A GET ends with its head, a POST has as many bytes behind it as it says. */
static bool is_whole(const char *request, size_t len)
{
    static const char length[] = "\r\nContent-Length: ";
    const char *end = strstr(request, "\r\n\r\n");
    const char *said = strstr(request, length);
    size_t body = said != NULL ? strtoul(said + sizeof length - 1, NULL, 10) : 0;
    return end != NULL && len >= (size_t)(end - request) + 4 + body;
}

/* False: the client has gone. */
static bool receive_head(int fd, char head[static HEAD_BYTES])
{
    size_t len = 0;
    head[0] = '\0';
    while (!is_whole(head, len)) {
        ssize_t count = len < HEAD_BYTES - 1 ? recv(fd, head + len, HEAD_BYTES - 1 - len, 0) : 0;
        if (count <= 0) {
            return false;
        }
        len += (size_t)count;
        head[len] = '\0';
    }
    return true;
}

static struct answer next_answer(struct api_peer *peer, const char *head)
{
    static const char over[] = "HTTP/1.1 418 Nothing more to say\r\nContent-Length: 0\r\n\r\n";
    struct answer answer = {NULL, {over, sizeof over - 1}, PEER_GOES_ON};
    (void)pthread_mutex_lock(&peer->lock);
    if (peer->asked < peer->said) {
        answer = peer->answers[peer->asked];
    }
    if (peer->asked < ANSWERS_MAX) {
        peer->requests[peer->asked++] = strdup(head);
    }
    (void)pthread_mutex_unlock(&peer->lock);
    return answer;
}

static void serve(struct api_peer *peer, int fd)
{
    char head[HEAD_BYTES];
    bool going_on = true;
    while (going_on && receive_head(fd, head)) {
        struct answer answer = next_answer(peer, head);
        going_on = send_all(fd, answer.bytes) && answer.after != PEER_CLOSES;
        if (answer.after == PEER_STALLS) {
            going_on = receive_head(fd, head); /* until the client has had enough */
        }
    }
}

static void set_connection(struct api_peer *peer, int fd)
{
    (void)pthread_mutex_lock(&peer->lock);
    if (fd < 0) {
        (void)close(peer->connection);
    } else {
        peer->connections++;
    }
    peer->connection = fd;
    (void)pthread_mutex_unlock(&peer->lock);
}

static void *run(void *context)
{
    struct api_peer *peer = context;
    int fd = accept(peer->fd, NULL, NULL);
    for (; fd >= 0; fd = accept(peer->fd, NULL, NULL)) {
        set_connection(peer, fd);
        serve(peer, fd);
        set_connection(peer, -1);
    }
    return NULL;
}

struct api_peer *api_peer_open(void)
{
    struct api_peer *peer = calloc(1, sizeof *peer);
    assert_non_null(peer);
    peer->fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    struct sockaddr_in address = {.sin_family = AF_INET, .sin_addr = {htonl(INADDR_LOOPBACK)}};
    socklen_t len = sizeof address;
    assert_int_equal(bind(peer->fd, (struct sockaddr *)&address, sizeof address), 0);
    assert_int_equal(listen(peer->fd, 16), 0);
    assert_int_equal(getsockname(peer->fd, (struct sockaddr *)&address, &len), 0);
    (void)snprintf(peer->url, sizeof peer->url, "http://127.0.0.1:%u", ntohs(address.sin_port));
    peer->connection = -1;
    assert_int_equal(pthread_mutex_init(&peer->lock, NULL), 0);
    assert_int_equal(pthread_create(&peer->thread, NULL, run, peer), 0);
    return peer;
}

struct api_peer *api_peer_close(struct api_peer *peer)
{
    (void)shutdown(peer->fd, SHUT_RDWR); /* wakes accept */
    (void)pthread_mutex_lock(&peer->lock);
    if (peer->connection >= 0) {
        (void)shutdown(peer->connection, SHUT_RDWR); /* of a test that failed midway */
    }
    (void)pthread_mutex_unlock(&peer->lock);
    (void)pthread_join(peer->thread, NULL);
    (void)close(peer->fd);
    for (uint32_t i = 0; i < ANSWERS_MAX; i++) {
        free(peer->answers[i].made);
        free(peer->requests[i]);
    }
    (void)pthread_mutex_destroy(&peer->lock);
    free(peer);
    return NULL;
}

const char *api_peer_url(const struct api_peer *peer)
{
    return peer->url;
}

static void say(struct api_peer *peer, struct answer answer)
{
    (void)pthread_mutex_lock(&peer->lock);
    assert_true(peer->said < ANSWERS_MAX);
    peer->answers[peer->said++] = answer;
    (void)pthread_mutex_unlock(&peer->lock);
}

void api_peer_say_raw(struct api_peer *peer, struct str bytes, enum api_peer_after after)
{
    say(peer, (struct answer){NULL, bytes, after});
}

void api_peer_say(struct api_peer *peer, int status, const char *headers, struct str body)
{
    size_t room = strlen(headers) + body.len + 512;
    char *text = malloc(room);
    assert_non_null(text);
    int len = snprintf(text, room,
        "HTTP/1.1 %d Said\r\nDate: " API_PEER_DATE "\r\nRequest-Id: req_%u\r\n%s"
        "Content-Length: %zu\r\n\r\n",
        status, peer->said + 1, headers, body.len);
    memcpy(text + len, body.data, body.len);
    say(peer, (struct answer){text, {text, (size_t)len + body.len}, PEER_GOES_ON});
}

static uint32_t count_of(struct api_peer *peer, const uint32_t *count)
{
    (void)pthread_mutex_lock(&peer->lock);
    uint32_t value = *count;
    (void)pthread_mutex_unlock(&peer->lock);
    return value;
}

uint32_t api_peer_asked(struct api_peer *peer)
{
    return count_of(peer, &peer->asked);
}

uint32_t api_peer_connections(struct api_peer *peer)
{
    return count_of(peer, &peer->connections);
}

const char *api_peer_request(struct api_peer *peer, uint32_t index)
{
    assert_true(index < api_peer_asked(peer));
    return peer->requests[index];
}
