#include "base/check.h"
#include "cli/command.h"
#include "cli/output.h"
#include <stdio.h>

#define PAGE_BYTES_MAX ((size_t)1024 * 1024)

/* Lets a command describe itself instead of doing its work. */
static void describe(const struct command_context *context,
    const struct command *command,
    enum describe describe,
    struct buf *to)
{
    char name[64];
    char *argv[] = {name, NULL};
    struct command_context inner = *context;
    (void)snprintf(name, sizeof name, "%s", command->name);
    inner.argc = 1;
    inner.argv = argv;
    inner.name = command->name;
    inner.describe = describe;
    inner.described = to;
    (void)command->run(&inner);
}

/* --- the script for bash --- */

static void add_case(const char *command, struct str verb, struct str words, struct buf *to)
{
    buf_addf(to, "    '%s " STR_FMT "'*) words='", command, STR_ARG(verb));
    buf_add(to, str_trim(words));
    buf_add(to, STR("' ;;\n"));
}

/* `described` are options one a line, behind the verb that takes them; the verbs themselves are
 * what may stand first. */
static void add_command(const char *command, struct str described, struct buf *to)
{
    CLEANUP(buf_fini) struct buf words;
    CLEANUP(buf_fini) struct buf verbs;
    struct str verb = STR_NONE;
    buf_init(&words, PAGE_BYTES_MAX);
    buf_init(&verbs, PAGE_BYTES_MAX);
    while (described.len > 0) {
        struct str line = str_cut(&described, '\n');
        if (str_starts_with(line, STR("--"))) {
            buf_addf(&words, " " STR_FMT, STR_ARG(line));
            continue;
        }
        if (verb.len > 0) {
            add_case(command, verb, buf_str(&words), to);
        }
        buf_clear(&words);
        buf_addf(&verbs, " " STR_FMT, STR_ARG(line));
        verb = line;
    }
    if (verb.len > 0) {
        add_case(command, verb, buf_str(&words), to);
        buf_addf(&verbs, " --help");
        add_case(command, STR_NONE, buf_str(&verbs), to);
    } else {
        add_case(command, STR_NONE, buf_str(&words), to);
    }
}

static void add_script(const struct command_context *context, struct buf *to)
{
    buf_add(
        to, STR("# bash completion for counterfoil, made by `counterfoil completion`:\n"
                "#   counterfoil completion >/usr/share/bash-completion/completions/counterfoil\n"
                "_counterfoil() {\n"
                "    local word=${COMP_WORDS[COMP_CWORD]} command='' verb='' words='' i\n"
                "    COMPREPLY=()\n"
                "    for ((i = 1; i < COMP_CWORD; i++)); do\n"
                "        case ${COMP_WORDS[i]} in\n"
                "        --config) i=$((i + 1)) ;;\n"
                "        -*) ;;\n"
                "        *) if [ -z \"$command\" ]; then command=${COMP_WORDS[i]}; elif [ -z "
                "\"$verb\" ]; then "
                "verb=${COMP_WORDS[i]}; fi ;;\n"
                "        esac\n"
                "    done\n"
                "    case ${COMP_WORDS[COMP_CWORD - 1]} in\n"
                "    --config | --path | --port-file)\n"
                "        mapfile -t COMPREPLY < <(compgen -f -- \"$word\")\n"
                "        return\n"
                "        ;;\n"
                "    esac\n"
                "    case \"$command $verb\" in\n"
                "    ' ') words='"));
    for (size_t i = 0; i < command_count; i++) {
        buf_addf(to, "%s ", commands[i].name);
    }
    buf_add(to, STR("--config --json --version --help' ;;\n"));
    for (size_t i = 0; i < command_count; i++) {
        CLEANUP(buf_fini) struct buf described;
        buf_init(&described, PAGE_BYTES_MAX);
        describe(context, &commands[i], DESCRIBE_OPTIONS, &described);
        add_command(commands[i].name, buf_str(&described), to);
    }
    buf_add(to, STR("    esac\n"
                    "    mapfile -t COMPREPLY < <(compgen -W \"$words\" -- \"$word\")\n"
                    "}\n"
                    "complete -F _counterfoil counterfoil\n"));
}

