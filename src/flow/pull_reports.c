/* A report is asked for, awaited, fetched into a file that nobody else sees, and taken like one
 * that somebody imports. Its run stands in the store before it is awaited, so that the next one
 * goes on with it. */
#include "base/check.h"
#include "base/fault.h"
#include "base/timestamp.h"
#include "flow/pull_inside.h"
#include "flow/statement_file.h"
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#define LOOK_FIRST_US US_PER_SECOND
#define LOOK_MAX_US (30 * US_PER_SECOND)
#define LOOK_PIECE_US (US_PER_SECOND / 10)
#define PATIENCE_US (30 * US_PER_MINUTE)
#define PATH_BYTES 4096

/* Those that tell each line, and those that prove and explain them. */
static const enum statement_file files[] = {
    FILE_ACTIVITY, FILE_PAYOUTS, FILE_PAYOUT_ITEMS, FILE_SUMMARY};
#define FILE_COUNT (sizeof files / sizeof files[0])

static const struct statement_ops *ops_of(const struct pull *pull)
{
    return pull->setup.account->provider->statement;
}

enum err pull_reports_until(struct pull *pull, int64_t *ret_until_us, struct err_info *reterr)
{
    int64_t least_us = INT64_MAX;
    if (ops_of(pull)->report_until == NULL) {
        return err_set(reterr, ERR_REFUSED, "the account's provider makes no reports when asked");
    }
    for (size_t i = 0; i < FILE_COUNT; i++) {
        int64_t until_us = 0;
        TRY(ops_of(pull)->report_until(
            pull->setup.api, pull->setup.below, files[i], &until_us, reterr));
        least_us = until_us < least_us ? until_us : least_us;
    }
    *ret_until_us = least_us - US_PER_SECOND; /* that second itself is not in it */
    return ERR_OK;
}

/* --- what stands in the store --- */

static enum err write_row(struct pull *pull, struct err_info *reterr)
{
    pull->row.updated_us = env_now(pull->setup.env);
    TRY(pull_transaction(pull, reterr));
    CLEANUP(store_rollback) struct store *transaction = pull->setup.store;
    TRY(pull_write(pull->setup.store, &pull->row, reterr));
    fault_point(FAULT_BEFORE_COMMIT);
    transaction = NULL;
    return pull_commit(pull, reterr);
}

/* Another round: the provider would give the same run again. */
static enum err give_run_up(struct pull *pull, struct err_info *reterr)
{
    (void)pull_set_cursor(pull, STR_NONE);
    pull->row.round++;
    pull->looks = 0;
    pull->progress.stage = PULL_ASKS_REPORTS;
    return write_row(pull, reterr);
}

/* --- asking --- */

static enum err note_run(struct pull *pull, struct err_info *reterr)
{
    switch (pull->run.state) {
    case RUN_PENDING:
        pull->progress.stage = PULL_AWAITS_REPORT;
        return ERR_OK;
    case RUN_SUCCEEDED:
        pull->progress.stage = PULL_TAKES_REPORT;
        return ERR_OK;
    case RUN_FAILED:
        break;
    }
    struct err_info why;
    enum err err = err_set(&why, ERR_BUSY,
        "the provider could not make the report `%s`: " STR_FMT "%s"
        "ask again later, or import a file by hand",
        statement_file_word(files[pull->file]), STR_ARG(pull->run.why),
        pull->run.why.len > 0 ? ": " : "");
    TRY(give_run_up(pull, reterr));
    return err_set(reterr, err, "%s", why.text);
}

static enum err ask(struct pull *pull, struct err_info *reterr)
{
    const enum statement_file file = files[pull->file];
    const struct pull_part part = {pull->progress.from_us, pull->reports_until_us};
    pull->progress.file = file;
    if (!pull->is_open) {
        TRY(pull_open(pull, str_from(statement_file_word(file)), STR_NONE, part, reterr));
        pull->awaited_since_us = env_monotonic(pull->setup.env);
        pull->looks = 0;
    }
    if (pull->row.cursor.len > 0) {
        pull->progress.stage = PULL_AWAITS_REPORT; /* it was asked for before */
        return ERR_OK;
    }
    const struct report_wanted wanted = {
        file, part.from_us, part.to_us + US_PER_SECOND, pull->row.round};
    arena_reset(pull->page_arena);
    TRY(ops_of(pull)->report_request(
        pull->setup.api, pull->setup.below, &wanted, pull->page_arena, &pull->run, reterr));
    if (!pull_set_cursor(pull, pull->run.id)) {
        return err_set(reterr, ERR_MALFORMED, "the report run's id is longer than an id may be");
    }
    TRY(write_row(pull, reterr));
    return note_run(pull, reterr);
}

/* --- awaiting --- */

static bool is_cancelled(const struct pull *pull)
{
    return pull->setup.cancelled != NULL && atomic_load(pull->setup.cancelled);
}

