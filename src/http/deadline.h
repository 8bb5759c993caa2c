/* deadline: until when each connection must have said the headers of its next request.
 *
 * The library's timeout begins anew with each byte: one now and then would keep a connection for
 * days. Everybody has the same time, so the order of beginning is the order of the deadlines.
 *
 * Layer: http.
 */
#pragma once

#include <stdbool.h>
#include <stdint.h>

struct http_deadline; /* of one connection; made by http_deadline_new, freed by its free */

/* Zeroed by its owner but for allowed_us; one thread at a time. */
struct http_deadlines {
    int64_t allowed_us; /* above zero */
    /* its own */
    struct http_deadline *first, *last;
    int64_t look_us; /* monotonic; not looked at before */
};

/* The time begins now. `fd` is borrowed, for as long as the deadline lives. NULL: no memory. */
struct http_deadline *http_deadline_new(
    struct http_deadlines *deadlines, int fd, int64_t monotonic_us);
/* NULL does nothing; returns NULL. */
struct http_deadline *http_deadline_free(
    struct http_deadlines *deadlines, struct http_deadline *deadline);

/* The headers are there; may be said again. */
void http_deadline_stop(struct http_deadlines *deadlines, struct http_deadline *deadline);
/* A request has ended: the time for the next one begins. */
void http_deadline_start(
    struct http_deadlines *deadlines, struct http_deadline *deadline, int64_t monotonic_us);

/* Shuts down the sockets that are late, looking at most once a second; the library closes them. */
void http_deadlines_cut(struct http_deadlines *deadlines, int64_t monotonic_us);
/* How long until there may be something to cut, rounded up; -1: no time runs. */
int http_deadlines_wait_ms(const struct http_deadlines *deadlines, int64_t monotonic_us);
