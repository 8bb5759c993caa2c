#include "base/json.h"
#include "base/log.h"
#include "unit/testing.h"
#include <fcntl.h>

#define NOON_US INT64_C(1795344772123456)

static struct env_virtual virtual_env;
static int read_end;
static int write_end;

static int open_log(void **state)
{
    (void)state;
    int ends[2];
    if (pipe(ends) != 0 || fcntl(ends[0], F_SETFL, O_NONBLOCK) != 0) {
        return -1;
    }
    read_end = ends[0];
    write_end = ends[1];
    log_open(write_end, LOG_DEBUG, env_virtual_init(&virtual_env, NOON_US, 1));
    return 0;
}

static int close_log(void **state)
{
    (void)state;
    return close(read_end) + close(write_end);
}

static struct str logged(void)
{
    static char text[65536];
    ssize_t got = read(read_end, text, sizeof text);
    return (struct str){text, got < 0 ? 0 : (size_t)got};
}

static void a_line_is_one_json_object_with_time_level_and_event_first(void **state)
{
    (void)state;
    log_event(
        LOG_INFO, "webhook_refused", log_str("account", STR("acct_1")), log_int("age_s", 412));
    assert_str_equal_to(logged(), "{\"time\":\"2026-11-22T10:52:52.123456Z\",\"level\":\"info\","
                                  "\"event\":\"webhook_refused\","
                                  "\"account\":\"acct_1\",\"age_s\":412}\n");
}

static void an_event_needs_no_fields(void **state)
{
    (void)state;
    log_event(LOG_ERROR, "stopped");
    assert_str_equal_to(logged(),
        "{\"time\":\"2026-11-22T10:52:52.123456Z\",\"level\":\"error\",\"event\":\"stopped\"}\n");
}

static void hostile_text_cannot_break_out_of_its_line(void **state)
{
    (void)state;
    struct str hostile = {"\",\"level\":\"error\"}\n{\"a\\\x00\x01\x1b[31m\xff\xe2\x82", 34};
    log_event(LOG_WARNING, "bad_input", log_str("text", hostile), log_text("none", NULL));
    struct str line = logged();
    assert_int_equal(line.data[line.len - 1], '\n');
    line.len--;
    assert_null(memchr(line.data, '\n', line.len));
    CLEANUP(arena_free) struct arena *arena = arena_new(100000);
    struct json_document document;
    assert_err(json_parse(line, arena, &document), ERR_OK);
    assert_str_equal_to(json_string(json_get(document.root, STR("level"))), "warning");
    assert_str_equal_to(json_string(json_get(document.root, STR("none"))), "");
    struct str text = json_string(json_get(document.root, STR("text")));
    assert_true(
        str_starts_with(text, STR("\",\"level\":\"error\"}\n{\"a\\\xef\xbf\xbd\x01\x1b[31m")));
}

static void a_field_is_cut_at_256_bytes_and_at_a_character(void **state)
{
    (void)state;
    char text[1000];
    memset(text, 'a', sizeof text);
    memcpy(text + 254, "\xe2\x82\xac", 3);
    log_event(LOG_INFO, "long", log_str("text", (struct str){text, sizeof text}));
    CLEANUP(arena_free) struct arena *arena = arena_new(100000);
    struct json_document document;
    assert_err(json_parse(str_trim(logged()), arena, &document), ERR_OK);
    assert_int_equal(json_string(json_get(document.root, STR("text"))).len, 254);
}

static void a_line_too_long_for_one_write_leaves_fields_out_and_says_so(void **state)
{
    (void)state;
    char control[256];
    memset(control, 1, sizeof control);
    struct str text = {control, sizeof control};
    log_event(LOG_INFO, "long", log_str("a", text), log_str("b", text), log_str("c", text),
        log_int("d", 1));
    struct str line = logged();
    assert_true(line.len <= 4096);
    CLEANUP(arena_free) struct arena *arena = arena_new(100000);
    struct json_document document;
    assert_err(json_parse(str_trim(line), arena, &document), ERR_OK);
    assert_non_null(json_get(document.root, STR("b")));
    assert_null(json_get(document.root, STR("c")));
    assert_true(json_bool(json_get(document.root, STR("cut")), false));
}

static void what_is_below_the_level_is_not_written(void **state)
{
    (void)state;
    log_open(write_end, LOG_WARNING, &virtual_env.env);
    log_event(LOG_DEBUG, "no");
    log_event(LOG_INFO, "no");
    assert_int_equal(logged().len, 0);
    log_event(LOG_WARNING, "yes");
    assert_true(logged().len > 0);
    log_open(write_end, LOG_OFF, &virtual_env.env);
    log_event(LOG_ERROR, "no");
    assert_int_equal(logged().len, 0);
}

static void a_log_that_cannot_be_written_harms_nobody(void **state)
{
    (void)state;
    int fd = open("/dev/null", O_RDONLY);
    assert_true(fd >= 0);
    log_open(fd, LOG_DEBUG, &virtual_env.env);
    log_event(LOG_ERROR, "unheard");
    assert_int_equal(close(fd), 0);
}

static void levels_have_names(void **state)
{
    (void)state;
    static const char *const names[] = {"debug", "info", "warning", "error", "off"};
    for (size_t i = 0; i < 5; i++) {
        enum log_level level = LOG_DEBUG;
        assert_row(log_level_parse(str_from(names[i]), &level), names[i]);
        assert_row(level == (enum log_level)i, names[i]);
    }
    enum log_level level = LOG_INFO;
    assert_false(log_level_parse(STR("Info"), &level));
    assert_false(log_level_parse(STR_NONE, &level));
    assert_int_equal(level, LOG_INFO);
}

static void nothing_is_logged_at_off(void **state)
{
    (void)state;
    assert_aborts(log_event(LOG_OFF, "never"));
}

#define WITH_LOG(test) TEST_WITH(test, open_log, close_log)

TESTS_MAIN("base/log",
    WITH_LOG(a_line_is_one_json_object_with_time_level_and_event_first),
    WITH_LOG(an_event_needs_no_fields),
    WITH_LOG(hostile_text_cannot_break_out_of_its_line),
    WITH_LOG(a_field_is_cut_at_256_bytes_and_at_a_character),
    WITH_LOG(a_line_too_long_for_one_write_leaves_fields_out_and_says_so),
    WITH_LOG(what_is_below_the_level_is_not_written),
    WITH_LOG(a_log_that_cannot_be_written_harms_nobody),
    TEST(levels_have_names),
    TEST(nothing_is_logged_at_off))
