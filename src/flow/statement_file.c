#include "flow/statement_file.h"
#include "base/check.h"
#include "base/csv.h"
#include "flow/statement_file_inside.h"
#include <errno.h>
#include <inttypes.h>
#include <sys/stat.h>
#include <unistd.h>

bool statement_file_is_stopped(const struct filed_setup *setup)
{
    return setup->cancelled != NULL && atomic_load(setup->cancelled);
}

/* --- bytes --- */

struct source {
    const struct filed_statement *file;
    struct sha256_sum *sum;
};

static enum err read_bytes(
    void *context, char *to, size_t room, size_t *ret_count, struct err_info *reterr)
{
    struct source *source = context;
    ssize_t got = 0;
    do {
        got = read(source->file->fd, to, room);
    } while (got < 0 && errno == EINTR);
    if (got < 0) {
        return err_set(reterr, ERR_FILE_IO, "cannot be read: %s", strerror(errno));
    }
    sha256_sum_add(source->sum, (struct str){to, (size_t)got});
    *ret_count = (size_t)got;
    return ERR_OK;
}

/* --- records --- */

static enum err at_file(const struct filed_statement *file,
    enum err err,
    const struct err_info *info,
    struct err_info *reterr)
{
    return err_set(
        reterr, err, "%s: %s", file->name, info->text[0] != '\0' ? info->text : err_text(err));
}

static enum err at_place(const struct filed_statement *file,
    const struct csv_record *record,
    uint32_t column,
    enum err err,
    const struct err_info *info,
    struct err_info *reterr)
{
    uint32_t at = column > 0 && column <= record->count ? column : 1;
    return err_set(reterr, err, "%s: line %" PRIu64 ", column %" PRIu32 ": %s", file->name,
        record->lines[at - 1], at, info->text[0] != '\0' ? info->text : err_text(err));
}

/* The columns may fit several reports: then who asks may say which it is. */
static enum err choose_report(
    const struct filed_setup *setup, struct statement_layout *layout, struct err_info *reterr)
{
    if (setup->as == FILED_AS_IT_SAYS) {
        return ERR_OK;
    }
    if ((layout->fits & 1U << setup->as) == 0) {
        return err_set(reterr, ERR_INVALID, "has the columns of `%s`, not of `%s`",
            statement_file_word(layout->file), statement_file_word((enum statement_file)setup->as));
    }
    layout->file = (enum statement_file)setup->as;
    return ERR_OK;
}

static enum err refuse_open_end(
    const struct filed_statement *file, const struct csv_record *record, struct err_info *reterr)
{
    return err_set(reterr, ERR_MALFORMED,
        "%s: line %" PRIu64 ", column %" PRIu32 ": the line has no end, so that the file may be "
        "cut there: export it again, or end the line if it is whole",
        file->name, record->lines[record->count - 1], record->count);
}

static enum err read_header(const struct filed_setup *setup,
    const struct filed_statement *file,
    struct csv *csv,
    struct statement_layout *ret_layout,
    struct err_info *reterr)
{
    const struct statement_ops *ops = setup->account->provider->statement;
    struct csv_record header;
    struct err_info info = {""};
    enum err err = csv_next(csv, &header, &info);
    if (err != ERR_OK) {
        return at_file(file, err, &info, reterr);
    }
    if (header.count == 0) {
        return err_set(reterr, ERR_MALFORMED, "%s: line 1: the file is empty", file->name);
    }
    err = ops->recognise(header.fields, header.count, ret_layout, &info);
    err = err != ERR_OK ? err : choose_report(setup, ret_layout, &info);
    err = err == ERR_NOT_FOUND ? ERR_INVALID : err;
    if (err != ERR_OK) {
        return err_set(reterr, err, "%s: line 1: %s", file->name, info.text);
    }
    return header.is_ended ? ERR_OK : refuse_open_end(file, &header, reterr);
}

static enum err take_record(const struct filed_setup *setup,
    const struct filed_statement *file,
    const struct statement_layout *layout,
    const struct csv_record *record,
    filed_record_fn *on_record,
    void *context,
    struct err_info *reterr)
{
    const struct statement_ops *ops = setup->account->provider->statement;
    struct said_line line = {.learned = 0};
    struct said_total total = {.net_minor = 0};
    struct err_info info = {""};
    bool is_total = layout->file == FILE_SUMMARY;
    uint32_t column = 0;
    enum err err =
        is_total ? ops->read_total(layout, record->fields, record->count, &total, &column, &info)
                 : ops->read_record(layout, record->fields, record->count, &line, &column, &info);
    if (err != ERR_OK) {
        return at_place(file, record, column, err, &info, reterr);
    }
    const struct filed_record taken = {is_total ? NULL : &line, is_total ? &total : NULL};
    return on_record(context, &taken, reterr);
}

struct walk {
    struct statement_layout layout;
    uint8_t sha256[SHA256_BYTES];
};

