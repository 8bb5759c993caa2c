/* client: many bounded HTTP requests at once, on one thread (libcurl multi).
 *
 * Layer: net.
 */
#pragma once

#include "base/str.h"

struct net_client;
struct net_request;

typedef void net_done_fn(struct net_request *request, enum err err);

struct net_request { /* the caller's, kept alive until `done` */
    struct str url;
    bool post;
    struct str body;       /* POST */
    struct str headers[4]; /* whole lines, "Stripe-Signature: t=..."; empty ones are left out */
    int64_t timeout_us;
    net_done_fn *done;
    void *context;
    /* out, valid during `done` */
    int status;            /* HTTP status when err is ERR_OK */
    struct str response;   /* at most 64 KiB, the rest is cut off */
    int64_t retry_after_s; /* -1: none */
};

struct net_client *net_client_new(uint32_t connections_max);
/* Ends what is under way with ERR_CLOSED. NULL does nothing; returns NULL. */
struct net_client *net_client_free(struct net_client *client);
DEFINE_CLEANUP(struct net_client *, net_client_free);

/* Begins; `done` is called once, from net_client_step, and may itself begin requests. ERR_BUSY when
 * all connections are taken; ERR_INVALID (url, header lines); then `done` is not called.
 * `done` gets ERR_OK (look at status), ERR_TIMEOUT, ERR_INVALID (url), ERR_NET_IO or ERR_CLOSED. */
MUST_USE enum err net_client_begin(struct net_client *client, struct net_request *request);
uint32_t net_client_active(const struct net_client *client);
/* Moves everything on; waits up to timeout_us for something to happen. */
void net_client_step(struct net_client *client, int64_t timeout_us);

/* One GET or POST, waited for. `done` may be NULL; when given it is called once, with the response,
 * which is gone when this returns; status and retry_after_s stay. */
MUST_USE enum err net_fetch(struct net_request *request, struct err_info *reterr);