static enum err wait_for_look(struct pull *pull, struct err_info *reterr)
{
    struct env *env = pull->setup.env;
    int64_t wait_us = LOOK_FIRST_US;
    for (int64_t i = 1; i < pull->looks && wait_us < LOOK_MAX_US; i++) {
        wait_us *= 2;
    }
    wait_us = pull->looks == 0 ? 0 : wait_us < LOOK_MAX_US ? wait_us : LOOK_MAX_US;
    for (; wait_us > 0 && !is_cancelled(pull); wait_us -= LOOK_PIECE_US) {
        env_sleep(env, LOOK_PIECE_US);
    }
    if (is_cancelled(pull)) {
        return err_set(reterr, ERR_CLOSED, "interrupted");
    }
    if (env_monotonic(env) - pull->awaited_since_us > PATIENCE_US) {
        pull->awaited_since_us = env_monotonic(env);
        return err_set(reterr, ERR_TIMEOUT,
            "the provider has been making the report `%s` for half an hour: try again later, which "
            "goes on with the same run",
            statement_file_word(files[pull->file]));
    }
    return ERR_OK;
}

static enum err look(struct pull *pull, struct err_info *reterr)
{
    struct err_info info = {""};
    TRY(wait_for_look(pull, reterr));
    pull->looks++;
    arena_reset(pull->page_arena);
    enum err err = ops_of(pull)->report_look(
        pull->setup.api, pull->setup.below, pull->row.cursor, pull->page_arena, &pull->run, &info);
    if (err == ERR_NOT_FOUND && pull->cursor_is_old) {
        pull->cursor_is_old = false; /* it was long ago */
        return give_run_up(pull, reterr);
    }
    if (err != ERR_OK) {
        return err_set(reterr, err, "%s", info.text);
    }
    return note_run(pull, reterr);
}

/* --- taking --- */

static enum err open_temporary(const struct pull *pull, int *ret_fd, struct err_info *reterr)
{
    char path[PATH_BYTES];
    const char *folder =
        pull->setup.temporary_folder == NULL ? "/tmp" : pull->setup.temporary_folder;
    int len = snprintf(path, sizeof path, "%s/counterfoil-XXXXXX", folder);
    int fd = len > 0 && (size_t)len < sizeof path ? mkostemp(path, O_CLOEXEC) : -1;
    if (fd < 0) {
        return err_set(reterr, ERR_FILE_IO, "no temporary file can be made in %.100s: %s", folder,
            strerror(errno));
    }
    (void)unlink(path);
    *ret_fd = fd;
    return ERR_OK;
}

static enum err take_file(struct pull *pull, int fd, struct err_info *reterr)
{
    const struct pull_setup *setup = &pull->setup;
    struct filed_statement *file = calloc(1, sizeof *file); /* has a sum for each currency */
    const struct filed_setup filed = {.store = setup->store,
        .account = setup->account,
        .below = setup->below,
        .env = setup->env,
        .as = (int)files[pull->file],
        .surely_ours = true,
        .cancelled = setup->cancelled};
    if (file == NULL) {
        return err_set(reterr, ERR_BUSY, "out of memory");
    }
    file->name = "the provider's report";
    file->fd = fd;
    enum err err = statement_file_check(&filed, file, reterr);
    err = err == ERR_OK ? statement_file_take(&filed, file, reterr) : err;
    if (err == ERR_OK) {
        bool has_lines = files[pull->file] == FILE_ACTIVITY || files[pull->file] == FILE_PAYOUTS;
        pull->row.counts = file->counts;
        pull->row.source = file->source_number;
        pull->progress.lines += has_lines ? file->lines : 0;
        pull_add_counts(&pull->progress.counts, &file->counts);
    }
    free(file);
    return err;
}

static enum err take(struct pull *pull, struct err_info *reterr)
{
    const struct pull_setup *setup = &pull->setup;
    struct pull_mark was;
    int fd = -1;
    TRY(open_temporary(pull, &fd, reterr));
    enum err err = ops_of(pull)->report_download(setup->api, setup->below, &pull->run, fd, reterr);
    err = err == ERR_OK ? take_file(pull, fd, reterr) : err;
    (void)close(fd);
    TRY(err);
    pull_save(pull, &was);
    pull_finish_row(pull, env_now(setup->env));
    err = write_row(pull, reterr);
    if (err != ERR_OK) {
        pull_restore(pull, &was); /* it is fetched again, and known by its bytes */
        return err;
    }
    pull->is_open = false;
    pull->progress.files++;
    pull->progress.stage = PULL_ASKS_REPORTS;
    pull->file++;
    return ERR_OK;
}

enum err pull_report(struct pull *pull, bool *ret_ended, struct err_info *reterr)
{
    REQUIRE(pull != NULL && ret_ended != NULL);
    *ret_ended = false;
    if (pull->progress.stage == PULL_AWAITS_REPORT) {
        return look(pull, reterr);
    }
    if (pull->progress.stage == PULL_TAKES_REPORT) {
        return take(pull, reterr);
    }
    *ret_ended = pull->file == FILE_COUNT;
    return *ret_ended ? ERR_OK : ask(pull, reterr);
}
