#include "cli/command.h"
#include "base/check.h"
#include "base/timestamp.h"
#include "cli/nearest.h"
#include "cli/output.h"
#include <signal.h>
#include <stdio.h>
#include <unistd.h>

#define BUSY_TRIES 8
#define BUSY_PAUSE_US 25000 /* doubles: some 3 s in all */

/* --- complaints --- */

/* Error texts may hold what came from outside. */
static void say(
    const struct command_context *context, const char *what, const char *more, const char *hint)
{
    CLEANUP(buf_fini) struct buf line;
    buf_init(&line, 8192);
    buf_addf(&line, "counterfoil%s%s: ", context->name[0] != '\0' ? " " : "", context->name);
    text_escape(&line, str_from(what));
    if (more[0] != '\0') {
        buf_add(&line, STR(": "));
        text_escape(&line, str_from(more));
    }
    if (hint[0] != '\0') {
        buf_addf(&line, ": %s", hint);
    }
    buf_add_char(&line, '\n');
    struct str text = buf_str(&line);
    out_flush(); /* so that both streams on one terminal stand in order */
    (void)fwrite(text.data, 1, text.len, stderr);
}

static const char *hint_of(enum err err)
{
    static const char *const hints[ERR_COUNT] = {
        [ERR_SCHEMA] = "`counterfoil doctor` says more",
        [ERR_BUSY] = "try again",
        [ERR_LOCKED] = "try again when the other process has ended",
        [ERR_STORE_IO] = "`counterfoil doctor` says more",
        [ERR_STORE_FULL] = "make room on its disk",
    };
    return hints[err] == NULL ? "" : hints[err];
}

int command_fail(const struct command_context *context, enum err err, const struct err_info *info)
{
    REQUIRE(context != NULL);
    REQUIRE(err != ERR_OK);
    say(context, err_text(err), info == NULL ? "" : info->text, hint_of(err));
    return err_exit_code(err);
}

int command_refuse(const struct command_context *context, enum err err, const char *format, ...)
{
    char words[600];
    va_list arguments;
    va_start(arguments, format);
    (void)vsnprintf(words, sizeof words, format, arguments);
    va_end(arguments);
    say(context, words, "", "");
    return err_exit_code(err);
}

void command_note(const struct command_context *context, const char *format, ...)
{
    char words[600];
    va_list arguments;
    va_start(arguments, format);
    (void)vsnprintf(words, sizeof words, format, arguments);
    va_end(arguments);
    say(context, words, "", "");
}

/* --- configuration and store --- */

static enum err open_both(struct command_context *context,
    enum store_access access,
    enum config_secrets secrets,
    struct config **ret_config,
    struct store **ret_store,
    int *ret_exit)
{
    struct err_info info = {""};
    CLEANUP(config_free) struct config *config = NULL;
    enum err err = config_load_with(context->config_path, secrets, &config, &info);
    if (err != ERR_OK) {
        bool missing = err == ERR_NOT_FOUND;
        *ret_exit = command_refuse(context, err, "%s%s", info.text,
            missing ? ": write one with `counterfoil init`, or name it by --config" : "");
        return err;
    }
    err = store_open(config->store_url, access, context->env, ret_store, &info);
    if (err != ERR_OK) {
        bool missing = err == ERR_NOT_FOUND;
        *ret_exit = missing
                        ? command_refuse(context, err,
                              "the store " STR_FMT " does not exist yet: `counterfoil migrate` or "
                              "`counterfoil serve` makes it",
                              STR_ARG(config->store_url))
                        : command_fail(context, err, &info);
        return err;
    }
    *ret_config = config;
    config = NULL;
    return ERR_OK;
}

enum err command_open(struct command_context *context,
    enum store_access access,
    struct config **ret_config,
    struct store **ret_store,
    int *ret_exit)
{
    REQUIRE(context != NULL);
    return open_both(context, access, CONFIG_SECRETS_RESOLVED, ret_config, ret_store, ret_exit);
}

static enum err open_ready(struct command_context *context,
    enum store_access access,
    enum config_secrets secrets,
    struct config **ret_config,
    struct store **ret_store,
    int *ret_exit)
{
    REQUIRE(context != NULL);
    struct err_info info = {""};
    struct schema_state schema = {0};
    CLEANUP(config_free) struct config *config = NULL;
    CLEANUP(store_close) struct store *store = NULL;
    TRY(open_both(context, access, secrets, &config, &store, ret_exit));
    enum err err = store_schema(store, &schema, &info);
    if (err == ERR_OK && schema.version != schema.wanted) {
        err = err_set(&info, ERR_SCHEMA,
            "it has %d, this program needs %d: run `counterfoil migrate`", schema.version,
            schema.wanted);
    }
    if (err != ERR_OK) {
        *ret_exit = command_fail(context, err, &info);
        return err;
    }
    *ret_config = config;
    *ret_store = store;
    config = NULL;
    store = NULL;
    return ERR_OK;
}

enum err command_open_ready(struct command_context *context,
    enum store_access access,
    struct config **ret_config,
    struct store **ret_store,
    int *ret_exit)
{
    return open_ready(context, access, CONFIG_SECRETS_LEFT, ret_config, ret_store, ret_exit);
}

enum err command_open_with_keys(struct command_context *context,
    enum store_access access,
    struct config **ret_config,
    struct store **ret_store,
    int *ret_exit)
{
    return open_ready(context, access, CONFIG_SECRETS_TRIED, ret_config, ret_store, ret_exit);
}