static enum err walk_file(const struct filed_setup *setup,
    const struct filed_statement *file,
    filed_record_fn *on_record,
    void *context,
    struct walk *ret,
    struct err_info *reterr)
{
    CLEANUP(sha256_sum_free) struct sha256_sum *sum = sha256_sum_new();
    struct source source = {file, sum};
    CLEANUP(csv_free) struct csv *csv = csv_new(read_bytes, &source);
    struct csv_record record;
    struct err_info info = {""};
    if (sum == NULL || csv == NULL) {
        return err_set(reterr, ERR_BUSY, "out of memory");
    }
    if (lseek(file->fd, 0, SEEK_SET) != 0) {
        return err_set(reterr, ERR_FILE_IO, "%s: cannot be read: %s", file->name, strerror(errno));
    }
    TRY(read_header(setup, file, csv, &ret->layout, reterr));
    while (true) {
        enum err err = csv_next(csv, &record, &info);
        if (err != ERR_OK) {
            return at_file(file, err, &info, reterr);
        }
        if (record.count == 0) {
            break;
        }
        if (!record.is_ended) {
            return refuse_open_end(file, &record, reterr);
        }
        TRY(take_record(setup, file, &ret->layout, &record, on_record, context, reterr));
        if (statement_file_is_stopped(setup)) {
            return err_set(reterr, ERR_CLOSED, "interrupted");
        }
    }
    sha256_sum_end(sum, ret->sha256);
    return ERR_OK;
}

enum err statement_file_read(const struct filed_setup *setup,
    struct filed_statement *file,
    filed_record_fn *on_record,
    void *context,
    struct err_info *reterr)
{
    struct walk walk = {.layout = {.column_count = 0}};
    TRY(walk_file(setup, file, on_record, context, &walk, reterr));
    if (memcmp(walk.sha256, file->sha256, sizeof walk.sha256) != 0) {
        return err_set(reterr, ERR_CONFLICT,
            "%s: was changed while it was read: import it again once it is whole", file->name);
    }
    return ERR_OK;
}

/* --- the first pass --- */

static struct filed_sum *sum_of(struct filed_statement *file, struct currency currency)
{
    for (uint32_t i = 0; i < file->sum_count; i++) {
        if (currency_eq(file->sums[i].currency, currency)) {
            return &file->sums[i];
        }
    }
    if (file->sum_count == FILED_CURRENCIES_MAX) {
        return NULL;
    }
    file->sums[file->sum_count] = (struct filed_sum){.currency = currency};
    return &file->sums[file->sum_count++];
}

static void add_to(struct filed_sum *sum, int64_t minor, int64_t *member)
{
    sum->overflows = minor_add(*member, minor, member) != ERR_OK || sum->overflows;
}

static void add_sums(struct filed_statement *file, const struct statement_line *line)
{
    struct filed_sum *sum = sum_of(file, line->currency);
    if (sum != NULL) {
        add_to(sum, line->amount_minor, &sum->amount_minor);
        add_to(sum, line->fee_minor, &sum->fee_minor);
        add_to(sum, line->net_minor, &sum->net_minor);
    }
}

struct checking {
    const struct filed_setup *setup;
    struct filed_statement *file;
};

static enum err check_record(
    void *context, const struct filed_record *record, struct err_info *reterr)
{
    const struct checking *checking = context;
    const struct filed_setup *setup = checking->setup;
    struct filed_statement *file = checking->file;
    (void)reterr;
    file->lines++;
    if (record->said != NULL) {
        int64_t at_us = record->said->line.created_us;
        file->from_us = file->from_us == 0 || at_us < file->from_us ? at_us : file->from_us;
        file->to_us = at_us > file->to_us ? at_us : file->to_us;
        add_sums(file, &record->said->line);
    }
    if (setup->on_progress != NULL && file->lines % STATEMENT_BATCH == 0) {
        setup->on_progress(setup->context, file, 0);
    }
    return ERR_OK;
}

/* It is read twice, so it must be a file. */
static enum err look_at_file(struct filed_statement *file, struct err_info *reterr)
{
    struct stat stat;
    if (fstat(file->fd, &stat) != 0 || !S_ISREG(stat.st_mode)) {
        return err_set(reterr, ERR_INVALID,
            "%s: must be a file, because it is read twice: save what comes by a pipe first",
            file->name);
    }
    file->bytes = stat.st_size;
    return ERR_OK;
}

enum err statement_file_check(
    const struct filed_setup *setup, struct filed_statement *file, struct err_info *reterr)
{
    REQUIRE(setup != NULL && setup->account->provider->statement != NULL);
    REQUIRE(file != NULL && file->fd >= 0 && file->lines == 0);
    struct checking checking = {setup, file};
    struct walk walk = {.layout = {.column_count = 0}};
    TRY(look_at_file(file, reterr));
    TRY(walk_file(setup, file, check_record, &checking, &walk, reterr));
    file->layout = walk.layout;
    memcpy(file->sha256, walk.sha256, sizeof file->sha256);
    return ERR_OK;
}
