/* The header `Stripe-Signature`: what proves a body and what does not. */
#include "base/digest.h"
#include "base/env.h"
#include "samples.h"

#define SECRET STR("whsec_one")
#define OTHER STR("whsec_two")
#define BODY STR("{\"id\":\"evt_1\",\"object\":\"event\"}")
#define AT INT64_C(1700000000)

/* HMAC-SHA256 of "1700000000." and BODY by SECRET and by OTHER, computed by another program. */
#define GOOD "fe79aee1a002fffa0e48e9e0419752a55f344c646cc7cba408ff68411d3d7a4e"
#define GOOD_OTHER "b69178dc863611687c43df34b349404ffc7b16692271c89de73b433310b9a39c"
#define ZEROS "0000000000000000000000000000000000000000000000000000000000000000"

#define PROVEN UNPROVEN_COUNT

static const struct header_row {
    const char *name;
    const char *header;
    int64_t now_s;
    enum unproven verdict; /* PROVEN when it is */
} header_rows[] = {
    {"one signature", "t=1700000000,v1=" GOOD, AT, PROVEN},
    {"the other order", "v1=" GOOD ",t=1700000000", AT, PROVEN},
    {"second of two, rotation", "t=1700000000,v1=" ZEROS ",v1=" GOOD, AT, PROVEN},
    {"first of two, rotation", "t=1700000000,v1=" GOOD ",v1=" ZEROS, AT, PROVEN},
    {"a fake v0 beside it", "t=1700000000,v1=" GOOD ",v0=" ZEROS, AT, PROVEN},
    {"an unknown scheme beside it", "t=1700000000,v2=zzz,v1=" GOOD, AT, PROVEN},
    {"the last t counts", "t=1,t=1700000000,v1=" GOOD, AT, PROVEN},
    {"an empty item", "t=1700000000,,v1=" GOOD, AT, PROVEN},
    {"exactly 300 s old", "t=1700000000,v1=" GOOD, AT + 300, PROVEN},
    {"301 s old", "t=1700000000,v1=" GOOD, AT + 301, UNPROVEN_TOO_OLD},
    {"a day in the future", "t=1700000000,v1=" GOOD, AT - 86400, PROVEN},
    {"old and wrong: age says nothing", "t=1700000000,v1=" ZEROS, AT + 999, UNPROVEN_NO_MATCH},
    {"no header", "", AT, UNPROVEN_NO_HEADER},
    {"no t", "v1=" GOOD, AT, UNPROVEN_HEADER_MALFORMED},
    {"empty t", "t=,v1=" GOOD, AT, UNPROVEN_HEADER_MALFORMED},
    {"t without a value", "t,v1=" GOOD, AT, UNPROVEN_HEADER_MALFORMED},
    {"t is a word", "t=abc,v1=" GOOD, AT, UNPROVEN_HEADER_MALFORMED},
    {"t with a leading zero", "t=01700000000,v1=" GOOD, AT, UNPROVEN_HEADER_MALFORMED},
    {"t with a plus", "t=+1700000000,v1=" GOOD, AT, UNPROVEN_HEADER_MALFORMED},
    {"t with a blank", "t= 1700000000,v1=" GOOD, AT, UNPROVEN_HEADER_MALFORMED},
    {"t with a fraction", "t=1700000000.0,v1=" GOOD, AT, UNPROVEN_HEADER_MALFORMED},
    {"negative t", "t=-1,v1=" GOOD, AT, UNPROVEN_HEADER_MALFORMED},
    {"t beyond the year 9999", "t=253402300800,v1=" GOOD, AT, UNPROVEN_HEADER_MALFORMED},
    {"t of thirty digits", "t=170000000000000000000000000000,v1=" GOOD, AT,
        UNPROVEN_HEADER_MALFORMED},
    {"t changed", "t=1700000001,v1=" GOOD, AT, UNPROVEN_NO_MATCH},
    {"no signature", "t=1700000000", AT, UNPROVEN_NO_SIGNATURE},
    {"v0 alone, with the right value", "t=1700000000,v0=" GOOD, AT, UNPROVEN_NO_SIGNATURE},
    {"a blank after the comma", "t=1700000000, v1=" GOOD, AT, UNPROVEN_NO_SIGNATURE},
    {"upper case scheme", "t=1700000000,V1=" GOOD, AT, UNPROVEN_NO_SIGNATURE},
    {"too short", "t=1700000000,v1=00", AT, UNPROVEN_NO_SIGNATURE},
    {"too long", "t=1700000000,v1=" GOOD "0", AT, UNPROVEN_NO_SIGNATURE},
    {"no hex",
        "t=1700000000,v1="
        "zz00000000000000000000000000000000000000000000000000000000000000",
        AT, UNPROVEN_NO_SIGNATURE},
    {"another's signature", "t=1700000000,v1=" GOOD_OTHER, AT, UNPROVEN_NO_MATCH},
    {"garbage", "I am not a header", AT, UNPROVEN_HEADER_MALFORMED},
    {"commas", ",,,,", AT, UNPROVEN_HEADER_MALFORMED},
    {"equal signs", "t==1700000000,v1==" GOOD, AT, UNPROVEN_HEADER_MALFORMED},
};

