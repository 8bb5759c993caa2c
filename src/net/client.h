/* client: many bounded HTTP requests at once, on one thread (libcurl multi).
 *
 * Layer: net.
 */
#pragma once

#include "net/place.h"
#include <stdatomic.h>

struct net_client;
struct net_request;

#define NET_WANTED_MAX 6
#define NET_HEADERS_MAX 6

typedef void net_done_fn(struct net_request *request, enum err err);
/* A piece of the body as it comes. False ends the request: ERR_FILE_IO. */
typedef bool net_piece_fn(void *context, struct str piece);

struct net_request { /* the caller's, kept alive until `done` */
    struct str url;
    bool post;
    struct str body;                     /* POST */
    struct str headers[NET_HEADERS_MAX]; /* whole lines, "Accept: text/csv"; empty ones are left
                                            out */
    int64_t timeout_us;
    size_t response_bytes_max;          /* a longer one is ERR_TOO_LARGE; 0: cut off at 64 KiB */
    const char *wanted[NET_WANTED_MAX]; /* names of response headers, up to the first NULL */
    /* May: takes the body of an answer 200 instead of `response`, up to response_bytes_max, which
     * must be given. Such a request also ends when hardly anything comes for a minute. */
    net_piece_fn *on_piece;
    void *piece_context;
    net_done_fn *done;
    void *context;
    const atomic_bool *cancelled; /* may be NULL; for those that are waited for: once it is set,
                                     they end soon, with ERR_CLOSED */
    /* out, valid during `done` */
    int status; /* HTTP status when err is ERR_OK, or ERR_TOO_LARGE */
    struct str response;
    struct str found[NET_WANTED_MAX]; /* by the place in `wanted`; empty when it was not sent */
    int64_t retry_after_s;            /* -1: none */
    int64_t date_us;                  /* Date; 0: none, or not readable */
};

struct net_client *net_client_new(uint32_t connections_max);
/* Ends what is under way with ERR_CLOSED. NULL does nothing; returns NULL. */
struct net_client *net_client_free(struct net_client *client);
DEFINE_CLEANUP(struct net_client *, net_client_free);

/* Begins; `done` is called once, from net_client_step, and may itself begin requests. ERR_BUSY when
 * all connections are taken; ERR_INVALID (url, header lines); then `done` is not called.
 * `done` gets ERR_OK (look at status), ERR_TIMEOUT, ERR_INVALID (url), ERR_TOO_LARGE, ERR_NET_IO,
 * ERR_FILE_IO (on_piece) or ERR_CLOSED. */
MUST_USE enum err net_client_begin(struct net_client *client, struct net_request *request);
uint32_t net_client_active(const struct net_client *client);
/* Moves everything on; waits up to timeout_us for something to happen. */
void net_client_step(struct net_client *client, int64_t timeout_us);

/* One GET or POST, waited for, on a client of one connection, which is kept from one to the next.
 * `done` is not called: what came out is valid until the next call. Certificates are verified,
 * always; redirects are answers like any other. ERR_INVALID, ERR_TIMEOUT, ERR_NET_IO,
 * ERR_TOO_LARGE, ERR_BUSY (no memory); *reterr names the host only. */
MUST_USE enum err net_client_fetch(
    struct net_client *client, struct net_request *request, struct err_info *reterr);

/* One GET or POST, waited for. `done` may be NULL; when given it is called once, with the response,
 * which is gone when this returns; status and retry_after_s stay. */
MUST_USE enum err net_fetch(struct net_request *request, struct err_info *reterr);
