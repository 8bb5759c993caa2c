/* The outside of a proven body: whatever it is, there is an envelope, and a
 * reason where it is odd. */
#include "base/digest.h"
#include "samples.h"

#define NO_ID NULL /* the row's event id is "sha256:<content hash>" */

/* An event of a test account with everything in its place, in pieces that rows replace. */
#define EVENT(id, rest) "{\"id\":" id ",\"object\":\"event\"," rest "}"
#define REST "\"type\":\"customer.created\",\"created\":1700000000,\"livemode\":false"
#define DATA "\"data\":{\"object\":{\"id\":\"cus_1\",\"object\":\"customer\"}}"

static const struct envelope_row {
    const char *name;
    const char *body;
    const char *event_id;
    enum reason reason;
} rows[] = {
    {"as it should be", EVENT("\"evt_1\"", REST "," DATA), "evt_1", REASON_NONE},
    {"no JSON", "hello", NO_ID, REASON_NOT_JSON},
    {"nothing but blanks", "  \n", NO_ID, REASON_NOT_JSON},
    {"form fields", "id=evt_1&type=charge.succeeded", NO_ID, REASON_NOT_JSON},
    {"cut in the middle", "{\"id\":\"evt_1\",\"obj", NO_ID, REASON_NOT_JSON},
    {"bytes behind the value", EVENT("\"evt_1\"", REST "," DATA) "x", NO_ID, REASON_NOT_JSON},
    {"two values", EVENT("\"evt_1\"", REST "," DATA) "{}", NO_ID, REASON_NOT_JSON},
    {"a comment", "/* */" EVENT("\"evt_1\"", REST "," DATA), NO_ID, REASON_NOT_JSON},
    {"a leading zero", EVENT("\"evt_1\"", "\"created\":017"), NO_ID, REASON_NOT_JSON},
    {"not UTF-8", EVENT("\"evt_\xff\"", REST "," DATA), NO_ID, REASON_NOT_UTF8},
    {"an overlong slash", EVENT("\"evt_\xc0\xaf\"", REST "," DATA), NO_ID, REASON_NOT_UTF8},
    {"a surrogate in UTF-8", EVENT("\"evt_\xed\xa0\x80\"", REST "," DATA), NO_ID, REASON_NOT_UTF8},
    {"a key twice", EVENT("\"evt_1\"", REST ",\"id\":\"evt_2\"," DATA), NO_ID, REASON_KEY_TWICE},
    {"a key twice, inside", EVENT("\"evt_1\"", REST ",\"data\":{\"object\":{\"a\":1,\"a\":1}}"),
        NO_ID, REASON_KEY_TWICE},
    {"an array", "[]", NO_ID, REASON_NOT_AN_EVENT},
    {"a text", "\"evt_1\"", NO_ID, REASON_NOT_AN_EVENT},
    {"a number", "1", NO_ID, REASON_NOT_AN_EVENT},
    {"null", "null", NO_ID, REASON_NOT_AN_EVENT},
    {"an empty object", "{}", NO_ID, REASON_NOT_AN_EVENT},
    {"a charge", "{\"id\":\"ch_1\",\"object\":\"charge\"}", NO_ID, REASON_NOT_AN_EVENT},
    {"object is a number", "{\"id\":\"evt_1\",\"object\":5}", NO_ID, REASON_NOT_AN_EVENT},
    {"no id", "{\"object\":\"event\"," REST "," DATA "}", NO_ID, REASON_NO_EVENT_ID},
    {"id null", EVENT("null", REST "," DATA), NO_ID, REASON_NO_EVENT_ID},
    {"id empty", EVENT("\"\"", REST "," DATA), NO_ID, REASON_ODD_FIELD},
    {"id a number", EVENT("7", REST "," DATA), NO_ID, REASON_ODD_FIELD},
    {"id an object", EVENT("{\"id\":\"evt_1\"}", REST "," DATA), NO_ID, REASON_ODD_FIELD},
    {"no type", EVENT("\"evt_1\"", "\"created\":1,\"livemode\":false," DATA), "evt_1",
        REASON_NO_TYPE},
    {"type null", EVENT("\"evt_1\"", "\"type\":null,\"created\":1,\"livemode\":false," DATA),
        "evt_1", REASON_NO_TYPE},
    {"type empty", EVENT("\"evt_1\"", "\"type\":\"\",\"created\":1,\"livemode\":false," DATA),
        "evt_1", REASON_NO_TYPE},
    {"type a number", EVENT("\"evt_1\"", "\"type\":3,\"created\":1,\"livemode\":false," DATA),
        "evt_1", REASON_ODD_FIELD},
    {"no created", EVENT("\"evt_1\"", "\"type\":\"a.b\",\"livemode\":false," DATA), "evt_1",
        REASON_ODD_FIELD},
    {"created as text",
        EVENT("\"evt_1\"", "\"type\":\"a.b\",\"created\":\"1\",\"livemode\":false," DATA), "evt_1",
        REASON_ODD_FIELD},
    {"created 1e400",
        EVENT("\"evt_1\"", "\"type\":\"a.b\",\"created\":1e400,\"livemode\":false," DATA), "evt_1",
        REASON_ODD_FIELD},
    {"created with a fraction",
        EVENT("\"evt_1\"", "\"type\":\"a.b\",\"created\":1.5,\"livemode\":false," DATA), "evt_1",
        REASON_ODD_FIELD},
    {"created beyond 64 bits",
        EVENT("\"evt_1\"",
            "\"type\":\"a.b\",\"created\":9223372036854775808,\"livemode\":false," DATA),
        "evt_1", REASON_ODD_FIELD},
    {"created negative",
        EVENT("\"evt_1\"", "\"type\":\"a.b\",\"created\":-1,\"livemode\":false," DATA), "evt_1",
        REASON_ODD_FIELD},
    {"created in the year 10000",
        EVENT("\"evt_1\"", "\"type\":\"a.b\",\"created\":253402300800,\"livemode\":false," DATA),
        "evt_1", REASON_ODD_FIELD},
    {"created in a far future",
        EVENT("\"evt_1\"", "\"type\":\"a.b\",\"created\":253402300799,\"livemode\":false," DATA),
        "evt_1", REASON_NONE},
    {"created in 1970",
        EVENT("\"evt_1\"", "\"type\":\"a.b\",\"created\":0,\"livemode\":false," DATA), "evt_1",
        REASON_NONE},
    {"account a number", EVENT("\"evt_1\"", REST ",\"account\":1," DATA), "evt_1",
        REASON_ODD_FIELD},
    {"api_version a number", EVENT("\"evt_1\"", REST ",\"api_version\":2," DATA), "evt_1",
        REASON_ODD_FIELD},
    {"livemode as text",
        EVENT("\"evt_1\"", "\"type\":\"a.b\",\"created\":1,\"livemode\":\"false\"," DATA), "evt_1",
        REASON_ODD_FIELD},
    {"live event at a test endpoint",
        EVENT("\"evt_1\"", "\"type\":\"a.b\",\"created\":1,\"livemode\":true," DATA), "evt_1",
        REASON_WRONG_ENVIRONMENT},
    {"does not say whether it is live", EVENT("\"evt_1\"", "\"type\":\"a.b\",\"created\":1," DATA),
        "evt_1", REASON_NONE},
    {"its object says that it is live",
        EVENT("\"evt_1\"",
            "\"type\":\"a.b\",\"created\":1,\"data\":{\"object\":{\"livemode\":true}}"),
        "evt_1", REASON_WRONG_ENVIRONMENT},
    {"no data", EVENT("\"evt_1\"", REST), "evt_1", REASON_NO_OBJECT},
    {"data null", EVENT("\"evt_1\"", REST ",\"data\":null"), "evt_1", REASON_NO_OBJECT},
    {"data a list", EVENT("\"evt_1\"", REST ",\"data\":[{}]"), "evt_1", REASON_NO_OBJECT},
    {"data.object null", EVENT("\"evt_1\"", REST ",\"data\":{\"object\":null}"), "evt_1",
        REASON_NO_OBJECT},
    {"data.object an id", EVENT("\"evt_1\"", REST ",\"data\":{\"object\":\"cus_1\"}"), "evt_1",
        REASON_NO_OBJECT},
    {"data.object without an id, like invoice.upcoming",
        EVENT("\"evt_1\"", REST ",\"data\":{\"object\":{}}"), "evt_1", REASON_NONE},
    {"thin",
        "{\"id\":\"evt_1\",\"object\":\"v2.core.event\",\"type\":\"v1.charge.failed\","
        "\"created\":\"2022-02-15T00:27:45.330Z\",\"livemode\":false}",
        "evt_1", REASON_NONE},
    {"thin, says nothing of its environment",
        "{\"id\":\"evt_1\",\"object\":\"v2.core.event\",\"type\":\"v1.charge.failed\","
        "\"created\":\"2022-02-15T00:27:45.330Z\"}",
        "evt_1", REASON_NONE},
    {"thin, of no type",
        "{\"id\":\"evt_1\",\"object\":\"v2.core.event\",\"created\":\"2022-02-15T00:27:45.330Z\"}",
        "evt_1", REASON_NO_TYPE},
    {"thin and live at a test endpoint",
        "{\"id\":\"evt_1\",\"object\":\"v2.core.event\",\"livemode\":true}", "evt_1",
        REASON_WRONG_ENVIRONMENT},
    {"thin with a number as its time",
        "{\"id\":\"evt_1\",\"object\":\"v2.core.event\",\"created\":1700000000}", "evt_1",
        REASON_ODD_FIELD},
    {"thin without an id", "{\"object\":\"v2.core.event\"}", NO_ID, REASON_NO_EVENT_ID},
};

