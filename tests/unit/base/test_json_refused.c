/* Bad bytes of all kinds: each is an answer, with the problem and its place, and never a value. */
#include "base/json.h"
#include "unit/testing.h"

static struct arena *arena;

static int open_arena(void **state)
{
    (void)state;
    arena = arena_new((size_t)8 << 20);
    return arena == NULL ? -1 : 0;
}

static int close_arena(void **state)
{
    (void)state;
    arena = arena_free(arena);
    return 0;
}

static void assert_refused(struct str text, enum json_problem problem, const char *row)
{
    struct json_document document = {.replaced = 99};
    enum err err = json_parse(text, arena, &document);
    assert_row(err == ERR_MALFORMED, row);
    assert_row(document.problem == problem, row);
    assert_row(document.root == NULL, row);
    assert_row(document.problem_at <= text.len, row);
    assert_row(document.replaced == 0, row);
}

static void text_that_is_no_json_is_refused(void **state)
{
    (void)state;
    static const char *const rows[] = {"", " ", "\n\t", "}", "]", ",", ":", "nul", "nulll", "True",
        "TRUE", "undefined", "NaN", "Infinity", "-Infinity", "'a'", "a", "\"", "\"a", "\"a\\\"",
        /* numbers */
        "01", "-01", "00", "-", "--1", "+1", ".5", "1.", "1.e5", "-.5", "1e", "1e+", "1E-", "0x10",
        "1_000", "1,000", "1 2", "[01]", "[-]", "[1.]", "[+1]", "[.5]", "[1e]", "{\"a\":01}",
        "{\"a\":-}", "[1.5.5]", "[1e5.5]",
        /* arrays and objects */
        "[", "[1", "[1,", "[1,]", "[,]", "[,1]", "[1 2]", "[1,,2]", "[1}", "{", "{\"a\"",
        "{\"a\":", "{\"a\":}", "{\"a\":1", "{\"a\":1,", "{\"a\":1,}", "{,}", "{\"a\" 1}",
        "{\"a\",1}", "{\"a\":1 \"b\":2}", "{\"a\":1]", "{a:1}", "{'a':1}", "{1:2}", "{null:1}",
        "{\"a\":1:2}", "{[]:1}", "[\"a\":1]",
        /* more than one value */
        "{}{}", "[][]", "1 1", "{} x", "{},", "{}]", "{}}", "null null", "\"a\" \"b\"", "{} \"abc",
        "{} \"abc\"", "[] \"", "1 \"", "{} nul", "{} -", "{} 1", "{} [", "{} {",
        /* comments */
        "// c\n{}", "/* c */{}", "{}// c", "{}/* c */", "{/* c */}", "# c\n{}", "[1,/**/2]",
        /* escapes */
        "\"\\x41\"", "\"\\a\"", "\"\\'\"", "\"\\0\"", "\"\\u\"", "\"\\u1\"", "\"\\u12\"",
        "\"\\u123\"", "\"\\u123g\"", "\"\\U0041\"", "\"\\u 041\"", "\"\\u{41}\"", "\"\\u00", "\"\\",
        "\"\\ud83d\\u\"", "\"\\ud83d\\u12\"", "{\"\\x\":1}",
        /* control characters in strings, and blanks that JSON does not know */
        "\"a\nb\"", "\"a\tb\"", "\"a\rb\"", "\"\x01\"", "\"\x1f\"", "{\"a\nb\":1}", "\v{}", "\f{}",
        "\xc2\xa0{}", "[1,\xc2\xa0 2]", "{}\xe2\x80\xa8",
        /* byte order mark */
        "\xef\xbb\xbf{}", "{}\xef\xbb\xbf"};
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        assert_refused(str_from(rows[i]), JSON_SYNTAX, rows[i]);
    }
}

static void a_nul_byte_is_refused_wherever_it_stands(void **state)
{
    (void)state;
    struct str whole = STR("{\"a\":[1,\"b\\n\",true]} ");
    for (size_t at = 0; at <= whole.len; at++) {
        char text[64];
        memcpy(text, whole.data, at);
        text[at] = '\0';
        memcpy(text + at + 1, whole.data + at, whole.len - at);
        assert_refused((struct str){text, whole.len + 1}, JSON_SYNTAX, "NUL inserted");
    }
}

