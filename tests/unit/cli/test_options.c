#include "cli/command.h"
#include "cli/output.h"
#include "unit/testing.h"

/* What one parse found. */
struct parsed {
    bool follow;
    struct str type;
    int64_t after, pause_us;
    char **words;
    int count;
    bool help, json;
    const char *config_path;
    char said[2000]; /* on standard error */
};

/* Runs options_parse with standard error in a file, and gives back what was said. */
static enum err parse(int argc, const char *const *argv, int words_max, struct parsed *parsed)
{
    *parsed = (struct parsed){.after = -1, .pause_us = -1};
    const struct option_row options[] = {
        {"--follow", OPTION_FLAG, NULL, "go on", &parsed->follow},
        {"--type", OPTION_TEXT, "TYPE", "only that type", &parsed->type},
        {"--after", OPTION_INT, "N", "behind that one", &parsed->after},
        {"--pause", OPTION_DURATION, "1s", "between two", &parsed->pause_us},
        {NULL, OPTION_FLAG, NULL, NULL, NULL},
    };
    const struct usage usage = {
        .synopsis = "test [--follow]", .description = "A test.", .options = options};
    static char *copies[16];
    for (int i = 0; i < argc; i++) {
        copies[i] = (char *)(uintptr_t)argv[i]; /* options_parse moves the pointers, not the text */
    }
    struct command_context context = {
        .env = env_system(), .argc = argc, .argv = copies, .name = "test"};
    char path[] = "/tmp/counterfoil-test-XXXXXX";
    int saved = dup(STDERR_FILENO);
    int file = mkstemp(path);
    assert_true(saved >= 0 && file >= 0);
    assert_int_equal(dup2(file, STDERR_FILENO), STDERR_FILENO);
    enum err err = options_parse(
        &context, &usage, 0, words_max, &parsed->words, &parsed->count, &parsed->help);
    (void)fflush(stderr);
    assert_int_equal(dup2(saved, STDERR_FILENO), STDERR_FILENO);
    ssize_t len = pread(file, parsed->said, sizeof parsed->said - 1, 0);
    assert_true(len >= 0);
    (void)close(saved);
    (void)close(file);
    (void)unlink(path);
    parsed->json = context.json;
    parsed->config_path = context.config_path;
    return err;
}
#define PARSE(parsed, words_max, ...)                                                              \
    parse((int)(sizeof((const char *const[]){"test", __VA_ARGS__}) / sizeof(char *)),              \
        (const char *const[]){"test", __VA_ARGS__}, words_max, parsed)

static void options_and_words_may_stand_in_any_order(void **state)
{
    (void)state;
    struct parsed parsed;
    assert_err(PARSE(&parsed, 2, "one", "--after", "17", "--follow", "two", "--type=a.b", "--pause",
                   "250ms", "--json", "--config", "x.ini"),
        ERR_OK);
    assert_int64_equal(parsed.after, 17);
    assert_true(parsed.follow);
    assert_str_equal_to(parsed.type, "a.b");
    assert_int64_equal(parsed.pause_us, 250000);
    assert_true(parsed.json);
    assert_string_equal(parsed.config_path, "x.ini");
    assert_int64_equal(parsed.count, 2);
    assert_string_equal(parsed.words[0], "one");
    assert_string_equal(parsed.words[1], "two");
    assert_false(parsed.help);
    assert_string_equal(parsed.said, "");
}

static void two_dashes_end_the_options(void **state)
{
    (void)state;
    struct parsed parsed;
    assert_err(PARSE(&parsed, 3, "--", "--follow", "-", "--"), ERR_OK);
    assert_false(parsed.follow);
    assert_int64_equal(parsed.count, 3);
    assert_string_equal(parsed.words[0], "--follow");
    assert_string_equal(parsed.words[2], "--");
}

static void what_was_not_given_stays_as_it_was(void **state)
{
    (void)state;
    struct parsed parsed;
    assert_err(PARSE(&parsed, 0, "--follow"), ERR_OK);
    assert_int64_equal(parsed.after, -1);
    assert_int64_equal(parsed.pause_us, -1);
    assert_false(parsed.json);
    assert_null(parsed.config_path);
}

