#include "base/check.h"
#include "base/digest.h"
#include "base/limits.h"
#include "provider/stripe/decode.h"

/* The dashboard's "send test webhook" always has this id, so it must not be
 * what makes duplicates. */
#define PING_ID STR("evt_00000000000000")
#define PING_HASH_BYTES 16

static enum err make_id(
    struct arena *arena, struct str prefix, const uint8_t *hash, size_t hash_bytes, struct str *ret)
{
    char *text = arena_alloc_unzeroed(arena, prefix.len + 2 * hash_bytes);
    if (text == NULL) {
        return ERR_BUSY;
    }
    memcpy(text, prefix.data, prefix.len);
    hex_encode(text + prefix.len, hash, hash_bytes);
    *ret = (struct str){text, prefix.len + 2 * hash_bytes};
    return ERR_OK;
}

/* Lists are indented deeper than webhooks. In a JSON document a line's end stands between values
 * only, so it and the blanks behind it say nothing. */
static char *add_unindented(char *to, struct str text)
{
    struct str rest = text;
    while (rest.len > 0) {
        struct str line = str_cut(&rest, '\n');
        size_t from = 0;
        while (line.data != text.data && from < line.len && line.data[from] == ' ') {
            from++;
        }
        memcpy(to, line.data + from, line.len - from);
        to += line.len - from;
    }
    return to;
}

/* pending_webhooks counts the endpoints still to answer and differs between deliveries of one
 * event. The number's text lies in the body, so the rest is what stands before and behind it. */
static enum err hash_document(
    struct str body, const struct json *pending, struct arena *arena, struct envelope *envelope)
{
    const char *end = body.data + body.len;
    struct str number = {end, 0};
    if (pending != NULL && pending->kind == JSON_NUMBER) {
        number = pending->text;
    }
    INVARIANT(number.data >= body.data && number.data + number.len <= end);
    size_t at = (size_t)(number.data - body.data);
    if (memchr(body.data, '\n', body.len) == NULL) {
        sha256_without(body, at, number.len, envelope->body_sha256, envelope->content_sha256);
        return ERR_OK;
    }
    char *content = arena_alloc_unzeroed(arena, body.len);
    if (content == NULL) {
        return ERR_BUSY;
    }
    const char *behind = number.data + number.len;
    char *to = add_unindented(content, (struct str){body.data, at});
    to = add_unindented(to, (struct str){behind, (size_t)(end - behind)});
    sha256(body, envelope->body_sha256);
    sha256((struct str){content, (size_t)(to - content)}, envelope->content_sha256);
    return ERR_OK;
}

static void hash_bytes_alone(struct str body, struct envelope *envelope)
{
    sha256(body, envelope->body_sha256);
    memcpy(envelope->content_sha256, envelope->body_sha256, sizeof envelope->content_sha256);
}

static enum reason reason_of(enum json_problem problem)
{
    switch (problem) {
    case JSON_NOT_UTF8:
        return REASON_NOT_UTF8;
    case JSON_TOO_DEEP:
    case JSON_TOO_MANY:
        return REASON_TOO_DEEP;
    case JSON_KEY_TWICE:
        return REASON_KEY_TWICE;
    case JSON_SYNTAX:
        return REASON_NOT_JSON;
    case JSON_FINE:
    case JSON_NO_MEMORY:
    default:
        UNREACHABLE();
    }
}

/* Stripe's own longest are below every bound. What is beyond is left empty and
 * makes the event odd. */
static struct str bounded(struct str text, size_t bytes_max, bool *odd)
{
    if (text.len <= bytes_max) {
        return text;
    }
    *odd = true;
    return STR_NONE;
}

static bool is_account(struct str text)
{
    return str_starts_with(text, STR("acct_")) && text.len <= LIMIT_PROVIDER_ID_BYTES &&
           memchr(text.data, '/', text.len) == NULL;
}

/* A thin event: nothing in it can be decoded, but it is kept under its own id and subject, and may
 * wait for its twin. */
static void read_thin(const struct json *root, bool account_is_live, struct envelope *envelope)
{
    struct stripe_thin thin = {0};
    bool odd = !stripe_fields_read_what_can_be(STRIPE_THIN, root, &thin);
    envelope->event_id = thin.id;
    envelope->type = bounded(thin.type, LIMIT_EVENT_TYPE_BYTES, &odd);
    if (thin.subject.len <= LIMIT_PROVIDER_ID_BYTES) {
        envelope->subject = thin.subject;
    }
    envelope->account = is_account(thin.account) ? thin.account : STR_NONE;
    envelope->occurred_at_us = thin.created.value;
    envelope->live = thin.livemode.said ? thin.livemode.value : account_is_live;
    if (odd) {
        envelope->reason = REASON_ODD_FIELD;
    } else if (envelope->event_id.len == 0) {
        envelope->reason = REASON_NO_EVENT_ID;
    } else if (envelope->live != account_is_live) {
        envelope->reason = REASON_WRONG_ENVIRONMENT;
    } else {
        envelope->reason = envelope->type.len == 0 ? REASON_NO_TYPE : REASON_NONE;
    }
}

