/* Which of two events of one second is the later, and which of two renderings is the newer. */
#include "samples.h"

#define EVENT(object, previous)                                                                    \
    "{\"object\":\"event\",\"data\":{\"object\":{\"id\":\"ch_1\"," object "}" previous "}}"
#define PREVIOUS(members) ",\"previous_attributes\":{" members "}"

static const struct follows_row {
    const char *name, *later, *earlier;
    bool follows;
} rows[] = {
    {"one field as it was", EVENT("\"a\":2", PREVIOUS("\"a\":1")), EVENT("\"a\":1", ""), true},
    {"one field as it was not", EVENT("\"a\":2", PREVIOUS("\"a\":1")), EVENT("\"a\":3", ""), false},
    {"two fields", EVENT("\"a\":2,\"b\":2", PREVIOUS("\"a\":1,\"b\":1")),
        EVENT("\"b\":1,\"a\":1", ""), true},
    {"one of two differs", EVENT("\"a\":2,\"b\":2", PREVIOUS("\"a\":1,\"b\":1")),
        EVENT("\"b\":9,\"a\":1", ""), false},
    {"null and absent are the same", EVENT("\"a\":2", PREVIOUS("\"a\":null")), EVENT("\"b\":1", ""),
        true},
    {"null was something", EVENT("\"a\":2", PREVIOUS("\"a\":null")), EVENT("\"a\":1", ""), false},
    {"something was absent", EVENT("\"a\":2", PREVIOUS("\"a\":1")), EVENT("\"b\":1", ""), false},
    {"nested: only what changed is named",
        EVENT("\"m\":{\"x\":2,\"y\":7}", PREVIOUS("\"m\":{\"x\":1}")),
        EVENT("\"m\":{\"x\":1,\"y\":7}", ""), true},
    {"nested: it was otherwise", EVENT("\"m\":{\"x\":2}", PREVIOUS("\"m\":{\"x\":1}")),
        EVENT("\"m\":{\"x\":3}", ""), false},
    {"nested: a new key", EVENT("\"m\":{\"x\":2}", PREVIOUS("\"m\":{\"x\":null}")),
        EVENT("\"m\":{}", ""), true},
    {"nested: where there was nothing", EVENT("\"m\":{\"x\":2}", PREVIOUS("\"m\":{\"x\":1}")),
        EVENT("\"m\":null", ""), false},
    {"nested: where there was text", EVENT("\"m\":{\"x\":2}", PREVIOUS("\"m\":{\"x\":null}")),
        EVENT("\"m\":\"text\"", ""), false},
    {"arrays are whole", EVENT("\"l\":[1]", PREVIOUS("\"l\":[1,2]")), EVENT("\"l\":[1,2]", ""),
        true},
    {"arrays are whole, and this is a part", EVENT("\"l\":[1]", PREVIOUS("\"l\":[2]")),
        EVENT("\"l\":[1,2]", ""), false},
    {"true is not \"true\"", EVENT("\"a\":false", PREVIOUS("\"a\":true")),
        EVENT("\"a\":\"true\"", ""), false},
    {"nothing named", EVENT("\"a\":2", PREVIOUS("")), EVENT("\"a\":1", ""), false},
    {"no previous_attributes", EVENT("\"a\":2", ""), EVENT("\"a\":1", ""), false},
    {"previous_attributes is null", EVENT("\"a\":2", ",\"previous_attributes\":null"),
        EVENT("\"a\":1", ""), false},
    {"previous_attributes is a list", EVENT("\"a\":2", ",\"previous_attributes\":[1]"),
        EVENT("\"a\":1", ""), false},
    {"another object", EVENT("\"a\":2", PREVIOUS("\"a\":1")),
        "{\"data\":{\"object\":{\"id\":\"ch_2\",\"a\":1}}}", false},
    {"later is no JSON", "?", EVENT("\"a\":1", ""), false},
    {"earlier is no JSON", EVENT("\"a\":2", PREVIOUS("\"a\":1")), "?", false},
    {"earlier is a list", EVENT("\"a\":2", PREVIOUS("\"a\":1")), "[]", false},
    {"earlier has no object", EVENT("\"a\":2", PREVIOUS("\"a\":1")), "{\"data\":{\"object\":1}}",
        false},
};

static bool follows(const char *later, const char *earlier)
{
    CLEANUP(arena_free) struct arena *arena = arena_new(ARENA_BYTES);
    return stripe_provider.follows(str_from(later), str_from(earlier), arena);
}

static void an_event_follows_the_state_that_it_says_was_before(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        assert_row(follows(rows[i].later, rows[i].earlier) == rows[i].follows, rows[i].name);
        assert_row(!follows(rows[i].later, rows[i].later), rows[i].name);
    }
}

/* Two partial refunds of one second: the chain has one end whatever order they are taken in. */
static void two_partial_refunds_make_a_chain(void **state)
{
    (void)state;
    const char *first =
        EVENT("\"amount_refunded\":500,\"refunded\":false", PREVIOUS("\"amount_refunded\":0"));
    const char *second = EVENT("\"amount_refunded\":1000,\"refunded\":true",
        PREVIOUS("\"amount_refunded\":500,\"refunded\":false"));
    assert_true(follows(second, first));
    assert_false(follows(first, second));
}

static void newer_versions_compare_above_older_ones(void **state)
{
    (void)state;
    static const char *const ascending[] = {"", "acacia", "preview", "2011-01-01", "2014-10-31",
        "2023-10-16", "2023-10-16; risk_in_requirements_beta=v1", "2024-09-30.acacia",
        "2025-03-31.basil", "2025-03-31.preview", "2026-10-28.endive", "2027-01-01"};
    int count = (int)(sizeof ascending / sizeof *ascending);
    for (int a = 0; a < count; a++) {
        for (int b = 0; b < count; b++) {
            int order =
                stripe_provider.compare_versions(str_from(ascending[a]), str_from(ascending[b]));
            assert_row((order > 0) == (a > b) && (order < 0) == (a < b), ascending[a]);
        }
    }
}

static void what_only_looks_like_a_date_is_none(void **state)
{
    (void)state;
    static const char *const odd[] = {"2025-03", "2025/03/31", "20250331xx", "x2025-03-31"};
    for (size_t i = 0; i < sizeof odd / sizeof *odd; i++) {
        assert_row(
            stripe_provider.compare_versions(str_from(odd[i]), STR("2011-01-01")) < 0, odd[i]);
    }
}

TESTS_MAIN("order",
    TEST(an_event_follows_the_state_that_it_says_was_before),
    TEST(two_partial_refunds_make_a_chain),
    TEST(newer_versions_compare_above_older_ones),
    TEST(what_only_looks_like_a_date_is_none))
