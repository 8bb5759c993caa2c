/* The bounds of limits.h, each at its edge, and what hostile documents cost. */
#include "base/json.h"
#include "base/limits.h"
#include "unit/testing.h"

static enum json_problem problem_of(struct str text, size_t arena_bytes)
{
    CLEANUP(arena_free) struct arena *arena = arena_new(arena_bytes);
    assert_non_null(arena);
    struct json_document document;
    enum err err = json_parse(text, arena, &document);
    assert_true((err == ERR_OK) == (document.problem == JSON_FINE));
    assert_true((err == ERR_TOO_LARGE) == (document.problem == JSON_NO_MEMORY));
    assert_true((err == ERR_OK) == (document.root != NULL));
    return document.problem;
}

static void add_times(struct buf *text, const char *part, size_t times)
{
    for (size_t i = 0; i < times; i++) {
        buf_add(text, str_from(part));
    }
}

static enum json_problem nested(
    const char *open, const char *inner, const char *close, size_t depth)
{
    CLEANUP(buf_fini) struct buf text;
    buf_init(&text, 1 << 20);
    add_times(&text, open, depth);
    add_times(&text, inner, 1);
    add_times(&text, close, depth);
    assert_false(text.failed);
    return problem_of(buf_str(&text), 1 << 20);
}

static void nesting_is_allowed_to_the_bound_and_refused_beyond(void **state)
{
    (void)state;
    assert_int_equal(nested("[", "", "]", LIMIT_JSON_DEPTH), JSON_FINE);
    assert_int_equal(nested("[", "", "]", LIMIT_JSON_DEPTH + 1), JSON_TOO_DEEP);
    assert_int_equal(nested("{\"a\":", "1", "}", LIMIT_JSON_DEPTH), JSON_FINE);
    assert_int_equal(nested("{\"a\":", "1", "}", LIMIT_JSON_DEPTH + 1), JSON_TOO_DEEP);
    assert_int_equal(nested("[{\"a\":", "null", "}]", LIMIT_JSON_DEPTH / 2), JSON_FINE);
    assert_int_equal(nested("[{\"a\":", "null", "}]", LIMIT_JSON_DEPTH / 2 + 1), JSON_TOO_DEEP);
}

static void nesting_ten_thousand_deep_is_refused_closed_or_not(void **state)
{
    (void)state;
    assert_int_equal(nested("[", "", "]", 10000), JSON_TOO_DEEP);
    assert_int_equal(nested("[", "", "", 10000), JSON_TOO_DEEP);
    assert_int_equal(nested("{\"a\":", "", "", 10000), JSON_TOO_DEEP);
}

static enum json_problem object_of(size_t members)
{
    CLEANUP(buf_fini) struct buf text;
    buf_init(&text, 1 << 20);
    buf_add_char(&text, '{');
    for (size_t i = 0; i < members; i++) {
        buf_addf(&text, "%s\"k%zu\":0", i == 0 ? "" : ",", i);
    }
    buf_add_char(&text, '}');
    return problem_of(buf_str(&text), 1 << 20);
}

static void members_of_one_object_are_bounded(void **state)
{
    (void)state;
    assert_int_equal(object_of(LIMIT_JSON_MEMBERS), JSON_FINE);
    assert_int_equal(object_of(LIMIT_JSON_MEMBERS + 1), JSON_TOO_MANY);
}

static enum json_problem array_of(size_t elements)
{
    CLEANUP(buf_fini) struct buf text;
    buf_init(&text, 2 * elements + 2);
    buf_add(&text, STR("[0"));
    add_times(&text, ",0", elements - 1);
    buf_add_char(&text, ']');
    return problem_of(buf_str(&text), (size_t)64 << 20);
}

static void values_in_all_are_bounded(void **state)
{
    (void)state;
    assert_int_equal(array_of(LIMIT_JSON_VALUES - 1), JSON_FINE); /* the array is one itself */
    assert_int_equal(array_of(LIMIT_JSON_VALUES), JSON_TOO_MANY);
}