static struct envelope envelope_of(const char *body, bool live, struct arena *arena)
{
    struct envelope envelope;
    assert_err(stripe_envelope_read(str_from(body), live, arena, &envelope), ERR_OK);
    return envelope;
}

static void each_body_has_its_envelope(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        const struct envelope_row *row = &rows[i];
        CLEANUP(arena_free) struct arena *arena = arena_new(ARENA_BYTES);
        struct envelope envelope = envelope_of(row->body, false, arena);
        if (envelope.reason != row->reason) {
            print_error("%s: reason %s\n", row->name, reason_word(envelope.reason));
        }
        assert_row(envelope.reason == row->reason, row->name);
        char expected[7 + 64 + 1] = "sha256:";
        hex_encode(expected + 7, envelope.content_sha256, SHA256_BYTES);
        assert_strs_equal(
            envelope.event_id, str_from(row->event_id != NO_ID ? row->event_id : expected));
    }
}

static void every_part_of_a_good_event_is_read(void **state)
{
    (void)state;
    CLEANUP(arena_free) struct arena *arena = arena_new(ARENA_BYTES);
    struct envelope envelope =
        envelope_of("{\"id\":\"evt_9\",\"object\":\"event\",\"account\":\"acct_9\",\"api_version\":"
                    "\"2025-03-31.basil\","
                    "\"created\":1700000000,\"livemode\":true,\"pending_webhooks\":2,\"type\":"
                    "\"charge.failed\","
                    "\"data\":{\"object\":{\"id\":\"ch_9\",\"object\":\"charge\"}}}",
            true, arena);
    assert_int_equal(envelope.reason, REASON_NONE);
    assert_str_equal_to(envelope.event_id, "evt_9");
    assert_str_equal_to(envelope.type, "charge.failed");
    assert_str_equal_to(envelope.api_version, "2025-03-31.basil");
    assert_str_equal_to(envelope.account, "acct_9");
    assert_str_equal_to(envelope.subject, "ch_9");
    assert_int64_equal(envelope.occurred_at_us, INT64_C(1700000000) * US_PER_SECOND);
    assert_true(envelope.live);
    assert_false(envelope.text_replaced);
    assert_false(envelope.clock_skewed);
}

