#include "base/json.h"
#include "unit/testing.h"

static void commas_and_colons_are_where_they_belong(void **state)
{
    (void)state;
    CLEANUP(buf_fini) struct buf text;
    buf_init(&text, 10000);
    struct json_writer writer;
    json_writer_init(&writer, &text);
    json_begin_object(&writer, STR_NONE);
    json_add_string(&writer, STR("id"), STR("pay_1"));
    json_add_int(&writer, STR("amount"), -1099);
    json_add_bool(&writer, STR("late"), true);
    json_add_null(&writer, STR("customer"));
    json_begin_array(&writer, STR("attempts"));
    json_begin_object(&writer, STR_NONE);
    json_end_object(&writer);
    json_add_int(&writer, STR_NONE, 1);
    json_add_bool(&writer, STR_NONE, false);
    json_add_null(&writer, STR_NONE);
    json_add_raw(&writer, STR_NONE, STR("{\"raw\":1}"));
    json_begin_array(&writer, STR_NONE);
    json_end_array(&writer);
    json_end_array(&writer);
    json_begin_object(&writer, STR(""));
    json_add_raw(&writer, STR("x"), STR("[1]"));
    json_end_object(&writer);
    json_add_string(&writer, STR("none"), STR_NONE);
    json_end_object(&writer);
    assert_str_equal_to(buf_str(&text), "{\"id\":\"pay_1\",\"amount\":-1099,\"late\":true,"
                                        "\"customer\":null,\"attempts\":[{},1,false,"
                                        "null,{\"raw\":1},[]],\"\":{\"x\":[1]},\"none\":\"\"}");
}

static void one_value_may_stand_alone(void **state)
{
    (void)state;
    CLEANUP(buf_fini) struct buf text;
    buf_init(&text, 100);
    struct json_writer writer;
    json_writer_init(&writer, &text);
    json_add_string(&writer, STR_NONE, STR("x"));
    assert_str_equal_to(buf_str(&text), "\"x\"");
}

static void strings_are_escaped(void **state)
{
    (void)state;
    static const struct {
        struct str value;
        const char *written;
    } rows[] = {
        {{"plain", 5}, "\"plain\""},
        {{"", 0}, "\"\""},
        {{"a\"b\\c/d", 7}, "\"a\\\"b\\\\c/d\""},
        {{"a\nb", 3}, "\"a\\nb\""},
        {{"\t\r\x01\x1f\x7f", 5}, "\"\\u0009\\u000d\\u0001\\u001f\x7f\""},
        {{"\xe2\x82\xac\xf0\x9f\x92\xb6", 7}, "\"\xe2\x82\xac\xf0\x9f\x92\xb6\""},
        {{"a\0b", 3}, "\"a\xef\xbf\xbd"
                      "b\""},
        {{"\xff", 1}, "\"\xef\xbf\xbd\""},
        {{"a\xff\xfe\"\xe2\x82", 6}, "\"a\xef\xbf\xbd\xef\xbf\xbd\\\"\xef\xbf\xbd\xef\xbf\xbd\""},
    };
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        CLEANUP(buf_fini) struct buf text;
        buf_init(&text, 1000);
        struct json_writer writer;
        json_writer_init(&writer, &text);
        json_add_string(&writer, STR_NONE, rows[i].value);
        assert_str_equal_to(buf_str(&text), rows[i].written);
    }
}

static void any_bytes_written_can_be_read_again(void **state)
{
    (void)state;
    CLEANUP(arena_free) struct arena *arena = arena_new(1 << 20);
    uint64_t random = test_seed();
    for (int i = 0; i < 5000; i++) {
        char bytes[64];
        size_t len = test_random_below(&random, sizeof bytes);
        bool ascii = test_random_below(&random, 2) == 0;
        for (size_t at = 0; at < len; at++) {
            bytes[at] = (char)(ascii ? 1 + test_random_below(&random, 127)
                                     : test_random_below(&random, 256));
        }
        struct str value = {bytes, len};
        CLEANUP(buf_fini) struct buf text;
        buf_init(&text, 1000);
        struct json_writer writer;
        json_writer_init(&writer, &text);
        json_begin_object(&writer, STR_NONE);
        json_add_string(&writer, value, value);
        json_end_object(&writer);
        struct json_document document;
        assert_err(json_parse(buf_str(&text), arena, &document), ERR_OK);
        assert_int_equal(document.replaced, 0);
        if (ascii) {
            assert_strs_equal(document.root->first->key, value);
            assert_strs_equal(document.root->first->text, value);
        }
        arena_reset(arena);
    }
}

static void a_full_buffer_fails_and_nothing_worse(void **state)
{
    (void)state;
    for (size_t max = 1; max < 40; max++) {
        CLEANUP(buf_fini) struct buf text;
        buf_init(&text, max);
        struct json_writer writer;
        json_writer_init(&writer, &text);
        json_begin_object(&writer, STR_NONE);
        json_add_string(&writer, STR("key"), STR("a \"quoted\" text\n"));
        json_add_int(&writer, STR("n"), INT64_MIN);
        json_end_object(&writer);
        assert_true(text.failed);
        assert_true(text.len <= max);
    }
}

static void begin_and_leave(void (*begin)(struct json_writer *, struct str),
    void (*end)(struct json_writer *),
    struct str key_inside)
{
    CLEANUP(buf_fini) struct buf text;
    buf_init(&text, 1000);
    struct json_writer writer;
    json_writer_init(&writer, &text);
    begin(&writer, STR_NONE);
    json_add_int(&writer, key_inside, 1);
    end(&writer);
}

static void what_would_be_no_json_is_a_bug(void **state)
{
    (void)state;
    begin_and_leave(json_begin_object, json_end_object, STR("k"));
    begin_and_leave(json_begin_array, json_end_array, STR_NONE);
    assert_aborts(begin_and_leave(json_begin_object, json_end_object, STR_NONE));
    assert_aborts(begin_and_leave(json_begin_array, json_end_array, STR("k")));
    assert_aborts(begin_and_leave(json_begin_object, json_end_array, STR("k")));
    assert_aborts(begin_and_leave(json_begin_array, json_end_object, STR_NONE));

    CLEANUP(buf_fini) struct buf text;
    buf_init(&text, 1000);
    struct json_writer writer;
    json_writer_init(&writer, &text);
    assert_aborts(json_end_object(&writer));
    json_add_int(&writer, STR_NONE, 1);
    assert_aborts(json_add_int(&writer, STR_NONE, 2));
}

TESTS_MAIN("base/json_write",
    TEST(commas_and_colons_are_where_they_belong),
    TEST(one_value_may_stand_alone),
    TEST(strings_are_escaped),
    TEST(any_bytes_written_can_be_read_again),
    TEST(a_full_buffer_fails_and_nothing_worse),
    TEST(what_would_be_no_json_is_a_bug))