static void every_arena_too_small_is_an_answer(void **state)
{
    (void)state;
    CLEANUP(buf_fini) struct buf text;
    buf_init(&text, 1 << 20);
    buf_add(&text, STR("{\"e\\n\":\"\\u20ac\",\"a\":[1,2,3,{\"b\":\"c\\n\"}],\"o\":{"));
    for (int i = 0; i < 200; i++) { /* enough for the sorted check of keys */
        buf_addf(&text, "\"k%d\":\"\\n\",", i);
    }
    buf_add(&text, STR("\"z\":0}}"));
    size_t enough = 1;
    while (problem_of(buf_str(&text), enough) != JSON_FINE) {
        assert_int_equal(problem_of(buf_str(&text), enough), JSON_NO_MEMORY);
        enough += 16;
        assert_true(enough < 100000);
    }
    assert_true(enough > 1000);
    assert_int_equal(problem_of(STR("12345"), 1100), JSON_FINE);
    assert_int_equal(problem_of(STR("12345"), 1024), JSON_NO_MEMORY); /* no room for the copy */
}

/* Not a measurement: a bound that only a quadratic check could miss, on any machine. */
static double seconds_for(struct str text)
{
    CLEANUP(arena_free) struct arena *arena = arena_new((size_t)64 << 20);
    struct json_document document;
    clock_t before = clock();
    (void)!json_parse(text, arena, &document);
    return (double)(clock() - before) / CLOCKS_PER_SEC;
}

static void a_megabyte_of_large_objects_is_checked_quickly(void **state)
{
    (void)state;
    CLEANUP(buf_fini) struct buf text;
    buf_init(&text, LIMIT_BODY_BYTES);
    buf_add_char(&text, '[');
    for (int object = 0; text.len < LIMIT_BODY_BYTES - 60000; object++) {
        buf_add_char(&text, object == 0 ? ' ' : ',');
        for (int i = 0; i < LIMIT_JSON_MEMBERS; i++) {
            buf_addf(&text, "%s\"%d\":0", i == 0 ? "{" : ",", i);
        }
        buf_add_char(&text, '}');
    }
    buf_add_char(&text, ']');
    assert_false(text.failed);
    assert_true(seconds_for(buf_str(&text)) < 2.0);
}

static void a_megabyte_in_one_escaped_string_is_read_quickly(void **state)
{
    (void)state;
    static const char *const parts[] = {
        "\\u0000", "\\n", "\\\\", "\\\"", "\\ud800", "\\ud83d\\udcb6"};
    for (size_t i = 0; i < sizeof parts / sizeof parts[0]; i++) {
        CLEANUP(buf_fini) struct buf text;
        buf_init(&text, LIMIT_BODY_BYTES);
        buf_add(&text, STR("[\""));
        add_times(&text, parts[i], (LIMIT_BODY_BYTES - 4) / strlen(parts[i]));
        buf_add(&text, STR("\"]"));
        assert_false(text.failed);
        assert_int_equal(problem_of(buf_str(&text), (size_t)4 << 20), JSON_FINE);
        assert_true(seconds_for(buf_str(&text)) < 2.0);
        text.len -= 2; /* and as a string that never ends */
        assert_int_equal(problem_of(buf_str(&text), (size_t)4 << 20), JSON_SYNTAX);
    }
}

TESTS_MAIN("base/json_limits",
    TEST(nesting_is_allowed_to_the_bound_and_refused_beyond),
    TEST(nesting_ten_thousand_deep_is_refused_closed_or_not),
    TEST(members_of_one_object_are_bounded),
    TEST(values_in_all_are_bounded),
    TEST(every_arena_too_small_is_an_answer),
    TEST(a_megabyte_of_large_objects_is_checked_quickly),
    TEST(a_megabyte_in_one_escaped_string_is_read_quickly))
