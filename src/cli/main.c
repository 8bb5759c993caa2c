#include "store/engines.h"
#include "store/postgres/engine.h"
#include "store/sqlite/engine.h"
#include "cli/command.h"
#include "cli/nearest.h"
#include "cli/output.h"
#include <stdio.h>
#include <stdlib.h>

/* counterfoil [--config FILE] [--json] COMMAND ... */

const struct command commands[] = {
#define COMMAND(function, name, help) {name, help, command_##function},
#include "cli/command.def"
#undef COMMAND
};
const size_t command_count = sizeof commands / sizeof commands[0];

static void print_help(void)
{
    out(STR("Usage: counterfoil [--config FILE] [--json] COMMAND ...\n\n"
            "Receives the webhooks of payment providers, keeps them durably, and turns them into "
            "customers,\n"
            "subscriptions, invoices, payments, refunds, disputes, payouts and events of your "
            "own, with double-entry\nbooks beside them.\n\nCommands:\n"));
    for (size_t i = 0; i < command_count; i++) {
        outf("  %-14s %s\n", commands[i].name, commands[i].help);
    }
    out(STR(
        "\nOptions:\n"
        "  --config FILE  the configuration; also COUNTERFOIL_CONFIG; default " CONFIG_PATH_DEFAULT
        "\n"
        "  --json         answer in JSON, one object a line\n"
        "  --version      print the version\n"
        "  --help         this text; `counterfoil COMMAND --help` says more\n\n"
        "Exit codes: 0 done, 1 something failed or differs, 2 wrong command line, 3 wrong input "
        "or\n"
        "configuration, 4 no such thing, 5 conflict, 6 busy, 7 store, file or network cannot be "
        "used.\n"));
}

static int unknown_command(struct command_context *context, const char *word)
{
    const char *names[64];
    size_t count = 0;
    for (; count < command_count && count < sizeof names / sizeof names[0]; count++) {
        names[count] = commands[count].name;
    }
    const char *near = nearest(str_from(word), names, count);
    return command_refuse(context, ERR_USAGE,
        "there is no command `%s`%s%s%s; `counterfoil --help` lists them", word,
        near == NULL ? "" : "; did you mean `", near == NULL ? "" : near, near == NULL ? "" : "`?");
}

static void print_version(bool json)
{
    out(json ? STR("{\"version\":\"" COUNTERFOIL_VERSION "\"}\n")
             : STR("counterfoil " COUNTERFOIL_VERSION "\n"));
}

/* Options before the command. Returns where the command stands, 0 when there is nothing more to do.
 */
static int take_options(struct command_context *context, int argc, char **argv, int *ret_exit)
{
    bool version = false;
    int at = 1;
    *ret_exit = 0;
    for (; at < argc && argv[at][0] == '-'; at++) {
        struct str word = str_from(argv[at]);
        if (str_eq(word, STR("--json"))) {
            context->json = true;
        } else if (str_eq(word, STR("--config")) && at + 1 < argc && argv[at + 1][0] != '\0') {
            context->config_path = argv[++at];
        } else if (str_starts_with(word, STR("--config=")) && word.len > sizeof "--config=" - 1) {
            context->config_path = argv[at] + sizeof "--config=" - 1;
        } else if (str_eq(word, STR("--help")) || str_eq(word, STR("-h"))) {
            print_help();
            return 0;
        } else if (str_eq(word, STR("--version"))) {
            version = true;
        } else {
            *ret_exit = command_refuse(context, ERR_USAGE,
                "`%s` cannot stand here; `counterfoil --help` says what can", argv[at]);
            return 0;
        }
    }
    if (version) {
        print_version(context->json);
        return 0;
    }
    if (at == argc) {
        print_help();
        *ret_exit = err_exit_code(ERR_USAGE);
        return 0;
    }
    return at;
}

int main(int argc, char **argv)
{
    const char *path = getenv("COUNTERFOIL_CONFIG");
    struct command_context context = {
        .env = env_system(),
        .config_path = path != NULL && path[0] != '\0' ? path : NULL,
        .name = "",
    };
    static const struct sql_engine_opener *const engines[] = {
        &sqlite_engine_opener, &postgres_engine_opener};
    store_use_engines(engines, sizeof engines / sizeof engines[0]);
    int exit_code = 0;
    output_open();
    int at = take_options(&context, argc, argv, &exit_code);
    if (at == 0) {
        return output_close(exit_code);
    }
    context.argc = argc - at;
    context.argv = argv + at;
    for (size_t i = 0; i < command_count; i++) {
        if (strcmp(commands[i].name, argv[at]) == 0) {
            context.name = commands[i].name;
            return output_close(commands[i].run(&context));
        }
    }
    return output_close(unknown_command(&context, argv[at]));
}
