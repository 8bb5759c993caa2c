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
    assert_err(json_parse(str_from(text), arena, &document), ERR_OK);
    return document.root;
}

static void members_are_found_by_their_whole_name(void **state)
{
    (void)state;
    const struct json *root = parsed("{\"amount\":1,\"amount_captured\":2,\"a\":3,\"\xc3\xa4\":4}");
    assert_str_equal_to(json_get(root, STR("amount"))->text, "1");
    assert_str_equal_to(json_get(root, STR("amount_captured"))->text, "2");
    assert_str_equal_to(json_get(root, STR("a"))->text, "3");
    assert_str_equal_to(json_get(root, STR("\xc3\xa4"))->text, "4");
    assert_null(json_get(root, STR("amoun")));
    assert_null(json_get(root, STR("amount_capture")));
    assert_null(json_get(root, STR("")));
    assert_null(json_get(root, STR("A")));
}

static void names_of_every_length_are_told_apart(void **state)
{
    (void)state;
    CLEANUP(buf_fini) struct buf text;
    buf_init(&text, 100000);
    buf_add(&text, STR("{\"\":0"));
    char name[100];
    memset(name, 'n', sizeof name);
    for (size_t len = 1; len < sizeof name; len++) {
        buf_addf(&text, ",\"%.*s\":%zu", (int)len, name, len);
    }
    buf_add_char(&text, '}');
    buf_add_char(&text, '\0');
    const struct json *root = parsed(text.data);
    for (size_t len = 0; len < sizeof name; len++) {
        int64_t value = -1;
        assert_err(json_int64(json_get(root, (struct str){name, len}), &value), ERR_OK);
        assert_int64_equal(value, (int64_t)len);
    }
}

static void a_path_goes_down_and_finds_nothing_where_there_is_nothing(void **state)
{
    (void)state;
    const struct json *root =
        parsed("{\"data\":{\"object\":{\"id\":\"ch_1\",\"list\":[1]}},\"n\":5}");
    assert_str_equal_to(json_string(json_path(root, STR("data.object.id"))), "ch_1");
    assert_str_equal_to(json_path(root, STR("n"))->text, "5");
    assert_null(json_path(root, STR("data.object.id.more")));
    assert_null(json_path(root, STR("data.objects.id")));
    assert_null(json_path(root, STR("data..id")));
    assert_null(json_path(root, STR("n.n")));
    assert_null(json_path(root, STR("data.object.list.0")));
    assert_null(json_path(NULL, STR("data")));
}

static void look_ups_take_nothing_and_other_kinds(void **state)
{
    (void)state;
    const struct json *number = parsed("5");
    assert_null(json_get(NULL, STR("a")));
    assert_null(json_get(number, STR("a")));
    assert_null(json_get(parsed("[{\"a\":1}]"), STR("a")));
    assert_true(json_is_null(NULL));
    assert_true(json_is_null(parsed("null")));
    assert_false(json_is_null(number));
    assert_null(json_string(NULL).data);
    assert_null(json_string(number).data);
    assert_true(json_bool(NULL, true));
    assert_false(json_bool(NULL, false));
    assert_true(json_bool(number, true));
    assert_false(json_bool(parsed("false"), true));
    assert_true(json_bool(parsed("true"), false));
}

static void integers_are_exact_or_an_error(void **state)
{
    (void)state;
    static const struct {
        const char *text;
        enum err err;
        int64_t value;
    } rows[] = {
        {"0", ERR_OK, 0},
        {"-0", ERR_OK, 0},
        {"1099", ERR_OK, 1099},
        {"-1", ERR_OK, -1},
        {"9007199254740993", ERR_OK, INT64_C(9007199254740993)},
        {"9223372036854775807", ERR_OK, INT64_MAX},
        {"-9223372036854775808", ERR_OK, INT64_MIN},
        {"9223372036854775808", ERR_OVERFLOW, 0},
        {"-9223372036854775809", ERR_OVERFLOW, 0},
        {"100000000000000000000000000000000", ERR_OVERFLOW, 0},
        {"1.0", ERR_INVALID, 0},
        {"1.5", ERR_INVALID, 0},
        {"1e2", ERR_INVALID, 0},
        {"1E2", ERR_INVALID, 0},
        {"1e400", ERR_INVALID, 0},
        {"\"5\"", ERR_INVALID, 0},
        {"true", ERR_INVALID, 0},
        {"[]", ERR_INVALID, 0},
        {"{}", ERR_INVALID, 0},
        {"null", ERR_NOT_FOUND, 0},
    };
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        int64_t value = 4711;
        assert_row(json_int64(parsed(rows[i].text), &value) == rows[i].err, rows[i].text);
        assert_row(value == (rows[i].err == ERR_OK ? rows[i].value : 4711), rows[i].text);
    }
    int64_t value = 4711;
    assert_err(json_int64(NULL, &value), ERR_NOT_FOUND);
    assert_int64_equal(value, 4711);
}

static void equality_is_deep_and_blind_to_member_order(void **state)
{
    (void)state;
    static const struct {
        const char *a;
        const char *b;
        bool equal;
    } rows[] = {
        {"{}", "{}", true},
        {"{\"a\":1,\"b\":[1,{\"c\":null}]}", "{\"b\":[1,{\"c\":null}],\"a\":1}", true},
        {"{\"a\":1,\"b\":2,\"c\":3}", "{\"c\":3,\"a\":1,\"b\":2}", true},
        {"{\"a\":\"\\u0041\"}", "{\"a\":\"A\"}", true},
        {"[1,2]", "[2,1]", false},
        {"[1]", "[1,1]", false},
        {"{\"a\":1}", "{\"b\":1}", false},
        {"{\"a\":1}", "{\"a\":2}", false},
        {"{\"a\":1}", "{\"a\":1,\"b\":1}", false},
        {"{\"a\":null}", "{}", false},
        {"{\"a\":{\"b\":{\"c\":[true]}}}", "{\"a\":{\"b\":{\"c\":[false]}}}", false},
        {"1", "\"1\"", false},
        {"1", "1.0", false}, /* written differently: no number is computed here */
        {"true", "false", false},
        {"null", "false", false},
        {"[]", "{}", false},
    };
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        assert_row(json_equal(parsed(rows[i].a), parsed(rows[i].b)) == rows[i].equal, rows[i].a);
        assert_row(json_equal(parsed(rows[i].b), parsed(rows[i].a)) == rows[i].equal, rows[i].a);
    }
    assert_true(json_equal(NULL, NULL));
    assert_false(json_equal(NULL, parsed("null")));
    assert_false(json_equal(parsed("null"), NULL));
}

#define READ(test) TEST_WITH(test, open_arena, close_arena)

TESTS_MAIN("base/json_get",
    READ(members_are_found_by_their_whole_name),
    READ(names_of_every_length_are_told_apart),
    READ(a_path_goes_down_and_finds_nothing_where_there_is_nothing),
    READ(look_ups_take_nothing_and_other_kinds),
    READ(integers_are_exact_or_an_error),
    READ(equality_is_deep_and_blind_to_member_order))
