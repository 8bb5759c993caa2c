#include "provider/plain/plain.h"
#include "base/check.h"
#include "base/digest.h"
#include "base/limits.h"
#include "base/timestamp.h"
#include "provider/plain/decode.h"
#include "provider/plain/lines.h"
#include <stdio.h>

#define SCHEME STR("HMAC-SHA256")
#define HEX_BYTES ((size_t)2 * SHA256_BYTES)
#define SKEW_US (5 * US_PER_SECOND)

/* --- proof --- */

static void expected_signature(
    struct str secret, struct str at, struct str body, char to[static HEX_BYTES])
{
    char first[TIMESTAMP_TEXT_BYTES + 1];
    ENSURE(at.len < TIMESTAMP_TEXT_BYTES);
    int len = snprintf(first, sizeof first, STR_FMT "\n", STR_ARG(at));
    uint8_t digest[SHA256_BYTES];
    hmac_sha256(secret, (struct str){first, (size_t)len}, body, digest);
    hex_encode(to, digest, sizeof digest);
    bytes_wipe(digest, sizeof digest);
}

void plain_sign(
    struct str secret, int64_t at_s, struct str body, char to[static PLAIN_SIGNATURE_TEXT_BYTES])
{
    char at[TIMESTAMP_TEXT_BYTES];
    char signature[HEX_BYTES];
    timestamp_format(at_s * US_PER_SECOND, at);
    expected_signature(secret, str_from(at), body, signature);
    int len = snprintf(to, PLAIN_SIGNATURE_TEXT_BYTES, STR_FMT " %s " STR_FMT, STR_ARG(SCHEME), at,
        (int)sizeof signature, signature);
    ENSURE(len > 0 && len < PLAIN_SIGNATURE_TEXT_BYTES);
}

struct header {
    struct str at, signature;
    int64_t at_us;
};

static bool read_header(struct str text, struct header *ret)
{
    struct header header = {.signature = text};
    struct str scheme = str_cut(&header.signature, ' ');
    header.at = str_cut(&header.signature, ' ');
    if (!str_eq(scheme, SCHEME) || header.at.len >= TIMESTAMP_TEXT_BYTES ||
        timestamp_parse(header.at, &header.at_us) != ERR_OK) {
        return false;
    }
    *ret = header;
    return true;
}

static bool is_proven(const struct provider_account *account,
    const struct header *header,
    struct str body,
    uint32_t *ret_index)
{
    for (uint32_t i = 0; i < account->secret_count; i++) {
        if (str_trim(account->secrets[i]).len == 0 || header->signature.len != HEX_BYTES) {
            continue;
        }
        char expected[HEX_BYTES];
        expected_signature(account->secrets[i], header->at, body, expected);
        bool matches = bytes_equal_constant_time(expected, header->signature.data, HEX_BYTES);
        bytes_wipe(expected, sizeof expected);
        if (matches) {
            *ret_index = i;
            return true;
        }
    }
    return false;
}

/* --- envelope --- */

/* The newest time in it; and whom it is about, when that is one object alone. */
static void read_outside(struct str text, const struct plain_head *head, struct envelope *envelope)
{
    for (int64_t i = 0; i < head->count && i < LIMIT_NOTICES; i++) {
        struct plain_line line;
        int64_t at_us = 0;
        if (plain_line_read(&text, &line) != ERR_OK) {
            return; /* decode says which */
        }
        if (timestamp_parse(line.at, &at_us) == ERR_OK && at_us > envelope->occurred_at_us) {
            envelope->occurred_at_us = at_us;
        }
        envelope->subject = head->count == 1 ? line.id : STR_NONE;
    }
}

static enum reason read_body(struct str body, bool account_is_live, struct envelope *envelope)
{
    struct plain_head head;
    if (!str_is_utf8(body)) {
        return REASON_NOT_UTF8;
    }
    if (!plain_is_text(body) || plain_head_read(&body, &head) != ERR_OK) {
        return REASON_NOT_AN_EVENT;
    }
    envelope->api_version = head.version;
    envelope->live = head.live;
    read_outside(body, &head, envelope);
    return head.live == account_is_live ? REASON_NONE : REASON_WRONG_ENVIRONMENT;
}

/* There are no event ids: the bytes themselves are what makes a duplicate. */
static enum err make_event_id(struct arena *arena, struct envelope *envelope)
{
    char *text = arena_alloc_unzeroed(arena, sizeof "sha256:" + HEX_BYTES);
    if (text == NULL) {
        return ERR_BUSY;
    }
    memcpy(text, "sha256:", sizeof "sha256:");
    hex_encode(text + sizeof "sha256:" - 1, envelope->content_sha256, SHA256_BYTES);
    envelope->event_id = (struct str){text, sizeof "sha256:" - 1 + HEX_BYTES};
    return ERR_OK;
}

static enum err unproven(enum unproven *ret, enum unproven why)
{
    *ret = why;
    return ERR_UNPROVEN;
}

static enum err verify(const struct provider_account *account,
    const struct message *message,
    int64_t now_us,
    struct arena *arena,
    struct envelope *ret_envelope,
    enum unproven *ret_unproven)
{
    REQUIRE(account != NULL && message != NULL && arena != NULL);
    REQUIRE(ret_envelope != NULL && ret_unproven != NULL);
    struct header header;
    uint32_t secret_index = 0;
    if (message->signature.len == 0) {
        return unproven(ret_unproven, UNPROVEN_NO_HEADER);
    }
    if (message->body.len == 0) {
        return unproven(ret_unproven, UNPROVEN_EMPTY_BODY);
    }
    if (message->signature_repeated || !read_header(message->signature, &header)) {
        return unproven(ret_unproven, UNPROVEN_HEADER_MALFORMED);
    }
    if (!is_proven(account, &header, message->body, &secret_index)) {
        return unproven(ret_unproven, UNPROVEN_NO_MATCH);
    }
    if (now_us - header.at_us > PLAIN_TOLERANCE_S * US_PER_SECOND) {
        return unproven(ret_unproven, UNPROVEN_TOO_OLD);
    }
    struct envelope envelope = {.type = STR("notifications"),
        .live = account->live,
        .proof_at_us = header.at_us,
        .clock_skewed = header.at_us - now_us > SKEW_US,
        .secret_index = secret_index};
    sha256(message->body, envelope.body_sha256);
    memcpy(envelope.content_sha256, envelope.body_sha256, sizeof envelope.content_sha256);
    envelope.reason = read_body(message->body, account->live, &envelope);
    TRY(make_event_id(arena, &envelope));
    *ret_envelope = envelope;
    return ERR_OK;
}

/* --- order --- */

/* The sequence number has said it all; where two bodies give one number to different words, nothing
 * in them tells which is right. */
static bool follows(struct str later_body, struct str earlier_body, struct arena *arena)
{
    (void)later_body;
    (void)earlier_body;
    REQUIRE(arena != NULL);
    return false;
}

/* Numbers: the longer is the newer. */
static int compare_versions(struct str a, struct str b)
{
    if (a.len != b.len) {
        return a.len > b.len ? 1 : -1;
    }
    return str_compare(a, b);
}

const struct provider_ops plain_provider = {
    .name = "plain",
    .proof_header = "Plain-Proof",
    .verify = verify,
    .decode = plain_decode,
    .follows = follows,
    .api = NULL,
    .compare_versions = compare_versions,
    .newest_version = "1",
};
