/* The log of refused deliveries does not grow with the forger's diligence. */
#include "base/log.h"
#include "base/timestamp.h"
#include "http/refused.h"
#include "unit/testing.h"
#include <fcntl.h>

static int log_pipe[2];

static int open_log(void **state)
{
    (void)state;
    if (pipe2(log_pipe, O_NONBLOCK | O_CLOEXEC) != 0) {
        return -1;
    }
    log_open(log_pipe[1], LOG_INFO, env_system());
    return 0;
}

static int close_log(void **state)
{
    (void)state;
    (void)close(log_pipe[0]);
    (void)close(log_pipe[1]);
    return 0;
}

static const char *log_read(void)
{
    static char text[32768];
    ssize_t len = read(log_pipe[0], text, sizeof text - 1);
    text[len > 0 ? len : 0] = '\0';
    return text;
}

static int count_of(const char *text, const char *part)
{
    int count = 0;
    for (const char *at = strstr(text, part); at != NULL; at = strstr(at + 1, part)) {
        count++;
    }
    return count;
}

static void a_refusal_says_account_and_reason(void **state)
{
    (void)state;
    struct refused_log refused = {0};
    refused_log_add(&refused, 5, STR("acme"), UNPROVEN_TOO_OLD);
    const char *text = log_read();
    assert_non_null(strstr(text, "\"webhook_refused\""));
    assert_non_null(strstr(text, "\"acme\""));
    assert_non_null(strstr(text, unproven_word(UNPROVEN_TOO_OLD)));
}

static void beyond_some_lines_a_second_they_are_only_counted(void **state)
{
    (void)state;
    struct refused_log refused = {0};
    for (int64_t i = 0; i < 1000; i++) {
        refused_log_add(&refused, 7 * US_PER_SECOND + i, STR("acme"), UNPROVEN_NO_MATCH);
    }
    const char *text = log_read();
    assert_int_equal(count_of(text, "\n"), REFUSED_LINES_PER_SECOND);
    refused_log_add(&refused, 8 * US_PER_SECOND, STR("acme"), UNPROVEN_NO_MATCH);
    text = log_read();
    assert_int_equal(count_of(text, "\n"), 2);
    assert_non_null(strstr(text, "990"));
    refused_log_flush(&refused);
    assert_string_equal(log_read(), "");
}

static void the_end_says_what_was_left_out(void **state)
{
    (void)state;
    struct refused_log refused = {0};
    for (int i = 0; i < REFUSED_LINES_PER_SECOND + 3; i++) {
        refused_log_add(&refused, 1, STR("acme"), UNPROVEN_NO_HEADER);
    }
    (void)log_read();
    refused_log_flush(&refused);
    assert_non_null(strstr(log_read(), "\"count\":3"));
}

TESTS_MAIN_WITH("http/refused",
    open_log,
    close_log,
    TEST(a_refusal_says_account_and_reason),
    TEST(beyond_some_lines_a_second_they_are_only_counted),
    TEST(the_end_says_what_was_left_out))
