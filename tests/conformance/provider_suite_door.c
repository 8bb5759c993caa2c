/* The door: what verify promises. */
#include "base/digest.h"
#include "base/limits.h"
#include "base/timestamp.h"
#include "conformance/provider_suite.h"

#define ARENA_BYTES ((size_t)16 * 1024 * 1024)
#define NOW_S (SAMPLE_NOW_US / US_PER_SECOND)
#define BITS_PER_BODY 400

static const struct str secrets[] = {{"first secret", 12}, {"second secret", 13}};

struct door { /* one knock, to be changed before it is made */
    struct arena *arena;
    struct provider_account account;
    char body[16384], signature[SAMPLE_SIGNATURE_BYTES];
    size_t body_len, signature_len;
    bool repeated;
    int64_t now_us;
};

static void door_open(struct door *door, struct str body, struct str secret)
{
    *door = (struct door){.arena = arena_new(ARENA_BYTES), .now_us = SAMPLE_NOW_US};
    assert_non_null(door->arena);
    door->account = (struct provider_account){.name = STR("acme-live"),
        .account_key = STR("acme"),
        .live = true,
        .secret_count = 2,
        .secrets = secrets};
    assert_true(body.len <= sizeof door->body);
    memcpy(door->body, body.data, body.len);
    door->body_len = body.len;
    suite_samples->sign(secret, NOW_S, body, door->signature);
    door->signature_len = strlen(door->signature);
}

static void door_close(struct door *door)
{
    (void)arena_free(door->arena);
}

static enum err knock(struct door *door, struct envelope *ret_envelope, enum unproven *ret_why)
{
    struct message message = {.body = {door->body, door->body_len},
        .signature = {door->signature, door->signature_len},
        .signature_repeated = door->repeated};
    return suite_samples->provider->verify(
        &door->account, &message, door->now_us, door->arena, ret_envelope, ret_why);
}

static void assert_refused(struct door *door, const char *name)
{
    struct envelope envelope;
    enum unproven why = UNPROVEN_COUNT;
    assert_row(knock(door, &envelope, &why) == ERR_UNPROVEN, name);
    assert_row(why < UNPROVEN_COUNT, name);
    arena_reset(door->arena);
}

static struct str body_of(uint32_t message)
{
    return str_from(suite_samples->messages[message].body);
}

static bool is_clean(struct str text, size_t bytes_max)
{
    return text.len <= bytes_max && str_is_utf8(text) &&
           (text.len == 0 || memchr(text.data, '\0', text.len) == NULL);
}

static void assert_envelope(
    const struct envelope *envelope, struct str body, enum reason reason, const char *name)
{
    uint8_t digest[SHA256_BYTES];
    sha256(body, digest);
    assert_row(envelope->reason == reason, name);
    assert_row(envelope->event_id.len > 0, name);
    assert_row(is_clean(envelope->event_id, LIMIT_PROVIDER_ID_BYTES), name);
    assert_row(is_clean(envelope->type, LIMIT_EVENT_TYPE_BYTES), name);
    assert_row(is_clean(envelope->api_version, LIMIT_PROVIDER_ID_BYTES), name);
    assert_row(is_clean(envelope->account, LIMIT_PROVIDER_ID_BYTES), name);
    assert_row(is_clean(envelope->subject, LIMIT_PROVIDER_ID_BYTES), name);
    assert_row(envelope->proof_at_us == NOW_S * US_PER_SECOND, name);
    assert_row(!envelope->clock_skewed, name);
    assert_row(memcmp(envelope->body_sha256, digest, sizeof digest) == 0, name);
}

void a_genuine_message_is_proven(void **state)
{
    (void)state;
    for (uint32_t i = 0; i < suite_samples->message_count; i++) {
        const char *name = suite_samples->messages[i].name;
        struct door door;
        struct envelope envelope;
        enum unproven why = UNPROVEN_COUNT;
        door_open(&door, body_of(i), secrets[0]);
        assert_err(knock(&door, &envelope, &why), ERR_OK);
        assert_envelope(&envelope, body_of(i), REASON_NONE, name);
        assert_row(envelope.live, name);
        assert_row(envelope.type.len > 0, name);
        assert_row(envelope.occurred_at_us > 0, name);
        assert_row(envelope.occurred_at_us <= SAMPLE_NOW_US, name);
        door_close(&door);
    }
}

void any_of_the_secrets_proves(void **state)
{
    (void)state;
    for (uint32_t i = 0; i < 2; i++) {
        struct door door;
        struct envelope envelope;
        enum unproven why = UNPROVEN_COUNT;
        door_open(&door, body_of(0), secrets[i]);
        assert_err(knock(&door, &envelope, &why), ERR_OK);
        assert_int_equal(envelope.secret_index, i);
        door_close(&door);
    }
}

void a_flipped_bit_of_the_body_proves_nothing(void **state)
{
    (void)state;
    for (uint32_t i = 0; i < suite_samples->message_count; i++) {
        struct door door;
        door_open(&door, body_of(i), secrets[0]);
        size_t bits = door.body_len * 8;
        size_t step = 1 + bits / BITS_PER_BODY; /* odd or even: it visits all bits of a byte */
        step += step % 2 == 0;
        for (size_t bit = 0; bit < bits; bit += step) {
            door.body[bit / 8] ^= (char)(1 << (bit % 8));
            assert_refused(&door, suite_samples->messages[i].name);
            door.body[bit / 8] ^= (char)(1 << (bit % 8));
        }
        door.body_len--;
        assert_refused(&door, "a byte less");
        door.body_len += 2;
        assert_refused(&door, "a byte more");
        door_close(&door);
    }
}