static void bytes_that_are_not_utf8_are_refused_wherever_they_stand(void **state)
{
    (void)state;
    static const char *const bad[] = {"\x80", "\xbf", "\xc0\x80", "\xc1\xbf", "\xc3",
        "\xe0\x80\x80", "\xe0\x9f\xbf", "\xe2\x82", "\xed\xa0\x80", "\xed\xbf\xbf",
        "\xf0\x80\x80\x80", "\xf0\x9f\x92", "\xf4\x90\x80\x80", "\xf5\x80\x80\x80",
        "\xf8\x88\x80\x80\x80", "\xfe", "\xff", "\xed\xa0\xbd\xed\xb2\xb6"};
    static const char *const around[][2] = {{"\"", "\""}, {"{\"", "\":1}"}, {"{\"a\":\"xyz", "\"}"},
        {"", "{}"}, {"{}", ""}, {"[1,", "2]"},
        {"\"a long text before it, of more than eight bytes ", " and after it\""}};
    for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++) {
        for (size_t place = 0; place < sizeof around / sizeof around[0]; place++) {
            char text[200];
            (void)snprintf(text, sizeof text, "%s%s%s", around[place][0], bad[i], around[place][1]);
            assert_refused(str_from(text), JSON_NOT_UTF8, around[place][0]);
            struct json_document document;
            assert_err(json_parse(str_from(text), arena, &document), ERR_MALFORMED);
            assert_int_equal(document.problem_at, strlen(around[place][0]));
        }
    }
}

static void a_key_twice_in_one_object_is_refused(void **state)
{
    (void)state;
    static const char *const rows[] = {"{\"a\":1,\"a\":1}", "{\"a\":1,\"b\":2,\"a\":3}",
        "{\"\":1,\"\":2}", "[{\"x\":{\"id\":1,\"id\":2}}]", "{\"a\":1,\"\\u0061\":2}",
        "{\"\\u00e4\":1,\"\xc3\xa4\":2}", "{\"a\\/b\":1,\"a/b\":2}", "{\"k\":{},\"k\":{}}",
        "{\"amount\":1,\"currency\":\"usd\",\"amount\":2}"};
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        assert_refused(str_from(rows[i]), JSON_KEY_TWICE, rows[i]);
    }
    static const char *const fine[] = {
        "{\"a\":{\"a\":1},\"b\":{\"a\":1}}", "[{\"a\":1},{\"a\":1}]", "{\"a\":1,\"A\":2,\"aa\":3}"};
    for (size_t i = 0; i < sizeof fine / sizeof fine[0]; i++) {
        struct json_document document;
        assert_row(json_parse(str_from(fine[i]), arena, &document) == ERR_OK, fine[i]);
    }
}

static void a_key_twice_is_found_in_objects_of_any_size(void **state)
{
    (void)state;
    uint64_t random = test_seed();
    for (size_t members = 2; members <= 4096; members = members * 3 / 2 + 1) {
        size_t twin = 1 + test_random_below(&random, members - 1);
        size_t original = test_random_below(&random, twin);
        for (int with_twin = 0; with_twin < 2; with_twin++) {
            CLEANUP(buf_fini) struct buf text;
            buf_init(&text, 1 << 20);
            for (size_t i = 0; i < members; i++) {
                size_t key = with_twin == 1 && i == twin ? original : i;
                buf_addf(&text, "%s\"key_%zu\":%zu", i == 0 ? "{" : ",", key, i);
            }
            buf_add_char(&text, '}');
            struct json_document document;
            enum err err = json_parse(buf_str(&text), arena, &document);
            assert_int_equal(document.problem, with_twin == 1 ? JSON_KEY_TWICE : JSON_FINE);
            assert_err(err, with_twin == 1 ? ERR_MALFORMED : ERR_OK);
            arena_reset(arena);
        }
    }
}

static const char sample[] = "{\"id\":\"evt_\\u0031\\ud83d\\udcb6\",\"created\":1679090541,"
                             "\"data\":{\"object\":{\"amount\":-10.5e+2,"
                             "\"currency\":\"\xe2\x82\xac\",\"paid\":true,\"refunded\":false,"
                             "\"customer\":null,\"items\":[1,[],"
                             "{\"a\":[{\"b\":\"c\\\\\"}]}]}},\"livemode\":false}";

