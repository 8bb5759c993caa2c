#include "base/check.h"
#include "base/limits.h"
#include "cli/import_inside.h"
#include "cli/output.h"
#include <inttypes.h>
#include <unistd.h>

#define FILES_MAX 64

/* --- the answer --- */

static void json_sums(struct json_writer *json, const struct import_file *file)
{
    json_begin_array(json, STR("sums"));
    for (uint32_t i = 0; i < file->sum_count; i++) {
        const struct import_sum *sum = &file->sums[i];
        if (sum->overflows) {
            continue;
        }
        json_begin_object(json, STR_NONE);
        json_add_string(json, STR("currency"), str_from(sum->currency.code));
        json_add_int(json, STR("amount_minor"), sum->amount_minor);
        json_add_int(json, STR("fee_minor"), sum->fee_minor);
        json_add_int(json, STR("net_minor"), sum->net_minor);
        json_end_object(json);
    }
    json_end_array(json);
}

static void report_json(const struct importing *importing, const struct import_file *file)
{
    CLEANUP(buf_fini) struct buf text;
    struct json_writer json;
    buf_init(&text, (size_t)64 * 1024);
    json_writer_init(&json, &text);
    json_begin_object(&json, STR_NONE);
    json_add_string(&json, STR("file"), str_from(file->path));
    json_add_string(&json, STR("account"), importing->account->says.name);
    json_add_string(&json, STR("report"), str_from(statement_file_word(file->layout.file)));
    json_add_int(&json, STR("lines"), file->lines);
    json_add_int(&json, STR("new"), file->counts.added);
    json_add_int(&json, STR("known"), file->counts.known);
    json_add_int(&json, STR("learned"), file->counts.learned);
    json_add_int(&json, STR("restated"), file->counts.restated);
    json_add_int(&json, STR("unclassified"), file->counts.unclassified);
    json_add_bool(&json, STR("imported_before"), file->was_there);
    json_add_bool(&json, STR("dry_run"), importing->dry_run);
    json_sums(&json, file);
    json_end_object(&json);
    out_json(&text);
}

static void report_sum(const struct import_sum *sum)
{
    char amount[MONEY_TEXT_BYTES];
    char fee[MONEY_TEXT_BYTES];
    char net[MONEY_TEXT_BYTES];
    money_format(sum->amount_minor, sum->currency, amount);
    money_format(sum->fee_minor, sum->currency, fee);
    money_format(sum->net_minor, sum->currency, net);
    if (sum->overflows) {
        outf("  %s: the sums do not fit into 64 bits\n", sum->currency.code);
    } else {
        outf("  %s, less fees of %s: %s\n", amount, fee, net);
    }
}

static void report_text(const struct importing *importing, const struct import_file *file)
{
    const struct taken_counts *counts = &file->counts;
    const char *what = file->layout.file == FILE_SUMMARY ? "totals" : "lines";
    out_escaped(str_from(file->path));
    if (file->was_there) {
        outf(": was imported before, as source %" PRId64 ": nothing to do\n", file->source_number);
        return;
    }
    outf(": %" PRId64 " %s of `%s`: %" PRId64 " %s, %" PRId64 " known, %" PRId64
         " of which learned, %" PRId64 " restated, %" PRId64 " unclassified\n",
        file->lines, what, statement_file_word(file->layout.file), counts->added,
        importing->dry_run ? "would be new (--dry-run)" : "new", counts->known, counts->learned,
        counts->restated, counts->unclassified);
    for (uint32_t i = 0; i < file->sum_count; i++) {
        report_sum(&file->sums[i]);
    }
}

static void report(const struct importing *importing, const struct import_file *file)
{
    if (importing->context->json) {
        report_json(importing, file);
        return;
    }
    report_text(importing, file);
    if (file->counts.restated > 0) {
        command_note(importing->context,
            "%s says otherwise than before of %" PRId64
            " lines: what was said first stands; find out which is right",
            file->path, file->counts.restated);
    }
}

/* --- the command --- */

static int complain(struct importing *importing, enum err err, const struct err_info *info)
{
    import_clear_progress(importing);
    bool of_store = err == ERR_STORE_IO || err == ERR_STORE_FULL || err == ERR_LOCKED;
    return of_store || info->text[0] == '\0'
               ? command_fail(importing->context, err, info)
               : command_refuse(importing->context, err, "%s", info->text);
}

/* All files are checked before the first line of any is kept. */
static enum err check_all(struct importing *importing, struct err_info *reterr)
{
    for (uint32_t i = 0; i < importing->file_count; i++) {
        TRY(import_check(importing, &importing->files[i], reterr));
    }
    import_clear_progress(importing);
    return ERR_OK;
}

