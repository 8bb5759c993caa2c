/* Opening, and opening again: after a write or a sync has failed a connection is given up, and the
 * next transaction begins on a new one that trusts nothing but what it reads, so that recovery
 * needs no person. */
#include "base/limits.h"
#include "store/sqlite/internal.h"
#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

static const char *vfs_name;

void sqlite_engine_use_vfs(const char *name)
{
    vfs_name = name;
}

/* A writer that is always busy leaves a gap of some microseconds between two transactions. SQLite's
 * own handler sleeps for 100 ms after a few tries and would hardly ever meet one: short naps of
 * changing length do. 4096 of them make the five seconds. */
static int nap(void *context, int tries)
{
    struct sqlite_engine *engine = context;
    if (tries >= engine->naps_max) {
        return 0;
    }
    uint32_t mixed = (uint32_t)tries * UINT32_C(2654435761);
    (void)usleep(200 + (mixed >> 21)); /* up to 2.2 ms */
    return 1;
}

/* The library would make the file readable to all, and gives -wal and -shm the mode of the file
 * itself. Nothing in this process has the file open yet when O_EXCL succeeds, so that closing the
 * descriptor drops nobody's POSIX locks. */
static enum err create_private(const char *path, struct err_info *reterr)
{
    int fd = open(path, O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC, S_IRUSR | S_IWUSR);
    if (fd >= 0) {
        (void)close(fd);
        return ERR_OK;
    }
    if (errno == EEXIST) {
        return ERR_OK;
    }
    enum err err = errno == ENOSPC || errno == EDQUOT ? ERR_STORE_FULL : ERR_STORE_IO;
    return err_set(reterr, err, "%s: cannot be created: %s", path, strerror(errno));
}

/* A commit would be synced, and be gone with the file. Another file under the name is not taken for
 * it: what this process knows of the store (ids of scopes) holds for the one it began with. */
static enum err say_moved(
    const struct sqlite_engine *engine, bool is_other, struct err_info *reterr)
{
    return is_other ? err_set(reterr, ERR_STORE_IO,
                          "%s: another file has taken the place of the database: put the file "
                          "back, or stop the program and start it on the store that is meant",
                          engine->path)
                    : err_set(reterr, ERR_STORE_IO,
                          "%s: the database has been moved or deleted: put the file back, or stop "
                          "the program and start it on the store that is meant",
                          engine->path);
}

enum err sqlite_check_moved(struct sqlite_engine *engine, struct err_info *reterr)
{
    int moved = 0;
    if (engine->db == NULL ||
        sqlite3_file_control(engine->db, "main", SQLITE_FCNTL_HAS_MOVED, &moved) != SQLITE_OK) {
        return ERR_OK; /* opening looks for itself */
    }
    if (moved != 0) {
        engine->moved = true;
        return say_moved(engine, access(engine->path, F_OK) == 0, reterr);
    }
    /* While it was away its log may have been replaced. */
    engine->reopen = engine->reopen || engine->moved;
    engine->moved = false;
    return ERR_OK;
}

static void remember_file(struct sqlite_engine *engine)
{
    struct stat status;
    if (!engine->known && stat(engine->path, &status) == 0) {
        engine->known = true;
        engine->device = status.st_dev;
        engine->inode = status.st_ino;
    }
}

static enum err check_file(struct sqlite_engine *engine, struct err_info *reterr)
{
    struct stat status;
    if (stat(engine->path, &status) == 0) {
        if (engine->known && (status.st_dev != engine->device || status.st_ino != engine->inode)) {
            return say_moved(engine, true, reterr);
        }
        if (S_ISREG(status.st_mode)) {
            return ERR_OK;
        }
        return err_set(reterr, ERR_CONFIG, "%s: is no regular file", engine->path);
    }
    if (errno != ENOENT) {
        return err_set(reterr, ERR_STORE_IO, "%s: %s", engine->path, strerror(errno));
    }
    if (engine->known) {
        return say_moved(engine, false, reterr); /* an empty one in its place would be worse */
    }
    if (engine->access == STORE_READ) {
        return err_set(reterr, ERR_NOT_FOUND, "%s: there is no such file", engine->path);
    }
    return create_private(engine->path, reterr);
}

static enum err set_up_log(struct sqlite_engine *engine, struct err_info *reterr)
{
    /* Two that make a new database at once may find each other in the way for a moment: the change
     * of the journal's mode is one of the few places where SQLite does not wait by itself. */
    enum err err = ERR_BUSY;
    for (int tries = 0; tries < 50 && err == ERR_BUSY; tries++) {
        err = sqlite_tell(engine, "PRAGMA journal_mode = WAL", reterr);
        if (err == ERR_BUSY) {
            (void)sqlite3_sleep(20);
        }
    }
    return err;
}

/* secure_delete is on in some distributions and would write every freed page once more. Checks of
 * foreign keys would cost a look-up each; what is referred to is never deleted (docs/sql.md). */
