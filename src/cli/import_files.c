#include "base/check.h"
#include "cli/import_inside.h"
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdio.h>
#include <unistd.h>

static void show_progress(void *context, const struct filed_statement *file, int64_t taken)
{
    struct importing *importing = context;
    if (!progress_is_due(&importing->progress, importing->context)) {
        return;
    }
    if (taken == 0) {
        progress_show(
            &importing->progress, "%.60s: %" PRId64 " lines checked", file->name, file->lines);
    } else {
        progress_show(&importing->progress, "%.60s: %" PRId64 " of %" PRId64 " lines", file->name,
            taken, file->lines);
    }
}

static struct filed_setup setup_of(struct importing *importing)
{
    return (struct filed_setup){
        .store = importing->store,
        .account = importing->account,
        .below = importing->connected,
        .env = importing->context->env,
        .as = importing->as,
        .dry_run = importing->dry_run,
        .cancelled = command_stop_flag(),
        .on_progress = show_progress,
        .context = importing,
    };
}

static enum err open_file(struct import_file *file, struct err_info *reterr)
{
    int fd = open(file->path, O_RDONLY | O_CLOEXEC);
    if (fd < 0) {
        enum err err = errno == ENOENT ? ERR_NOT_FOUND : ERR_FILE_IO;
        return err_set(reterr, err, "%s: cannot be opened: %s", file->path, strerror(errno));
    }
    file->filed = (struct filed_statement){.name = file->path, .fd = fd};
    return ERR_OK;
}

/* All files are checked before the first line of any is kept. */
static enum err check_all(struct importing *importing, struct err_info *reterr)
{
    const struct filed_setup setup = setup_of(importing);
    for (uint32_t i = 0; i < importing->file_count; i++) {
        TRY(open_file(&importing->files[i], reterr));
        TRY(statement_file_check(&setup, &importing->files[i].filed, reterr));
    }
    progress_clear(&importing->progress);
    return ERR_OK;
}

int import_files(struct importing *importing)
{
    struct err_info info = {""};
    bool restated = false;
    const struct filed_setup setup = setup_of(importing);
    command_catch_signals();
    enum err err = check_all(importing, &info);
    if (err != ERR_OK) {
        int exit_code = import_complain(importing, err, &info);
        command_note(importing->context, "nothing was imported");
        return exit_code;
    }
    for (uint32_t i = 0; i < importing->file_count; i++) {
        struct import_file *file = &importing->files[i];
        err = statement_file_take(&setup, &file->filed, &info);
        progress_clear(&importing->progress);
        if (err != ERR_OK) {
            int exit_code = import_complain(importing, err, &info);
            command_note(importing->context, "when that is put right, run the same again: what is "
                                             "there is known, and it goes on");
            return exit_code;
        }
        import_report_file(importing, file);
        restated = restated || file->filed.counts.restated > 0;
    }
    return err_exit_code(restated ? ERR_DIFFERS : ERR_OK);
}