static enum unproven judge(struct str header,
    struct str body,
    const struct str *secrets,
    uint32_t count,
    int64_t now_s,
    int64_t tolerance_s,
    uint32_t *secret_index)
{
    struct stripe_signature_verdict verdict = {.secret_index = 99};
    enum err err =
        stripe_signature_verify(header, body, secrets, count, now_s, tolerance_s, &verdict);
    if (err == ERR_OK) {
        *secret_index = verdict.secret_index;
        return PROVEN;
    }
    assert_err(err, ERR_UNPROVEN);
    return verdict.unproven;
}

static void each_header_has_its_verdict(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof header_rows / sizeof *header_rows; i++) {
        const struct header_row *row = &header_rows[i];
        uint32_t index = 0;
        enum unproven verdict =
            judge(str_from(row->header), BODY, &SECRET, 1, row->now_s, 300, &index);
        assert_row(verdict == row->verdict, row->name);
    }
}

static void upper_case_hex_is_not_accepted(void **state)
{
    (void)state;
    char header[] = "t=1700000000,v1=" GOOD;
    for (char *c = strchr(header, '1'); *c != '\0'; c++) {
        if (*c >= 'a' && *c <= 'f') {
            *c = (char)(*c - 'a' + 'A');
        }
    }
    uint32_t index = 0;
    assert_int_equal(
        judge(str_from(header), BODY, &SECRET, 1, AT, 300, &index), UNPROVEN_NO_SIGNATURE);
}

static void the_secret_that_matched_is_named(void **state)
{
    (void)state;
    struct str secrets[] = {SECRET, OTHER};
    uint32_t index = 0;
    assert_int_equal(
        judge(STR("t=1700000000,v1=" GOOD_OTHER), BODY, secrets, 2, AT, 300, &index), PROVEN);
    assert_int_equal(index, 1);
    assert_int_equal(
        judge(STR("t=1700000000,v1=" GOOD_OTHER ",v1=" GOOD), BODY, secrets, 2, AT, 300, &index),
        PROVEN);
    assert_int_equal(index, 0);
}

static void blank_secrets_prove_nothing(void **state)
{
    (void)state;
    struct str secrets[] = {STR(""), STR(" \t")};
    char header[STRIPE_SIGNATURE_TEXT_BYTES];
    stripe_sign(secrets[1], AT, BODY, header);
    uint32_t index = 0;
    assert_int_equal(judge(str_from(header), BODY, secrets, 2, AT, 300, &index), UNPROVEN_NO_MATCH);
    assert_int_equal(judge(str_from(header), BODY, NULL, 0, AT, 300, &index), UNPROVEN_NO_MATCH);
}

