#include "http/server.h"
#include "base/check.h"
#include "base/limits.h"
#include "base/log.h"
#include "base/timestamp.h"
#include "http/listener.h"
#include <limits.h>
#include <poll.h>
#include <pthread.h>
#include <signal.h>
#include <stdio.h>
#include <sys/eventfd.h>
#include <sys/socket.h>
#include <unistd.h>

/* Holds one request's line and headers, their index, and the answer's head. The library says 431
 * when it is used up; headers between the two bounds are refused by us. */
#define CONNECTION_MEMORY_BYTES ((size_t)LIMIT_HEADER_BYTES + 4 * 1024)

/* NULL: it has none, for want of memory, and is about to be closed. */
static struct http_deadline *deadline_of(struct MHD_Connection *connection)
{
    const union MHD_ConnectionInfo *info =
        MHD_get_connection_info(connection, MHD_CONNECTION_INFO_SOCKET_CONTEXT);
    return info != NULL ? info->socket_context : NULL;
}

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
    struct http_deadline *deadline = deadline_of(connection);
    if (deadline != NULL) {
        http_deadline_stop(&server->deadlines, deadline);
    }
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
    (void)code;
    struct http_server *server = context;
    struct http_deadline *deadline = deadline_of(connection);
    if (deadline != NULL) {
        http_deadline_start(&server->deadlines, deadline, env_monotonic(server->env));
    }
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

/* Without memory for its deadline it is closed at once. */
static struct http_deadline *begin_deadline(
    struct http_server *server, struct MHD_Connection *connection)
{
    const union MHD_ConnectionInfo *info =
        MHD_get_connection_info(connection, MHD_CONNECTION_INFO_CONNECTION_FD);
    ENSURE(info != NULL);
    struct http_deadline *deadline =
        http_deadline_new(&server->deadlines, info->connect_fd, env_monotonic(server->env));
    if (deadline == NULL) {
        (void)shutdown(info->connect_fd, SHUT_RDWR);
    }
    return deadline;
}

