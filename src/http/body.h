/* body: a request's body as it arrives, within what all requests of a listener may hold together.
 *
 * Layer: http.
 */
#pragma once

#include "base/str.h"

struct http_body {
    size_t announced; /* by Content-Length */
    size_t len;       /* arrived */
    size_t cap;
    char *data;     /* owned */
    uint64_t *held; /* borrowed: the bytes of all bodies; one thread */
};

void http_body_init(struct http_body *body, size_t announced, uint64_t *held);
void http_body_fini(struct http_body *body);

/* Keeps a piece. ERR_BUSY, also for all pieces after it, when there is no room: it is counted only,
 * so that the end of the request is still found. Requires: no more arrives than was announced. */
MUST_USE enum err http_body_add(struct http_body *body, struct str piece);
bool http_body_is_whole(const struct http_body *body);
struct str http_body_str(const struct http_body *body); /* requires: it is whole, and was kept */
