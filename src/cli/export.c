#include "base/check.h"
#include "cli/export_format.h"
#include "cli/ledger_walk.h"
#include "cli/output.h"
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#define TEXT_BYTES_MAX ((size_t)32 * 1024 * 1024) /* an entry of many postings on top of a page */
#define WRITE_BYTES ((size_t)256 * 1024)          /* written out when that much has gathered */

static const struct export_format *const formats[] = {
    &export_hledger, &export_beancount, &export_csv, &export_jsonl};
#define FORMATS "hledger, beancount, csv or jsonl"

struct export
{
    struct command_context *context;
    const struct export_format *format;
    struct export_text text;
    struct buf bytes;          /* owned; what has gathered */
    char path[PATH_MAX];       /* "" for standard output */
    char fresh[PATH_MAX + 16]; /* what is written until it is whole */
    FILE *file;                /* NULL for standard output */
};

/* --- where it goes --- */

static enum err cannot_write(const struct export *export, int error, struct err_info *reterr)
{
    return err_set(
        reterr, ERR_FILE_IO, "%s cannot be written: %s", export->path, strerrordesc_np(error));
}

static enum err open_file(struct export *export, struct err_info *reterr)
{
    if (export->path[0] == '\0') {
        return ERR_OK;
    }
    (void)snprintf(export->fresh, sizeof export->fresh, "%s.XXXXXX", export->path);
    int fd = mkostemp(export->fresh, O_CLOEXEC); /* mode 0600 */
    if (fd < 0) {
        return cannot_write(export, errno, reterr);
    }
    export->file = fdopen(fd, "w");
    if (export->file == NULL) {
        (void)close(fd);
        (void)unlink(export->fresh);
        return err_set(reterr, ERR_BUSY, "out of memory");
    }
    return ERR_OK;
}

static enum err write_out(struct export *export, struct err_info *reterr)
{
    struct buf *text = export->text.to;
    struct str bytes = buf_str(text);
    if (text->failed) {
        return err_set(reterr, ERR_TOO_LARGE, "an entry is too long to be exported");
    }
    if (export->file == NULL) {
        out(bytes);
    } else if (fwrite(bytes.data, 1, bytes.len, export->file) != bytes.len) {
        return cannot_write(export, errno, reterr);
    }
    buf_clear(text);
    return ERR_OK;
}

/* A file takes its name when it is whole. */
static enum err close_file(struct export *export, enum err err, struct err_info *reterr)
{
    if (export->file == NULL) {
        return err;
    }
    bool whole = err == ERR_OK && fflush(export->file) == 0 && fsync(fileno(export->file)) == 0;
    whole = fclose(export->file) == 0 && whole && rename(export->fresh, export->path) == 0;
    int error = errno;
    if (!whole) {
        (void)unlink(export->fresh);
    }
    return whole || err != ERR_OK ? err : cannot_write(export, error, reterr);
}

/* --- what is written --- */

static enum err take(void *context,
    const struct journal_entry *entry,
    struct str provider_ids,
    struct err_info *reterr)
{
    struct export *export = context;
    export->format->entry(&export->text, entry, provider_ids);
    bool full = export->text.to->failed || export->text.to->len >= WRITE_BYTES;
    return full ? write_out(export, reterr) : ERR_OK;
}

static enum err write_all(
    struct export *export, const struct ledger_walk *walk, struct err_info *reterr)
{
    if (export->format->begin != NULL) {
        export->format->begin(&export->text);
    }
    TRY(ledger_walk(walk, reterr));
    if (command_is_stopped() || (export->file != NULL && output_is_gone())) {
        return err_set(reterr, ERR_CLOSED, "stopped before the end");
    }
    if (export->format->end != NULL) {
        export->format->end(&export->text);
    }
    return write_out(export, reterr);
}

static enum err write_export(
    struct export *export, const struct ledger_walk *walk, struct err_info *reterr)
{
    if (export->format->check != NULL) {
        TRY(export->format->check(walk->config, reterr));
    }
    TRY(open_file(export, reterr));
    return close_file(export, write_all(export, walk, reterr), reterr);
}

static int run(struct export *export, struct ledger_walk *walk)
{
    CLEANUP(config_free) struct config *config = NULL;
    CLEANUP(store_close) struct store *store = NULL;
    struct err_info info = {""};
    int exit_code = 0;
    command_catch_signals();
    if (command_open_ready(export->context, STORE_READ, &config, &store, &exit_code) != ERR_OK) {
        return exit_code;
    }
    export->text.config = config;
    export->text.to = &export->bytes;
    buf_init(&export->bytes, TEXT_BYTES_MAX);
    walk->store = store;
    walk->config = config;
    walk->take = take;
    walk->context = export;
    enum err err = write_export(export, walk, &info);
    buf_fini(&export->bytes);
    return err == ERR_OK ? 0 : command_fail(export->context, err, &info);
}

/* --- the command --- */

static enum err take_words(struct export *export, struct str format, struct str path)
{
    for (size_t i = 0; i < sizeof formats / sizeof formats[0]; i++) {
        if (str_eq(format, str_from(formats[i]->name))) {
            export->format = formats[i];
        }
    }
    if (export->format == NULL) {
        (void)command_refuse(export->context, ERR_USAGE, "say --format: " FORMATS);
        return ERR_USAGE;
    }
    if (!str_copy_to(export->path, sizeof export->path, path)) {
        (void)command_refuse(export->context, ERR_USAGE, "the path of --output is too long");
        return ERR_USAGE;
    }
    return ERR_OK;
}

int command_export(struct command_context *context)
{
    struct export export = {.context = context};
    struct ledger_walk walk = {.from_us = INT64_MIN, .to_us = INT64_MAX};
    struct str format = STR_NONE;
    struct str from = STR_NONE;
    struct str to = STR_NONE;
    struct str path = STR_NONE;
    const struct option_row options[] = {
        {"--format", OPTION_TEXT, "WORD", FORMATS, &format},
        {"--from", OPTION_TEXT, "TIME", "only what happened then or later", &from},
        {"--to", OPTION_TEXT, "TIME", "only what happened before", &to},
        {"--period", OPTION_TEXT, "MONTH", "only what belongs to that month, like 2026-10",
            &walk.period_word},
        {"--account", OPTION_TEXT, "ACCOUNT", "of one configured account: its label, or its scope",
            &walk.account_word},
        {"--output", OPTION_TEXT, "FILE",
            "replaced when all of it is written; else standard output", &path},
        {0},
    };
    const struct usage usage = {
        .synopsis = "export --format hledger|beancount|csv|jsonl [--from TIME] [--to TIME] "
                    "[--period MONTH] [--account ACCOUNT] [--output FILE]",
        .description = "Writes the books for other programs: every entry on the day on which it "
                       "happened (UTC), or on the\n"
                       "first day of the month that it belongs to, where its own was closed; with "
                       "its number, what it is\n"
                       "about, and the provider's ids. [chart] of the configuration gives "
                       "accounts the names that your\n"
                       "books have. The same entries are the same bytes.",
        .options = options,
        .text_only = true};
    int exit_code = 0;
    if (!options_take(context, &usage, &exit_code)) {
        return exit_code;
    }
    if (take_words(&export, format, path) != ERR_OK ||
        options_time(context, "--from", from, &walk.from_us) != ERR_OK ||
        options_time(context, "--to", to, &walk.to_us) != ERR_OK) {
        return err_exit_code(ERR_USAGE);
    }
    return run(&export, &walk);
}