static void the_connected_account_was_once_called_user_id(void **state)
{
    (void)state;
    CLEANUP(arena_free) struct arena *arena = arena_new(ARENA_BYTES);
    struct envelope envelope =
        envelope_of(EVENT("\"evt_1\"", REST ",\"user_id\":\"acct_old\"," DATA), false, arena);
    assert_str_equal_to(envelope.account, "acct_old");
    envelope = envelope_of(
        EVENT("\"evt_1\"", REST ",\"account\":\"acct_new\",\"user_id\":\"acct_old\"," DATA), false,
        arena);
    assert_str_equal_to(envelope.account, "acct_new");
}

static void who_does_not_say_that_it_is_live_is_not(void **state)
{
    (void)state;
    CLEANUP(arena_free) struct arena *arena = arena_new(ARENA_BYTES);
    struct envelope envelope =
        envelope_of(EVENT("\"evt_1\"", "\"type\":\"a.b\",\"created\":1," DATA), true, arena);
    assert_int_equal(envelope.reason, REASON_WRONG_ENVIRONMENT);
    assert_false(envelope.live);
}

static void a_thin_event_is_kept_under_its_own_id_and_subject(void **state)
{
    (void)state;
    CLEANUP(arena_free) struct arena *arena = arena_new(ARENA_BYTES);
    struct envelope envelope = envelope_of(
        "{\"id\":\"evt_t\",\"object\":\"v2.core.event\",\"type\":\"v1.charge.failed\",\"livemode\":"
        "true,\"context\":\"acct_1\","
        "\"created\":\"2022-02-15T00:27:45.330Z\",\"snapshot_event\":\"evt_s\","
        "\"related_object\":{\"id\":\"ch_1\",\"type\":\"charge\",\"url\":\"/v1/charges/ch_1\"}}",
        true, arena);
    assert_int_equal(envelope.reason, REASON_NONE);
    assert_str_equal_to(envelope.account, "acct_1");
    assert_str_equal_to(envelope.event_id, "evt_t");
    assert_str_equal_to(envelope.type, "v1.charge.failed");
    assert_str_equal_to(envelope.subject, "ch_1");
    assert_int64_equal(envelope.occurred_at_us, INT64_C(1644884865330000));
}

