/* api_internal: what the files of the API share; included by api*.c only.
 *
 * Layer: sandbox.
 */
#pragma once

#include "sandbox/api.h"
#include "sandbox/object_id.h"

struct report_run;

/* Runs of reports that were asked for; see api_reports.h. */
struct api_reports {
    struct report_run *runs; /* a ring, by number */
    uint64_t first, end;
    struct id_maker ids;
};

struct api {
    struct api_config config;
    uint64_t random_state;
    struct api_reports reports;
    int64_t credit_us, looked_us; /* the rate limit: time not yet spent on requests, at most 1 s */
    char decoded[API_FORM_BYTES_MAX];
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
void api_refuse_missing(const struct api_call *call, const char *object, struct str id);
void api_add_header(struct api_response *response, const char *name, struct str value);

/* Random numbers of its own, so that requests do not change what the merchant does. */
uint64_t api_draw(struct api *api);

/* --- api_params.c: what a query or a form says --- */
/* A parameter, decoded: `created[gte]=5` is created, gte, 5. */
struct api_param {
    struct str whole; /* as it was named, for errors */
    struct str name, key, value;
};
struct api_params {
    struct str rest;
    char *room; /* the API's: texts are good until it is asked again */
};
/* False: it is too long, and was refused. */
bool api_params_begin(const struct api_call *call, struct str text, struct api_params *ret);
bool api_params_next(struct api_params *params, struct api_param *ret); /* false: no more */

/* --- api_query.c --- */
/* Reads the parameters of a list into *query. False: it was refused. */
bool api_query_read(
    const struct api_call *call, enum resource resource, struct archive_query *query);

/* --- api_reports.c --- */
MUST_USE bool api_reports_init(struct api_reports *reports, uint64_t seed);
void api_reports_fini(struct api_reports *reports);
void api_answer_report_types(const struct api_call *call, struct str id);
void api_answer_report_runs(const struct api_call *call, struct str id);
void api_answer_files(const struct api_call *call, struct str below);

/* --- api_lines.c --- */
void api_answer_lines(const struct api_call *call, struct str id);
void api_answer_balance(const struct api_call *call, struct str below); /* nothing is below */

/* --- api_routes.c --- */
void api_route(const struct api_call *call);