/* --- the page docs/cli.md --- */

static void add_exit_codes(struct buf *to)
{
    buf_add(to, STR("## Exit codes\n\n"
                    "| code | when |\n"
                    "|---|---|\n"
                    "| 0 | done; for `events`, `watch` and `serve` also: stopped by SIGINT or "
                    "SIGTERM |\n"));
    for (int code = 1; code < 16; code++) {
        const char *separator = "";
        for (int err = 0; err < ERR_COUNT; err++) {
            if (err_exit_code((enum err)err) != code) {
                continue;
            }
            if (separator[0] == '\0') {
                buf_addf(to, "| %d | ", code);
            }
            buf_addf(to, "%s%s (%s)", separator, err_text((enum err)err), err_name((enum err)err));
            separator = "; ";
        }
        buf_add(to, separator[0] == '\0' ? STR("") : STR(" |\n"));
    }
    buf_add(to, STR("\nComplaints go to standard error, `counterfoil COMMAND: what happened: what "
                    "to do`; answers go to\n"
                    "standard output. `doctor` and `migrate --check` end with 1 when something is "
                    "to be done.\n\n"));
}

static void add_page(const struct command_context *context, struct buf *to)
{
    buf_add(to, STR("# The command line\n\n"
                    "<!-- Made by `counterfoil completion cli.md` from the program's own help; a "
                    "test compares. -->\n\n"
                    "`counterfoil [--config FILE] [--json] COMMAND ...`\n\n"
                    "| command | what it does |\n"
                    "|---|---|\n"));
    for (size_t i = 0; i < command_count; i++) {
        buf_addf(to, "| `%s` | %s |\n", commands[i].name, commands[i].help);
    }
    buf_add(to, STR("\nWithout `--json` the answers are for people: aligned tables, times in UTC, "
                    "amounts like\n"
                    "`1,234.56 EUR`, colours only on a terminal and never when `NO_COLOR` is set. "
                    "Control characters that\n"
                    "came from outside are shown as `\\x1b`. With `--json` every answer is one "
                    "object a line: times are\n"
                    "RFC 3339, amounts are whole numbers of minor units. Looking at the store "
                    "needs no secret: any user\n"
                    "may who can read the configuration and the store.\n\n"));
    add_exit_codes(to);
    for (size_t i = 0; i < command_count; i++) {
        describe(context, &commands[i], DESCRIBE_HELP, to);
    }
    while (to->len > 1 && to->data[to->len - 1] == '\n' && to->data[to->len - 2] == '\n') {
        to->len--; /* one line end closes the file */
    }
}

int command_completion(struct command_context *context)
{
    const struct option_row options[] = {{NULL, OPTION_FLAG, NULL, NULL, NULL}};
    const struct usage usage = {
        .synopsis = "completion [bash|cli.md|config.md]",
        .description = "Prints the completion script for bash, or a page of the documentation, "
                       "from the tables that\n"
                       "the program runs on.",
        .options = options,
        .text_only = true,
    };
    char **words = NULL;
    int count = 0;
    bool help = false;
    enum err err = options_parse(context, &usage, 0, 1, &words, &count, &help);
    if (err != ERR_OK || help) {
        return err_exit_code(err);
    }
    CLEANUP(buf_fini) struct buf text;
    buf_init(&text, PAGE_BYTES_MAX);
    struct str what = count == 0 ? STR("bash") : str_from(words[0]);
    if (str_eq(what, STR("bash"))) {
        add_script(context, &text);
    } else if (str_eq(what, STR("cli.md"))) {
        add_page(context, &text);
    } else if (str_eq(what, STR("config.md"))) {
        config_docs(&text);
    } else {
        return command_refuse(
            context, ERR_USAGE, "there is nothing called %s: bash, cli.md or config.md", words[0]);
    }
    ENSURE(!text.failed);
    out(buf_str(&text));
    return 0;
}
