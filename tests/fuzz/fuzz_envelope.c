/* Any proven body: it has an envelope whose texts keep their bounds, and what may be decoded is
 * decoded or refused, the same way each time. */
#include "base/check.h"
#include "base/limits.h"
#include "provider/stripe/stripe.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

#define ARENA_BYTES ((size_t)128 * 1024 * 1024)
#define SMALL_ARENA_BYTES 4096

static void check_text(struct str text, size_t bytes_max)
{
    INVARIANT(text.len <= bytes_max);
    INVARIANT(str_is_utf8(text));
    INVARIANT(text.len == 0 || memchr(text.data, '\0', text.len) == NULL);
}

static void check_envelope(const struct envelope *envelope)
{
    INVARIANT(envelope->event_id.len > 0);
    check_text(envelope->event_id, LIMIT_PROVIDER_ID_BYTES);
    check_text(envelope->type, LIMIT_EVENT_TYPE_BYTES);
    check_text(envelope->api_version, LIMIT_PROVIDER_ID_BYTES);
    check_text(envelope->account, LIMIT_PROVIDER_ID_BYTES);
    check_text(envelope->subject, LIMIT_PROVIDER_ID_BYTES);
    INVARIANT(envelope->occurred_at_us >= 0);
    INVARIANT(envelope->reason < REASON_COUNT);
    INVARIANT(envelope->reason != REASON_NONE || envelope->type.len > 0);
}

static void check_decoding(const struct envelope *envelope, struct str body, struct arena *arena)
{
    struct stored_event event = {body, envelope->type, envelope->occurred_at_us};
    struct notice_list one = {0};
    struct notice_list two = {0};
    struct err_info info = {""};
    enum err err = stripe_provider.decode(&event, arena, &one, &info);
    enum err again = stripe_provider.decode(&event, arena, &two, NULL);
    INVARIANT(err == again);
    INVARIANT(err == ERR_OK || strlen(info.text) > 0);
    INVARIANT(one.count == two.count && one.reason == two.reason);
    (void)stripe_provider.follows(body, body, arena);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct str body = {(const char *)data, size};
    CLEANUP(arena_free) struct arena *arena = arena_new(ARENA_BYTES);
    INVARIANT(arena != NULL);
    struct envelope envelope;
    enum err err = stripe_envelope_read(body, false, arena, &envelope);
    INVARIANT(err == ERR_OK);
    check_envelope(&envelope);
    check_decoding(&envelope, body, arena);

    CLEANUP(arena_free) struct arena *small = arena_new(SMALL_ARENA_BYTES);
    INVARIANT(small != NULL);
    err = stripe_envelope_read(body, true, small, &envelope);
    INVARIANT(err == ERR_OK || err == ERR_BUSY);
    return 0;
}
