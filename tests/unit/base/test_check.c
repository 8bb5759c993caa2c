#include "base/check.h"
#include "unit/testing.h"

#if defined(CHECKS_OFF)
#define CHECKS_COMPILED false
#else
#define CHECKS_COMPILED true
#endif

/* What the statement writes to standard error before it dies. */
static void dying_words(void (*statement)(int), int argument, char *to, size_t to_size)
{
    int ends[2];
    assert_int_equal(pipe(ends), 0);
    (void)fflush(stdout);
    pid_t child = fork();
    assert_true(child >= 0);
    if (child == 0) {
        (void)signal(SIGABRT, SIG_DFL);
        (void)dup2(ends[1], STDERR_FILENO);
        statement(argument);
        _exit(0);
    }
    (void)close(ends[1]);
    size_t len = 0;
    ssize_t got = 0;
    while ((got = read(ends[0], to + len, to_size - 1 - len)) > 0) {
        len += (size_t)got;
    }
    to[len] = '\0';
    (void)close(ends[0]);
    int status = 0;
    assert_int_equal(waitpid(child, &status, 0), child);
    assert_true(WIFSIGNALED(status) && WTERMSIG(status) == SIGABRT);
}

static void check_one(int argument)
{
    switch (argument) {
    case 0:
        REQUIRE(argument > 0);
        break;
    case 1:
        ENSURE(argument == 0);
        break;
    case 2:
        INVARIANT(argument < 2);
        break;
    default:
        UNREACHABLE();
    }
}

static void a_failed_check_says_where_what_and_why_and_aborts(void **state)
{
    (void)state;
    if (!CHECKS_COMPILED) {
        return;
    }
    static const char *const words[] = {": require failed: argument > 0\n",
        ": ensure failed: argument == 0\n", ": invariant failed: argument < 2\n",
        ": unreachable failed: reached\n"};
    for (int i = 0; i < 4; i++) {
        char text[600];
        dying_words(check_one, i, text, sizeof text);
        assert_row(strstr(text, "test_check.c:") != NULL, words[i]);
        assert_row(strstr(text, words[i]) != NULL, words[i]);
    }
}

static void fail_with_long_words(int argument)
{
    (void)argument;
    char expression[2000];
    memset(expression, 'x', sizeof expression - 1);
    expression[sizeof expression - 1] = '\0';
    check_failed("file.c", 7, "require", expression);
}

static void words_too_long_are_cut_and_still_end_in_a_newline(void **state)
{
    (void)state;
    char text[3000];
    dying_words(fail_with_long_words, 0, text, sizeof text);
    size_t len = strlen(text);
    assert_true(len > 100 && len < 512);
    assert_int_equal(text[len - 1], '\n');
}

static void a_check_that_holds_does_nothing(void **state)
{
    (void)state;
    int one = 1;
    REQUIRE(one == 1);
    ENSURE(one == 1);
    INVARIANT(one == 1);
}

static void slow_checks_are_for_builds_that_ask_for_them(void **state)
{
    (void)state;
    int evaluated = 0;
    INVARIANT_SLOW(++evaluated > 0);
#if defined(CHECKS_SLOW) && !defined(CHECKS_OFF)
    assert_int_equal(evaluated, 1);
#else
    assert_int_equal(evaluated, 0);
#endif
}

TESTS_MAIN("base/check",
    TEST(a_failed_check_says_where_what_and_why_and_aborts),
    TEST(words_too_long_are_cut_and_still_end_in_a_newline),
    TEST(a_check_that_holds_does_nothing),
    TEST(slow_checks_are_for_builds_that_ask_for_them))
