#include "cli/sandbox_faults.h"
#include "base/check.h"
#include <errno.h>
#include <stdio.h>

#define FILE_BYTES_MAX ((size_t)4 * 1024 * 1024)

enum err sandbox_faults_open(
    const struct sandbox_options *options, struct faults **ret_faults, struct err_info *reterr)
{
    REQUIRE(ret_faults != NULL);
    if (!options->has_faults) {
        *ret_faults = NULL;
        return ERR_OK;
    }
    struct faults *faults = faults_new((uint64_t)options->seed, &options->faults);
    if (faults == NULL) {
        return err_set(reterr, ERR_BUSY, "out of memory");
    }
    *ret_faults = faults;
    return ERR_OK;
}

static enum err write_file(struct str path, struct str text, struct err_info *reterr)
{
    FILE *file = fopen(path.data, "we");
    if (file == NULL) {
        return err_set(reterr, ERR_FILE_IO, STR_FMT ": %s", STR_ARG(path), strerror(errno));
    }
    bool written = fwrite(text.data, 1, text.len, file) == text.len;
    if (fclose(file) != 0 || !written) {
        return err_set(reterr, ERR_FILE_IO, STR_FMT ": %s", STR_ARG(path), strerror(errno));
    }
    return ERR_OK;
}

enum err sandbox_faults_tell(const struct sandbox_options *options,
    const struct faults *faults,
    const struct merchant *merchant,
    const struct command_context *context,
    struct err_info *reterr)
{
    CLEANUP(buf_fini) struct buf text;
    buf_init(&text, FILE_BYTES_MAX);
    if (faults_left(faults) > 0) {
        command_note(context,
            "%u faults found nothing that they fit: let the shop live longer, or look at --mix",
            faults_left(faults));
    }
    if (options->faults_file.len == 0) {
        return ERR_OK;
    }
    faults_write(faults, merchant, &text);
    return text.failed ? err_set(reterr, ERR_BUSY, "out of memory")
                       : write_file(options->faults_file, buf_str(&text), reterr);
}
