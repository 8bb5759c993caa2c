#include "http/body.h"
#include "base/check.h"
#include "base/limits.h"
#include <stdlib.h>

#define FIRST_BYTES ((size_t)16 * 1024)

void http_body_init(struct http_body *body, size_t announced, uint64_t *held)
{
    REQUIRE(body != NULL);
    REQUIRE(announced <= LIMIT_BODY_BYTES);
    REQUIRE(held != NULL);
    *body = (struct http_body){.announced = announced, .held = held};
}

void http_body_fini(struct http_body *body)
{
    REQUIRE(body != NULL);
    INVARIANT(*body->held >= body->cap);
    *body->held -= body->cap;
    free(body->data);
    body->data = NULL;
    body->cap = 0;
}

/* Grows with what has arrived and not with what was announced, so that a thousand promises of a
 * mebibyte cost next to nothing. */
static enum err reserve(struct http_body *body, size_t bytes)
{
    if (bytes <= body->cap) {
        return ERR_OK;
    }
    size_t cap = body->cap > 0 ? body->cap : FIRST_BYTES;
    while (cap < bytes) {
        cap *= 2;
    }
    cap = cap > body->announced ? body->announced : cap;
    ENSURE(cap >= bytes);
    if (*body->held + (cap - body->cap) > LIMIT_QUEUE_BYTES) {
        return ERR_BUSY;
    }
    char *data = realloc(body->data, cap);
    if (data == NULL) {
        return ERR_BUSY;
    }
    *body->held += cap - body->cap;
    body->data = data;
    body->cap = cap;
    return ERR_OK;
}

enum err http_body_add(struct http_body *body, struct str piece)
{
    REQUIRE(body != NULL);
    REQUIRE(piece.len > 0);
    REQUIRE(piece.len <= body->announced - body->len);
    size_t at = body->len;
    body->len += piece.len;
    if (at > body->cap) {
        return ERR_BUSY; /* an earlier piece found no room */
    }
    TRY(reserve(body, body->len));
    memcpy(body->data + at, piece.data, piece.len);
    return ERR_OK;
}

bool http_body_is_whole(const struct http_body *body)
{
    REQUIRE(body != NULL);
    return body->len == body->announced;
}

struct str http_body_str(const struct http_body *body)
{
    REQUIRE(http_body_is_whole(body));
    REQUIRE(body->len <= body->cap);
    return (struct str){body->data, body->len};
}
