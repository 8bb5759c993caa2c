#include "base/check.h"
#include "base/timestamp.h"
#include "cli/command.h"
#include "cli/nearest.h"
#include "cli/output.h"
#include <stdio.h>

#define OPTIONS_MAX 40
#define HELP_COLUMN 24

/* What every command takes; --json, which stands first, unless its answer is text only. */
static const struct option_row common_rows[] = {
    {"--json", OPTION_FLAG, NULL, "answer in JSON, for programs", NULL},
    {"--config", OPTION_TEXT, "FILE", "the configuration; also COUNTERFOIL_CONFIG", NULL},
    {"--help", OPTION_FLAG, NULL, "this text", NULL},
    {NULL, OPTION_FLAG, NULL, NULL, NULL},
};

struct parser {
    struct command_context *context;
    const struct usage *usage;
    bool help;
    const char *given[OPTIONS_MAX]; /* options with a value, once each */
    size_t given_count;
};

static enum err complain(const struct parser *parser, const char *format, ...) PRINTF_LIKE(2, 3);

static enum err complain(const struct parser *parser, const char *format, ...)
{
    char words[400];
    va_list arguments;
    va_start(arguments, format);
    (void)vsnprintf(words, sizeof words, format, arguments);
    va_end(arguments);
    (void)command_refuse(parser->context, ERR_USAGE, "%s", words);
    (void)fprintf(stderr, "Try `counterfoil %s --help`.\n", parser->context->name);
    return ERR_USAGE;
}

static const struct option_row *common_of(const struct usage *usage)
{
    return usage->text_only ? common_rows + 1 : common_rows;
}

/* --- help --- */

static void format_rows(const struct option_row *rows, struct buf *to)
{
    for (const struct option_row *row = rows; row->name != NULL; row++) {
        char left[64];
        (void)snprintf(left, sizeof left, "%s%s%s", row->name, row->value != NULL ? " " : "",
            row->value != NULL ? row->value : "");
        buf_addf(to, "  %-*s %s\n", HELP_COLUMN, left, row->help);
    }
}

static void format_help(const struct usage *usage, struct buf *to)
{
    buf_addf(to, "Usage: counterfoil %s\n\n%s\n\nOptions:\n", usage->synopsis, usage->description);
    format_rows(usage->options, to);
    format_rows(common_of(usage), to);
}

static void describe(const struct parser *parser, struct buf *to)
{
    if (parser->context->describe == DESCRIBE_HELP) {
        buf_addf(to, "## counterfoil %s\n\n```\n", parser->context->name);
        format_help(parser->usage, to);
        buf_addf(to, "```\n\n");
        return;
    }
    for (const struct option_row *row = parser->usage->options; row->name != NULL; row++) {
        buf_addf(to, "%s\n", row->name);
    }
    for (const struct option_row *row = common_of(parser->usage); row->name != NULL; row++) {
        buf_addf(to, "%s\n", row->name);
    }
}

/* --- values --- */

static enum err take_value(
    const struct parser *parser, const struct option_row *row, struct str value)
{
    int64_t number = 0;
    switch (row->type) {
    case OPTION_TEXT:
        if (value.len == 0) {
            return complain(parser, "%s wants %s", row->name, row->value);
        }
        *(struct str *)row->target = value;
        return ERR_OK;
    case OPTION_INT:
        if (str_to_int64(value, &number) != ERR_OK || number < 0) {
            return complain(parser, "%s wants a number from 0 up", row->name);
        }
        *(int64_t *)row->target = number;
        return ERR_OK;
    case OPTION_DURATION:
        if (duration_parse(value, &number) != ERR_OK) {
            return complain(parser, "%s wants a duration like 20s, 5m, 2h or 250ms", row->name);
        }
        *(int64_t *)row->target = number;
        return ERR_OK;
    case OPTION_FLAG:
    default:
        UNREACHABLE();
    }
}

static void take_common(struct parser *parser, const struct option_row *row, const char *value)
{
    if (strcmp(row->name, "--json") == 0) {
        parser->context->json = true;
    } else if (strcmp(row->name, "--config") == 0) {
        parser->context->config_path = value;
    } else {
        parser->help = true;
    }
}

static const struct option_row *find(const struct option_row *rows, struct str name)
{
    for (const struct option_row *row = rows; row->name != NULL; row++) {
        if (str_eq(name, str_from(row->name))) {
            return row;
        }
    }
    return NULL;
}

static enum err unknown(const struct parser *parser, struct str name)
{
    const char *names[OPTIONS_MAX];
    size_t count = 0;
    for (const struct option_row *row = parser->usage->options; row->name != NULL; row++) {
        REQUIRE(count < OPTIONS_MAX - 3);
        names[count++] = row->name;
    }
    for (const struct option_row *row = common_of(parser->usage); row->name != NULL; row++) {
        names[count++] = row->name;
    }
    const char *near = nearest(name, names, count);
    return complain(parser, "there is no option " STR_FMT "%s%s%s", STR_ARG(name),
        near == NULL ? "" : "; did you mean ", near == NULL ? "" : near, near == NULL ? "" : "?");
}