void a_flipped_bit_of_the_signature_proves_nothing(void **state)
{
    (void)state;
    struct door door;
    door_open(&door, body_of(0), secrets[0]);
    for (size_t bit = 0; bit < door.signature_len * 8; bit++) {
        door.signature[bit / 8] ^= (char)(1 << (bit % 8));
        assert_refused(&door, door.signature);
        door.signature[bit / 8] ^= (char)(1 << (bit % 8));
    }
    door_close(&door);
}

void a_cut_signature_proves_nothing(void **state)
{
    (void)state;
    struct door door;
    door_open(&door, body_of(0), secrets[0]);
    while (door.signature_len > 0) {
        door.signature_len--;
        assert_refused(&door, "cut");
    }
    door_close(&door);
}

void another_or_a_blank_secret_proves_nothing(void **state)
{
    (void)state;
    struct door door;
    door_open(&door, body_of(0), STR("third secret"));
    assert_refused(&door, "another");
    door.account.secret_count = 0;
    assert_refused(&door, "no secret at all");
    door_close(&door);
    door_open(&door, body_of(0), STR(" "));
    door.account.secret_count = 1;
    door.account.secrets = &STR(" ");
    assert_refused(&door, "blank");
    door_close(&door);
}

void a_missing_or_repeated_signature_proves_nothing(void **state)
{
    (void)state;
    struct door door;
    struct envelope envelope;
    enum unproven why = UNPROVEN_COUNT;
    door_open(&door, body_of(0), secrets[0]);
    door.repeated = true;
    assert_refused(&door, "repeated");
    door.repeated = false;
    door.signature_len = 0;
    assert_err(knock(&door, &envelope, &why), ERR_UNPROVEN);
    assert_int_equal(why, UNPROVEN_NO_HEADER);
    door_close(&door);
}

void an_old_signature_proves_nothing(void **state)
{
    (void)state;
    struct door door;
    struct envelope envelope;
    enum unproven why = UNPROVEN_COUNT;
    door_open(&door, body_of(0), secrets[0]);
    door.now_us += suite_samples->tolerance_s * US_PER_SECOND;
    assert_err(knock(&door, &envelope, &why), ERR_OK);
    door.now_us += US_PER_SECOND;
    assert_err(knock(&door, &envelope, &why), ERR_UNPROVEN);
    assert_int_equal(why, UNPROVEN_TOO_OLD);
    door.signature[door.signature_len - 1] ^= 1;
    assert_err(knock(&door, &envelope, &why), ERR_UNPROVEN);
    assert_int_equal(why, UNPROVEN_NO_MATCH); /* who has no secret learns nothing about the clock */
    door_close(&door);
}

void the_door_says_when_its_arena_is_too_small(void **state)
{
    (void)state;
    struct door door;
    struct envelope envelope;
    enum unproven why = UNPROVEN_COUNT;
    door_open(&door, body_of(0), secrets[0]);
    (void)arena_free(door.arena);
    door.arena = arena_new(16);
    assert_err(knock(&door, &envelope, &why), ERR_BUSY);
    door_close(&door);
}

static void garbage_knock(uint32_t index, struct door *door, struct envelope *ret_envelope)
{
    enum unproven why = UNPROVEN_COUNT;
    door_open(door, suite_samples->garbage[index].body, secrets[0]);
    assert_err(knock(door, ret_envelope, &why), ERR_OK);
}

void a_proven_body_that_is_garbage_is_kept_with_a_reason(void **state)
{
    (void)state;
    for (uint32_t i = 0; i < suite_samples->garbage_count; i++) {
        const struct sample_garbage *garbage = &suite_samples->garbage[i];
        struct door door;
        struct envelope envelope;
        garbage_knock(i, &door, &envelope);
        assert_envelope(&envelope, garbage->body, garbage->reason, garbage->name);
        assert_row(garbage->reason != REASON_NONE, garbage->name);
        door_close(&door);
    }
}

void what_is_kept_without_an_event_id_has_one_by_its_bytes(void **state)
{
    (void)state;
    for (uint32_t i = 0; i < suite_samples->garbage_count; i++) {
        struct door first;
        struct door again;
        struct door other;
        struct envelope a;
        struct envelope b;
        struct envelope c;
        garbage_knock(i, &first, &a);
        garbage_knock(i, &again, &b);
        garbage_knock((i + 1) % suite_samples->garbage_count, &other, &c);
        assert_strs_equal(a.event_id, b.event_id);
        assert_false(str_eq(a.event_id, c.event_id));
        door_close(&first);
        door_close(&again);
        door_close(&other);
    }
}

void a_message_of_the_other_environment_is_kept_with_a_reason(void **state)
{
    (void)state;
    struct door door;
    struct envelope envelope;
    enum unproven why = UNPROVEN_COUNT;
    door_open(&door, body_of(0), secrets[0]);
    door.account.live = false;
    assert_err(knock(&door, &envelope, &why), ERR_OK);
    assert_envelope(&envelope, body_of(0), REASON_WRONG_ENVIRONMENT, "live at a test account");
    assert_true(envelope.live);
    door_close(&door);
}
