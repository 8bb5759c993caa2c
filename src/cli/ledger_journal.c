#include "cli/ledger.h"
#include "cli/ledger_print.h"
#include "cli/ledger_walk.h"
#include "cli/output.h"

#define ENTRY_BYTES_MAX ((size_t)16 * 1024 * 1024)

struct printing {
    const struct config *config;
    bool json;
    struct buf line; /* owned */
};

static enum err print_entry(void *context,
    const struct journal_entry *entry,
    struct str provider_ids,
    struct err_info *reterr)
{
    struct printing *printing = context;
    struct json_writer writer;
    if (!printing->json) {
        ledger_entry_text(entry, provider_ids);
        return ERR_OK;
    }
    buf_clear(&printing->line);
    json_writer_init(&writer, &printing->line);
    ledger_entry_json(entry, provider_ids, printing->config, &writer);
    if (printing->line.failed) {
        return err_set(reterr, ERR_TOO_LARGE, "an entry is too long to be printed");
    }
    out_json(&printing->line);
    return ERR_OK;
}

static int print_journal(struct command_context *context, struct ledger_walk *walk)
{
    CLEANUP(config_free) struct config *config = NULL;
    CLEANUP(store_close) struct store *store = NULL;
    struct err_info info = {""};
    int exit_code = 0;
    if (command_open_ready(context, STORE_READ, &config, &store, &exit_code) != ERR_OK) {
        return exit_code;
    }
    struct printing printing = {.config = config, .json = context->json};
    buf_init(&printing.line, ENTRY_BYTES_MAX);
    walk->store = store;
    walk->config = config;
    walk->take = print_entry;
    walk->context = &printing;
    enum err err = ledger_walk(walk, &info);
    buf_fini(&printing.line);
    return err == ERR_OK ? 0 : command_fail(context, err, &info);
}

int ledger_journal(struct command_context *context)
{
    struct ledger_walk walk = {.from_us = INT64_MIN, .to_us = INT64_MAX};
    struct str from = STR_NONE;
    struct str to = STR_NONE;
    int64_t limit = 0;
    const struct option_row options[] = {
        {"--account", OPTION_TEXT, "ACCOUNT", "of one configured account: its label, or its scope",
            &walk.account_word},
        {"--after", OPTION_INT, "N", "behind that number (default: 0, from the beginning)",
            &walk.after},
        {"--limit", OPTION_INT, "N", "at most so many (default: 0, all)", &limit},
        {"--from", OPTION_TEXT, "TIME", "only what happened then or later", &from},
        {"--to", OPTION_TEXT, "TIME", "only what happened before", &to},
        {"--period", OPTION_TEXT, "MONTH", "only what belongs to that month, like 2026-10",
            &walk.period_word},
        {0},
    };
    const struct usage usage = {
        .synopsis = "ledger journal [--after N] [--limit N] [--from TIME] [--to TIME] "
                    "[--period MONTH] [--account ACCOUNT]",
        .description = "Prints the entries as SCOPE.NUMBER, in the order in which they were made: "
                       "when it happened, what\n"
                       "it is about, who posted it and when, and the postings; debits are "
                       "positive. Numbers have no\n"
                       "gaps, and an entry never changes.",
        .options = options};
    int exit_code = 0;
    if (!options_take(context, &usage, &exit_code)) {
        return exit_code;
    }
    if (options_time(context, "--from", from, &walk.from_us) != ERR_OK ||
        options_time(context, "--to", to, &walk.to_us) != ERR_OK) {
        return err_exit_code(ERR_USAGE);
    }
    walk.limit = (uint64_t)limit;
    command_catch_signals();
    return print_journal(context, &walk);
}