static void an_empty_body_is_not_proven(void **state)
{
    (void)state;
    char header[STRIPE_SIGNATURE_TEXT_BYTES];
    stripe_sign(SECRET, AT, STR(""), header);
    uint32_t index = 0;
    assert_int_equal(
        judge(str_from(header), STR(""), &SECRET, 1, AT, 300, &index), UNPROVEN_EMPTY_BODY);
}

static void tolerance_zero_switches_the_age_check_off(void **state)
{
    (void)state;
    uint32_t index = 0;
    assert_int_equal(
        judge(STR("t=1700000000,v1=" GOOD), BODY, &SECRET, 1, AT + 900000, 0, &index), PROVEN);
}

/* 100 signatures fit into the header's bound; the first 64 are looked at. */
static void of_a_hundred_signatures_the_first_64_count(void **state)
{
    (void)state;
    for (int good_at = 62; good_at < 66; good_at++) {
        struct buf header;
        buf_init(&header, 65536);
        buf_add(&header, STR("t=1700000000"));
        for (int i = 0; i < 100; i++) {
            buf_add(&header, i == good_at ? STR(",v1=" GOOD) : STR(",v1=" ZEROS));
        }
        uint32_t index = 0;
        enum unproven verdict = judge(buf_str(&header), BODY, &SECRET, 1, AT, 300, &index);
        assert_int_equal(verdict, good_at < LIMIT_SIGNATURES ? PROVEN : UNPROVEN_NO_MATCH);
        buf_fini(&header);
    }
}

static void a_header_beyond_its_bound_is_malformed(void **state)
{
    (void)state;
    struct buf header;
    buf_init(&header, 65536);
    buf_add(&header, STR("t=1700000000,v1=" GOOD ",v9="));
    while (header.len <= LIMIT_SIGNATURE_BYTES) {
        buf_add_char(&header, 'x');
    }
    uint32_t index = 0;
    assert_int_equal(
        judge(buf_str(&header), BODY, &SECRET, 1, AT, 300, &index), UNPROVEN_HEADER_MALFORMED);
    header.len = LIMIT_SIGNATURE_BYTES;
    assert_int_equal(judge(buf_str(&header), BODY, &SECRET, 1, AT, 300, &index), PROVEN);
    buf_fini(&header);
}

static void what_is_signed_here_is_proven_here(void **state)
{
    (void)state;
    char header[STRIPE_SIGNATURE_TEXT_BYTES];
    stripe_sign(SECRET, AT, BODY, header);
    assert_string_equal(header, "t=1700000000,v1=" GOOD);
    stripe_sign(SECRET, 0, BODY, header);
    uint32_t index = 0;
    assert_int_equal(judge(str_from(header), BODY, &SECRET, 1, 0, 300, &index), PROVEN);
}

/* One flipped bit anywhere in the body or in the signature is noticed. */
static void any_change_is_noticed(void **state)
{
    (void)state;
    uint64_t chance = test_seed();
    for (int i = 0; i < 500; i++) {
        char header[STRIPE_SIGNATURE_TEXT_BYTES] = "t=1700000000,v1=" GOOD;
        char body[64];
        memcpy(body, BODY.data, BODY.len);
        bool in_body = test_random_below(&chance, 2) == 0;
        char *where = in_body ? &body[test_random_below(&chance, BODY.len)]
                              : &header[16 + test_random_below(&chance, 64)];
        *where = (char)(*where ^ (1 << test_random_below(&chance, 7)));
        uint32_t index = 0;
        assert_int_not_equal(
            judge(str_from(header), (struct str){body, BODY.len}, &SECRET, 1, AT, 300, &index),
            PROVEN);
    }
}

/* ---- the door ---------------------------------------------------------------------------- */

static enum err at_the_door(const char *header,
    bool repeated,
    int64_t now_us,
    struct arena *arena,
    struct envelope *envelope,
    enum unproven *unproven)
{
    struct provider_account account = {.name = STR("acme"),
        .account_key = STR("acct_1"),
        .live = true,
        .secret_count = 1,
        .secrets = &SECRET};
    struct message message = {BODY, str_from(header), repeated};
    return stripe_provider.verify(&account, &message, now_us, arena, envelope, unproven);
}

