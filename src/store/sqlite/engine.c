#include "store/sqlite/internal.h"
#include <poll.h>
#include <stdlib.h>
#include <unistd.h>

extern const struct sql_migration sqlite_migrations[]; /* generated from sql/sqlite */

static enum err sqlite_begin(struct sql_engine *base, bool write, struct err_info *reterr)
{
    struct sqlite_engine *engine = sqlite_engine_of(base);
    if (write) {
        TRY(sqlite_check_moved(engine, reterr));
    }
    if (base->shadowed) {
        TRY(sqlite_check_shadow(engine, reterr));
        write = write && base->applying;
    }
    if (engine->reopen || engine->db == NULL) {
        sqlite_disconnect(engine);
        TRY(sqlite_connect(engine, reterr));
        if (engine->log_unsure && write) {
            TRY(sqlite_rewrite_log(engine, reterr));
        }
    }
    static const struct sql_statement begin_read = {.text = "BEGIN", .parameters = ""};
    static const struct sql_statement begin_write = {.text = "BEGIN IMMEDIATE", .parameters = ""};
    return sqlite_run(base, write ? &begin_write : &begin_read, NULL, 1, NULL, NULL, NULL, reterr);
}

static enum err sqlite_commit(struct sql_engine *base, struct err_info *reterr)
{
    struct sqlite_engine *engine = sqlite_engine_of(base);
    if (sqlite3_get_autocommit(engine->db) != 0) {
        return err_set(
            reterr, ERR_STORE_IO, "the database has rolled the transaction back by itself");
    }
    static const struct sql_statement commit = {.text = "COMMIT", .parameters = ""};
    enum err err = sqlite_run(base, &commit, NULL, 1, NULL, NULL, NULL, reterr);
    engine->reopen = engine->reopen || (err != ERR_OK && err != ERR_BUSY && err != ERR_STORE_FULL);
    return err;
}

static void sqlite_rollback(struct sql_engine *base)
{
    struct sqlite_engine *engine = sqlite_engine_of(base);
    if (engine->db == NULL || sqlite3_get_autocommit(engine->db) != 0) {
        return; /* some errors roll back by themselves */
    }
    static const struct sql_statement rollback = {.text = "ROLLBACK", .parameters = ""};
    if (sqlite_run(base, &rollback, NULL, 1, NULL, NULL, NULL, NULL) != ERR_OK) {
        engine->reopen = true; /* closing rolls back */
    }
}

static enum err sqlite_script(struct sql_engine *base, const char *text, struct err_info *reterr)
{
    return sqlite_tell(sqlite_engine_of(base), text, reterr);
}

/* BEGIN IMMEDIATE has taken the only write lock there is. */
static enum err sqlite_lock_schema(struct sql_engine *base, struct err_info *reterr)
{
    (void)base;
    (void)reterr;
    return ERR_OK;
}

static void sqlite_wait(struct sql_engine *base, int wake_fd, int64_t timeout_us)
{
    (void)base;
    struct pollfd wake = {.fd = wake_fd, .events = POLLIN};
    struct timespec timeout = {timeout_us / 1000000, timeout_us % 1000000 * 1000};
    (void)ppoll(&wake, wake_fd >= 0 ? 1 : 0, &timeout, NULL); /* an early return does no harm */
}

static enum err sqlite_durability(struct sql_engine *base,
    bool *ret_synced,
    char why[static SQL_WHY_BYTES],
    struct err_info *reterr)
{
    struct sqlite_engine *engine = sqlite_engine_of(base);
    int64_t synchronous = 0;
    if (engine->db == NULL) {
        return err_set(reterr, ERR_STORE_IO, "the database is not open");
    }
    TRY(sqlite_ask(engine, "PRAGMA synchronous", &synchronous, reterr));
    *ret_synced = synchronous >= 2;
    (void)sqlite3_snprintf(SQL_WHY_BYTES, why, "synchronous = %d", (int)synchronous);
    return ERR_OK;
}

static void sqlite_close(struct sql_engine *base)
{
    struct sqlite_engine *engine = sqlite_engine_of(base);
    sqlite_disconnect(engine);
    if (engine->serve_fd >= 0) {
        (void)close(engine->serve_fd);
    }
    free(engine->path);
    free(engine);
}

static const struct sql_engine_ops sqlite_ops = {
    .name = "sqlite",
    .has_row_locks = false,
    .migrations = sqlite_migrations,
    .begin = sqlite_begin,
    .commit = sqlite_commit,
    .rollback = sqlite_rollback,
    .run = sqlite_run,
    .script = sqlite_script,
    .lock_schema = sqlite_lock_schema,
    .wait = sqlite_wait,
    .lock_serve = sqlite_lock_serve,
    .checkpoint = sqlite_checkpoint,
    .log_bytes = sqlite_log_bytes,
    .durability = sqlite_durability,
    .shadow = sqlite_shadow,
    .close = sqlite_close,
};

/* `sqlite:///absolute`, `sqlite:relative`, with %XX; "./" keeps SQLite from reading a meaning into
 * names like ":memory:" and "file:x". */
static enum err path_of(struct str url, char **ret_path, struct err_info *reterr)
{
    struct str rest = url;
    (void)str_cut(&rest, ':');
    if (str_starts_with(rest, STR("//"))) {
        rest.data += 2;
        rest.len -= 2;
        if (!str_starts_with(rest, STR("/"))) {
            return err_set(reterr, ERR_CONFIG,
                "store url: an absolute path has three slashes, sqlite:///path");
        }
    }
    char *path = malloc(rest.len + 3);
    if (path == NULL) {
        return err_set(reterr, ERR_BUSY, "out of memory");
    }
    size_t len = 0;
    if (!str_starts_with(rest, STR("/"))) {
        path[len++] = '.';
        path[len++] = '/';
    }
    bool fine = rest.len > 0 && rest.data[rest.len - 1] != '/';
    for (size_t i = 0; i < rest.len && fine; i++) {
        uint8_t byte = (uint8_t)rest.data[i];
        if (byte == '%') {
            fine = i + 2 < rest.len && hex_decode(&byte, 1, (struct str){rest.data + i + 1, 2});
            i += 2;
        } else {
            fine = byte != '?' && byte != '#';
        }
        fine = fine && byte != '\0';
        path[len++] = (char)byte;
    }
    path[len] = '\0';
    if (!fine) {
        free(path);
        return err_set(reterr, ERR_CONFIG,
            "store url: the path is empty or has a ?, # or %% that is not written as %%3F, %%23, "
            "%%25");
    }
    *ret_path = path;
    return ERR_OK;
}

static enum err sqlite_open(struct str url,
    enum store_access access,
    struct env *env,
    struct sql_engine **ret_engine,
    struct err_info *reterr)
{
    (void)env;
    struct sqlite_engine *engine = calloc(1, sizeof *engine);
    if (engine == NULL) {
        return err_set(reterr, ERR_BUSY, "out of memory");
    }
    engine->base.ops = &sqlite_ops;
    engine->access = access;
    engine->serve_fd = -1;
    enum err err = path_of(url, &engine->path, reterr);
    if (err == ERR_OK) {
        err = sqlite_connect(engine, reterr);
    }
    if (err != ERR_OK) {
        sqlite_close(&engine->base);
        return err;
    }
    *ret_engine = &engine->base;
    return ERR_OK;
}

const struct sql_engine_opener sqlite_engine_opener = {"sqlite", NULL, sqlite_open};
