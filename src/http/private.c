#include "base/check.h"
#include "base/metrics.h"
#include "http/listener.h"
#include <stdlib.h>

/* Scrapers and probes: few, and on this machine or next to it. */
#define CONNECTIONS_MAX 128
#define IDLE_TIMEOUT_S 30
#define METRICS_BYTES_MAX ((size_t)1024 * 1024)

struct private_server {
    struct http_server server; /* first member */
    struct http_private_config config;
};
_Static_assert(offsetof(struct private_server, server) == 0, "the base is the first member");

static enum MHD_Result answer_text(
    struct private_server *private, struct MHD_Connection *connection, int status, struct str text)
{
    struct http_answer answer = {
        .status = status,
        .content_type = "text/plain; charset=utf-8",
        .body = text,
    };
    return http_server_answer(&private->server, connection, &answer);
}

static enum MHD_Result answer_health(
    struct private_server *private, struct MHD_Connection *connection)
{
    return answer_text(private, connection, 200, STR("ok\n"));
}

static enum MHD_Result answer_readiness(
    struct private_server *private, struct MHD_Connection *connection)
{
    struct err_info why = {"not ready"};
    if (private->config.ready == NULL || private->config.ready(private->config.context, &why)) {
        return answer_text(private, connection, 200, STR("ok\n"));
    }
    char text[sizeof why.text + 2];
    size_t len = strnlen(why.text, sizeof why.text);
    memcpy(text, why.text, len);
    text[len] = '\n';
    return answer_text(private, connection, 503, (struct str){text, len + 1});
}

static enum MHD_Result answer_metrics(
    struct private_server *private, struct MHD_Connection *connection)
{
    if (private->config.refresh != NULL) {
        private->config.refresh(private->config.context);
    }
    CLEANUP(buf_fini) struct buf text;
    buf_init(&text, METRICS_BYTES_MAX);
    metrics_format(&text);
    if (text.failed) {
        return http_server_refuse(
            &private->server, connection, &(struct http_refusal){.err = ERR_BUSY});
    }
    struct http_answer answer = {
        .status = 200,
        .content_type = "text/plain; version=0.0.4; charset=utf-8",
        .body = buf_str(&text),
    };
    return http_server_answer(&private->server, connection, &answer);
}

static const struct http_refusal wrong_method = {
    .err = ERR_INVALID,
    .status = 405,
    .message = "only GET and HEAD are answered here",
    .allow = "GET, HEAD",
};

static const struct page {
    const char *path;
    enum MHD_Result (*answer)(struct private_server *private, struct MHD_Connection *connection);
} pages[] = {
    {"/healthz", answer_health},
    {"/readyz", answer_readiness},
    {"/metrics", answer_metrics},
};

static const struct page *page_find(const char *path)
{
    for (size_t i = 0; i < sizeof pages / sizeof pages[0]; i++) {
        if (strcmp(path, pages[i].path) == 0) {
            return &pages[i];
        }
    }
    return NULL;
}

/* A page is answered at the second call, when the request has ended: the library closes a
 * connection that is answered before. What *request points to only says that it is the second. */
static enum MHD_Result private_handle(struct http_server *server,
    struct MHD_Connection *connection,
    const char *path,
    const char *method,
    struct str upload,
    void **request)
{
    const struct page *page = page_find(path);
    if (page == NULL) {
        return http_server_refuse(server, connection, &(struct http_refusal){.err = ERR_NOT_FOUND});
    }
    if (strcmp(method, "GET") != 0 && strcmp(method, "HEAD") != 0) {
        return http_server_refuse(server, connection, &wrong_method);
    }
    bool is_first = *request == NULL;
    *request = server;
    if (is_first || upload.len > 0) {
        return MHD_YES; /* a body that nobody asked for is passed over */
    }
    return page->answer((struct private_server *)server, connection);
}

static void private_free(struct http_server *server)
{
    free(server);
}

static const struct http_server_ops private_ops = {
    .handle = private_handle,
    .free = private_free,
};

enum err http_private_open(const struct http_private_config *config,
    struct http_server **ret_server,
    struct err_info *reterr)
{
    REQUIRE(config != NULL);
    REQUIRE(ret_server != NULL);
    struct private_server *private = calloc(1, sizeof *private);
    if (private == NULL) {
        return err_set(reterr, ERR_BUSY, "no memory left for the private listener");
    }
    private->config = *config;
    private->config.address = STR_NONE; /* borrowed for the call only */
    const struct http_listener_limits limits = {CONNECTIONS_MAX, IDLE_TIMEOUT_S};
    enum err err = http_server_start(
        &private->server, &private_ops, config->env, config->address, &limits, reterr);
    if (err != ERR_OK) {
        free(private);
        return err;
    }
    *ret_server = &private->server;
    return ERR_OK;
}
