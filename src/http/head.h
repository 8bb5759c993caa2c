/* head: what the line and the headers of a webhook request say, before any of its body is read.
 *
 * Layer: http.
 */
#pragma once

#include "http/listener.h"

#define HTTP_NAME_BYTES_MAX 255

struct http_head {
    char name_bytes[HTTP_NAME_BYTES_MAX + 1];
    struct str name; /* of the account; points into name_bytes */
    size_t body_len; /* at most LIMIT_BODY_BYTES */
};

/* NULL, with *ret_head filled; or what to answer instead of reading on. */
const struct http_refusal *http_head_read(struct MHD_Connection *connection,
    const char *path,
    const char *method,
    struct http_head *ret_head);

/* The value of the header that the account's provider proves by: the first one when it stands there
 * more than once, empty when it does not. In the library's memory, valid until the request ends. */
struct str http_head_proof(
    struct MHD_Connection *connection, const char *header, bool *ret_repeated);

/* --- for tests and fuzz targets of this room --- */

/* Exactly `/webhooks/` and one segment, percent-decoded into ret_head->name. */
bool http_head_path(struct str path, struct http_head *ret_head);
/* Digits and nothing else. ERR_MALFORMED; ERR_TOO_LARGE above LIMIT_BODY_BYTES. */
MUST_USE enum err http_head_length(struct str text, size_t *ret_len);