static void a_document_cut_anywhere_is_refused(void **state)
{
    (void)state;
    struct json_document document;
    assert_err(json_parse(str_from(sample), arena, &document), ERR_OK);
    for (size_t len = 0; len < sizeof sample - 1; len++) {
        char *copy = malloc(len + 1); /* of its exact size, for the sanitizers */
        assert_non_null(copy);
        memcpy(copy, sample, len);
        assert_err(json_parse((struct str){copy, len}, arena, &document), ERR_MALFORMED);
        assert_true(document.problem == JSON_SYNTAX || document.problem == JSON_NOT_UTF8);
        assert_true(document.problem_at <= len);
        free(copy);
    }
}

static void a_document_with_any_byte_behind_it_is_refused(void **state)
{
    (void)state;
    for (int byte = 0; byte < 256; byte++) {
        char text[sizeof sample];
        memcpy(text, sample, sizeof sample - 1);
        text[sizeof sample - 1] = (char)byte;
        struct json_document document;
        enum err err = json_parse((struct str){text, sizeof text}, arena, &document);
        bool blank = byte == ' ' || byte == '\t' || byte == '\n' || byte == '\r';
        assert_err(err, blank ? ERR_OK : ERR_MALFORMED);
    }
}

static void a_damaged_document_is_an_answer_never_a_crash(void **state)
{
    (void)state;
    uint64_t random = test_seed();
    for (int i = 0; i < 20000; i++) {
        char text[sizeof sample];
        memcpy(text, sample, sizeof text);
        for (uint64_t damages = 1 + test_random_below(&random, 4); damages > 0; damages--) {
            static const char likely[] = "\"\\{}[]:,u0d";
            size_t at = test_random_below(&random, sizeof sample - 1);
            text[at] = test_random_below(&random, 2) == 0
                           ? (char)test_random_below(&random, 256)
                           : likely[test_random_below(&random, sizeof likely - 1)];
        }
        struct json_document document;
        enum err err = json_parse((struct str){text, sizeof sample - 1}, arena, &document);
        assert_true((err == ERR_OK) == (document.root != NULL));
        assert_true((err == ERR_OK) == (document.problem == JSON_FINE));
        arena_reset(arena);
    }
}

static void the_place_of_a_problem_is_told(void **state)
{
    (void)state;
    static const struct {
        const char *text;
        size_t from; /* yajl points at the bad token or just behind it */
        size_t to;
    } rows[] = {
        {"{\"a\":x}", 5, 6},
        {"[1,2,}", 5, 6},
        {"{} x", 2, 4},
        {"{} \"x", 2, 2},
        {"[1,2", 4, 4},
        {"{\"a\":1,\"a\":2}", 7, 10},
    };
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        struct json_document document;
        assert_err(json_parse(str_from(rows[i].text), arena, &document), ERR_MALFORMED);
        assert_row(document.problem_at >= rows[i].from, rows[i].text);
        assert_row(document.problem_at <= rows[i].to, rows[i].text);
    }
}

static void every_problem_has_its_words(void **state)
{
    (void)state;
    for (int i = JSON_FINE; i <= JSON_NO_MEMORY; i++) {
        assert_true(strlen(json_problem_text((enum json_problem)i)) > 5);
    }
}

#define READ(test) TEST_WITH(test, open_arena, close_arena)

TESTS_MAIN("base/json_refused",
    READ(text_that_is_no_json_is_refused),
    READ(a_nul_byte_is_refused_wherever_it_stands),
    READ(bytes_that_are_not_utf8_are_refused_wherever_they_stand),
    READ(a_key_twice_in_one_object_is_refused),
    READ(a_key_twice_is_found_in_objects_of_any_size),
    READ(a_document_cut_anywhere_is_refused),
    READ(a_document_with_any_byte_behind_it_is_refused),
    READ(a_damaged_document_is_an_answer_never_a_crash),
    READ(the_place_of_a_problem_is_told),
    TEST(every_problem_has_its_words))
