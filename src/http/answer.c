#include "base/check.h"
#include "http/listener.h"
#include <stdio.h>

/* Nobody's schedule depends on it: Stripe goes by its own. Proxies and load generators read it. */
#define RETRY_AFTER_S "5"

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
