/* server: the public listener (POST /webhooks/{account}) and the private one (metrics, health).
 *
 * libmicrohttpd, epoll, one thread each. A request waits for its commit suspended, not on a thread.
 *
 * Layer: http.
 */
#pragma once

#include "flow/intake.h"

struct http_server;

struct http_public_config {
    struct str address; /* "127.0.0.1:8420", "[::1]:0"; port 0 picks a free one */
    struct accounts_current *accounts;
    struct intake *intake;
    struct env *env;
    uint32_t connections_max; /* 0: 4096; more wait in the kernel's queue */
    uint32_t idle_timeout_s;  /* 0: 30; also the time a body may take from its headers to its end */
};

/* Starts listening at once. ERR_CONFIG (address), ERR_NET_IO (in use, not permitted; reterr says
 * what to do). */
MUST_USE enum err http_public_open(const struct http_public_config *config,
    struct http_server **ret_server,
    struct err_info *reterr);

/* What the private listener asks; both are called from its thread. */
struct http_private_config {
    struct str address;
    struct env *env;
    bool (*ready)(void *context, struct err_info *reterr); /* can a commit be made right now? */
    void (*refresh)(void *context); /* before /metrics: brings gauges up to date; may be NULL */
    void *context;
};
MUST_USE enum err http_private_open(const struct http_private_config *config,
    struct http_server **ret_server,
    struct err_info *reterr);

uint16_t http_server_port(const struct http_server *server);

/* Draining: connections are refused from now on, and every answer closes its own; requests that are
 * under way finish (the caller goes on stepping the intake meanwhile). http_server_active says how
 * many are left; then http_server_close. */
void http_server_quiesce(struct http_server *server);
uint32_t http_server_active(const struct http_server *server);
uint32_t http_server_connections(const struct http_server *server); /* open now; any thread */
/* Cuts what is still open, and frees. Waits until every delivery that was submitted has got its
 * `done`: the intake must be closed with its queue stepped or abandoned, or another thread must
 * still step it. The private listener calls back until this returns: what it asks must live as
 * long. NULL does nothing; returns NULL. */
struct http_server *http_server_close(struct http_server *server);