static enum reason judge(const struct stripe_event *event,
    const struct envelope *envelope,
    bool odd,
    bool account_is_live)
{
    if (odd) {
        return REASON_ODD_FIELD;
    }
    if (event->id.len == 0) {
        return REASON_NO_EVENT_ID;
    }
    if (event->type.len == 0) {
        return REASON_NO_TYPE;
    }
    if (!event->created.said) {
        return REASON_ODD_FIELD; /* without its second it cannot be put in order */
    }
    if (str_eq(event->id, PING_ID)) {
        return REASON_TEST_PING;
    }
    /* Who does not say that it is live is not: test events must not get into live books. */
    if (envelope->live != account_is_live) {
        return REASON_WRONG_ENVIRONMENT;
    }
    if (event->data_object == NULL || event->data_object->kind != JSON_OBJECT) {
        return REASON_NO_OBJECT;
    }
    return REASON_NONE;
}

static void read_snapshot(
    const struct stripe_event *event, bool odd, bool account_is_live, struct envelope *envelope)
{
    envelope->event_id = event->id;
    envelope->type = bounded(event->type, LIMIT_EVENT_TYPE_BYTES, &odd);
    /* Long names of preview features are cut rather than keep the event from being decoded. */
    envelope->api_version = str_prefix_utf8(event->api_version, LIMIT_PROVIDER_ID_BYTES);
    envelope->account = event->account;
    if (event->subject.len <= LIMIT_PROVIDER_ID_BYTES) {
        envelope->subject = event->subject; /* a longer one is decode's to refuse, by name */
    }
    envelope->occurred_at_us = event->created.value;
    envelope->live = event->livemode.value;
    envelope->reason = judge(event, envelope, odd, account_is_live);
}

/* Reads the root; *ret_pending is the value that content_sha256 leaves out. */
static void read_root(const struct json *root,
    bool account_is_live,
    struct envelope *envelope,
    const struct json **ret_pending)
{
    if (root->kind != JSON_OBJECT) {
        envelope->reason = REASON_NOT_AN_EVENT;
        return;
    }
    struct stripe_event event = {0};
    bool odd = !stripe_fields_read_what_can_be(STRIPE_EVENT, root, &event);
    *ret_pending = event.pending_webhooks;
    if (str_eq(event.object, str_from(stripe_object_word(STRIPE_THIN)))) {
        read_thin(root, account_is_live, envelope);
    } else if (str_eq(event.object, str_from(stripe_object_word(STRIPE_EVENT)))) {
        read_snapshot(&event, odd, account_is_live, envelope);
    } else {
        envelope->reason = REASON_NOT_AN_EVENT;
    }
}

enum err stripe_envelope_read(
    struct str body, bool account_is_live, struct arena *arena, struct envelope *ret)
{
    REQUIRE(arena != NULL);
    REQUIRE(ret != NULL);
    struct envelope envelope = {.live = account_is_live, .reason = REASON_NONE};
    struct json_document document;
    enum err err = json_parse(body, arena, &document);
    if (err == ERR_TOO_LARGE) {
        return ERR_BUSY;
    }
    const struct json *pending = NULL;
    if (err != ERR_OK) {
        envelope.reason = reason_of(document.problem);
        hash_bytes_alone(body, &envelope);
    } else {
        envelope.text_replaced = document.replaced > 0;
        read_root(document.root, account_is_live, &envelope, &pending);
        TRY(hash_document(body, pending, arena, &envelope));
    }

    if (envelope.event_id.len == 0) {
        TRY(make_id(
            arena, STR("sha256:"), envelope.content_sha256, SHA256_BYTES, &envelope.event_id));
    } else if (str_eq(envelope.event_id, PING_ID)) {
        TRY(make_id(arena, STR("evt_00000000000000#"), envelope.content_sha256, PING_HASH_BYTES,
            &envelope.event_id));
    }
    ENSURE(envelope.event_id.len > 0 && envelope.event_id.len <= LIMIT_PROVIDER_ID_BYTES);
    *ret = envelope;
    return ERR_OK;
}
