/* err: the few errors there are, and what a caller shall do about each.
 *
 * The class says what to do, so no caller keeps a list of codes:
 *   INPUT  reject or park, never retry      STATE  the caller knows
 *   BUSY   the same call later              IO     nothing kept; retry with back-off
 *
 * Layer: base. Table: err.def.
 */
#pragma once

#include "base/cleanup.h"
#include <stdbool.h>

enum err_class { ERR_CLASS_NONE, ERR_CLASS_INPUT, ERR_CLASS_STATE, ERR_CLASS_BUSY, ERR_CLASS_IO };

enum err {
#define ERR(name, class, http, exit, text) ERR_##name,
#include "base/err.def"
#undef ERR
    ERR_COUNT
};

/* Words for people, written only on failure, on the caller's stack; may be NULL where taken.
 * Never holds a secret or a body. */
struct err_info {
    char text[240];
};

const char *err_name(enum err err); /* "TOO_LARGE" */
const char *err_text(enum err err); /* "a bound is exceeded" */
enum err_class err_class(enum err err);
int err_http_status(enum err err);
int err_exit_code(enum err err);
bool err_is_retryable(enum err err); /* class BUSY or IO */

/* Fills reterr (if not NULL) and returns `err`, so that a failure is one statement. */
enum err err_set(struct err_info *reterr, enum err err, const char *format, ...) PRINTF_LIKE(3, 4);
