#include "base/check.h"
#include "base/timestamp.h"
#include "cli/import_inside.h"
#include "cli/output.h"
#include <unistd.h>

#define FILES_MAX 64

int import_complain(struct importing *importing, enum err err, const struct err_info *info)
{
    progress_clear(&importing->progress);
    bool of_store = err == ERR_STORE_IO || err == ERR_STORE_FULL || err == ERR_LOCKED;
    return of_store || info->text[0] == '\0'
               ? command_fail(importing->context, err, info)
               : command_refuse(importing->context, err, "%s", info->text);
}

/* --- whose --- */

static bool asks(const struct importing *importing)
{
    return importing->api || importing->reports;
}

/* By its label; or the only one. False: what is wrong was said. */
static bool find_account(struct importing *importing, const struct config *config, int *ret_exit)
{
    struct command_context *context = importing->context;
    for (uint32_t i = 0; i < config->account_count; i++) {
        if (importing->account_label.len == 0
                ? config->account_count == 1
                : str_eq(config->accounts[i].says.name, importing->account_label)) {
            importing->account = &config->accounts[i];
        }
    }
    if (importing->account != NULL) {
        return true;
    }
    *ret_exit = importing->account_label.len == 0
                    ? command_refuse(context, ERR_USAGE,
                          "say --account LABEL: whose statement it is, no file says")
                    : command_refuse(context, ERR_NOT_FOUND,
                          "there is no [account " STR_FMT "] in the configuration",
                          STR_ARG(importing->account_label));
    return false;
}

static bool choose_account(struct importing *importing, const struct config *config, int *ret_exit)
{
    struct command_context *context = importing->context;
    if (!find_account(importing, config, ret_exit)) {
        return false;
    }
    const struct account *account = importing->account;
    if (account->provider->statement == NULL) {
        *ret_exit = command_refuse(
            context, ERR_CONFIG, "the account's provider has no statement that can be read");
        return false;
    }
    if (asks(importing) && !account_is_readable(account)) {
        const struct config_account *details = &config->details[account - config->accounts];
        *ret_exit = command_refuse(context, ERR_CONFIG, "[account " STR_FMT "] key.read: %s",
            STR_ARG(account->says.name),
            details->key.problem.text[0] != '\0'
                ? details->key.problem.text
                : "is needed: make a restricted key that may read, as docs/stripe-api.md says");
        return false;
    }
    return true;
}

/* --- the command --- */

static int run(struct importing *importing)
{
    int exit_code = 0;
    CLEANUP(config_free) struct config *config = NULL;
    CLEANUP(store_close) struct store *store = NULL;
    enum err err =
        asks(importing)
            ? command_open_with_keys(importing->context, STORE_WRITE, &config, &store, &exit_code)
            : command_open_ready(importing->context, STORE_WRITE, &config, &store, &exit_code);
    if (err != ERR_OK) {
        return exit_code;
    }
    importing->store = store;
    if (!choose_account(importing, config, &exit_code)) {
        return exit_code;
    }
    return asks(importing) ? import_pull(importing) : import_files(importing);
}

static int run_files(struct importing *importing, char **paths, uint32_t count)
{
    static struct import_file files[FILES_MAX];
    for (uint32_t i = 0; i < count; i++) {
        files[i] = (struct import_file){.path = paths[i], .filed = {.fd = -1}};
    }
    importing->files = files;
    importing->file_count = count;
    int exit_code = run(importing);
    for (uint32_t i = 0; i < count; i++) {
        if (files[i].filed.fd >= 0) {
            (void)close(files[i].filed.fd);
        }
    }
    return exit_code;
}

/* --- options --- */

static enum err refuse_usage(const struct importing *importing, const char *text)
{
    (void)command_refuse(importing->context, ERR_USAGE, "%s", text);
    return ERR_USAGE;
}

static enum err take_report(struct importing *importing)
{
    importing->as = FILED_AS_IT_SAYS;
    for (int i = 0; i < STATEMENT_FILE_COUNT; i++) {
        if (str_eq(importing->as_word, str_from(statement_file_word((enum statement_file)i)))) {
            importing->as = i;
        }
    }
    if (importing->as_word.len > 0 && importing->as == FILED_AS_IT_SAYS) {
        return refuse_usage(
            importing, "--as wants activity, payouts, payout_items, ending_balance or summary");
    }
    return ERR_OK;
}

