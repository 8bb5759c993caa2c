/* testing: what every unit test includes first: cmocka in the order it needs, asserts that print
 * names instead of numbers, a seed that is always shown, and a main in one line.
 *
 *   static void empty_text_is_no_number(void **state)
 *   {
 *       (void)state;
 *       int64_t value = 7;
 *       assert_err(str_to_int64(STR(""), &value), ERR_MALFORMED);
 *       assert_int64_equal(value, 7);
 *   }
 *   TESTS_MAIN("str", TEST(empty_text_is_no_number))
 *
 * Names of tests are sentences. `test_x --seed 7` or COUNTERFOIL_SEED=7 repeats a randomised run;
 * `test_x --only 'a_key*'` runs some of the tests. Meson asks for TAP with
 * CMOCKA_MESSAGE_OUTPUT=TAP.
 *
 * Layer: tests. Needs base.
 */
#pragma once

/* cmocka.h uses what these four declare, and does not include them. */
/* clang-format off */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
/* clang-format on */
#include "base/err.h"
#include "base/str.h"
#include <inttypes.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

/* ---- asserts ------------------------------------------------------------------------------- */

#define assert_err(call, expected) test_assert_err_((call), (expected), #call, __FILE__, __LINE__)
/* The text need not be a literal; NULL means "nothing at all". */
#define assert_str_equal_to(value, text)                                                           \
    test_assert_str_((value), str_from(text), #value, __FILE__, __LINE__)
#define assert_strs_equal(value, other)                                                            \
    test_assert_str_((value), (other), #value, __FILE__, __LINE__)
#define assert_int64_equal(value, expected)                                                        \
    test_assert_int64_((value), (expected), #value, __FILE__, __LINE__)

/* For tables: says which row it was. assert_row(row->value == 7, row->name); */
#define assert_row(condition, row_name)                                                            \
    test_assert_row_((condition), #condition, (row_name), __FILE__, __LINE__)

/* The statement breaks a contract, and the program stops at once. In builds whose checks compile to
 * nothing there is nothing to see, and the statement is not run. */
#if defined(CHECKS_OFF)
#define assert_aborts(statement)                                                                   \
    do {                                                                                           \
        if (0) {                                                                                   \
            statement;                                                                             \
        }                                                                                          \
    } while (0)
#else
#define assert_aborts(statement)                                                                   \
    do {                                                                                           \
        pid_t test_child_ = test_fork_quietly_();                                                  \
        if (test_child_ == 0) {                                                                    \
            statement;                                                                             \
            _exit(0);                                                                              \
        }                                                                                          \
        test_assert_aborted_(test_child_, #statement, __FILE__, __LINE__);                         \
    } while (0)
#endif

static inline void test_assert_err_(
    enum err err, enum err expected, const char *call, const char *file, int line)
{
    if (err != expected) {
        print_error("%s:%d: %s\n  gave %s (%s), expected %s\n", file, line, call, err_name(err),
            err_text(err), err_name(expected));
        _fail(file, line);
    }
}

static inline void test_assert_str_(
    struct str value, struct str expected, const char *what, const char *file, int line)
{
    if (!str_eq(value, expected)) {
        print_error("%s:%d: %s\n  is       \"" STR_FMT "\" (%zu bytes)\n  expected \"" STR_FMT
                    "\" (%zu bytes)\n",
            file, line, what, STR_ARG(value), value.len, STR_ARG(expected), expected.len);
        _fail(file, line);
    }
}

static inline void test_assert_int64_(
    int64_t value, int64_t expected, const char *what, const char *file, int line)
{
    if (value != expected) {
        print_error("%s:%d: %s\n  is %" PRId64 ", expected %" PRId64 "\n", file, line, what, value,
            expected);
        _fail(file, line);
    }
}

static inline void test_assert_row_(
    bool condition, const char *expression, const char *row, const char *file, int line)
{
    if (!condition) {
        print_error("%s:%d: row \"%s\": not so: %s\n", file, line, row, expression);
        _fail(file, line);
    }
}

static inline pid_t test_fork_quietly_(void)
{
    (void)fflush(stdout);
    (void)fflush(stderr);
    pid_t child = fork();
    if (child == 0) {
        /* cmocka turns signals into failed tests; the child shall simply die, and say nothing. */
        (void)signal(SIGABRT, SIG_DFL);
        (void)close(STDERR_FILENO);
    }
    return child;
}

static inline void test_assert_aborted_(
    pid_t child, const char *statement, const char *file, int line)
{
    int status = 0;
    if (child < 0 || waitpid(child, &status, 0) != child) {
        print_error("%s:%d: cannot fork\n", file, line);
        _fail(file, line);
    }
    if (!WIFSIGNALED(status) || WTERMSIG(status) != SIGABRT) {
        print_error("%s:%d: does not abort: %s\n", file, line, statement);
        _fail(file, line);
    }
}

/* ---- chance -------------------------------------------------------------------------------- */

static uint64_t test_seed_;

/* The run's seed, shown in its output. Feed it to test_random, or to an env_virtual. */
static inline uint64_t test_seed(void)
{
    return test_seed_;
}

/* The next number of a sequence that the seed decides (splitmix64); *state is first test_seed(). */
static inline uint64_t test_random(uint64_t *state)
{
    *state += UINT64_C(0x9e3779b97f4a7c15);
    uint64_t z = *state;
    z = (z ^ (z >> 30)) * UINT64_C(0xbf58476d1ce4e5b9);
    z = (z ^ (z >> 27)) * UINT64_C(0x94d049bb133111eb);
    return z ^ (z >> 31);
}

static inline uint64_t test_random_below(uint64_t *state, uint64_t limit)
{
    return test_random(state) % limit;
}

/* ---- main ---------------------------------------------------------------------------------- */

static inline int tests_begin_(const char *group, int argc, char **argv)
{
    const char *seed = getenv("COUNTERFOIL_SEED");
    for (int i = 1; i < argc; i++) {
        if (i + 1 < argc && strcmp(argv[i], "--seed") == 0) {
            seed = argv[++i];
        } else if (i + 1 < argc && strcmp(argv[i], "--only") == 0) {
            cmocka_set_test_filter(argv[++i]);
        } else {
            (void)fprintf(stderr, "usage: %s [--seed number] [--only pattern]\n", argv[0]);
            return 2;
        }
    }
    test_seed_ = seed != NULL ? strtoull(seed, NULL, 0) : (uint64_t)time(NULL);
    printf("# %s: seed %" PRIu64 "\n", group, test_seed_);
    return fflush(stdout) == 0 ? 0 : 1;
}

#define TEST(function) cmocka_unit_test(function)
#define TEST_WITH(function, setup, teardown)                                                       \
    cmocka_unit_test_setup_teardown(function, setup, teardown)

/* Says the words of the error too. `reterr` stands for them in the call. */
#define assert_done(call)                                                                          \
    do {                                                                                           \
        struct err_info done_info_ = {""};                                                         \
        struct err_info *reterr = &done_info_;                                                     \
        enum err done_err_ = (call);                                                               \
        if (done_err_ != ERR_OK) {                                                                 \
            print_error("%s:%d: %s: %s: %s\n", __FILE__, __LINE__, #call, err_name(done_err_),     \
                reterr->text);                                                                     \
            fail();                                                                                \
        }                                                                                          \
    } while (0)

/* A program whose tests all need something that may be missing. (A single test cannot be skipped:
 * cmocka 1.1.5 reports that in words which Meson takes for a failure.) */
#define TESTS_MAIN_WHEN(group, condition, why, ...)                                                \
    int main(int argc, char **argv)                                                                \
    {                                                                                              \
        const struct CMUnitTest tests[] = {__VA_ARGS__};                                           \
        if (!(condition)) {                                                                        \
            (void)printf("1..0 # SKIP %s\n", (why));                                               \
            return 0;                                                                              \
        }                                                                                          \
        int refused = tests_begin_(group, argc, argv);                                             \
        return refused != 0 ? refused : cmocka_run_group_tests_name(group, tests, NULL, NULL);     \
    }

#define TESTS_MAIN(group, ...) TESTS_MAIN_WITH(group, NULL, NULL, __VA_ARGS__)
/* The two functions run once, around all tests. */
#define TESTS_MAIN_WITH(group, group_setup, group_teardown, ...)                                   \
    int main(int argc, char **argv)                                                                \
    {                                                                                              \
        const struct CMUnitTest tests[] = {__VA_ARGS__};                                           \
        int refused = tests_begin_(group, argc, argv);                                             \
        return refused != 0                                                                        \
                   ? refused                                                                       \
                   : cmocka_run_group_tests_name(group, tests, group_setup, group_teardown);       \
    }
