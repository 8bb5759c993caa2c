#include "cli/sandbox_listener.h"
#include "base/check.h"
#include "base/limits.h"
#include "http/listener.h"
#include <stdlib.h>

#define CONNECTIONS_MAX 256
#define IDLE_TIMEOUT_S 60

struct sandbox_listener {
    struct http_server server; /* first member */
    struct sandbox_listener_config config;
    struct buf query, body; /* of the request that is answered; the thread's */
};
_Static_assert(offsetof(struct sandbox_listener, server) == 0, "the base is the first member");

/* ---- one request ----------------------------------------------------------------------------- */

static struct str header(struct MHD_Connection *connection, const char *name)
{
    return str_from(MHD_lookup_connection_value(connection, MHD_HEADER_KIND, name));
}

/* The library cuts the query without decoding it; here it becomes one text again. */
static enum MHD_Result add_parameter(
    void *context, enum MHD_ValueKind kind, const char *name, const char *value)
{
    (void)kind;
    struct buf *query = context;
    buf_add(query, query->len > 0 ? STR("&") : STR_NONE);
    buf_add(query, str_from(name));
    buf_add(query, value != NULL ? STR("=") : STR_NONE);
    buf_add(query, str_from(value));
    return MHD_YES;
}

static void ask(struct sandbox_listener *listener,
    struct MHD_Connection *connection,
    const char *path,
    const char *method,
    struct str form,
    struct api_response *ret_response)
{
    buf_clear(&listener->query);
    buf_clear(&listener->body);
    (void)MHD_get_connection_values(
        connection, MHD_GET_ARGUMENT_KIND, add_parameter, &listener->query);
    const struct api_request request = {
        .method = str_from(method),
        .path = str_from(path),
        .query = buf_str(&listener->query),
        .authorization = header(connection, MHD_HTTP_HEADER_AUTHORIZATION),
        .version = header(connection, "Stripe-Version"),
        .account = header(connection, "Stripe-Account"),
        .host = header(connection, MHD_HTTP_HEADER_HOST),
        .idempotency_key = header(connection, "Idempotency-Key"),
        .body = form,
    };
    *ret_response = (struct api_response){.body = &listener->body};
    (void)pthread_mutex_lock(listener->config.shop);
    api_answer(listener->config.api, &request, env_monotonic(listener->config.env), ret_response);
    (void)pthread_mutex_unlock(listener->config.shop);
}

static enum MHD_Result add_headers(
    struct sandbox_listener *listener, const struct api_response *from, struct MHD_Response *to)
{
    enum MHD_Result ok =
        MHD_add_response_header(to, MHD_HTTP_HEADER_CONTENT_TYPE, from->content_type);
    for (uint32_t i = 0; ok == MHD_YES && i < from->header_count; i++) {
        ok = MHD_add_response_header(to, from->headers[i].name, from->headers[i].value);
    }
    if (ok == MHD_YES && atomic_load(&listener->server.draining)) {
        ok = MHD_add_response_header(to, MHD_HTTP_HEADER_CONNECTION, "close");
    }
    return ok;
}

/* What has come of a request: its form. */
struct sandbox_request {
    struct buf form;
};

static struct sandbox_request *request_new(void)
{
    struct sandbox_request *request = calloc(1, sizeof *request);
    if (request != NULL) {
        buf_init(&request->form, API_FORM_BYTES_MAX + 1); /* a byte too many is seen to be */
    }
    return request;
}

static void finish(struct http_server *server, void *data)
{
    (void)server;
    struct sandbox_request *request = data;
    buf_fini(&request->form);
    free(request);
}

/* What is too long is refused for it, whole or not. */
static void add_upload(struct sandbox_request *request, struct str upload)
{
    size_t room = request->form.max - request->form.len;
    buf_add(&request->form, (struct str){upload.data, upload.len < room ? upload.len : room});
}

/* Answered at the call in which the request has ended, as the pages of http/private.c. */
static enum MHD_Result handle(struct http_server *server,
    struct MHD_Connection *connection,
    const char *path,
    const char *method,
    struct str upload,
    void **data)
{
    struct sandbox_listener *listener = (struct sandbox_listener *)server;
    struct sandbox_request *request = *data;
    if (request == NULL) {
        *data = request_new();
        return *data == NULL ? MHD_NO : MHD_YES;
    }
    if (upload.len > 0) {
        add_upload(request, upload);
        return MHD_YES;
    }
    struct api_response answer;
    ask(listener, connection, path, method, buf_str(&request->form), &answer);
    struct MHD_Response *response = MHD_create_response_from_buffer(
        listener->body.len, listener->body.data, MHD_RESPMEM_MUST_COPY);
    if (response == NULL) {
        return MHD_NO;
    }
    enum MHD_Result ok = add_headers(listener, &answer, response);
    if (ok == MHD_YES) {
        ok = MHD_queue_response(connection, (unsigned)answer.status, response);
    }
    MHD_destroy_response(response);
    return ok;
}

/* ---- the life of the listener ---------------------------------------------------------------- */

static void fini(struct http_server *server)
{
    struct sandbox_listener *listener = (struct sandbox_listener *)server;
    buf_fini(&listener->query);
    buf_fini(&listener->body);
    free(listener);
}

static const struct http_server_ops ops = {.handle = handle, .finish = finish, .free = fini};

enum err sandbox_listener_open(const struct sandbox_listener_config *config,
    struct sandbox_listener **ret_listener,
    struct err_info *reterr)
{
    REQUIRE(config->api != NULL);
    REQUIRE(config->shop != NULL);
    struct sandbox_listener *listener = calloc(1, sizeof *listener);
    if (listener == NULL) {
        return err_set(reterr, ERR_BUSY, "no memory left for the API's listener");
    }
    listener->config = *config;
    buf_init(&listener->query, 2 * LIMIT_HEADER_BYTES);
    buf_init(&listener->body, API_BODY_BYTES_MAX);
    const struct http_listener_limits limits = {CONNECTIONS_MAX, IDLE_TIMEOUT_S};
    enum err err =
        http_server_start(&listener->server, &ops, config->env, config->address, &limits, reterr);
    if (err != ERR_OK) {
        fini(&listener->server);
        return err;
    }
    *ret_listener = listener;
    return ERR_OK;
}

uint16_t sandbox_listener_port(const struct sandbox_listener *listener)
{
    return http_server_port(&listener->server);
}

struct sandbox_listener *sandbox_listener_close(struct sandbox_listener *listener)
{
    if (listener != NULL) {
        (void)http_server_close(&listener->server);
    }
    return NULL;
}