/* --to is where the time ends: a line of that very moment is left to the next one. */
static enum err take_times(struct importing *importing)
{
    struct command_context *context = importing->context;
    int64_t from_us = -1;
    int64_t to_us = env_now(context->env);
    if (importing->from.len == 0) {
        return refuse_usage(importing, "say --from TIME: since when");
    }
    TRY(options_time(context, "--from", importing->from, &from_us));
    TRY(options_time(context, "--to", importing->to, &to_us));
    if (from_us < 0) {
        return refuse_usage(importing, "--from lies before 1970");
    }
    importing->from_us = timestamp_second(from_us);
    importing->to_us = timestamp_second(to_us) - US_PER_SECOND;
    if (importing->from_us > importing->to_us) {
        return refuse_usage(importing,
            "--from lies behind --to: it must be earlier, and --to is now when left out");
    }
    return ERR_OK;
}

static enum err take_asking(struct importing *importing, int words)
{
    if (importing->api && importing->reports) {
        return refuse_usage(importing, "--api and --reports are two ways: choose one");
    }
    if (words > 0) {
        return refuse_usage(
            importing, "files, or --api, or --reports: what is asked for wants no file");
    }
    if (importing->as_word.len > 0) {
        return refuse_usage(importing, "--as is for files");
    }
    if (importing->reports && importing->dry_run) {
        return refuse_usage(
            importing, "--dry-run goes with files and --api: a report that is made is taken");
    }
    return take_times(importing);
}

static enum err take_options(struct importing *importing, int words)
{
    TRY(take_report(importing));
    if (importing->connected.len > 0 && !str_starts_with(importing->connected, STR("acct_"))) {
        return refuse_usage(
            importing, "--connected wants the provider's id of an account, acct_...");
    }
    if (asks(importing)) {
        return take_asking(importing, words);
    }
    if (importing->from.len > 0 || importing->to.len > 0) {
        return refuse_usage(
            importing, "--from and --to go with --api or --reports: a file is taken whole");
    }
    return words > 0 ? ERR_OK : refuse_usage(importing, "name a file, or say --api or --reports");
}

int command_import(struct command_context *context)
{
    struct importing importing = {.context = context};
    const struct option_row options[] = {
        {"--account", OPTION_TEXT, "LABEL",
            "whose statement: not needed where there is one account", &importing.account_label},
        {"--connected", OPTION_TEXT, "ID", "of that account, connected to it",
            &importing.connected},
        {"--as", OPTION_TEXT, "REPORT",
            "activity, payouts, payout_items, ending_balance or summary: where columns fit several",
            &importing.as_word},
        {"--api", OPTION_FLAG, NULL, "ask the provider for the lines, page by page",
            &importing.api},
        {"--reports", OPTION_FLAG, NULL, "have the provider make reports, and take them",
            &importing.reports},
        {"--from", OPTION_TEXT, "TIME",
            "what is asked for begins there: a time, a day, how long ago", &importing.from},
        {"--to", OPTION_TEXT, "TIME", "and ends before that (default: now)", &importing.to},
        {"--dry-run", OPTION_FLAG, NULL, "check and compare, and keep nothing", &importing.dry_run},
        {NULL, OPTION_FLAG, NULL, NULL, NULL},
    };
    const struct usage usage = {
        .synopsis = "import FILE... | --api --from TIME | --reports --from TIME [--to TIME] ...",
        .description =
            "Takes the lines of the provider's statement, keeps them and posts them: from its "
            "reports "
            "as CSV, or\n"
            "by asking for them with the account's key.read. The first line of a file says which "
            "report it is;\n"
            "every record of every file is checked before anything is kept; a file that is known "
            "by "
            "its bytes is\n"
            "not read twice. May run beside serve. After an interruption the same command goes on "
            "where it\n"
            "stopped. Exit code 1 when something says otherwise than an earlier source of what "
            "never "
            "changes,\n"
            "what was said first stands, or when a line cannot be read. docs/statement.md says "
            "which "
            "reports and\n"
            "columns, and what the key needs.",
        .options = options,
    };
    char **paths = NULL;
    int count = 0;
    bool helped = false;
    enum err err = options_parse(context, &usage, 0, FILES_MAX, &paths, &count, &helped);
    err = err != ERR_OK || helped ? err : take_options(&importing, count);
    return err != ERR_OK || helped ? err_exit_code(err)
                                   : run_files(&importing, paths, (uint32_t)count);
}
