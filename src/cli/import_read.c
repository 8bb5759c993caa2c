#include "base/check.h"
#include "base/csv.h"
#include "cli/import_inside.h"
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <unistd.h>

/* --- bytes --- */

struct source {
    const struct import_file *file;
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

static enum err at_file(const struct import_file *file,
    enum err err,
    const struct err_info *info,
    struct err_info *reterr)
{
    return err_set(
        reterr, err, "%s: %s", file->path, info->text[0] != '\0' ? info->text : err_text(err));
}

static enum err at_place(const struct import_file *file,
    const struct csv_record *record,
    uint32_t column,
    enum err err,
    const struct err_info *info,
    struct err_info *reterr)
{
    uint32_t at = column > 0 && column <= record->count ? column : 1;
    return err_set(reterr, err, "%s: line %" PRIu64 ", column %" PRIu32 ": %s", file->path,
        record->lines[at - 1], at, info->text[0] != '\0' ? info->text : err_text(err));
}

/* The columns may fit several reports: then the user may say which it is. */
static enum err choose_report(
    const struct importing *importing, struct statement_layout *layout, struct err_info *reterr)
{
    if (importing->as.len == 0) {
        return ERR_OK;
    }
    for (int i = 0; i < STATEMENT_FILE_COUNT; i++) {
        if (str_eq(importing->as, str_from(statement_file_word((enum statement_file)i))) &&
            (layout->fits & 1U << i) != 0) {
            layout->file = (enum statement_file)i;
            return ERR_OK;
        }
    }
    return err_set(reterr, ERR_INVALID,
        "has the columns of `%s`, not of `" STR_FMT "`: leave --as out",
        statement_file_word(layout->file), STR_ARG(importing->as));
}

static enum err read_header(const struct importing *importing,
    const struct import_file *file,
    struct csv *csv,
    struct statement_layout *ret_layout,
    struct err_info *reterr)
{
    const struct statement_ops *ops = importing->account->provider->statement;
    struct csv_record header;
    struct err_info info = {""};
    enum err err = csv_next(csv, &header, &info);
    if (err != ERR_OK) {
        return at_file(file, err, &info, reterr);
    }
    if (header.count == 0) {
        return err_set(reterr, ERR_MALFORMED, "%s: line 1: the file is empty", file->path);
    }
    err = ops->recognise(header.fields, header.count, ret_layout, &info);
    err = err != ERR_OK ? err : choose_report(importing, ret_layout, &info);
    err = err == ERR_NOT_FOUND ? ERR_INVALID : err;
    return err == ERR_OK ? ERR_OK : err_set(reterr, err, "%s: line 1: %s", file->path, info.text);
}

static enum err take_record(const struct importing *importing,
    const struct import_file *file,
    const struct statement_layout *layout,
    const struct csv_record *record,
    import_record_fn *on_record,
    void *context,
    struct err_info *reterr)
{
    const struct statement_ops *ops = importing->account->provider->statement;
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
    const struct import_record taken = {
        is_total ? NULL : &line, is_total ? &total : NULL, record->lines[0]};
    return on_record(context, &taken, reterr);
}

struct walk {
    struct statement_layout layout;
    uint8_t sha256[SHA256_BYTES];
};

static enum err walk_file(struct importing *importing,
    const struct import_file *file,
    import_record_fn *on_record,
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
        return err_set(reterr, ERR_FILE_IO, "%s: cannot be read: %s", file->path, strerror(errno));
    }
    TRY(read_header(importing, file, csv, &ret->layout, reterr));
    while (true) {
        enum err err = csv_next(csv, &record, &info);
        if (err != ERR_OK) {
            return at_file(file, err, &info, reterr);
        }
        if (record.count == 0) {
            break;
        }
        if (!record.is_ended) {
            return err_set(reterr, ERR_MALFORMED,
                "%s: line %" PRIu64 ", column %" PRIu32 ": the line has no end, so that the file "
                "may be cut there: export it again, or end the line if it is whole",
                file->path, record.lines[record.count - 1], record.count);
        }
        TRY(take_record(importing, file, &ret->layout, &record, on_record, context, reterr));
        if (command_is_stopped()) {
            return err_set(reterr, ERR_CLOSED, "interrupted");
        }
    }
    sha256_sum_end(sum, ret->sha256);
    return ERR_OK;
}

