/* 29 headers and what the official SDK makes of them; the file is no part of the repository. Our
 * own vectors are in test_signature.c. */
#include "samples.h"

static enum err judge(struct str header,
    struct str body,
    const struct str *secret,
    int64_t now_s,
    int64_t tolerance_s)
{
    struct stripe_signature_verdict verdict;
    return stripe_signature_verify(header, body, secret, 1, now_s, tolerance_s, &verdict);
}

/* Where we are deliberately stricter than the SDK. */
static const struct {
    const char *name, *why;
} stricter[] = {
    {"t_leading_zero", "one time has one text: the SDK signs what it parsed, we what was sent"},
};

static bool is_stricter(struct str name)
{
    for (size_t i = 0; i < sizeof stricter / sizeof *stricter; i++) {
        if (str_eq(name, str_from(stricter[i].name))) {
            print_message("# stricter than the SDK: %s: %s\n", stricter[i].name, stricter[i].why);
            return true;
        }
    }
    return false;
}

static void verdicts_equal_those_of_the_official_sdk(void **state)
{
    (void)state;
    CLEANUP(arena_free) struct arena *arena = arena_new(ARENA_BYTES);
    struct str text = sample_file(arena, sample_shared("signature-vectors.json"));
    assert_non_null(text.data);
    struct json_document document;
    assert_err(json_parse(text, arena, &document), ERR_OK);
    const struct json *vectors = json_get(document.root, STR("vectors"));
    assert_true(vectors != NULL && vectors->count > 0);
    for (const struct json *vector = vectors->first; vector != NULL; vector = vector->next) {
        struct str name = json_string(json_get(vector, STR("name")));
        struct str secret = json_string(json_get(vector, STR("secret")));
        int64_t now_s = 0;
        int64_t tolerance_s = 0;
        assert_err(json_int64(json_get(vector, STR("now_unix")), &now_s), ERR_OK);
        assert_err(json_int64(json_get(vector, STR("tolerance_s")), &tolerance_s), ERR_OK);
        bool expected = json_bool(json_get(vector, STR("expected_valid")), false);
        enum err verdict = judge(json_string(json_get(vector, STR("header"))),
            json_string(json_get(vector, STR("payload"))), &secret, now_s, tolerance_s);
        char row[64];
        (void)str_copy_to(row, sizeof row, name);
        if (is_stricter(name)) {
            assert_row(expected && verdict == ERR_UNPROVEN, row);
        } else {
            assert_row((verdict == ERR_OK) == expected, row);
        }
    }
}

static bool vectors_are_there(void)
{
    return access(sample_shared("signature-vectors.json"), R_OK) == 0;
}

TESTS_MAIN_WHEN("signature_vectors",
    vectors_are_there(),
    "signature-vectors.json is not there",
    TEST(verdicts_equal_those_of_the_official_sdk))