static enum err set_up(struct sqlite_engine *engine, struct err_info *reterr)
{
    TRY(sqlite_tell(engine,
        "PRAGMA page_size = 4096;" /* takes effect in a new file only */
        "PRAGMA synchronous = FULL;"
        "PRAGMA cache_size = -32768;"
        "PRAGMA temp_store = MEMORY;"
        "PRAGMA mmap_size = 0;"
        "PRAGMA trusted_schema = OFF;"
        "PRAGMA secure_delete = OFF;"
        "PRAGMA foreign_keys = OFF;",
        reterr));
    (void)sqlite3_db_config(engine->db, SQLITE_DBCONFIG_DEFENSIVE, 1, NULL);
    TRY(sqlite_know_given(engine, reterr));
    if (engine->access == STORE_READ) {
        return sqlite_tell(engine, "PRAGMA query_only = ON", reterr);
    }
    TRY(set_up_log(engine, reterr));
    char text[96];
    (void)snprintf(text, sizeof text, "PRAGMA journal_size_limit = %d", 2 * LIMIT_WAL_BYTES);
    TRY(sqlite_tell(engine, text, reterr));
    return sqlite_tell(engine,
        engine->serving ? "PRAGMA wal_autocheckpoint = 0" : "PRAGMA wal_autocheckpoint = 1000",
        reterr);
}

/* Counting its memory costs SQLite a lock among all threads at every allocation. */
static void configure_library(void)
{
    (void)sqlite3_config(
        SQLITE_CONFIG_MEMSTATUS, 0); /* refused when somebody has begun before us */
}

enum err sqlite_connect(struct sqlite_engine *engine, struct err_info *reterr)
{
    static pthread_once_t once = PTHREAD_ONCE_INIT;
    (void)pthread_once(&once, configure_library);
    TRY(check_file(engine, reterr));
    int flags = engine->access == STORE_READ ? SQLITE_OPEN_READONLY : SQLITE_OPEN_READWRITE;
    flags |= SQLITE_OPEN_NOMUTEX | SQLITE_OPEN_EXRESCODE;
    int code = sqlite3_open_v2(engine->path, &engine->db, flags, vfs_name);
    enum err err = ERR_OK;
    if (code == SQLITE_OK) {
        engine->naps_max = SQLITE_NAPS_BUSY;
        (void)sqlite3_busy_handler(engine->db, nap, engine);
        err = set_up(engine, reterr);
    } else {
        err = sqlite_failure(engine, code, engine->path, reterr);
    }
    if (err == ERR_OK) {
        remember_file(engine);
    } else {
        sqlite_disconnect(engine);
    }
    engine->reopen = err != ERR_OK;
    return err;
}

void sqlite_disconnect(struct sqlite_engine *engine)
{
    sqlite_forget_statements(engine);
    if (engine->db != NULL) {
        /* Closing the last connection moves the log; one that is given up shall not touch the
         * files. */
        (void)sqlite3_db_config(
            engine->db, SQLITE_DBCONFIG_NO_CKPT_ON_CLOSE, engine->reopen ? 1 : 0, NULL);
        int code = sqlite3_close(engine->db);
        ENSURE(code == SQLITE_OK); /* no statement of ours is left */
        engine->db = NULL;
    }
}

enum err sqlite_lock_serve(struct sql_engine *base, struct err_info *reterr)
{
    struct sqlite_engine *engine = sqlite_engine_of(base);
    if (engine->serve_fd >= 0) {
        return ERR_OK;
    }
    /* The database's own file must not be opened and closed beside SQLite: that would drop its
     * locks. Its name is the one without symbolic links, so that two ways to one file meet in one
     * lock. */
    char path[4096];
    const char *name = sqlite3_db_filename(engine->db, "main");
    int len = snprintf(path, sizeof path, "%s.serve.lock", name == NULL ? engine->path : name);
    if (len < 0 || (size_t)len >= sizeof path) {
        return err_set(reterr, ERR_CONFIG, "the path of the database is too long");
    }
    int fd = open(path, O_RDWR | O_CREAT | O_CLOEXEC, S_IRUSR | S_IWUSR);
    if (fd < 0) {
        return err_set(reterr, ERR_STORE_IO, "%s: %s", path, strerror(errno));
    }
    if (flock(fd, LOCK_EX | LOCK_NB) != 0) {
        int error = errno;
        (void)close(fd);
        return error == EWOULDBLOCK
                   ? err_set(reterr, ERR_LOCKED, "another serve runs on %s", engine->path)
                   : err_set(reterr, ERR_STORE_IO, "%s: %s", path, strerror(error));
    }
    engine->serve_fd = fd;
    engine->serving = true;
    TRY(sqlite_tell(engine, "PRAGMA wal_autocheckpoint = 0", reterr));
    return sqlite_rewrite_log(
        engine, reterr); /* the process before may have ended by a failed sync */
}