static void wrong_command_lines_are_said_with_what_is_right(void **state)
{
    (void)state;
    static const struct {
        const char *first, *second;
        const char *says;
    } rows[] = {
        {"--folow", "", "did you mean --follow?"},
        {"--nonsense-of-mine", "", "there is no option --nonsense-of-mine"},
        {"--after", NULL, "--after wants N"},
        {"--after", "many", "a number from 0 up"},
        {"--after", "-1", "a number from 0 up"},
        {"--after=99999999999999999999", "", "a number from 0 up"},
        {"--pause", "soon", "a duration like 20s"},
        {"--type=", "", "--type wants TYPE"},
        {"--follow=yes", "", "takes no value"},
        {"--config", NULL, "--config wants FILE"},
        {"--config=", "", "--config wants FILE"},
        {"word", "", "one word too many"},
        {"--\x1b[31m", "", "\\x1b[31m"},
    };
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        struct parsed parsed;
        const char *const argv[] = {"test", rows[i].first, rows[i].second};
        int argc = rows[i].second == NULL || rows[i].second[0] == '\0' ? 2 : 3;
        assert_row(parse(argc, argv, 0, &parsed) == ERR_USAGE, rows[i].first);
        if (strstr(parsed.said, rows[i].says) == NULL) {
            print_error("\"%s\" does not say \"%s\"\n", parsed.said, rows[i].says);
        }
        assert_row(strstr(parsed.said, rows[i].says) != NULL, rows[i].first);
        assert_row(strstr(parsed.said, "counterfoil test: ") != NULL, rows[i].first);
        assert_row(strchr(parsed.said, '\x1b') == NULL, rows[i].first);
    }
}

static void an_option_with_two_values_is_refused(void **state)
{
    (void)state;
    struct parsed parsed;
    assert_err(PARSE(&parsed, 0, "--type", "a.b", "--after=1", "--type=c.d"), ERR_USAGE);
    assert_non_null(strstr(parsed.said, "--type is given twice"));
    assert_err(PARSE(&parsed, 0, "--config", "a", "--config", "a"), ERR_USAGE);
    assert_err(PARSE(&parsed, 0, "--follow", "--json", "--follow", "--json"), ERR_OK);
}

static void a_command_describes_itself_without_looking_at_its_words(void **state)
{
    (void)state;
    static const char *const said[] = {
        "--flag\n--json\n--config\n--help\n", "--flag\n--config\n--help\n"};
    for (int text_only = 0; text_only < 2; text_only++) {
        bool flag = false;
        const struct option_row options[] = {
            {"--flag", OPTION_FLAG, NULL, "a flag", &flag},
            {NULL, OPTION_FLAG, NULL, NULL, NULL},
        };
        const struct usage usage = {.synopsis = "test WORD [--flag]",
            .description = "A test.",
            .options = options,
            .text_only = text_only == 1};
        CLEANUP(buf_fini) struct buf text;
        buf_init(&text, 4096);
        char name[] = "test";
        char *argv[] = {name, NULL};
        struct command_context context = {.env = env_system(),
            .argc = 1,
            .argv = argv,
            .name = "test",
            .describe = DESCRIBE_OPTIONS,
            .described = &text};
        char **words = NULL;
        int count = 0;
        bool help = false;
        assert_err(options_parse(&context, &usage, 1, 1, &words, &count, &help), ERR_OK);
        assert_true(help);
        assert_str_equal_to(buf_str(&text), said[text_only]);
    }
}

static void times_are_moments_days_or_ages(void **state)
{
    (void)state;
    struct env_virtual virtual;
    struct env *env = env_virtual_init(&virtual, INT64_C(1795345972000000), 1);
    const struct command_context context = {.env = env, .name = "test"};
    int64_t us = 7;
    assert_err(options_time(&context, "--from", STR(""), &us), ERR_OK);
    assert_int64_equal(us, 7);
    assert_err(options_time(&context, "--from", STR("2026-11-22T11:12:52Z"), &us), ERR_OK);
    assert_int64_equal(us, INT64_C(1795345972000000));
    assert_err(options_time(&context, "--from", STR("2026-11-22"), &us), ERR_OK);
    assert_int64_equal(us, INT64_C(1795305600000000));
    assert_err(options_time(&context, "--from", STR("2h"), &us), ERR_OK);
    assert_int64_equal(us, INT64_C(1795345972000000) - INT64_C(7200000000));
}

TESTS_MAIN("cli/options",
    TEST(options_and_words_may_stand_in_any_order),
    TEST(two_dashes_end_the_options),
    TEST(what_was_not_given_stays_as_it_was),
    TEST(wrong_command_lines_are_said_with_what_is_right),
    TEST(an_option_with_two_values_is_refused),
    TEST(a_command_describes_itself_without_looking_at_its_words),
    TEST(times_are_moments_days_or_ages))
