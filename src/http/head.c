#include "http/head.h"
#include "base/check.h"
#include "base/limits.h"

#define PATH_PREFIX STR("/webhooks/")

static const struct http_refusal no_such_path = {.err = ERR_NOT_FOUND};
static const struct http_refusal wrong_method = {
    .err = ERR_INVALID,
    .status = 405,
    .message = "webhooks are delivered by POST",
    .allow = "POST",
};
static const struct http_refusal headers_too_large = {
    .err = ERR_TOO_LARGE,
    .status = 431,
    .message = "the headers are too large",
};
static const struct http_refusal length_missing = {
    .err = ERR_INVALID,
    .status = 411,
    .message = "a Content-Length is needed; chunked bodies are not taken",
};
static const struct http_refusal length_malformed = {
    .err = ERR_MALFORMED,
    .message = "the Content-Length is no number, or stands there more than once",
};
static const struct http_refusal body_too_large = {
    .err = ERR_TOO_LARGE,
    .message = "the body is too large",
};

bool http_head_path(struct str path, struct http_head *ret_head)
{
    REQUIRE(ret_head != NULL);
    if (!str_starts_with(path, PATH_PREFIX)) {
        return false;
    }
    size_t len = 0;
    for (size_t at = PATH_PREFIX.len; at < path.len; at++) {
        uint8_t byte = (uint8_t)path.data[at];
        if (byte == '/' || len == HTTP_NAME_BYTES_MAX) {
            return false;
        }
        if (byte == '%') {
            if (path.len - at < 3 || !hex_decode(&byte, 1, (struct str){path.data + at + 1, 2})) {
                return false;
            }
            at += 2;
        }
        ret_head->name_bytes[len++] = (char)byte;
    }
    ret_head->name = (struct str){ret_head->name_bytes, len};
    return len > 0;
}

enum err http_head_length(struct str text, size_t *ret_len)
{
    REQUIRE(ret_len != NULL);
    size_t len = 0;
    bool fits = true;
    for (size_t i = 0; i < text.len; i++) {
        if (text.data[i] < '0' || text.data[i] > '9') {
            return ERR_MALFORMED;
        }
        len = len * 10 + (size_t)(text.data[i] - '0');
        fits = fits && len <= LIMIT_BODY_BYTES;
        len = fits ? len : 0; /* goes on: what follows may not be a digit */
    }
    if (text.len == 0) {
        return ERR_MALFORMED;
    }
    if (!fits) {
        return ERR_TOO_LARGE;
    }
    *ret_len = len;
    return ERR_OK;
}

struct found {
    struct str length;
    uint32_t lengths;
    bool encoded; /* Transfer-Encoding, whichever */
};

static enum MHD_Result on_header(void *context,
    enum MHD_ValueKind kind,
    const char *key,
    size_t key_size,
    const char *value,
    size_t value_size)
{
    (void)kind;
    struct found *found = context;
    struct str name = {key, key_size};
    struct str text = {value, value != NULL ? value_size : 0};
    if (str_eq_ignoring_case(name, STR(MHD_HTTP_HEADER_CONTENT_LENGTH))) {
        if (found->lengths++ == 0) {
            found->length = text;
        }
    } else if (str_eq_ignoring_case(name, STR(MHD_HTTP_HEADER_TRANSFER_ENCODING))) {
        found->encoded = true;
    }
    return MHD_YES;
}

/* Two lengths, or a length beside an encoding, are how requests are smuggled past a proxy: such a
 * request has no length that could be believed. */
static const struct http_refusal *read_length(const struct found *found, size_t *ret_len)
{
    if (found->encoded || found->lengths == 0) {
        return &length_missing;
    }
    if (found->lengths > 1) {
        return &length_malformed;
    }
    enum err err = http_head_length(found->length, ret_len);
    if (err == ERR_TOO_LARGE) {
        return &body_too_large;
    }
    return err == ERR_OK ? NULL : &length_malformed;
}

const struct http_refusal *http_head_read(struct MHD_Connection *connection,
    const char *path,
    const char *method,
    struct http_head *ret_head)
{
    REQUIRE(connection != NULL);
    REQUIRE(ret_head != NULL);
    if (!http_head_path(str_from(path), ret_head)) {
        return &no_such_path;
    }
    if (strcmp(method, "POST") != 0) {
        return &wrong_method;
    }
    const union MHD_ConnectionInfo *info =
        MHD_get_connection_info(connection, MHD_CONNECTION_INFO_REQUEST_HEADER_SIZE);
    if (info == NULL || info->header_size > LIMIT_HEADER_BYTES) {
        return &headers_too_large;
    }
    struct found found = {.lengths = 0};
    (void)MHD_get_connection_values_n(connection, MHD_HEADER_KIND, on_header, &found);
    return read_length(&found, &ret_head->body_len);
}

struct proof {
    struct str header;
    struct str value;
    uint32_t values;
};

static enum MHD_Result on_proof(void *context,
    enum MHD_ValueKind kind,
    const char *key,
    size_t key_size,
    const char *value,
    size_t value_size)
{
    (void)kind;
    struct proof *proof = context;
    if (str_eq_ignoring_case((struct str){key, key_size}, proof->header) && proof->values++ == 0) {
        proof->value = (struct str){value, value != NULL ? value_size : 0};
    }
    return MHD_YES;
}

struct str http_head_proof(
    struct MHD_Connection *connection, const char *header, bool *ret_repeated)
{
    REQUIRE(connection != NULL);
    REQUIRE(header != NULL && header[0] != '\0');
    REQUIRE(ret_repeated != NULL);
    struct proof proof = {.header = str_from(header)};
    (void)MHD_get_connection_values_n(connection, MHD_HEADER_KIND, on_proof, &proof);
    *ret_repeated = proof.values > 1;
    return proof.value;
}
