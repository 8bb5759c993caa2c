/* What json_parse builds out of what it takes. What it refuses: test_json_refused.c. */
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

static const struct json *parsed(const char *text)
{
    struct json_document document;
    enum err err = json_parse(str_from(text), arena, &document);
    if (err != ERR_OK) {
        fail_msg("%s: %s at %zu", text, json_problem_text(document.problem), document.problem_at);
    }
    assert_int_equal(document.problem, JSON_FINE);
    assert_non_null(document.root);
    return document.root;
}

static void every_kind_of_value_may_stand_alone(void **state)
{
    (void)state;
    static const struct {
        const char *text;
        enum json_kind kind;
        const char *value; /* what json.text holds */
    } rows[] = {
        {"null", JSON_NULL, ""},
        {"true", JSON_BOOL, ""},
        {"false", JSON_BOOL, ""},
        {"0", JSON_NUMBER, "0"},
        {"-0", JSON_NUMBER, "-0"},
        {" 12 ", JSON_NUMBER, "12"},
        {"12", JSON_NUMBER, "12"},
        {"1.50", JSON_NUMBER, "1.50"},
        {"1E5", JSON_NUMBER, "1E5"},
        {"-1.5e+05", JSON_NUMBER, "-1.5e+05"},
        {"\"\"", JSON_STRING, ""},
        {"\"evt_1\"", JSON_STRING, "evt_1"},
        {"[]", JSON_ARRAY, ""},
        {"{}", JSON_OBJECT, ""},
        {"\t\r\n {\t\r\n } \t\r\n", JSON_OBJECT, ""},
    };
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        const struct json *value = parsed(rows[i].text);
        assert_row(value->kind == rows[i].kind, rows[i].text);
        assert_row(str_eq(value->text, str_from(rows[i].value)), rows[i].text);
        assert_row(value->count == 0 && value->next == NULL && value->first == NULL, rows[i].text);
    }
    assert_true(parsed("true")->truth);
    assert_false(parsed("false")->truth);
}

static void members_and_elements_keep_their_order(void **state)
{
    (void)state;
    const struct json *root = parsed("{\"b\":[1,\"two\",null,{\"x\":[]}],\"a\":true,\"\":-5}");
    assert_int_equal(root->count, 3);
    const struct json *b = root->first;
    assert_str_equal_to(b->key, "b");
    assert_int_equal(b->count, 4);
    assert_str_equal_to(b->first->text, "1");
    assert_str_equal_to(b->first->key, "");
    assert_str_equal_to(b->first->next->text, "two");
    assert_int_equal(b->first->next->next->kind, JSON_NULL);
    assert_int_equal(b->first->next->next->next->kind, JSON_OBJECT);
    assert_null(b->first->next->next->next->next);
    assert_str_equal_to(b->next->key, "a");
    assert_true(b->next->truth);
    assert_str_equal_to(b->next->next->key, "");
    assert_str_equal_to(b->next->next->text, "-5");
    assert_null(b->next->next->next);
}

static void numbers_beyond_any_machine_type_stay_as_written(void **state)
{
    (void)state;
    static const char *const rows[] = {"9007199254740993", "1e400", "-1e400", "0.1",
        "123456789012345678901234567890", "1e999999999", "0.00000000000000000000000000000001",
        "100000000000000000000000000000000000000000000000000000000000000000000000000000000.5"};
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        char text[200];
        (void)snprintf(text, sizeof text, "[%s,%s]", rows[i], rows[i]);
        const struct json *root = parsed(text);
        assert_str_equal_to(root->first->text, rows[i]);
        assert_str_equal_to(root->first->next->text, rows[i]);
        assert_str_equal_to(parsed(rows[i])->text, rows[i]);
    }
}

static void text_without_escapes_is_borrowed_not_copied(void **state)
{
    (void)state;
    static const char text[] = "{\"id\":\"evt_1\",\"n\":7,\"s\":\"\xe2\x82\xac\",\"empty\":\"\"}";
    const struct json *root = parsed(text);
    for (const struct json *member = root->first; member != NULL; member = member->next) {
        assert_true(member->key.data > text && member->key.data < text + sizeof text);
        assert_true(member->text.data > text && member->text.data < text + sizeof text);
    }
}

static void lines_and_tabs_between_tokens_are_nothing(void **state)
{
    (void)state;
    const struct json *dense = parsed("{\"a\":[1,2,{\"b\":null}],\"c\":\"d\"}");
    const struct json *loose =
        parsed(" {\n\t\"a\" :\r\n [ 1 ,2 , { \"b\" : null } ] , \"c\" : \"d\" }\n");
    assert_true(json_equal(dense, loose));
}

static void text_that_is_not_terminated_is_read_to_its_end_only(void **state)
{
    (void)state;
    /* On the heap, with no byte behind it, so that a sanitizer sees any look beyond the end. */
    static const char *const rows[] = {
        "{\"a\":\"b\"}", "[1]", "\"x\"", "12", "true", "null", "-1.5e3"};
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        size_t len = strlen(rows[i]);
        char *copy = malloc(len);
        assert_non_null(copy);
        memcpy(copy, rows[i], len);
        struct json_document document;
        assert_err(json_parse((struct str){copy, len}, arena, &document), ERR_OK);
        free(copy);
    }
}

static void a_document_read_twice_is_equal(void **state)
{
    (void)state;
    static const char text[] =
        "{\"id\":\"evt_1\",\"data\":{\"object\":{\"amount\":1099,\"x\":[1,[]]}}}";
    assert_true(json_equal(parsed(text), parsed(text)));
}

#define READ(test) TEST_WITH(test, open_arena, close_arena)

TESTS_MAIN("base/json_read",
    READ(every_kind_of_value_may_stand_alone),
    READ(members_and_elements_keep_their_order),
    READ(numbers_beyond_any_machine_type_stay_as_written),
    READ(text_without_escapes_is_borrowed_not_copied),
    READ(lines_and_tabs_between_tokens_are_nothing),
    READ(text_that_is_not_terminated_is_read_to_its_end_only),
    READ(a_document_read_twice_is_equal))
