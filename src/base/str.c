#include "base/str.h"
#include "base/check.h"

struct str str_from(const char *text)
{
    return text == NULL ? STR_NONE : (struct str){text, strlen(text)};
}

bool str_eq(struct str a, struct str b)
{
    return a.len == b.len && (a.len == 0 || memcmp(a.data, b.data, a.len) == 0);
}

static char lower(char c)
{
    return (char)(c >= 'A' && c <= 'Z' ? c - 'A' + 'a' : c);
}

bool str_eq_ignoring_case(struct str a, struct str b)
{
    if (a.len != b.len) {
        return false;
    }
    for (size_t i = 0; i < a.len; i++) {
        if (lower(a.data[i]) != lower(b.data[i])) {
            return false;
        }
    }
    return true;
}

int str_compare(struct str a, struct str b)
{
    size_t shared = a.len < b.len ? a.len : b.len;
    int order = shared == 0 ? 0 : memcmp(a.data, b.data, shared);
    if (order == 0) {
        order = (a.len > b.len) - (a.len < b.len);
    }
    return (order > 0) - (order < 0);
}

bool str_starts_with(struct str s, struct str prefix)
{
    return prefix.len <= s.len && str_eq((struct str){s.data, prefix.len}, prefix);
}

bool str_ends_with(struct str s, struct str suffix)
{
    return s.len >= suffix.len &&
           str_eq((struct str){s.data + s.len - suffix.len, suffix.len}, suffix);
}

static bool is_blank(char c)
{
    return c == ' ' || c == '\t' || c == '\r' || c == '\n';
}

struct str str_trim(struct str s)
{
    while (s.len > 0 && is_blank(s.data[0])) {
        s.data++;
        s.len--;
    }
    while (s.len > 0 && is_blank(s.data[s.len - 1])) {
        s.len--;
    }
    return s;
}

bool str_is_digits(struct str s)
{
    for (size_t i = 0; i < s.len; i++) {
        if (s.data[i] < '0' || s.data[i] > '9') {
            return false;
        }
    }
    return s.len > 0;
}

struct str str_cut(struct str *rest, char separator)
{
    REQUIRE(rest != NULL);
    struct str before = *rest;
    const char *at = rest->len == 0 ? NULL : memchr(rest->data, separator, rest->len);
    if (at == NULL) {
        *rest = STR_NONE;
        return before;
    }
    before.len = (size_t)(at - rest->data);
    rest->data = at + 1;
    rest->len -= before.len + 1;
    return before;
}

enum err str_to_int64(struct str s, int64_t *ret_value)
{
    REQUIRE(ret_value != NULL);
    bool negative = s.len > 0 && s.data[0] == '-';
    size_t at = s.len > 0 && (s.data[0] == '-' || s.data[0] == '+') ? 1 : 0;
    if (at == s.len) {
        return ERR_MALFORMED;
    }
    /* Downwards, because there is one more negative number than there are positive ones. All of the
     * text is read even after an overflow: text that is no number is malformed first. */
    int64_t value = 0;
    bool overflow = false;
    for (; at < s.len; at++) {
        char c = s.data[at];
        if (c < '0' || c > '9') {
            return ERR_MALFORMED;
        }
        overflow = overflow || __builtin_mul_overflow(value, 10, &value) ||
                   __builtin_sub_overflow(value, c - '0', &value);
    }
    if (overflow || (!negative && value == INT64_MIN)) {
        return ERR_OVERFLOW;
    }
    *ret_value = negative ? value : -value;
    return ERR_OK;
}

bool str_copy_to(char *to, size_t to_size, struct str s)
{
    REQUIRE(to != NULL);
    REQUIRE(to_size > 0);
    struct str kept = str_prefix_utf8(s, to_size - 1);
    if (kept.len > 0) {
        memmove(to, kept.data, kept.len);
    }
    to[kept.len] = '\0';
    return kept.len == s.len;
}

void hex_encode(char *to, const uint8_t *bytes, size_t count)
{
    static const char digits[] = "0123456789abcdef";
    for (size_t i = 0; i < count; i++) {
        to[2 * i] = digits[bytes[i] >> 4];
        to[2 * i + 1] = digits[bytes[i] & 0x0f];
    }
}

static int hex_value(char c)
{
    if (c >= '0' && c <= '9') {
        return c - '0';
    }
    c = lower(c);
    return c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}

bool hex_decode(uint8_t *to, size_t count, struct str hex)
{
    if (hex.len % 2 != 0 || hex.len / 2 != count) {
        return false;
    }
    for (size_t i = 0; i < count; i++) {
        int high = hex_value(hex.data[2 * i]);
        int low = hex_value(hex.data[2 * i + 1]);
        if (high < 0 || low < 0) {
            return false;
        }
        to[i] = (uint8_t)(high << 4 | low);
    }
    return true;
}
