#include "base/check.h"
#include "base/str.h"
#include <stdio.h>
#include <stdlib.h>

#define BUF_BYTES_MIN 256

void buf_init(struct buf *buf, size_t bytes_max)
{
    REQUIRE(buf != NULL);
    REQUIRE(bytes_max > 0);
    REQUIRE(bytes_max <= SIZE_MAX / 4); /* so that no sum below overflows */
    *buf = (struct buf){.max = bytes_max};
}

void buf_fini(struct buf *buf)
{
    REQUIRE(buf != NULL);
    free(buf->data);
    *buf = (struct buf){.max = buf->max};
}

void buf_clear(struct buf *buf)
{
    REQUIRE(buf != NULL);
    buf->len = 0;
    buf->failed = false;
}

/* Room for `bytes` more, and for the NUL that vsnprintf wants to write behind them. */
static bool buf_reserve(struct buf *buf, size_t bytes)
{
    INVARIANT(buf->max > 0); /* buf_init was called */
    INVARIANT(buf->len <= buf->max);
    if (buf->failed || bytes > buf->max - buf->len) {
        buf->failed = true;
        return false;
    }
    size_t needed = buf->len + bytes + 1;
    if (needed <= buf->cap) {
        return true;
    }
    size_t cap = buf->cap == 0 ? BUF_BYTES_MIN : 2 * buf->cap;
    cap = cap < needed ? needed : cap;
    cap = cap > buf->max + 1 ? buf->max + 1 : cap;
    char *data = realloc(buf->data, cap);
    if (data == NULL) {
        buf->failed = true;
        return false;
    }
    buf->data = data;
    buf->cap = cap;
    return true;
}

void buf_add(struct buf *buf, struct str s)
{
    REQUIRE(buf != NULL);
    REQUIRE(s.data != NULL || s.len == 0);
    if (s.len > 0 && buf_reserve(buf, s.len)) {
        memcpy(buf->data + buf->len, s.data, s.len);
        buf->len += s.len;
    }
}

void buf_add_char(struct buf *buf, char c)
{
    REQUIRE(buf != NULL);
    if (buf_reserve(buf, 1)) {
        buf->data[buf->len++] = c;
    }
}

void buf_add_int(struct buf *buf, int64_t value)
{
    char digits[24];
    size_t at = sizeof digits;
    uint64_t left = value < 0 ? 0 - (uint64_t)value : (uint64_t)value;
    do {
        digits[--at] = (char)('0' + left % 10);
        left /= 10;
    } while (left > 0);
    if (value < 0) {
        digits[--at] = '-';
    }
    buf_add(buf, (struct str){digits + at, sizeof digits - at});
}

/* One pass when the text fits what is there, else a second one with the room it asked for. */
void buf_addf(struct buf *buf, const char *format, ...)
{
    REQUIRE(buf != NULL);
    if (!buf_reserve(buf, 0)) {
        return;
    }
    va_list arguments;
    va_start(arguments, format);
    int len = vsnprintf(buf->data + buf->len, buf->cap - buf->len, format, arguments);
    va_end(arguments);
    if (len < 0) {
        buf->failed = true;
        return;
    }
    size_t bytes = (size_t)len;
    if (bytes >= buf->cap - buf->len) {
        if (!buf_reserve(buf, bytes)) {
            return;
        }
        va_start(arguments, format);
        len = vsnprintf(buf->data + buf->len, buf->cap - buf->len, format, arguments);
        va_end(arguments);
        ENSURE(len >= 0);
        ENSURE((size_t)len == bytes);
    }
    if (bytes > buf->max - buf->len) {
        buf->failed = true;
        return;
    }
    buf->len += bytes;
}

struct str buf_str(const struct buf *buf)
{
    REQUIRE(buf != NULL);
    return (struct str){buf->data != NULL ? buf->data : "", buf->len};
}