static void on_connection(void *context,
    struct MHD_Connection *connection,
    void **socket_context,
    enum MHD_ConnectionNotificationCode code)
{
    struct http_server *server = context;
    if (code == MHD_CONNECTION_NOTIFY_STARTED) {
        (void)atomic_fetch_add(&server->connections, 1);
        *socket_context = begin_deadline(server, connection);
    } else {
        *socket_context = http_deadline_free(&server->deadlines, *socket_context);
        unsigned before = atomic_fetch_sub(&server->connections, 1);
        INVARIANT(before > 0);
        server->closed_one = true;
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

/* --- the loop --- */

/* Last in, first out; the loop takes all at once and turns them round. */
static void resume_all(struct http_server *server)
{
    struct http_waiting *newest = atomic_exchange(&server->resumable, NULL);
    struct http_waiting *oldest = NULL;
    while (newest != NULL) {
        struct http_waiting *next = newest->next;
        newest->next = oldest;
        oldest = newest;
        newest = next;
    }
    while (oldest != NULL) {
        struct http_waiting *next = oldest->next;
        MHD_resume_connection(oldest->connection);
        oldest = next;
    }
}

static void wake(struct http_server *server)
{
    uint64_t one = 1;
    ssize_t written = write(server->wake_fd, &one, sizeof one);
    (void)written; /* EAGAIN: the counter is full, so it is readable already */
}

void http_server_resume(struct http_server *server, struct http_waiting *waiting)
{
    REQUIRE(waiting->connection != NULL);
    struct http_waiting *newest = atomic_load(&server->resumable);
    do {
        waiting->next = newest;
    } while (!atomic_compare_exchange_weak(&server->resumable, &newest, waiting));
    if (newest == NULL) {
        wake(server); /* once for all that follow before the loop looks */
    }
}

static int library_timeout_ms(struct MHD_Daemon *daemon)
{
    MHD_UNSIGNED_LONG_LONG ms = 0;
    if (MHD_get_timeout(daemon, &ms) != MHD_YES) {
        return -1;
    }
    return ms < INT_MAX ? (int)ms : INT_MAX;
}

static int timeout_ms(struct http_server *server)
{
    if (server->closed_one) {
        return 0; /* only when a run begins does the library look whether there is room again */
    }
    int library_ms = library_timeout_ms(server->daemon);
    int deadline_ms = http_deadlines_wait_ms(&server->deadlines, env_monotonic(server->env));
    if (library_ms < 0 || deadline_ms < 0) {
        return library_ms < 0 ? deadline_ms : library_ms;
    }
    return library_ms < deadline_ms ? library_ms : deadline_ms;
}

/* Our own thread and not the library's, for two reasons. Its internal loop asks epoll again, and
 * waits, when it got just as many events as its array holds: with a multiple of 128 clients all of
 * them stand still until one times out (0.9.75). And its way of resuming costs a system call and a
 * walk over all that wait for each connection; here it is one for each commit. */
static void *loop(void *context)
{
    struct http_server *server = context;
    struct pollfd fds[] = {{server->library_fd, POLLIN, 0}, {server->wake_fd, POLLIN, 0}};
    while (!atomic_load(&server->stopping)) {
        (void)poll(fds, 2, timeout_ms(server));
        uint64_t ignored = 0;
        ssize_t got = fds[1].revents != 0 ? read(server->wake_fd, &ignored, sizeof ignored) : 0;
        (void)got;
        if (server->listen_fd < 0 && atomic_load(&server->draining)) {
            server->listen_fd = MHD_quiesce_daemon(server->daemon);
        }
        resume_all(server);
        http_deadlines_cut(&server->deadlines, env_monotonic(server->env));
        server->closed_one = false;
        (void)MHD_run(server->daemon); /* once: clients who come and go must not keep us in here */
    }
    resume_all(server);
    return NULL;
}

/* --- the life of a listener --- */

static bool start_library(
    struct http_server *server, int listen_fd, const struct http_listener_limits *limits)
{
    unsigned flags = MHD_USE_EPOLL | MHD_ALLOW_SUSPEND_RESUME | MHD_USE_ERROR_LOG;
    server->daemon =
        MHD_start_daemon(flags, 0, NULL, NULL, on_request, server, MHD_OPTION_EXTERNAL_LOGGER,
            on_log, NULL, MHD_OPTION_LISTEN_SOCKET, listen_fd, MHD_OPTION_NOTIFY_COMPLETED,
            on_completed, server, MHD_OPTION_NOTIFY_CONNECTION, on_connection, server,
            MHD_OPTION_UNESCAPE_CALLBACK, leave_escaped, NULL, MHD_OPTION_CONNECTION_LIMIT,
            limits->connections_max, MHD_OPTION_CONNECTION_TIMEOUT, limits->idle_timeout_s,
            MHD_OPTION_CONNECTION_MEMORY_LIMIT, CONNECTION_MEMORY_BYTES, MHD_OPTION_END);
    if (server->daemon == NULL) {
        return false;
    }
    const union MHD_DaemonInfo *info =
        MHD_get_daemon_info(server->daemon, MHD_DAEMON_INFO_EPOLL_FD);
    ENSURE(info != NULL && info->epoll_fd >= 0);
    server->library_fd = info->epoll_fd;
    return true;
}

static bool start_thread(struct http_server *server)
{
    /* It inherits our mask: signals are for the thread that waits for them, and SIGPIPE for none.
     */
    sigset_t all;
    sigset_t before;
    (void)sigfillset(&all);
    (void)pthread_sigmask(SIG_SETMASK, &all, &before);
    int error = pthread_create(&server->thread, NULL, loop, server);
    (void)pthread_sigmask(SIG_SETMASK, &before, NULL);
    return error == 0;
}

/* All or nothing; the library owns listen_fd from when it has started until it is quiesced. */
static bool start(
    struct http_server *server, int listen_fd, const struct http_listener_limits *limits)
{
    server->wake_fd = eventfd(0, EFD_NONBLOCK | EFD_CLOEXEC);
    if (server->wake_fd < 0) {
        (void)close(listen_fd);
        return false;
    }
    if (!start_library(server, listen_fd, limits)) {
        (void)close(server->wake_fd);
        (void)close(listen_fd);
        return false;
    }
    if (!start_thread(server)) {
        MHD_stop_daemon(server->daemon); /* closes listen_fd */
        (void)close(server->wake_fd);
        return false;
    }
    return true;
}

enum err http_server_start(struct http_server *server,
    const struct http_server_ops *ops,
    struct env *env,
    struct str address,
    const struct http_listener_limits *limits,
    struct err_info *reterr)
{
    REQUIRE(server != NULL);
    REQUIRE(ops != NULL && ops->handle != NULL && ops->free != NULL);
    REQUIRE(env != NULL);
    REQUIRE(limits->connections_max > 0 && limits->idle_timeout_s > 0);
    int listen_fd = -1;
    TRY(http_listen(address, &listen_fd, &server->port, reterr));
    server->ops = ops;
    server->env = env;
    server->deadlines.allowed_us = (int64_t)limits->idle_timeout_s * US_PER_SECOND;
    server->listen_fd = -1;
    server->socket_fd = listen_fd;
    if (!start(server, listen_fd, limits)) {
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
    /* Who connects is refused from now on; that the library no longer looks there is for the loop.
     */
    (void)shutdown(server->socket_fd, SHUT_RDWR);
    wake(server);
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
    atomic_store(&server->stopping, true);
    wake(server);
    (void)pthread_join(server->thread, NULL);
    MHD_stop_daemon(server->daemon);
    ENSURE(atomic_load(&server->active) == 0);
    ENSURE(atomic_load(&server->connections) == 0);
    ENSURE(server->deadlines.first == NULL);
    if (server->listen_fd >= 0) {
        (void)close(server->listen_fd); /* else it was stopped before it was quiesced */
    }
    (void)close(server->wake_fd);
    server->ops->free(server);
    return NULL;
}
