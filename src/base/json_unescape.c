/* Source: RFC 8259, section 7. yajl decodes escapes too, but writes '?' for a lone surrogate and a
 * NUL for \u0000, which neither PostgreSQL nor a C string can hold; so every escaped string is
 * decoded here. */
#include "base/check.h"
#include "base/json_internal.h"

#define ESCAPE_U_CHARS 6 /* \uXXXX */

static bool is_high_surrogate(uint32_t c)
{
    return c >= 0xd800 && c <= 0xdbff;
}

static bool is_low_surrogate(uint32_t c)
{
    return c >= 0xdc00 && c <= 0xdfff;
}

/* The four digits of the \uXXXX at `at`; 0 when there is none, which is no surrogate. */
static uint32_t code_unit(const char *at, const char *end)
{
    if (end - at < ESCAPE_U_CHARS || at[0] != '\\' || at[1] != 'u') {
        return 0;
    }
    uint8_t bytes[2];
    if (!hex_decode(bytes, sizeof bytes, (struct str){at + 2, 4})) {
        UNREACHABLE(); /* the lexer has looked at the digits */
    }
    return (uint32_t)bytes[0] << 8 | bytes[1];
}

static char *put_utf8(char *to, uint32_t c)
{
    if (c < 0x80) {
        *to++ = (char)c;
        return to;
    }
    if (c < 0x800) {
        *to++ = (char)(0xc0 | c >> 6);
    } else if (c < 0x10000) {
        *to++ = (char)(0xe0 | c >> 12);
        *to++ = (char)(0x80 | (c >> 6 & 0x3f));
    } else {
        *to++ = (char)(0xf0 | c >> 18);
        *to++ = (char)(0x80 | (c >> 12 & 0x3f));
        *to++ = (char)(0x80 | (c >> 6 & 0x3f));
    }
    *to++ = (char)(0x80 | (c & 0x3f));
    return to;
}

/* Decodes the \uXXXX, or the pair of them, at *at, and moves *at behind it. */
static char *put_code_units(char *to, const char **at, const char *end, uint32_t *replaced)
{
    uint32_t c = code_unit(*at, end);
    *at += ESCAPE_U_CHARS;
    if (is_high_surrogate(c)) {
        uint32_t low = code_unit(*at, end);
        if (is_low_surrogate(low)) {
            *at += ESCAPE_U_CHARS;
            return put_utf8(to, 0x10000 + ((c - 0xd800) << 10) + (low - 0xdc00));
        }
    }
    if (c == 0 || is_high_surrogate(c) || is_low_surrogate(c)) {
        *replaced += 1;
        memcpy(to, JSON_REPLACEMENT, sizeof JSON_REPLACEMENT - 1);
        return to + sizeof JSON_REPLACEMENT - 1;
    }
    return put_utf8(to, c);
}

static char short_escape(char c)
{
    switch (c) {
    case 'b':
        return '\b';
    case 'f':
        return '\f';
    case 'n':
        return '\n';
    case 'r':
        return '\r';
    case 't':
        return '\t';
    default:
        INVARIANT(c == '"' || c == '\\' || c == '/');
        return c;
    }
}

struct str json_unescape(struct str raw, struct arena *arena, uint32_t *replaced)
{
    char *text = arena_alloc_unzeroed(arena, raw.len); /* no escape is shorter than what it means */
    if (text == NULL) {
        return STR_NONE;
    }
    char *to = text;
    const char *at = raw.data;
    const char *end = raw.data + raw.len;
    while (at < end) {
        const char *escape = memchr(at, '\\', (size_t)(end - at));
        size_t plain = (size_t)((escape != NULL ? escape : end) - at);
        memcpy(to, at, plain);
        to += plain;
        at += plain;
        if (escape == NULL) {
            break;
        }
        INVARIANT(end - at >= 2);
        if (at[1] == 'u') {
            to = put_code_units(to, &at, end, replaced);
        } else {
            *to++ = short_escape(at[1]);
            at += 2;
        }
    }
    ENSURE((size_t)(to - text) <= raw.len);
    return (struct str){text, (size_t)(to - text)};
}