/* The dashboard sends its test event always under one id: each shall be seen. */
static void test_pings_differ_by_their_content(void **state)
{
    (void)state;
    CLEANUP(arena_free) struct arena *arena = arena_new(ARENA_BYTES);
    struct envelope one = envelope_of(EVENT("\"evt_00000000000000\"", REST "," DATA), false, arena);
    struct envelope two =
        envelope_of(EVENT("\"evt_00000000000000\"", REST ",\"x\":1," DATA), true, arena);
    char expected[19 + 32 + 1] = "evt_00000000000000#";
    hex_encode(expected + 19, one.content_sha256, 16);
    assert_str_equal_to(one.event_id, expected);
    assert_false(str_eq(one.event_id, two.event_id));
    assert_int_equal(one.reason, REASON_TEST_PING);
    assert_int_equal(two.reason, REASON_TEST_PING);
}

static void an_id_may_have_255_bytes_and_no_more(void **state)
{
    (void)state;
    CLEANUP(arena_free) struct arena *arena = arena_new(ARENA_BYTES);
    for (int len = 255; len <= 256; len++) {
        char id[257];
        memset(id, 'e', sizeof id);
        char body[1024];
        (void)snprintf(body, sizeof body, EVENT("\"%.*s\"", REST "," DATA), len, id);
        struct envelope envelope = envelope_of(body, false, arena);
        assert_int_equal(envelope.reason, len == 255 ? REASON_NONE : REASON_ODD_FIELD);
        assert_int_equal(
            envelope.event_id.len, len == 255 ? 255 : strlen("sha256:") + (size_t)2 * SHA256_BYTES);
    }
}

