#include "http/deadline.h"
#include "base/check.h"
#include "base/timestamp.h"
#include <limits.h>
#include <stdlib.h>
#include <sys/socket.h>

struct http_deadline {
    struct http_deadline *before, *after; /* while it runs */
    int64_t at_us;
    int fd;
    bool runs;
};

void http_deadline_stop(struct http_deadlines *deadlines, struct http_deadline *deadline)
{
    REQUIRE(deadlines != NULL && deadline != NULL);
    if (!deadline->runs) {
        return;
    }
    *(deadline->before != NULL ? &deadline->before->after : &deadlines->first) = deadline->after;
    *(deadline->after != NULL ? &deadline->after->before : &deadlines->last) = deadline->before;
    deadline->before = deadline->after = NULL;
    deadline->runs = false;
}

void http_deadline_start(
    struct http_deadlines *deadlines, struct http_deadline *deadline, int64_t monotonic_us)
{
    REQUIRE(deadlines != NULL && deadline != NULL);
    REQUIRE(deadlines->allowed_us > 0);
    http_deadline_stop(deadlines, deadline);
    deadline->at_us = monotonic_us + deadlines->allowed_us;
    deadline->runs = true;
    deadline->before = deadlines->last;
    *(deadlines->last != NULL ? &deadlines->last->after : &deadlines->first) = deadline;
    deadlines->last = deadline;
}

struct http_deadline *http_deadline_new(
    struct http_deadlines *deadlines, int fd, int64_t monotonic_us)
{
    REQUIRE(fd >= 0);
    struct http_deadline *deadline = calloc(1, sizeof *deadline);
    if (deadline == NULL) {
        return NULL;
    }
    deadline->fd = fd;
    http_deadline_start(deadlines, deadline, monotonic_us);
    return deadline;
}

struct http_deadline *http_deadline_free(
    struct http_deadlines *deadlines, struct http_deadline *deadline)
{
    if (deadline != NULL) {
        http_deadline_stop(deadlines, deadline);
        free(deadline);
    }
    return NULL;
}

/* Whoever is cut gets a new deadline: should the library have missed the end of the socket, it is
 * told again. */
void http_deadlines_cut(struct http_deadlines *deadlines, int64_t monotonic_us)
{
    REQUIRE(deadlines != NULL);
    if (monotonic_us < deadlines->look_us) {
        return;
    }
    deadlines->look_us = monotonic_us + US_PER_SECOND;
    while (deadlines->first != NULL && deadlines->first->at_us <= monotonic_us) {
        struct http_deadline *late = deadlines->first;
        (void)shutdown(late->fd, SHUT_RDWR);
        http_deadline_start(deadlines, late, monotonic_us);
    }
}

int http_deadlines_wait_ms(const struct http_deadlines *deadlines, int64_t monotonic_us)
{
    REQUIRE(deadlines != NULL);
    if (deadlines->first == NULL) {
        return -1;
    }
    int64_t at_us = deadlines->first->at_us;
    at_us = at_us > deadlines->look_us ? at_us : deadlines->look_us;
    int64_t ms = at_us > monotonic_us ? (at_us - monotonic_us + 999) / 1000 : 0;
    return ms < INT_MAX ? (int)ms : INT_MAX;
}
