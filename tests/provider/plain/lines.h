/* lines: the text of a batch, cut into lines and their parts. Pure; everything is borrowed.
 *
 * Layer: tests. Needs domain.
 */
#pragma once

#include "domain/money.h"

#define PLAIN_NAMED_MAX 16 /* parts with a name in one line */

struct plain_head {
    struct str version;
    bool live;
    int64_t count; /* of notifications */
};

struct plain_line {
    struct str kind, id, state, amount, currency, made, at, sequence;
    uint32_t named_count;
    struct plain_named {
        struct str name, value;
    } named[PLAIN_NAMED_MAX];
};

/* UTF-8 without NUL: nothing else is ever cut into lines. */
bool plain_is_text(struct str body);

/* Cuts the first line off *text. ERR_MALFORMED: it is no head. */
MUST_USE enum err plain_head_read(struct str *text, struct plain_head *ret_head);

/* Cuts the next notification off *text. ERR_MALFORMED, ERR_TOO_LARGE. */
MUST_USE enum err plain_line_read(struct str *text, struct plain_line *ret_line);

/* Is the rest what stands behind the last notification? */
bool plain_is_end(struct str text);

/* STR_NONE when there is none of that name. */
struct str plain_named(const struct plain_line *line, const char *name);

/* "12.34" with the currency's decimals or fewer, exactly. ERR_MALFORMED, ERR_INVALID (more decimals
 * than the currency has), ERR_OVERFLOW. */
MUST_USE enum err plain_amount(struct str text, struct currency currency, int64_t *ret_minor);
