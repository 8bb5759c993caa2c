#include "http/server.h"
#include "base/check.h"
#include "base/limits.h"
#include "base/log.h"
#include "http/listener.h"
#include <pthread.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <unistd.h>

/* Holds one request's line and headers, their index, and the answer's head. The library says 431
 * when it is used up; headers between the two bounds are refused by us. */
#define CONNECTION_MEMORY_BYTES ((size_t)LIMIT_HEADER_BYTES + 8 * 1024)

/* Nobody's schedule depends on it: Stripe goes by its own. Proxies and load generators read it. */
#define RETRY_AFTER_S "5"

static enum MHD_Result on_request(void *context,
    struct MHD_Connection *connection,
    const char *url,
    const char *method,
    const char *version,
    const char *upload_data,
    size_t *upload_data_size,
    void **request)
{
    (void)version;
    struct http_server *server = context;
    struct str upload = {upload_data, *upload_data_size};
    *upload_data_size = 0; /* `handle` takes all of it */
    bool is_new = *request == NULL;
    enum MHD_Result result = server->ops->handle(server, connection, url, method, upload, request);
    if (is_new && *request != NULL) {
        (void)atomic_fetch_add(&server->active, 1);
    }
    return result;
}

static void on_completed(void *context,
    struct MHD_Connection *connection,
    void **request,
    enum MHD_RequestTerminationCode code)
{
    (void)connection;
    (void)code;
    struct http_server *server = context;
    if (*request == NULL) {
        return; /* refused at its headers */
    }
    if (server->ops->finish != NULL) {
        server->ops->finish(server, *request);
    }
    *request = NULL;
    unsigned before = atomic_fetch_sub(&server->active, 1);
    INVARIANT(before > 0);
}

static void on_connection(void *context,
    struct MHD_Connection *connection,
    void **socket_context,
    enum MHD_ConnectionNotificationCode code)
{
    (void)connection;
    (void)socket_context;
    struct http_server *server = context;
    if (code == MHD_CONNECTION_NOTIFY_STARTED) {
        (void)atomic_fetch_add(&server->connections, 1);
    } else {
        unsigned before = atomic_fetch_sub(&server->connections, 1);
        INVARIANT(before > 0);
    }
}

static void on_log(void *context, const char *format, va_list arguments)
    __attribute__((format(printf, 2, 0)));

static void on_log(void *context, const char *format, va_list arguments)
{
    (void)context;
    char text[256];
    (void)vsnprintf(text, sizeof text, format, arguments);
    log_event(LOG_DEBUG, "http_library", log_str("text", str_trim(str_from(text))));
}

/* Paths stay as they were sent: the library would decode %2F and %00 before the path is cut into
 * segments. */
static size_t leave_escaped(void *context, struct MHD_Connection *connection, char *text)
{
    (void)context;
    (void)connection;
    return strlen(text);
}

static struct MHD_Daemon *start_thread(
    struct http_server *server, int listen_fd, const struct http_listener_limits *limits)
{
    unsigned flags =
        MHD_USE_EPOLL_INTERNAL_THREAD | MHD_ALLOW_SUSPEND_RESUME | MHD_USE_ITC | MHD_USE_ERROR_LOG;
    /* The thread inherits our mask; signals are for the thread that waits for them. */
    sigset_t all;
    sigset_t before;
    (void)sigfillset(&all);
    (void)pthread_sigmask(SIG_SETMASK, &all, &before);
    struct MHD_Daemon *daemon =
        MHD_start_daemon(flags, 0, NULL, NULL, on_request, server, MHD_OPTION_EXTERNAL_LOGGER,
            on_log, NULL, MHD_OPTION_LISTEN_SOCKET, listen_fd, MHD_OPTION_NOTIFY_COMPLETED,
            on_completed, server, MHD_OPTION_NOTIFY_CONNECTION, on_connection, server,
            MHD_OPTION_UNESCAPE_CALLBACK, leave_escaped, NULL, MHD_OPTION_CONNECTION_LIMIT,
            limits->connections_max, MHD_OPTION_CONNECTION_TIMEOUT, limits->idle_timeout_s,
            MHD_OPTION_CONNECTION_MEMORY_LIMIT, CONNECTION_MEMORY_BYTES, MHD_OPTION_END);
    (void)pthread_sigmask(SIG_SETMASK, &before, NULL);
    return daemon;
}