static enum err once(struct store *store,
    enum store_access access,
    command_work_fn *work,
    void *work_context,
    struct err_info *reterr)
{
    TRY(store_begin(store, access, reterr));
    CLEANUP(store_rollback) struct store *transaction = store;
    TRY(work(store, work_context, reterr));
    TRY(store_commit(store, reterr));
    transaction = NULL;
    return ERR_OK;
}

enum err command_transaction(struct store *store,
    enum store_access access,
    command_work_fn *work,
    void *work_context,
    struct err_info *reterr)
{
    REQUIRE(store != NULL);
    REQUIRE(work != NULL);
    int64_t pause_us = BUSY_PAUSE_US;
    enum err err = ERR_OK;
    for (int i = 0; i < BUSY_TRIES; i++) {
        err = once(store, access, work, work_context, reterr);
        if (err == ERR_OK || err_class(err) != ERR_CLASS_BUSY || command_is_stopped()) {
            return err;
        }
        (void)usleep((useconds_t)pause_us);
        pause_us *= 2;
    }
    return err;
}

/* --- verbs --- */

static void verbs_help(const struct command_context *context,
    const char *description,
    const struct command_verb *verbs,
    struct buf *to)
{
    buf_addf(to, "Usage: counterfoil %s VERB ...\n\n%s\n\nVerbs:\n", context->name, description);
    int width = 10;
    for (const struct command_verb *verb = verbs; verb->name != NULL; verb++) {
        width = (int)strlen(verb->name) > width ? (int)strlen(verb->name) : width;
    }
    for (const struct command_verb *verb = verbs; verb->name != NULL; verb++) {
        buf_addf(to, "  %-*s %s\n", width, verb->name, verb->help);
    }
    buf_addf(to, "\n`counterfoil %s VERB --help` says more.\n", context->name);
}

static int run_verb(struct command_context *context, const struct command_verb *verb, int at)
{
    char name[64];
    struct command_context inner = *context;
    (void)snprintf(name, sizeof name, "%s %s", context->name, verb->name);
    inner.name = name;
    inner.argc = context->argc - at;
    inner.argv = context->argv + at;
    return verb->run(&inner);
}

static int describe_verbs(
    struct command_context *context, const char *description, const struct command_verb *verbs)
{
    if (context->describe == DESCRIBE_HELP) {
        buf_addf(context->described, "## counterfoil %s\n\n```\n", context->name);
        verbs_help(context, description, verbs, context->described);
        buf_addf(context->described, "```\n\n");
    }
    for (const struct command_verb *verb = verbs; verb->name != NULL; verb++) {
        if (context->describe == DESCRIBE_OPTIONS) {
            buf_addf(context->described, "%s\n", verb->name);
        }
        (void)run_verb(context, verb, 0);
    }
    return 0;
}

int command_verbs(
    struct command_context *context, const char *description, const struct command_verb *verbs)
{
    REQUIRE(context != NULL);
    REQUIRE(verbs != NULL);
    if (context->describe != DESCRIBE_NOTHING) {
        return describe_verbs(context, description, verbs);
    }
    int at = 1;
    for (; at < context->argc && context->argv[at][0] == '-'; at++) {
        struct str word = str_from(context->argv[at]);
        if (str_eq(word, STR("--json"))) {
            context->json = true;
        } else if (str_eq(word, STR("--config")) && at + 1 < context->argc) {
            context->config_path = context->argv[++at];
        } else if (str_eq(word, STR("--help")) || str_eq(word, STR("-h"))) {
            CLEANUP(buf_fini) struct buf text;
            buf_init(&text, 16384);
            verbs_help(context, description, verbs, &text);
            out(buf_str(&text));
            return 0;
        } else {
            return command_refuse(context, ERR_USAGE,
                "options stand behind the verb: counterfoil %s VERB %s", context->name,
                context->argv[at]);
        }
    }
    const char *names[16];
    size_t count = 0;
    for (const struct command_verb *verb = verbs; verb->name != NULL; verb++) {
        if (at < context->argc && strcmp(verb->name, context->argv[at]) == 0) {
            return run_verb(context, verb, at);
        }
        REQUIRE(count < sizeof names / sizeof names[0]);
        names[count++] = verb->name;
    }
    const char *word = at < context->argc ? context->argv[at] : NULL;
    const char *near = word == NULL ? NULL : nearest(str_from(word), names, count);
    (void)command_refuse(context, ERR_USAGE, "%s%s%s%s",
        word == NULL ? "wants a verb" : "there is no such verb",
        near == NULL ? "" : "; did you mean `", near == NULL ? "" : near, near == NULL ? "" : "`?");
    (void)fprintf(stderr, "Try `counterfoil %s --help`.\n", context->name);
    return err_exit_code(ERR_USAGE);
}

/* --- signals --- */

static atomic_bool stopped; /* free of locks, so that a signal may set it */

static void stop(int signal_number)
{
    (void)signal_number;
    atomic_store(&stopped, true);
}

void command_catch_signals(void)
{
    struct sigaction action = {.sa_handler = stop}; /* no SA_RESTART: waits shall end */
    (void)sigemptyset(&action.sa_mask);
    (void)sigaction(SIGINT, &action, NULL);
    (void)sigaction(SIGTERM, &action, NULL);
    (void)sigaction(SIGHUP, &action, NULL); /* the terminal was closed */
}

bool command_is_stopped(void)
{
    return atomic_load(&stopped);
}

const atomic_bool *command_stop_flag(void)
{
    return &stopped;
}

void command_sleep(int64_t us)
{
    REQUIRE(us >= 0);
    if (!command_is_stopped()) {
        output_wait(us);
    }
}