static void texts_beyond_their_bounds_are_not_passed_on(void **state)
{
    (void)state;
    CLEANUP(arena_free) struct arena *arena = arena_new(ARENA_BYTES);
    char long_text[301];
    memset(long_text, 'x', 300);
    long_text[300] = '\0';
    char body[2048];
    (void)snprintf(body, sizeof body,
        EVENT("\"evt_1\"", "\"type\":\"%s\",\"created\":1,\"livemode\":false," DATA), long_text);
    struct envelope envelope = envelope_of(body, false, arena);
    assert_int_equal(envelope.reason, REASON_ODD_FIELD);
    assert_str_equal_to(envelope.type, NULL);

    (void)snprintf(
        body, sizeof body, EVENT("\"evt_1\"", REST ",\"api_version\":\"%s\"," DATA), long_text);
    envelope = envelope_of(body, false, arena);
    assert_int_equal(envelope.reason, REASON_NONE);
    assert_int_equal(envelope.api_version.len, LIMIT_PROVIDER_ID_BYTES);

    (void)snprintf(
        body, sizeof body, EVENT("\"evt_1\"", REST ",\"account\":\"%s\"," DATA), long_text);
    envelope = envelope_of(body, false, arena);
    assert_int_equal(envelope.reason, REASON_ODD_FIELD);
    assert_str_equal_to(envelope.account, NULL);

    (void)snprintf(body, sizeof body,
        EVENT("\"evt_1\"", REST ",\"data\":{\"object\":{\"id\":\"%s\"}}"), long_text);
    envelope = envelope_of(body, false, arena);
    assert_int_equal(envelope.reason, REASON_NONE); /* decode refuses it by name */
    assert_str_equal_to(envelope.subject, NULL);
}

static void ten_thousand_levels_are_too_deep(void **state)
{
    (void)state;
    CLEANUP(arena_free) struct arena *arena = arena_new(ARENA_BYTES);
    struct buf body;
    buf_init(&body, 1 << 20);
    for (int i = 0; i < 10000; i++) {
        buf_add(&body, STR("{\"a\":"));
    }
    buf_add_char(&body, '1');
    for (int i = 0; i < 10000; i++) {
        buf_add_char(&body, '}');
    }
    struct envelope envelope;
    assert_err(stripe_envelope_read(buf_str(&body), false, arena, &envelope), ERR_OK);
    assert_int_equal(envelope.reason, REASON_TOO_DEEP);
    buf_fini(&body);
}

static void a_million_values_are_too_many(void **state)
{
    (void)state;
    CLEANUP(arena_free) struct arena *arena = arena_new(ARENA_BYTES);
    struct buf body;
    buf_init(&body, LIMIT_BODY_BYTES);
    buf_add(&body, STR("{\"id\":\"evt_1\",\"object\":\"event\",\"a\":[0"));
    while (body.len < LIMIT_BODY_BYTES - 4) {
        buf_add(&body, STR(",0"));
    }
    buf_add(&body, STR("]}"));
    assert_false(body.failed);
    struct envelope envelope;
    assert_err(stripe_envelope_read(buf_str(&body), false, arena, &envelope), ERR_OK);
    assert_int_equal(envelope.reason, REASON_TOO_DEEP);
    buf_fini(&body);
}

static void escaped_nuls_and_lone_surrogates_are_replaced_and_said(void **state)
{
    (void)state;
    CLEANUP(arena_free) struct arena *arena = arena_new(ARENA_BYTES);
    static const char *const texts[] = {"\\u0000", "\\ud800", "\\udc00x", "a\\u0000b\\ud83d"};
    for (size_t i = 0; i < sizeof texts / sizeof *texts; i++) {
        char body[512];
        (void)snprintf(body, sizeof body,
            EVENT("\"evt_1\"",
                REST ",\"data\":{\"object\":{\"id\":\"cus_1\",\"metadata\":{\"note\":\"%s\"}}}"),
            texts[i]);
        struct envelope envelope = envelope_of(body, false, arena);
        assert_row(envelope.reason == REASON_NONE, texts[i]);
        assert_row(envelope.text_replaced, texts[i]);
    }
    struct envelope envelope = envelope_of(EVENT("\"evt_\\u0000\"", REST "," DATA), false, arena);
    assert_str_equal_to(envelope.event_id, "evt_\xef\xbf\xbd");
    assert_true(envelope.text_replaced);
}

static void a_surrogate_pair_is_one_character(void **state)
{
    (void)state;
    CLEANUP(arena_free) struct arena *arena = arena_new(ARENA_BYTES);
    struct envelope envelope =
        envelope_of(EVENT("\"evt_\\ud83d\\ude00\"", REST "," DATA), false, arena);
    assert_str_equal_to(envelope.event_id, "evt_\xf0\x9f\x98\x80");
    assert_false(envelope.text_replaced);
}

/* ---- hashes ------------------------------------------------------------------------------ */