/* Takes argv[*at] and, for an option with a value, what follows. */
static enum err take_option(struct parser *parser, int *at)
{
    struct command_context *context = parser->context;
    const char *argument = context->argv[*at];
    const char *equals = strchr(argument, '=');
    struct str name = {argument, equals != NULL ? (size_t)(equals - argument) : strlen(argument)};
    if (str_eq(name, STR("-h"))) {
        name = STR("--help");
    }
    const struct option_row *common = find(common_rows, name);
    const struct option_row *row = common != NULL ? common : find(parser->usage->options, name);
    if (row == NULL) {
        return unknown(parser, name);
    }
    if (row->type == OPTION_FLAG) {
        if (equals != NULL) {
            return complain(parser, "%s takes no value", row->name);
        }
        if (common != NULL) {
            take_common(parser, row, NULL);
        } else {
            *(bool *)row->target = true;
        }
        return ERR_OK;
    }
    for (size_t i = 0; i < parser->given_count; i++) {
        if (strcmp(parser->given[i], row->name) == 0) {
            return complain(parser, "%s is given twice: say which value is meant", row->name);
        }
    }
    INVARIANT(parser->given_count < OPTIONS_MAX);
    parser->given[parser->given_count++] = row->name;
    const char *value = equals != NULL ? equals + 1 : NULL;
    if (value == NULL && *at + 1 < context->argc) {
        value = context->argv[++*at];
    }
    if (value == NULL || (common != NULL && value[0] == '\0')) {
        return complain(parser, "%s wants %s", row->name, row->value);
    }
    if (common != NULL) {
        take_common(parser, row, value);
        return ERR_OK;
    }
    return take_value(parser, row, str_from(value));
}

/* The other words are moved together at the front, behind argv[0]. */
static enum err take_all(struct parser *parser, int *ret_words)
{
    struct command_context *context = parser->context;
    int words = 0;
    bool options = true;
    for (int at = 1; at < context->argc; at++) {
        char *argument = context->argv[at];
        bool is_option = options && argument[0] == '-' && argument[1] != '\0';
        if (is_option && strcmp(argument, "--") == 0) {
            options = false;
        } else if (is_option) {
            TRY(take_option(parser, &at));
        } else {
            context->argv[1 + words++] = argument;
        }
    }
    *ret_words = words;
    return ERR_OK;
}

enum err options_parse(struct command_context *context,
    const struct usage *usage,
    int words_min,
    int words_max,
    char ***ret_rest,
    int *ret_count,
    bool *ret_help)
{
    REQUIRE(context != NULL);
    REQUIRE(usage != NULL);
    REQUIRE(words_min <= words_max);
    struct parser parser = {.context = context, .usage = usage};
    int words = 0;
    if (context->describe != DESCRIBE_NOTHING) {
        describe(&parser, context->described);
        parser.help = true;
    } else {
        TRY(take_all(&parser, &words));
    }
    if (parser.help && context->describe == DESCRIBE_NOTHING) {
        CLEANUP(buf_fini) struct buf text;
        buf_init(&text, 65536);
        format_help(usage, &text);
        out(buf_str(&text));
    }
    if (!parser.help && usage->text_only && context->json) {
        return complain(&parser, "its answer is no JSON: leave --json out");
    }
    if (!parser.help && words < words_min) {
        return complain(&parser, "something is missing: counterfoil %s", usage->synopsis);
    }
    if (!parser.help && words > words_max) {
        return complain(&parser, "`%s` is one word too many", context->argv[1 + words_max]);
    }
    *ret_rest = context->argv + 1;
    *ret_count = words;
    *ret_help = parser.help;
    return ERR_OK;
}

bool options_take(struct command_context *context, const struct usage *usage, int *ret_exit)
{
    char **words = NULL;
    int count = 0;
    bool help = false;
    enum err err = options_parse(context, usage, 0, 0, &words, &count, &help);
    if (err != ERR_OK || help) {
        *ret_exit = err_exit_code(err);
        return false;
    }
    return true;
}

enum err options_time(
    const struct command_context *context, const char *option, struct str text, int64_t *ret_us)
{
    REQUIRE(ret_us != NULL);
    int64_t us = 0;
    char midnight[TIMESTAMP_TEXT_BYTES];
    if (text.len == 0) {
        return ERR_OK;
    }
    if (text.len == sizeof "2026-11-22" - 1) {
        (void)snprintf(midnight, sizeof midnight, STR_FMT "T00:00:00Z", STR_ARG(text));
        if (timestamp_parse(str_from(midnight), &us) == ERR_OK) {
            *ret_us = us;
            return ERR_OK;
        }
    }
    if (timestamp_parse(text, ret_us) == ERR_OK) {
        return ERR_OK;
    }
    if (duration_parse(text, &us) == ERR_OK) {
        *ret_us = env_now(context->env) - us;
        return ERR_OK;
    }
    (void)command_refuse(context, ERR_USAGE,
        "%s wants a time like 2026-11-22T10:00:00Z, a day like 2026-11-22, or how long ago: 2h",
        option);
    return ERR_USAGE;
}
