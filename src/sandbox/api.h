/* api: answers requests to the provider's HTTP API from an archive: keys, routes, parameters, lists
 * by cursor, errors in Stripe's shape, rate limits and failures on purpose. Pure: no socket, no
 * clock; one caller at a time.
 *
 * Layer: sandbox.
 */
#pragma once

#include "sandbox/archive.h"

#define API_QUERY_BYTES_MAX 4096
#define API_HEADERS_MAX 8
#define API_FORM_BYTES_MAX 16384
#define API_BODY_BYTES_MAX ((size_t)1024 * 1024 * 1024) /* touched as far as a report is long */
#define API_ACCOUNT "acct_1SandboxShop000000"           /* whose key it is */

struct api_config {                /* all texts are borrowed */
    const struct archive *archive; /* borrowed */
    struct str key;                /* "rk_test_..." */
    struct str account;            /* connected account whose shop it is; "": the key's own */
    struct str webhook_url;        /* "": there is no webhook endpoint */
    enum api_version version;      /* for who names none; the endpoint's too */
    bool live;
    int64_t started_s;
    uint64_t seed;                        /* for failures on purpose */
    uint32_t rate;                        /* requests a second; 0: any number */
    uint32_t error_percent, lock_percent; /* answered with 500; with 429 lock_timeout */
    uint32_t report_error_percent;        /* runs of reports that fail */
    int64_t report_lag_us; /* reports have data until so long ago; -1: as the provider's */
};

struct api_request { /* texts as sent; empty where there is none */
    struct str method, path;
    struct str query;                           /* what follows the `?`, percent-encoded */
    struct str authorization, version, account; /* Authorization, Stripe-Version, Stripe-Account */
    struct str host, idempotency_key;           /* Host, Idempotency-Key */
    struct str body;                            /* of a POST: a form, as the query is */
};

struct api_response {
    int status;
    uint32_t header_count;
    struct api_header {
        const char *name;
        char value[64];
    } headers[API_HEADERS_MAX]; /* without Date and Content-Length */
    const char *content_type;   /* of a literal */
    struct buf *body;           /* the caller's, of API_BODY_BYTES_MAX; the answer is appended */
};

struct api;
struct api *api_new(const struct api_config *config); /* NULL without memory */
struct api *api_free(struct api *api);
DEFINE_CLEANUP(struct api *, api_free);

/* Always answers. `monotonic_us` never goes back from one call to the next. */
void api_answer(struct api *api,
    const struct api_request *request,
    int64_t monotonic_us,
    struct api_response *response);