static void a_repeated_header_is_malformed(void **state)
{
    (void)state;
    CLEANUP(arena_free) struct arena *arena = arena_new(ARENA_BYTES);
    struct envelope envelope;
    enum unproven unproven = UNPROVEN_COUNT;
    assert_err(
        at_the_door("t=1700000000,v1=" GOOD, true, AT * US_PER_SECOND, arena, &envelope, &unproven),
        ERR_UNPROVEN);
    assert_int_equal(unproven, UNPROVEN_HEADER_MALFORMED);
}

static void a_clock_more_than_five_seconds_behind_is_flagged(void **state)
{
    (void)state;
    static const struct {
        const char *name;
        int64_t behind_us;
        bool skewed;
    } rows[] = {
        {"in time", 0, false},
        {"5 s", 5 * US_PER_SECOND, false},
        {"5.000001 s", 5 * US_PER_SECOND + 1, true},
        {"ahead", -299 * US_PER_SECOND, false},
        {"a year", 365 * US_PER_DAY, true},
    };
    CLEANUP(arena_free) struct arena *arena = arena_new(ARENA_BYTES);
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        struct envelope envelope;
        enum unproven unproven = UNPROVEN_COUNT;
        assert_err(at_the_door("t=1700000000,v1=" GOOD, false,
                       AT * US_PER_SECOND - rows[i].behind_us, arena, &envelope, &unproven),
            ERR_OK);
        assert_row(envelope.clock_skewed == rows[i].skewed, rows[i].name);
        assert_row(envelope.proof_at_us == AT * US_PER_SECOND, rows[i].name);
        assert_row(envelope.secret_index == 0, rows[i].name);
    }
}

/* Age is counted in whole seconds, as Stripe's SDKs do: 300.999999 s is still 300. */
static void age_is_counted_in_whole_seconds(void **state)
{
    (void)state;
    CLEANUP(arena_free) struct arena *arena = arena_new(ARENA_BYTES);
    struct envelope envelope;
    enum unproven unproven = UNPROVEN_COUNT;
    int64_t last_us = (AT + 301) * US_PER_SECOND - 1;
    assert_err(
        at_the_door("t=1700000000,v1=" GOOD, false, last_us, arena, &envelope, &unproven), ERR_OK);
    assert_err(
        at_the_door("t=1700000000,v1=" GOOD, false, last_us + 1, arena, &envelope, &unproven),
        ERR_UNPROVEN);
    assert_int_equal(unproven, UNPROVEN_TOO_OLD);
}

static void a_small_arena_means_busy_and_not_lost(void **state)
{
    (void)state;
    CLEANUP(arena_free) struct arena *arena = arena_new(1);
    assert_non_null(arena);
    struct envelope envelope;
    enum unproven unproven = UNPROVEN_COUNT;
    assert_err(at_the_door(
                   "t=1700000000,v1=" GOOD, false, AT * US_PER_SECOND, arena, &envelope, &unproven),
        ERR_BUSY);
}

TESTS_MAIN("signature",
    TEST(each_header_has_its_verdict),
    TEST(upper_case_hex_is_not_accepted),
    TEST(the_secret_that_matched_is_named),
    TEST(blank_secrets_prove_nothing),
    TEST(an_empty_body_is_not_proven),
    TEST(tolerance_zero_switches_the_age_check_off),
    TEST(of_a_hundred_signatures_the_first_64_count),
    TEST(a_header_beyond_its_bound_is_malformed),
    TEST(what_is_signed_here_is_proven_here),
    TEST(any_change_is_noticed),
    TEST(a_repeated_header_is_malformed),
    TEST(a_clock_more_than_five_seconds_behind_is_flagged),
    TEST(age_is_counted_in_whole_seconds),
    TEST(a_small_arena_means_busy_and_not_lost))
