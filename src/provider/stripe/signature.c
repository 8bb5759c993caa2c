#include "base/check.h"
#include "base/digest.h"
#include "base/limits.h"
#include "provider/stripe/stripe.h"
#include <inttypes.h>
#include <stdio.h>

/* The last second of the year 9999: every time that gets in can be written and
 * counted in microseconds. */
#define LAST_SECOND INT64_C(253402300799)

#define HEX_BYTES ((size_t)2 * SHA256_BYTES)
#define SIGNED_PREFIX_BYTES 24 /* the digits of t, the dot, the NUL */

struct header {
    struct str at;  /* as it was signed */
    uint32_t count; /* usable v1 values, as many as are looked at */
    struct str signatures[LIMIT_SIGNATURES];
};

/* Canonical only: the official SDKs parse `t` and sign what their language prints for it, so that
 * "01492774577" would prove a body signed at 1492774577. One time has one text here. */
static bool parse_time(struct str text, int64_t *ret_at_s)
{
    if (text.len == 0 || text.len > 12 || (text.data[0] == '0' && text.len > 1)) {
        return false;
    }
    int64_t at_s = 0;
    for (size_t i = 0; i < text.len; i++) {
        if (text.data[i] < '0' || text.data[i] > '9') {
            return false;
        }
        at_s = at_s * 10 + (text.data[i] - '0');
    }
    if (at_s > LAST_SECOND) {
        return false;
    }
    *ret_at_s = at_s;
    return true;
}

/* Lower case only, as the SDK compares text. */
static bool is_signature(struct str text)
{
    if (text.len != HEX_BYTES) {
        return false;
    }
    for (size_t i = 0; i < text.len; i++) {
        char c = text.data[i];
        if (!((c >= '0' && c <= '9') || (c >= 'a' && c <= 'f'))) {
            return false;
        }
    }
    return true;
}

/* Items are cut at commas and nothing is trimmed, as the SDK does; the last t wins; schemes other
 * than v1 are not looked at, lest a weaker one be accepted in its place. */
static void split_header(struct str text, struct header *header)
{
    header->at = STR_NONE;
    header->count = 0;
    while (text.len > 0) {
        struct str value = str_cut(&text, ',');
        struct str name = str_cut(&value, '=');
        if (str_eq(name, STR("t"))) {
            header->at = value;
        } else if (str_eq(name, STR("v1")) && is_signature(value) &&
                   header->count < LIMIT_SIGNATURES) {
            header->signatures[header->count++] = value;
        }
    }
}

static void expected_signature(
    struct str secret, int64_t at_s, struct str body, char to[static HEX_BYTES])
{
    char prefix[SIGNED_PREFIX_BYTES];
    int len = snprintf(prefix, sizeof prefix, "%" PRId64 ".", at_s);
    ENSURE(len > 1 && (size_t)len < sizeof prefix);
    uint8_t digest[SHA256_BYTES];
    hmac_sha256(secret, (struct str){prefix, (size_t)len}, body, digest);
    hex_encode(to, digest, sizeof digest);
    bytes_wipe(digest, sizeof digest);
}

/* Which value matched, or that the first one did not, is no secret; how far one matched is. */
static bool any_matches(const struct header *header, const char expected[static HEX_BYTES])
{
    bool matches = false;
    for (uint32_t i = 0; i < header->count; i++) {
        matches |= bytes_equal_constant_time(header->signatures[i].data, expected, HEX_BYTES);
    }
    return matches;
}

static enum err unproven(struct stripe_signature_verdict *ret, enum unproven why)
{
    ret->unproven = why;
    return ERR_UNPROVEN;
}

enum err stripe_signature_verify(struct str header_text,
    struct str body,
    const struct str *secrets,
    uint32_t secret_count,
    int64_t now_s,
    int64_t tolerance_s,
    struct stripe_signature_verdict *ret)
{
    REQUIRE(secrets != NULL || secret_count == 0);
    REQUIRE(tolerance_s >= 0);
    REQUIRE(ret != NULL);

    if (header_text.len == 0) {
        return unproven(ret, UNPROVEN_NO_HEADER);
    }
    if (body.len == 0) {
        return unproven(ret, UNPROVEN_EMPTY_BODY);
    }
    struct header header;
    if (header_text.len > LIMIT_SIGNATURE_BYTES) {
        return unproven(ret, UNPROVEN_HEADER_MALFORMED);
    }
    split_header(header_text, &header);
    int64_t at_s = 0;
    if (!parse_time(header.at, &at_s)) {
        return unproven(ret, UNPROVEN_HEADER_MALFORMED);
    }
    if (header.count == 0) {
        return unproven(ret, UNPROVEN_NO_SIGNATURE);
    }

    for (uint32_t i = 0; i < secret_count; i++) {
        if (str_trim(secrets[i]).len == 0) {
            continue; /* anybody can sign with a blank key */
        }
        char expected[HEX_BYTES];
        expected_signature(secrets[i], at_s, body, expected);
        bool matches = any_matches(&header, expected);
        bytes_wipe(expected, sizeof expected);
        if (matches) {
            /* Age comes after proof: a sender without a secret learns nothing
             * about our clock. The future is let through, because a clock of ours
             * that lags must not lose events. */
            if (tolerance_s > 0 && now_s - at_s > tolerance_s) {
                return unproven(ret, UNPROVEN_TOO_OLD);
            }
            ret->at_s = at_s;
            ret->secret_index = i;
            return ERR_OK;
        }
    }
    return unproven(ret, UNPROVEN_NO_MATCH);
}

void stripe_sign(
    struct str secret, int64_t at_s, struct str body, char to[static STRIPE_SIGNATURE_TEXT_BYTES])
{
    REQUIRE(secret.len > 0);
    REQUIRE(at_s >= 0 && at_s <= LAST_SECOND);
    char signature[HEX_BYTES];
    expected_signature(secret, at_s, body, signature);
    int len = snprintf(to, STRIPE_SIGNATURE_TEXT_BYTES, "t=%" PRId64 ",v1=%.*s", at_s,
        (int)sizeof signature, signature);
    ENSURE(len > 0 && len < STRIPE_SIGNATURE_TEXT_BYTES);
}