static void assert_sha256(const uint8_t *digest, const char *text)
{
    uint8_t expected[SHA256_BYTES];
    sha256(str_from(text), expected);
    assert_memory_equal(digest, expected, SHA256_BYTES);
}

static void the_content_hash_leaves_pending_webhooks_out(void **state)
{
    (void)state;
    CLEANUP(arena_free) struct arena *arena = arena_new(ARENA_BYTES);
    const char *one = EVENT("\"evt_1\"", REST ",\"pending_webhooks\": 1," DATA);
    const char *twelve = EVENT("\"evt_1\"", REST ",\"pending_webhooks\": 12," DATA);
    const char *without = EVENT("\"evt_1\"", REST ",\"pending_webhooks\": ," DATA);
    struct envelope first = envelope_of(one, false, arena);
    struct envelope second = envelope_of(twelve, false, arena);
    assert_sha256(first.body_sha256, one);
    assert_sha256(second.body_sha256, twelve);
    assert_sha256(first.content_sha256, without);
    assert_sha256(second.content_sha256, without);
}

static void what_else_differs_stays_in_the_content_hash(void **state)
{
    (void)state;
    CLEANUP(arena_free) struct arena *arena = arena_new(ARENA_BYTES);
    static const char *const bodies[] = {
        EVENT("\"evt_1\"", REST "," DATA),
        EVENT("\"evt_1\"", REST ",\"pending_webhooks\":\"1\"," DATA),
        EVENT("\"evt_1\"", REST ",\"pending_webhooks\":null," DATA),
        EVENT("\"evt_1\"", REST ",\"data\":{\"object\":{\"pending_webhooks\":1}}"),
        "no JSON at all",
    };
    for (size_t i = 0; i < sizeof bodies / sizeof *bodies; i++) {
        struct envelope envelope = envelope_of(bodies[i], false, arena);
        assert_sha256(envelope.body_sha256, bodies[i]);
        assert_sha256(envelope.content_sha256, bodies[i]);
    }
}

/* As a webhook has it, and as an element of a list: one event. */
static void indentation_makes_no_other_content(void **state)
{
    (void)state;
    CLEANUP(arena_free) struct arena *arena = arena_new(ARENA_BYTES);
    static const char webhook[] = "{\n  \"id\": \"evt_1\",\n  \"pending_webhooks\": 1,\n"
                                  "  \"type\": \"x  y\"\n}";
    static const char listed[] = "{\n      \"id\": \"evt_1\",\n      \"pending_webhooks\": 0,\n"
                                 "      \"type\": \"x  y\"\n    }";
    static const char other[] = "{\n  \"id\": \"evt_1\",\n  \"pending_webhooks\": 1,\n"
                                "  \"type\": \"x y\"\n}";
    struct envelope first = envelope_of(webhook, false, arena);
    struct envelope second = envelope_of(listed, false, arena);
    struct envelope third = envelope_of(other, false, arena);
    assert_sha256(first.body_sha256, webhook);
    assert_sha256(second.body_sha256, listed);
    assert_memory_equal(first.content_sha256, second.content_sha256, SHA256_BYTES);
    assert_memory_not_equal(first.content_sha256, third.content_sha256, SHA256_BYTES);
}

TESTS_MAIN("envelope",
    TEST(each_body_has_its_envelope),
    TEST(every_part_of_a_good_event_is_read),
    TEST(the_connected_account_was_once_called_user_id),
    TEST(who_does_not_say_that_it_is_live_is_not),
    TEST(a_thin_event_is_kept_under_its_own_id_and_subject),
    TEST(test_pings_differ_by_their_content),
    TEST(indentation_makes_no_other_content),
    TEST(an_id_may_have_255_bytes_and_no_more),
    TEST(texts_beyond_their_bounds_are_not_passed_on),
    TEST(ten_thousand_levels_are_too_deep),
    TEST(a_million_values_are_too_many),
    TEST(escaped_nuls_and_lone_surrogates_are_replaced_and_said),
    TEST(a_surrogate_pair_is_one_character),
    TEST(the_content_hash_leaves_pending_webhooks_out),
    TEST(what_else_differs_stays_in_the_content_hash))
