/* listener: what the public and the private listener share: socket, library, counting, answers.
 *
 * Included by the .c files of this room, and by cli/sandbox_listener.c.
 *
 * Layer: http.
 */
#pragma once

#include "http/deadline.h"
#include "http/server.h"
#include <microhttpd.h>
#include <pthread.h>
#include <stdatomic.h>

/* What one listener does with its requests. All but `settle` and `free` run on its thread. */
struct http_server_ops {
    /* must; as MHD_AccessHandlerCallback. First called with *request NULL, when the headers are
     * there. */
    enum MHD_Result (*handle)(struct http_server *server,
        struct MHD_Connection *connection,
        const char *path, /* as sent: not percent-decoded, without query */
        const char *method,
        struct str upload,
        void **request);
    /* may; the request is over, answered or not; called once for each that `handle` has given a
     * value */
    void (*finish)(struct http_server *server, void *request);
    /* may; before the thread is stopped: returns when no connection is suspended or ever will be */
    void (*settle)(struct http_server *server);
    /* must; after the thread is stopped; frees the whole */
    void (*free)(struct http_server *server);
};

/* A suspended connection, in the memory of its request. */
struct http_waiting {
    struct MHD_Connection *connection;
    struct http_waiting *next; /* while it is to be resumed */
};

struct http_server { /* first member of each listener's struct */
    const struct http_server_ops *ops;
    struct env *env;
    struct MHD_Daemon *daemon;
    pthread_t thread;
    int library_fd; /* readable when the library has something to do */
    int wake_fd;
    int socket_fd; /* that listens; the library's, or ours as listen_fd */
    int listen_fd; /* -1 while it is the library's */
    uint16_t port;
    /* the thread's own: */
    bool closed_one; /* a connection has ended */
    struct http_deadlines deadlines;
    /* any thread: */
    _Atomic(struct http_waiting *) resumable;
    atomic_bool draining;
    atomic_bool stopping;
    atomic_uint active;      /* requests between their headers and their end */
    atomic_uint connections; /* open */
};

struct http_listener_limits {
    uint32_t connections_max;
    uint32_t idle_timeout_s;
};

/* Binds, listens and starts the thread. On failure nothing is left open, and `server` is still the
 * caller's. ERR_CONFIG, ERR_NET_IO. */
MUST_USE enum err http_server_start(struct http_server *server,
    const struct http_server_ops *ops,
    struct env *env,
    struct str address,
    const struct http_listener_limits *limits,
    struct err_info *reterr);

/* The connection was suspended, and goes on: `handle` is called again. Any thread. `waiting` may be
 * gone before this returns. */
void http_server_resume(struct http_server *server, struct http_waiting *waiting);

/* A listening socket for `address`; port 0 picks one. ERR_CONFIG, ERR_NET_IO. */
MUST_USE enum err http_listen(
    struct str address, int *ret_fd, uint16_t *ret_port, struct err_info *reterr);

struct http_answer {
    int status;
    const char *content_type;
    struct str body;         /* copied */
    const char *header_name; /* NULL: none */
    const char *header_value;
};

/* Queues the answer; while draining it closes the connection. As MHD_AccessHandlerCallback returns.
 */
enum MHD_Result http_server_answer(struct http_server *server,
    struct MHD_Connection *connection,
    const struct http_answer *answer);

struct http_refusal {
    enum err err;
    int status;          /* 0: the error's own */
    const char *message; /* NULL: the error's own */
    const char *allow;   /* 405: the methods there are */
};

/* {"error":"TOO_LARGE","message":"..."}; of class BUSY and IO with Retry-After. */
enum MHD_Result http_server_refuse(struct http_server *server,
    struct MHD_Connection *connection,
    const struct http_refusal *refusal);
