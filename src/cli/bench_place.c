#include "cli/bench_place.h"
#include "base/check.h"
#include "base/timestamp.h"
#include "store/store.h"
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#define WORDS_MAX 16
#define RUN_LOG "run.log"

/* ---- files ----------------------------------------------------------------------------------- */

enum err bench_place_join(const struct bench_place *place,
    const char *name,
    char *to,
    size_t size,
    struct err_info *reterr)
{
    int written = snprintf(to, size, "%s/%s", place->dir, name);
    return written > 0 && (size_t)written < size
               ? ERR_OK
               : err_set(reterr, ERR_TOO_LARGE, "%s: the path is too long", place->dir);
}

static enum err write_file(
    const struct bench_place *place, const char *name, struct str text, struct err_info *reterr)
{
    char path[BENCH_PATH_BYTES];
    TRY(bench_place_join(place, name, path, sizeof path, reterr));
    int fd = open(path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
    bool good = fd >= 0 && write(fd, text.data, text.len) == (ssize_t)text.len;
    int cause = errno;
    if (fd >= 0) {
        good = close(fd) == 0 && good;
    }
    return good ? ERR_OK : err_set(reterr, ERR_FILE_IO, "%s: %s", path, strerror(cause));
}

static enum err write_config(const struct bench_place *place, struct err_info *reterr)
{
    CLEANUP(buf_fini) struct buf text;
    buf_init(&text, (size_t)4 * BENCH_PATH_BYTES);
    buf_addf(&text,
        "[store]\nurl = %s\n\n[listen]\npublic = 127.0.0.1:0\nprivate = 127.0.0.1:0\n\n"
        "[log]\nlevel = warning\n\n"
        "[account " BENCH_ACCOUNT "]\nprovider = stripe\nenvironment = test\n"
        "webhook_secret = file:bench.secret\n", /* beside this file, wherever that is */
        place->store_url);
    TRY(write_file(place, "bench.secret", STR(BENCH_SECRET), reterr));
    return write_file(place, "bench.ini", buf_str(&text), reterr);
}

/* The folder holds plain files only. */
struct bench_place *bench_place_remove(struct bench_place *place)
{
    if (place == NULL || place->dir[0] == '\0' || place->keep) {
        return NULL;
    }
    DIR *folder = opendir(place->dir);
    struct dirent *entry = NULL;
    char path[BENCH_PATH_BYTES];
    while (folder != NULL && (entry = readdir(folder)) != NULL) {
        if (entry->d_name[0] != '.' &&
            bench_place_join(place, entry->d_name, path, sizeof path, NULL) == ERR_OK) {
            (void)unlink(path);
        }
    }
    if (folder != NULL) {
        (void)closedir(folder);
    }
    (void)rmdir(place->dir);
    place->dir[0] = '\0';
    return NULL;
}

void bench_place_log_end(const struct bench_place *place, const char *name, char *to, size_t size)
{
    char path[BENCH_PATH_BYTES];
    to[0] = '\0';
    FILE *file =
        bench_place_join(place, name, path, sizeof path, NULL) == ERR_OK ? fopen(path, "re") : NULL;
    if (file == NULL) {
        return;
    }
    if (fseek(file, -(long)(size - 1), SEEK_END) != 0) {
        rewind(file);
    }
    size_t len = fread(to, 1, size - 1, file);
    to[str_trim((struct str){to, len}).len] = '\0';
    (void)fclose(file);
}

/* ---- making it ------------------------------------------------------------------------------- */

/* Measuring on a store that holds something would measure something else, and fill it with made-up
 * events. */
static enum err check_empty(
    const struct bench_place *place, struct env *env, struct err_info *reterr)
{
    CLEANUP(store_close) struct store *store = NULL;
    struct schema_state schema = {0};
    TRY(store_open(str_from(place->store_url), STORE_WRITE, env, &store, reterr));
    TRY(store_schema(store, &schema, reterr));
    return schema.version == 0
               ? ERR_OK
               : err_set(reterr, ERR_CONFIG, "bench wants an empty database of its own");
}

static enum err name_store(struct bench_place *place, struct str store_url, struct err_info *reterr)
{
    char absolute[PATH_MAX];
    if (!place->sqlite) {
        return str_copy_to(place->store_url, sizeof place->store_url, store_url)
                   ? ERR_OK
                   : err_set(reterr, ERR_USAGE, "--store is too long");
    }
    bool found = realpath(place->dir, absolute) != NULL;
    (void)snprintf(place->store_url, sizeof place->store_url, "sqlite://%s/books.db",
        found ? absolute : place->dir);
    return ERR_OK;
}

static enum err fill_place(
    struct bench_place *place, struct str store_url, struct env *env, struct err_info *reterr)
{
    TRY(name_store(place, store_url, reterr));
    if (!place->sqlite) {
        TRY(check_empty(place, env, reterr));
    }
    return write_config(place, reterr);
}

enum err bench_place_make(struct str dir,
    struct str store_url,
    bool keep,
    struct env *env,
    struct bench_place *ret_place,
    struct err_info *reterr)
{
    REQUIRE(dir.len > 0);
    struct bench_place place = {.keep = keep, .sqlite = store_url.len == 0};
    int written = snprintf(place.dir, sizeof place.dir - 32, STR_FMT "/bench-XXXXXX", STR_ARG(dir));
    if (written < 0 || (size_t)written >= sizeof place.dir - 32) {
        return err_set(reterr, ERR_USAGE, "--dir is too long");
    }
    if (mkdtemp(place.dir) == NULL) {
        return err_set(reterr, ERR_FILE_IO, "%s: %s", place.dir, strerror(errno));
    }
    enum err err = fill_place(&place, store_url, env, reterr);
    if (err != ERR_OK) {
        (void)bench_place_remove(&place);
        return err;
    }
    *ret_place = place;
    return ERR_OK;
}

/* ---- a program that ends --------------------------------------------------------------------- */

static void run_self(const char *dir, const char *const *words)
{
    const char *args[WORDS_MAX + 4] = {"counterfoil"};
    size_t count = 1;
    sigset_t none;
    while (*words != NULL && count < WORDS_MAX) {
        args[count++] = *words++;
    }
    args[count++] = "--config";
    args[count] = "bench.ini";
    (void)prctl(PR_SET_PDEATHSIG, SIGTERM);
    (void)sigemptyset(&none);
    (void)sigprocmask(SIG_SETMASK, &none, NULL);
    int fd = chdir(dir) == 0 ? open(RUN_LOG, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600) : -1;
    if (fd >= 0) {
        (void)dup2(fd, STDOUT_FILENO);
        (void)dup2(fd, STDERR_FILENO);
        (void)execv("/proc/self/exe", (char *const *)(uintptr_t)args);
    }
    _exit(127);
}

enum err bench_place_run(const struct bench_place *place,
    const char *const *words,
    struct env *env,
    struct bench_ran *ret_ran,
    struct err_info *reterr)
{
    REQUIRE(words != NULL && words[0] != NULL);
    struct rusage usage;
    int status = 0;
    int64_t begun_us = env_monotonic(env);
    pid_t pid = fork();
    if (pid == 0) {
        run_self(place->dir, words);
    }
    if (pid < 0) {
        return err_set(reterr, ERR_BUSY, "fork: %s", strerror(errno));
    }
    pid_t ended = 0;
    do {
        ended = wait4(pid, &status, 0, &usage);
    } while (ended < 0 && errno == EINTR);
    if (ended != pid || !WIFEXITED(status)) {
        return err_set(reterr, ERR_IMPOSSIBLE, "counterfoil %s was ended by a signal", words[0]);
    }
    *ret_ran = (struct bench_ran){
        .exit_code = WEXITSTATUS(status),
        .elapsed_us = env_monotonic(env) - begun_us,
        .cpu_us = (usage.ru_utime.tv_sec + usage.ru_stime.tv_sec) * US_PER_SECOND +
                  usage.ru_utime.tv_usec + usage.ru_stime.tv_usec,
        .memory_peak_bytes = (int64_t)usage.ru_maxrss * 1024,
        .written_bytes = (int64_t)usage.ru_oublock * 512,
    };
    return ERR_OK;
}
