/* Source: RFC 3629, section 4 (the table of well-formed byte sequences). */
#include "base/check.h"
#include "base/str.h"

#define HIGH_BITS UINT64_C(0x8080808080808080)

static bool is_continuation(unsigned char c)
{
    return (c & 0xc0) == 0x80;
}

/* Length of the well-formed sequence of two to four bytes that `at` begins with; 0 if there is
 * none. The second byte's bounds are what keeps out overlong forms, surrogates and what is beyond
 * U+10FFFF. */
static size_t sequence_len(const unsigned char *at, size_t left)
{
    unsigned char lead = at[0];
    if (lead < 0xc2 || lead > 0xf4 || left < 2) {
        return 0;
    }
    unsigned char second = at[1];
    if (lead < 0xe0) {
        return is_continuation(second) ? 2 : 0;
    }
    unsigned char lowest = lead == 0xe0 ? 0xa0 : lead == 0xf0 ? 0x90 : 0x80;
    unsigned char highest = lead == 0xed ? 0x9f : lead == 0xf4 ? 0x8f : 0xbf;
    if (second < lowest || second > highest || left < 3 || !is_continuation(at[2])) {
        return 0;
    }
    if (lead < 0xf0) {
        return 3;
    }
    return left >= 4 && is_continuation(at[3]) ? 4 : 0;
}

size_t str_utf8_len(struct str s)
{
    REQUIRE(s.data != NULL || s.len == 0);
    const unsigned char *bytes = (const unsigned char *)s.data;
    size_t at = 0;
    while (at < s.len) {
        /* Nearly everything is ASCII: eight bytes at a step, until one of them is not. */
        uint64_t word;
        while (s.len - at >= sizeof word) {
            memcpy(&word, bytes + at, sizeof word);
            if ((word & HIGH_BITS) != 0) {
                break;
            }
            at += sizeof word;
        }
        while (at < s.len && bytes[at] < 0x80) {
            at++;
        }
        while (at < s.len && bytes[at] >= 0x80) {
            size_t len = sequence_len(bytes + at, s.len - at);
            if (len == 0) {
                return at;
            }
            at += len;
        }
    }
    return at;
}

bool str_is_utf8(struct str s)
{
    return str_utf8_len(s) == s.len;
}

struct str str_prefix_utf8(struct str s, size_t bytes_max)
{
    if (s.len <= bytes_max) {
        return s;
    }
    /* Back to the lead byte of a sequence that crosses the cut. In text that is no UTF-8 at all
     * this gives up after three bytes rather than walk back to the start. */
    size_t len = bytes_max;
    for (int back = 0; back < 3 && len > 0 && is_continuation((unsigned char)s.data[len]); back++) {
        len--;
    }
    if (is_continuation((unsigned char)s.data[len])) {
        len = bytes_max;
    }
    return (struct str){s.data, len};
}