enum err http_server_start(struct http_server *server,
    const struct http_server_ops *ops,
    struct str address,
    const struct http_listener_limits *limits,
    struct err_info *reterr)
{
    REQUIRE(server != NULL);
    REQUIRE(ops != NULL && ops->handle != NULL && ops->free != NULL);
    REQUIRE(limits->connections_max > 0 && limits->idle_timeout_s > 0);
    int listen_fd = -1;
    TRY(http_listen(address, &listen_fd, &server->port, reterr));
    server->ops = ops;
    server->listen_fd = -1;
    server->daemon = start_thread(server, listen_fd, limits);
    if (server->daemon == NULL) {
        (void)close(listen_fd);
        return err_set(reterr, ERR_NET_IO,
            "cannot serve " STR_FMT ": no memory, threads or file descriptors left",
            STR_ARG(address));
    }
    return ERR_OK;
}

uint16_t http_server_port(const struct http_server *server)
{
    REQUIRE(server != NULL);
    return server->port;
}

void http_server_quiesce(struct http_server *server)
{
    REQUIRE(server != NULL);
    if (atomic_exchange(&server->draining, true)) {
        return;
    }
    server->listen_fd = MHD_quiesce_daemon(server->daemon);
    ENSURE(server->listen_fd >= 0);
    /* The thread may still hold the descriptor, so closing waits for its end; who connects shall
     * be refused now all the same. */
    (void)shutdown(server->listen_fd, SHUT_RDWR);
}

uint32_t http_server_active(const struct http_server *server)
{
    REQUIRE(server != NULL);
    return atomic_load(&server->active);
}

uint32_t http_server_connections(const struct http_server *server)
{
    REQUIRE(server != NULL);
    return atomic_load(&server->connections);
}

struct http_server *http_server_close(struct http_server *server)
{
    if (server == NULL) {
        return NULL;
    }
    http_server_quiesce(server);
    if (server->ops->settle != NULL) {
        server->ops->settle(server);
    }
    MHD_stop_daemon(server->daemon);
    ENSURE(atomic_load(&server->active) == 0);
    ENSURE(atomic_load(&server->connections) == 0);
    (void)close(server->listen_fd);
    server->ops->free(server);
    return NULL;
}

enum MHD_Result http_server_answer(
    struct http_server *server, struct MHD_Connection *connection, const struct http_answer *answer)
{
    REQUIRE(answer->status >= 200 && answer->status <= 599);
    /* The library takes a pointer to what it only copies from. */
    struct MHD_Response *response = MHD_create_response_from_buffer(
        answer->body.len, (void *)(uintptr_t)answer->body.data, MHD_RESPMEM_MUST_COPY);
    if (response == NULL) {
        return MHD_NO;
    }
    enum MHD_Result ok =
        MHD_add_response_header(response, MHD_HTTP_HEADER_CONTENT_TYPE, answer->content_type);
    if (ok == MHD_YES && answer->header_name != NULL) {
        ok = MHD_add_response_header(response, answer->header_name, answer->header_value);
    }
    if (ok == MHD_YES && atomic_load(&server->draining)) {
        ok = MHD_add_response_header(response, MHD_HTTP_HEADER_CONNECTION, "close");
    }
    if (ok == MHD_YES) {
        ok = MHD_queue_response(connection, (unsigned)answer->status, response);
    }
    MHD_destroy_response(response);
    return ok;
}

enum MHD_Result http_server_refuse(struct http_server *server,
    struct MHD_Connection *connection,
    const struct http_refusal *refusal)
{
    char body[256];
    int len =
        snprintf(body, sizeof body, "{\"error\":\"%s\",\"message\":\"%s\"}", err_name(refusal->err),
            refusal->message != NULL ? refusal->message : err_text(refusal->err));
    ENSURE(len > 0 && (size_t)len < sizeof body);
    struct http_answer answer = {
        .status = refusal->status != 0 ? refusal->status : err_http_status(refusal->err),
        .content_type = "application/json",
        .body = {body, (size_t)len},
    };
    if (refusal->allow != NULL) {
        answer.header_name = MHD_HTTP_HEADER_ALLOW;
        answer.header_value = refusal->allow;
    } else if (err_is_retryable(refusal->err)) {
        answer.header_name = MHD_HTTP_HEADER_RETRY_AFTER;
        answer.header_value = RETRY_AFTER_S;
    }
    return http_server_answer(server, connection, &answer);
}
