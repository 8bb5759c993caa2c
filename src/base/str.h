/* str: borrowed text with a length, and owned buffers that grow up to a bound.
 *
 * struct str never owns; it is valid as long as what it points into. struct buf always owns.
 *
 * Layer: base.
 */
#pragma once

#include "base/err.h"
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

struct str {
    const char *data; /* not NUL-terminated; may be NULL when len is 0 */
    size_t len;
};

#define STR(literal) ((struct str){("" literal), sizeof(literal) - 1})
#define STR_NONE ((struct str){NULL, 0})
#define STR_FMT "%.*s"
#define STR_ARG(s) (int)(s).len, (s).data ? (s).data : ""

struct str str_from(const char *text); /* NULL gives STR_NONE */
bool str_eq(struct str a, struct str b);
bool str_eq_ignoring_case(struct str a, struct str b); /* ASCII */
int str_compare(struct str a, struct str b);           /* bytewise, shorter first */
bool str_starts_with(struct str s, struct str prefix);
bool str_ends_with(struct str s, struct str suffix);
struct str str_trim(struct str s); /* blanks, tabs, CR, LF */
bool str_is_digits(struct str s);  /* decimal ones, at least one, and nothing else */

/* Cuts `*rest` at the first `separator`: returns what stood before it and moves `*rest` behind it.
 * Without a separator returns all and leaves *rest empty. */
struct str str_cut(struct str *rest, char separator);

/* Decimal digits with an optional sign, the whole string. ERR_MALFORMED, ERR_OVERFLOW. */
MUST_USE enum err str_to_int64(struct str s, int64_t *ret_value);

/* Well-formed UTF-8 by RFC 3629 (no surrogates, no overlong forms)? */
bool str_is_utf8(struct str s);
/* How many bytes of it are, from the start; s.len when all of it is. */
size_t str_utf8_len(struct str s);

/* The longest prefix of at most `bytes_max` bytes that does not cut a UTF-8 sequence. */
struct str str_prefix_utf8(struct str s, size_t bytes_max);

/* Copies into a NUL-terminated array, cutting at a character when it does not fit. Returns false
 * when something was cut. */
bool str_copy_to(char *to, size_t to_size, struct str s);

void hex_encode(
    char *to, const uint8_t *bytes, size_t count); /* 2 * count chars, lower case, no NUL */
bool hex_decode(uint8_t *to, size_t count, struct str hex); /* either case; exactly 2 * count */

uint64_t hash_bytes(const void *data, size_t len, uint64_t seed); /* FNV-1a: tables, not secrets */

struct buf {
    char *data; /* owned */
    size_t len, cap, max;
    bool failed; /* an append did not fit within max or the heap; all later ones do nothing */
};

void buf_init(struct buf *buf, size_t bytes_max);
void buf_fini(struct buf *buf);
void buf_clear(struct buf *buf); /* keeps the memory; clears failed */
void buf_add(struct buf *buf, struct str s);
void buf_add_char(struct buf *buf, char c);
void buf_add_int(struct buf *buf, int64_t value);
void buf_addf(struct buf *buf, const char *format, ...) PRINTF_LIKE(2, 3);
struct str buf_str(const struct buf *buf); /* valid until the next append; data is never NULL */

/* CLEANUP(buf_fini) struct buf text; buf_init it at once. */
static inline void buf_fini_cleanup(struct buf *buf)
{
    buf_fini(buf);
}
