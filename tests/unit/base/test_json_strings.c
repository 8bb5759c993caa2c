/* Strings: escapes, surrogates, and the promise that what comes out is UTF-8 without NUL. */
#include "base/json.h"
#include "unit/testing.h"

#define FFFD "\xef\xbf\xbd"

static void escapes_are_decoded(void **state)
{
    (void)state;
    static const struct {
        const char *text; /* between the quotes */
        const char *decoded;
        uint32_t replaced;
    } rows[] = {
        {"", "", 0},
        {"plain", "plain", 0},
        {"\\\"\\\\\\/\\b\\f\\n\\r\\t", "\"\\/\b\f\n\r\t", 0},
        {"a\\nb\\nc", "a\nb\nc", 0},
        {"\\u0041\\u007f", "A\x7f", 0},
        {"\\u0001\\u001f", "\x01\x1f", 0},
        {"\\u0080\\u07ff", "\xc2\x80\xdf\xbf", 0},
        {"\\u0800\\uFFFF\\uffff", "\xe0\xa0\x80\xef\xbf\xbf\xef\xbf\xbf", 0},
        {"\\ud7ff\\ue000", "\xed\x9f\xbf\xee\x80\x80", 0},
        {"\\ud83d\\udcb6", "\xf0\x9f\x92\xb6", 0},
        {"\\uD800\\uDC00\\uDBFF\\uDFFF", "\xf0\x90\x80\x80\xf4\x8f\xbf\xbf", 0},
        {"\xe2\x82\xac\\u20ac", "\xe2\x82\xac\xe2\x82\xac", 0},
        {"\\\\u0000", "\\u0000", 0}, /* a backslash and then text */
        {"\\\\\\u0041", "\\A", 0},
        {"\\\\", "\\", 0},
        {"\\\\\\\"", "\\\"", 0},
        {"\\\"", "\"", 0},
        {"a\\\\\\\\", "a\\\\", 0},
        {"\\ufffd", FFFD, 0}, /* meant as it is written */
        {"\\u0000", FFFD, 1},
        {"a\\u0000b\\u0000", "a" FFFD "b" FFFD, 2},
        {"\\ud800", FFFD, 1},
        {"\\udc00", FFFD, 1},
        {"\\ud83dx", FFFD "x", 1},
        {"\\ud83d\\n", FFFD "\n", 1},
        {"\\ud83d\\\\udcb6", FFFD "\\udcb6", 1},
        {"\\ud83d\\u0041", FFFD "A", 1},
        {"\\ud83d\\ud83d\\udcb6", FFFD "\xf0\x9f\x92\xb6", 1},
        {"\\udcb6\\ud83d", FFFD FFFD, 2},
        {"\\ud83d\\u0000", FFFD FFFD, 2},
        {"\\ud800\\ud800\\ud800", FFFD FFFD FFFD, 3},
    };
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        CLEANUP(arena_free) struct arena *arena = arena_new(1 << 16);
        char text[200];
        struct json_document document;
        (void)snprintf(text, sizeof text, "\"%s\"", rows[i].text);
        assert_row(json_parse(str_from(text), arena, &document) == ERR_OK, rows[i].text);
        assert_str_equal_to(json_string(document.root), rows[i].decoded);
        assert_row(document.replaced == rows[i].replaced, rows[i].text);

        /* The same text as a key, and as a value among others. */
        (void)snprintf(text, sizeof text, "[0,{\"%s\" : \"x\\n\",\"k_\":[\"%s\"]},\"\\n\"]",
            rows[i].text, rows[i].text);
        assert_row(json_parse(str_from(text), arena, &document) == ERR_OK, rows[i].text);
        const struct json *object = document.root->first->next;
        assert_str_equal_to(object->first->key, rows[i].decoded);
        assert_str_equal_to(object->first->text, "x\n");
        assert_str_equal_to(object->first->next->first->text, rows[i].decoded);
        assert_row(document.replaced == 2 * rows[i].replaced, rows[i].text);
    }
}

