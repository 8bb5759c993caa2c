/* import_inside: what the files of `counterfoil import` share. Private to them.
 *
 *   import.c        options, account, answer
 *   import_read.c   a file, record by record
 *   import_write.c  its lines, a batch a transaction
 *
 * Layer: cli.
 */
#pragma once

#include "flow/statement.h"
#include "cli/command.h"
#include "cli/progress.h"
#include <sys/stat.h>

#define IMPORT_CURRENCIES_MAX 256
#define IMPORT_SAMPLE_MAX 100 /* lines by which it is seen whose file it is */

struct import_sum {
    struct currency currency;
    int64_t amount_minor, fee_minor, net_minor;
    bool overflows;
};

struct import_file {
    const char *path;
    int fd;
    struct stat stat; /* as it was when it was checked */
    struct statement_layout layout;
    uint8_t sha256[SHA256_BYTES];
    int64_t lines, from_us, to_us;
    struct import_sum sums[IMPORT_CURRENCIES_MAX];
    uint32_t sum_count;
    struct taken_counts counts;
    bool was_there;        /* its bytes were imported before */
    int64_t source_number; /* of its source */
};

struct importing { /* what the command was asked, and how far it came */
    struct command_context *context;
    struct str account_label, connected, as;
    bool dry_run;
    const struct account *account;
    struct store *store;
    struct import_file *files;
    uint32_t file_count;
    struct arena *arena; /* of a batch */
    struct progress progress;
};

/* One record of a file: a line, or of a summary a total. */
struct import_record {
    const struct said_line *said; /* NULL: a total */
    const struct said_total *total;
    uint64_t place; /* the line of the file that it begins in */
};
typedef enum err import_record_fn(
    void *context, const struct import_record *record, struct err_info *reterr);

/* Opens it and reads all of it once, and so proves that each of its records can be read. Errors
 * name file, line and column. */
MUST_USE enum err import_check(
    struct importing *importing, struct import_file *file, struct err_info *reterr);
/* Reads it once more, record by record. ERR_CONFLICT: it was changed meanwhile. */
MUST_USE enum err import_read(struct importing *importing,
    struct import_file *file,
    import_record_fn *on_record,
    void *context,
    struct err_info *reterr);

/* Takes a checked file. */
MUST_USE enum err import_write(
    struct importing *importing, struct import_file *file, struct err_info *reterr);

void import_show_progress(
    struct importing *importing, const struct import_file *file, int64_t lines);
void import_clear_progress(struct importing *importing);
