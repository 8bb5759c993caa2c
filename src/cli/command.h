/* command: what every subcommand gets and gives.
 *
 * Layer: cli. Table: command.def.
 */
#pragma once

#include "cli/config.h"
#include <stdatomic.h>

/* Instead of doing their work, commands describe themselves: for completion and the documentation.
 */
enum describe { DESCRIBE_NOTHING, DESCRIBE_OPTIONS, DESCRIBE_HELP };

struct command_context {
    struct env *env;
    int argc; /* of the subcommand: argv[0] is its name */
    char **argv;
    const char *config_path; /* --config before or after the name, COUNTERFOIL_CONFIG, or NULL: the
                                default */
    bool json;               /* --json, wherever it stood */
    const char *name;        /* for messages: "events", "inbox list" */
    enum describe
        describe; /* other than NOTHING: options_parse writes to `described`, as if for --help */
    struct buf *described;
};

/* Each returns an exit code: err_exit_code() of what ended it. Prints its answer on standard
 * output, and complaints on standard error as `counterfoil NAME: what happened: what to do`. Calls
 * options_parse or options_take before it does anything. */
#define COMMAND(function, name, help) int command_##function(struct command_context *context);
#include "cli/command.def"
#undef COMMAND

/* Says what went wrong on standard error and returns the exit code. `info` may be NULL. */
int command_fail(const struct command_context *context, enum err err, const struct err_info *info);
/* The same with words of one's own. */
int command_refuse(const struct command_context *context, enum err err, const char *format, ...)
    PRINTF_LIKE(3, 4);
/* A line on standard error, `counterfoil NAME: ...`, that ends nothing. */
void command_note(const struct command_context *context, const char *format, ...) PRINTF_LIKE(2, 3);

/* Loads the configuration, secrets too, and opens its store, whatever its schema. On failure says
 * so, and *ret_exit is the exit code. */
MUST_USE enum err command_open(struct command_context *context,
    enum store_access access,
    struct config **ret_config,
    struct store **ret_store,
    int *ret_exit);

/* The same for those who look at or repair what is stored: reads no secret, so that any user may
 * who can read the store, and wants the schema of this very program. */
MUST_USE enum err command_open_ready(struct command_context *context,
    enum store_access access,
    struct config **ret_config,
    struct store **ret_store,
    int *ret_exit);

/* The same with the secrets that can be read: for what asks the provider, and needs a key of
 * them. */
MUST_USE enum err command_open_with_keys(struct command_context *context,
    enum store_access access,
    struct config **ret_config,
    struct store **ret_store,
    int *ret_exit);

/* Runs `work` in one transaction; begins again, a few times, while the store is busy. */
typedef enum err command_work_fn(struct store *store, void *context, struct err_info *reterr);
MUST_USE enum err command_transaction(struct store *store,
    enum store_access access,
    command_work_fn *work,
    void *work_context,
    struct err_info *reterr);

/* Subcommands of a subcommand: `inbox list`. */
struct command_verb {
    const char *name, *help; /* NULL ends the list */
    int (*run)(struct command_context *context);
};
int command_verbs(
    struct command_context *context, const char *description, const struct command_verb *verbs);

/* After SIGINT or SIGTERM, once catching has begun: for loops that shall end in order. */
void command_catch_signals(void);
bool command_is_stopped(void);
const atomic_bool *command_stop_flag(void); /* the same, for what looks at it by itself */
/* Sleeps; returns early when stopped or when nobody reads standard output any more. */
void command_sleep(int64_t us);

/* Every command's name and function. */
struct command {
    const char *name, *help;
    int (*run)(struct command_context *context);
};
extern const struct command commands[];
extern const size_t command_count;

/* Options of one subcommand, from one table, which also prints --help. */
enum option_type { OPTION_FLAG, OPTION_TEXT, OPTION_INT, OPTION_DURATION };
struct option_row {
    const char *name; /* "--after" */
    enum option_type type;
    const char *value; /* "N" in the help; NULL for flags */
    const char *help;
    void *target; /* bool, struct str, int64_t (not negative), int64_t (us) */
};
struct usage {
    const char *synopsis;             /* "events [--after N] [--follow]" */
    const char *description;          /* some lines */
    const struct option_row *options; /* ended by .name == NULL */
    bool text_only;                   /* its answer has no form in JSON: --json is refused */
};
/* Takes the options out; *ret_rest are the other words. --help prints and sets *ret_help. ERR_USAGE
 * was said. `--` ends the options. */
MUST_USE enum err options_parse(struct command_context *context,
    const struct usage *usage,
    int words_min,
    int words_max,
    char ***ret_rest,
    int *ret_count,
    bool *ret_help);
/* The same for a command without words. False when it ends here, with *ret_exit: the help was
 * printed, or what is wrong was said. */
MUST_USE bool options_take(
    struct command_context *context, const struct usage *usage, int *ret_exit);

/* A moment of time as people give it: RFC 3339, a day `2026-11-22`, or a duration: that long ago.
 * Says what is wrong; ERR_USAGE. Leaves *ret_us when `text` is empty. */
MUST_USE enum err options_time(
    const struct command_context *context, const char *option, struct str text, int64_t *ret_us);