static void every_code_point_comes_out_the_same_escaped_or_not(void **state)
{
    (void)state;
    CLEANUP(arena_free) struct arena *arena = arena_new(1 << 20);
    for (uint32_t c = 0x20; c <= 0x10ffff; c += c < 0x3000 ? 1 : 0x35) {
        bool must_escape = c == '"' || c == '\\';
        if (must_escape || (c >= 0xd800 && c <= 0xdfff)) {
            continue;
        }
        char escaped[13];
        if (c < 0x10000) {
            (void)snprintf(escaped, sizeof escaped, "\\u%04x", c);
        } else {
            (void)snprintf(escaped, sizeof escaped, "\\u%04X\\u%04X",
                0xd800 + ((c - 0x10000) >> 10), 0xdc00 + ((c - 0x10000) & 0x3ff));
        }
        char plain[5] = {0};
        if (c < 0x80) {
            plain[0] = (char)c;
        } else if (c < 0x800) {
            plain[0] = (char)(0xc0 | c >> 6);
            plain[1] = (char)(0x80 | (c & 0x3f));
        } else if (c < 0x10000) {
            plain[0] = (char)(0xe0 | c >> 12);
            plain[1] = (char)(0x80 | (c >> 6 & 0x3f));
            plain[2] = (char)(0x80 | (c & 0x3f));
        } else {
            plain[0] = (char)(0xf0 | c >> 18);
            plain[1] = (char)(0x80 | (c >> 12 & 0x3f));
            plain[2] = (char)(0x80 | (c >> 6 & 0x3f));
            plain[3] = (char)(0x80 | (c & 0x3f));
        }
        char text[64];
        (void)snprintf(text, sizeof text, "[\"%s\",\"%s\"]", escaped, plain);
        struct json_document document;
        assert_err(json_parse(str_from(text), arena, &document), ERR_OK);
        assert_str_equal_to(document.root->first->text, plain);
        assert_str_equal_to(document.root->first->next->text, plain);
        arena_reset(arena);
    }
}

static void random_escapes_never_give_nul_or_bad_utf8(void **state)
{
    (void)state;
    static const char *const parts[] = {"\\u0000", "\\ud83d", "\\udcb6", "\\n", "\\\\", "\\\"", "u",
        "\xe2\x82\xac", "\\u00e4", "\\/", "x", "d83d", "{", "\\uDFFF"};
    CLEANUP(arena_free) struct arena *arena = arena_new(1 << 20);
    uint64_t random = test_seed();
    for (int i = 0; i < 20000; i++) {
        CLEANUP(buf_fini) struct buf text;
        buf_init(&text, 1000);
        buf_add_char(&text, '"');
        for (uint64_t count = test_random_below(&random, 20); count > 0; count--) {
            buf_add(
                &text, str_from(parts[test_random_below(&random, sizeof parts / sizeof parts[0])]));
        }
        buf_add_char(&text, '"');
        struct json_document document;
        assert_err(json_parse(buf_str(&text), arena, &document), ERR_OK);
        struct str decoded = json_string(document.root);
        assert_true(str_is_utf8(decoded));
        assert_true(decoded.len == 0 || memchr(decoded.data, '\0', decoded.len) == NULL);
        arena_reset(arena);
    }
}

static void an_empty_string_has_a_place_and_an_absent_one_has_none(void **state)
{
    (void)state;
    CLEANUP(arena_free) struct arena *arena = arena_new(1 << 16);
    struct json_document document;
    assert_err(json_parse(STR("{\"a\":\"\",\"\":1}"), arena, &document), ERR_OK);
    assert_non_null(json_string(json_get(document.root, STR("a"))).data);
    assert_non_null(json_get(document.root, STR_NONE));
    assert_non_null(json_get(document.root, STR(""))->key.data);
    assert_null(json_string(json_get(document.root, STR("b"))).data);
}

TESTS_MAIN("base/json_strings",
    TEST(escapes_are_decoded),
    TEST(every_code_point_comes_out_the_same_escaped_or_not),
    TEST(random_escapes_never_give_nul_or_bad_utf8),
    TEST(an_empty_string_has_a_place_and_an_absent_one_has_none))