enum err import_read(struct importing *importing,
    struct import_file *file,
    import_record_fn *on_record,
    void *context,
    struct err_info *reterr)
{
    struct walk walk = {.layout = {.column_count = 0}};
    TRY(walk_file(importing, file, on_record, context, &walk, reterr));
    if (memcmp(walk.sha256, file->sha256, sizeof walk.sha256) != 0) {
        return err_set(reterr, ERR_CONFLICT,
            "%s: was changed while it was read: import it again once it is whole", file->path);
    }
    return ERR_OK;
}

/* --- the first pass --- */

static struct import_sum *sum_of(struct import_file *file, struct currency currency)
{
    for (uint32_t i = 0; i < file->sum_count; i++) {
        if (currency_eq(file->sums[i].currency, currency)) {
            return &file->sums[i];
        }
    }
    if (file->sum_count == IMPORT_CURRENCIES_MAX) {
        return NULL;
    }
    file->sums[file->sum_count] = (struct import_sum){.currency = currency};
    return &file->sums[file->sum_count++];
}

static void add_to(struct import_sum *sum, int64_t minor, int64_t *member)
{
    sum->overflows = minor_add(*member, minor, member) != ERR_OK || sum->overflows;
}

static void add_sums(struct import_file *file, const struct statement_line *line)
{
    struct import_sum *sum = sum_of(file, line->currency);
    if (sum != NULL) {
        add_to(sum, line->amount_minor, &sum->amount_minor);
        add_to(sum, line->fee_minor, &sum->fee_minor);
        add_to(sum, line->net_minor, &sum->net_minor);
    }
}

struct checking {
    struct importing *importing;
    struct import_file *file;
};

static enum err check_record(
    void *context, const struct import_record *record, struct err_info *reterr)
{
    struct checking *checking = context;
    struct import_file *file = checking->file;
    (void)reterr;
    file->lines++;
    if (record->said != NULL) {
        int64_t at_us = record->said->line.created_us;
        file->from_us = file->from_us == 0 || at_us < file->from_us ? at_us : file->from_us;
        file->to_us = at_us > file->to_us ? at_us : file->to_us;
        add_sums(file, &record->said->line);
    }
    import_show_progress(checking->importing, file, 0);
    return ERR_OK;
}

/* It is read twice, so it must be a file. */
static enum err open_file(struct import_file *file, struct err_info *reterr)
{
    file->fd = open(file->path, O_RDONLY | O_CLOEXEC);
    if (file->fd < 0) {
        enum err err = errno == ENOENT ? ERR_NOT_FOUND : ERR_FILE_IO;
        return err_set(reterr, err, "%s: cannot be opened: %s", file->path, strerror(errno));
    }
    if (fstat(file->fd, &file->stat) != 0 || !S_ISREG(file->stat.st_mode)) {
        return err_set(reterr, ERR_INVALID,
            "%s: must be a file, because it is read twice: save what comes by a pipe first",
            file->path);
    }
    return ERR_OK;
}

enum err import_check(
    struct importing *importing, struct import_file *file, struct err_info *reterr)
{
    REQUIRE(importing != NULL && file != NULL && file->fd < 0);
    struct checking checking = {importing, file};
    struct walk walk = {.layout = {.column_count = 0}};
    TRY(open_file(file, reterr));
    TRY(walk_file(importing, file, check_record, &checking, &walk, reterr));
    file->layout = walk.layout;
    memcpy(file->sha256, walk.sha256, sizeof file->sha256);
    return ERR_OK;
}
