/* Trees made from others: the old ones stay as they were. */
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

static void assert_json(const struct json *value, const char *text)
{
    assert_non_null(value);
    assert_row(json_equal(value, parsed(text)), text);
    assert_row(json_equal(parsed(text), value), text);
}

static void a_member_is_set_and_the_old_object_stays(void **state)
{
    (void)state;
    const struct json *old = parsed("{\"a\":1,\"b\":2,\"c\":3}");
    const struct json *seven = json_new_int(7, arena);
    assert_json(json_with(old, STR("a"), seven, arena), "{\"a\":7,\"b\":2,\"c\":3}");
    assert_json(json_with(old, STR("b"), seven, arena), "{\"a\":1,\"b\":7,\"c\":3}");
    assert_json(json_with(old, STR("c"), seven, arena), "{\"a\":1,\"b\":2,\"c\":7}");
    assert_json(json_with(old, STR("d"), seven, arena), "{\"a\":1,\"b\":2,\"c\":3,\"d\":7}");
    assert_json(json_with(parsed("{}"), STR("d"), seven, arena), "{\"d\":7}");
    assert_json(old, "{\"a\":1,\"b\":2,\"c\":3}");
    assert_json(seven, "7");
}

static void a_member_set_is_found_by_its_name(void **state)
{
    (void)state;
    const struct json *object = json_with(
        parsed("{\"payment_intent\":1}"), STR("latest_charge"), json_new_null(arena), arena);
    assert_int_equal(json_get(object, STR("latest_charge"))->kind, JSON_NULL);
    assert_null(json_get(object, STR("payment")));
    const struct json *moved = json_get(parsed("{\"x\":{\"y\":[1]}}"), STR("x"));
    object = json_with(object, STR("z"), moved, arena);
    assert_json(json_path(object, STR("z.y")), "[1]");
    assert_null(json_get(object, STR("x")));
}

static void a_member_is_left_out(void **state)
{
    (void)state;
    const struct json *old = parsed("{\"a\":1,\"b\":2,\"c\":3}");
    assert_json(json_without(old, STR("a"), arena), "{\"b\":2,\"c\":3}");
    assert_json(json_without(old, STR("b"), arena), "{\"a\":1,\"c\":3}");
    assert_json(json_without(old, STR("c"), arena), "{\"a\":1,\"b\":2}");
    assert_ptr_equal(json_without(old, STR("d"), arena), old);
    assert_json(old, "{\"a\":1,\"b\":2,\"c\":3}");
}

static void scalars_are_what_a_reader_would_make_of_them(void **state)
{
    (void)state;
    assert_json(json_new_null(arena), "null");
    assert_json(json_new_bool(true, arena), "true");
    assert_json(json_new_bool(false, arena), "false");
    assert_json(json_new_int(INT64_MIN, arena), "-9223372036854775808");
    assert_json(json_new_int(INT64_MAX, arena), "9223372036854775807");
    assert_json(json_new_string(STR("a"), arena), "\"a\"");
    assert_json(json_new_string(STR_NONE, arena), "\"\"");
    assert_json(json_new_object(arena), "{}");
    assert_json(json_new_array(NULL, 0, arena), "[]");
}

static void arrays_are_made_of_values_that_stand_elsewhere(void **state)
{
    (void)state;
    const struct json *object = parsed("{\"a\":1,\"b\":{\"c\":2}}");
    const struct json *elements[] = {
        json_get(object, STR("b")), json_get(object, STR("a")), object};
    const struct json *array = json_new_array(elements, 3, arena);
    assert_json(array, "[{\"c\":2},1,{\"a\":1,\"b\":{\"c\":2}}]");
    assert_int_equal(array->first->key.len, 0);
    assert_json(json_without_element(array, array->first, arena), "[1,{\"a\":1,\"b\":{\"c\":2}}]");
    assert_json(json_without_element(array, array->first->next->next, arena), "[{\"c\":2},1]");
    assert_json(object, "{\"a\":1,\"b\":{\"c\":2}}");
}

/* Odd numbers become the text given. */
static const struct json *odd_to_text(const struct json *child, void *context)
{
    int64_t number = 0;
    if (json_int64(child, &number) != ERR_OK || number % 2 == 0) {
        return child;
    }
    return json_new_string(*(struct str *)context, arena);
}

static void mapping_changes_what_differs_and_keeps_names_and_order(void **state)
{
    (void)state;
    struct str text = STR("odd");
    static const char *const rows[][2] = {
        {"[]", "[]"},
        {"[2,4]", "[2,4]"},
        {"[1,2,3,4]", "[\"odd\",2,\"odd\",4]"},
        {"[2,1]", "[2,\"odd\"]"},
        {"{\"a\":2,\"b\":1,\"c\":4,\"d\":3}", "{\"a\":2,\"b\":\"odd\",\"c\":4,\"d\":\"odd\"}"},
    };
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        const struct json *old = parsed(rows[i][0]);
        const struct json *mapped = json_map(old, odd_to_text, &text, arena);
        assert_json(mapped, rows[i][1]);
        assert_json(old, rows[i][0]);
        assert_row((mapped == old) == (strcmp(rows[i][0], rows[i][1]) == 0), rows[i][0]);
    }
}

static const struct json *no_room(const struct json *child, void *context)
{
    (void)child;
    (void)context;
    return NULL;
}

static void nothing_in_is_nothing_out(void **state)
{
    (void)state;
    const struct json *object = parsed("{\"a\":1}");
    const struct json *nothing = NULL;
    assert_null(json_with(NULL, STR("a"), object, arena));
    assert_null(json_with(object, STR("a"), NULL, arena));
    assert_null(json_without(NULL, STR("a"), arena));
    assert_null(json_new_array(&nothing, 1, arena));
    assert_null(json_without_element(NULL, object, arena));
    assert_null(json_map(NULL, no_room, NULL, arena));
    assert_null(json_map(object, no_room, NULL, arena));
}

static void a_full_arena_gives_nothing(void **state)
{
    (void)state;
    const struct json *object = parsed("{\"a\":1,\"b\":2}");
    CLEANUP(arena_free) struct arena *small = arena_new(1);
    assert_non_null(small);
    assert_null(json_new_int(1, small));
    assert_null(json_new_string(STR("a"), small));
    assert_null(json_with(object, STR("c"), object, small));
    assert_null(json_without(object, STR("b"), small));
}

#define BUILD(test) TEST_WITH(test, open_arena, close_arena)

TESTS_MAIN("base/json_build",
    BUILD(a_member_is_set_and_the_old_object_stays),
    BUILD(a_member_set_is_found_by_its_name),
    BUILD(a_member_is_left_out),
    BUILD(scalars_are_what_a_reader_would_make_of_them),
    BUILD(arrays_are_made_of_values_that_stand_elsewhere),
    BUILD(mapping_changes_what_differs_and_keeps_names_and_order),
    BUILD(nothing_in_is_nothing_out),
    BUILD(a_full_arena_gives_nothing))