static int import_all(struct importing *importing)
{
    struct err_info info = {""};
    bool restated = false;
    command_catch_signals();
    enum err err = check_all(importing, &info);
    if (err != ERR_OK) {
        int exit_code = complain(importing, err, &info);
        command_note(importing->context, "nothing was imported");
        return exit_code;
    }
    for (uint32_t i = 0; i < importing->file_count; i++) {
        struct import_file *file = &importing->files[i];
        err = import_write(importing, file, &info);
        if (err != ERR_OK) {
            int exit_code = complain(importing, err, &info);
            command_note(importing->context, "when that is put right, run the same again: what is "
                                             "there is known, and it goes on");
            return exit_code;
        }
        report(importing, file);
        restated = restated || file->counts.restated > 0;
    }
    return err_exit_code(restated ? ERR_DIFFERS : ERR_OK);
}

static bool choose_account(struct importing *importing, const struct config *config, int *ret_exit)
{
    struct command_context *context = importing->context;
    for (uint32_t i = 0; i < config->account_count; i++) {
        if (importing->account_label.len == 0
                ? config->account_count == 1
                : str_eq(config->accounts[i].says.name, importing->account_label)) {
            importing->account = &config->accounts[i];
        }
    }
    if (importing->account == NULL && importing->account_label.len == 0) {
        *ret_exit = command_refuse(
            context, ERR_USAGE, "say --account LABEL: whose statement it is, no file says");
    } else if (importing->account == NULL) {
        *ret_exit = command_refuse(context, ERR_NOT_FOUND,
            "there is no [account " STR_FMT "] in the configuration",
            STR_ARG(importing->account_label));
    } else if (importing->account->provider->statement == NULL) {
        *ret_exit = command_refuse(
            context, ERR_CONFIG, "the account's provider has no statement that can be read");
    } else {
        return true;
    }
    return false;
}

static int run(struct importing *importing)
{
    int exit_code = 0;
    CLEANUP(config_free) struct config *config = NULL;
    CLEANUP(store_close) struct store *store = NULL;
    CLEANUP(arena_free) struct arena *arena = arena_new(LIMIT_BATCH_ARENA_BYTES);
    if (arena == NULL) {
        return command_refuse(importing->context, ERR_BUSY, "out of memory");
    }
    if (command_open_ready(importing->context, STORE_WRITE, &config, &store, &exit_code) !=
        ERR_OK) {
        return exit_code;
    }
    importing->store = store;
    importing->arena = arena;
    return choose_account(importing, config, &exit_code) ? import_all(importing) : exit_code;
}

static bool is_report(struct str word)
{
    for (int i = 0; i < STATEMENT_FILE_COUNT; i++) {
        if (str_eq(word, str_from(statement_file_word((enum statement_file)i)))) {
            return true;
        }
    }
    return false;
}

static int run_files(struct importing *importing, char **paths, uint32_t count)
{
    static struct import_file files[FILES_MAX];
    for (uint32_t i = 0; i < count; i++) {
        files[i] = (struct import_file){.path = paths[i], .fd = -1};
    }
    importing->files = files;
    importing->file_count = count;
    int exit_code = run(importing);
    for (uint32_t i = 0; i < count; i++) {
        if (files[i].fd >= 0) {
            (void)close(files[i].fd);
        }
    }
    return exit_code;
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
            &importing.as},
        {"--dry-run", OPTION_FLAG, NULL, "check and compare, and keep nothing", &importing.dry_run},
        {NULL, OPTION_FLAG, NULL, NULL, NULL},
    };
    const struct usage usage = {
        .synopsis = "import FILE... [--account LABEL] [--as REPORT] [--dry-run]",
        .description =
            "Reads the provider's reports as CSV, keeps their lines and posts them. The first line "
            "says which\n"
            "report it is. Every record of every file is checked before anything is kept; a file "
            "that is known\n"
            "by its bytes is not read twice. May run beside serve. After an interruption the same "
            "command goes on.\n"
            "Exit code 1 when a file says otherwise than an earlier source of what never changes: "
            "what was said\n"
            "first stands. docs/statement.md says which reports and columns.",
        .options = options,
    };
    char **paths = NULL;
    int count = 0;
    bool helped = false;
    enum err err = options_parse(context, &usage, 1, FILES_MAX, &paths, &count, &helped);
    if (err != ERR_OK || helped) {
        return err_exit_code(err);
    }
    if (importing.as.len > 0 && !is_report(importing.as)) {
        return command_refuse(context, ERR_USAGE,
            "--as wants activity, payouts, payout_items, ending_balance or summary");
    }
    if (importing.connected.len > 0 && !str_starts_with(importing.connected, STR("acct_"))) {
        return command_refuse(
            context, ERR_USAGE, "--connected wants the provider's id of an account, acct_...");
    }
    return run_files(&importing, paths, (uint32_t)count);
}
