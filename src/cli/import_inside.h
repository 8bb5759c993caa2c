/* import_inside: what the files of `counterfoil import` share. Private to them.
 *
 *   import.c         options, account
 *   import_files.c   reports that lie in files
 *   import_pull.c    the provider is asked: page by page, or for reports
 *   import_report.c  the answer
 *
 * Layer: cli.
 */
#pragma once

#include "flow/pull.h"
#include "flow/statement_file.h"
#include "cli/command.h"
#include "cli/progress.h"

struct import_file {
    const char *path;
    struct filed_statement filed;
};

struct importing { /* what the command was asked, and how far it came */
    struct command_context *context;
    struct str account_label, connected, as_word, from, to;
    bool api, reports, dry_run;
    int as; /* enum statement_file, or FILED_AS_IT_SAYS */
    int64_t from_us, to_us;
    const struct account *account;
    struct store *store;
    struct import_file *files;
    uint32_t file_count;
    struct progress progress;
    int64_t began_us;
};

/* Each returns the exit code; what went wrong was said. */
int import_files(struct importing *importing);
int import_pull(struct importing *importing);

/* What the store says needs the kind of error before it; everything else says all by itself. */
int import_complain(struct importing *importing, enum err err, const struct err_info *info);
/* The answer of a file. */
void import_report_file(const struct importing *importing, const struct import_file *file);
/* The answer of a pull; `ended`: it came to its end. */
void import_report_pull(
    const struct importing *importing, const struct pull_progress *progress, bool ended);
