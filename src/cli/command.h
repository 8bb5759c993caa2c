/* command: what every subcommand gets and gives.
 *
 * Layer: cli. Table: command.def.
 */
#pragma once

#include "cli/config.h"

struct command_context {
    struct env *env;
    int argc;    /* of the subcommand: argv[0] is its name */
    char **argv;
    const char *config_path; /* --config before or after the name, COUNTERFOIL_CONFIG, or NULL: the default */
    bool json;               /* --json, wherever it stood */
};

/* Each returns an exit code: err_exit_code() of what ended it. Prints its answer on standard output, and
 * complaints on standard error as `counterfoil NAME: what happened: what to do`. */
#define COMMAND(function, name, help) int command_##function(struct command_context *context);
#include "cli/command.def"
#undef COMMAND

/* Says what went wrong on standard error and returns the exit code. `info` may be NULL. */
int command_fail(const struct command_context *context, enum err err, const struct err_info *info);

/* Loads the configuration and opens its store. On failure says so, and *ret_exit is the exit code. */
MUST_USE enum err command_open(struct command_context *context, enum store_access access,
    struct config **ret_config, struct store **ret_store, int *ret_exit);

/* Options of one subcommand, from one table, which also prints --help. */
enum option_type { OPTION_FLAG, OPTION_TEXT, OPTION_INT, OPTION_DURATION };
struct option_row {
    const char *name;  /* "--after" */
    enum option_type type;
    const char *value; /* "N" in the help; NULL for flags */
    const char *help;
    void *target;      /* bool, struct str, int64_t, int64_t (us) */
};
struct usage {
    const char *synopsis;    /* "events [--after N] [--follow]" */
    const char *description; /* some lines */
    const struct option_row *options; /* ended by .name == NULL */
};
/* Takes the options out; *ret_rest are the other words. --help prints and sets *ret_help. ERR_USAGE was said. */
MUST_USE enum err options_parse(struct command_context *context, const struct usage *usage,
    int words_min, int words_max, char ***ret_rest, int *ret_count, bool *ret_help);
