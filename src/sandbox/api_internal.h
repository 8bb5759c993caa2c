/* api_internal: what the files of the API share; included by api*.c only.
 *
 * Layer: sandbox.
 */
#pragma once

#include "sandbox/api.h"

struct api {
    struct api_config config;
    uint64_t random_state;
    int64_t credit_us, looked_us; /* the rate limit: time not yet spent on requests, at most 1 s */
    char decoded[API_QUERY_BYTES_MAX];
};

/* One request on its way. */
struct api_call {
    struct api *api;
    const struct api_request *request;
    struct api_response *response;
    enum api_version version;
    bool sees_shop; /* else the account that is asked for has no objects */
    uint32_t owner; /* whose objects; see merchant.h */
};

struct api_error {
    int status;
    const char *type; /* NULL: invalid_request_error */
    const char *code; /* NULL: none */
    struct str param; /* "": none */
};
/* Answers with it. */
void api_refuse(const struct api_call *call, struct api_error error, const char *format, ...)
    PRINTF_LIKE(3, 4);
/* The key does not reach that account, or there is none: whoever asks cannot tell. */
void api_refuse_account(const struct api_call *call, struct str account);
void api_add_header(struct api_response *response, const char *name, struct str value);

/* --- api_query.c --- */
/* Reads the parameters of a list into *query. False: it was refused. */
bool api_query_read(
    const struct api_call *call, enum resource resource, struct archive_query *query);

/* --- api_routes.c --- */
void api_route(const struct api_call *call);
