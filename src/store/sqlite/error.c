#include "store/sqlite/internal.h"
#include <errno.h>
#include <unistd.h>

static bool means_no_room(int error)
{
    return error == ENOSPC || error == EDQUOT;
}

/* The disk is full for all of these, although SQLite calls some of them input and output errors,
 * and does not keep the system's reason for one that comes from a commit: `error` is errno after
 * the step. */
static bool is_full(sqlite3 *db, int code, int error)
{
    int primary = code & 0xff;
    return primary == SQLITE_FULL ||
           (primary == SQLITE_IOERR &&
               (means_no_room(error) || (db != NULL && means_no_room(sqlite3_system_errno(db)))));
}

struct failure {
    int code; /* primary result code */
    enum err err;
    const char *advice;
};
static const struct failure failures[] = {
    {SQLITE_BUSY, ERR_BUSY, "another process has held the database for 5 s"},
    {SQLITE_LOCKED, ERR_BUSY, "another statement holds the table"},
    {SQLITE_NOMEM, ERR_BUSY, "out of memory"},
    {SQLITE_INTERRUPT, ERR_TIMEOUT, "interrupted"},
    {SQLITE_READONLY, ERR_STORE_IO,
        "not writable: check owner and mode of the file and of its directory, and the mount"},
    {SQLITE_PERM, ERR_STORE_IO, "not permitted: check owner and mode of the file"},
    {SQLITE_AUTH, ERR_STORE_IO, "not permitted"},
    {SQLITE_CANTOPEN, ERR_STORE_IO,
        "cannot be opened: check that the directory exists, that its owner runs this, and that its "
        "file system is not mounted read-only"},
    {SQLITE_NOTADB, ERR_STORE_IO, "is no SQLite database: check the path"},
    {SQLITE_CORRUPT, ERR_STORE_IO,
        "is damaged: stop, copy the file and its -wal, then restore a backup"},
    {SQLITE_IOERR, ERR_STORE_IO, "the disk failed: look into the kernel's log"},
    {SQLITE_PROTOCOL, ERR_BUSY, "the lock protocol of the log was too contended"},
    {SQLITE_CONSTRAINT, ERR_INVALID, "a row breaks a rule of the schema"},
    {SQLITE_MISMATCH, ERR_INVALID, "a value has the wrong type"},
    {SQLITE_TOOBIG, ERR_TOO_LARGE, "a value is too large"},
    {SQLITE_RANGE, ERR_STORE_IO, "a parameter is missing"},
};

/* Who only reads writes all the same, where nobody else has the database open: SQLite's log and its
 * index. */
static const char *advice_of(const struct sqlite_engine *engine, const struct failure *failure)
{
    bool log_is_missing =
        engine->access == STORE_READ &&
        (failure->code == SQLITE_READONLY ||
            (failure->code == SQLITE_CANTOPEN && access(engine->path, R_OK) == 0));
    return log_is_missing ? "to be read it needs its -wal and -shm beside it, which cannot be made "
                            "or opened: run this as the store's owner"
                          : failure->advice;
}

enum err sqlite_failure(
    struct sqlite_engine *engine, int code, const char *doing, struct err_info *reterr)
{
    int error = errno;
    REQUIRE(code != SQLITE_OK && code != SQLITE_ROW && code != SQLITE_DONE);
    int primary = code & 0xff;
    if (primary == SQLITE_IOERR || primary == SQLITE_CORRUPT || primary == SQLITE_READONLY) {
        /* What the page cache says and what the disk has may differ from now on, and to sync again
         * would prove nothing: the kernel has dropped what it could not write. */
        engine->reopen = true;
        engine->log_unsure = engine->log_unsure || code == SQLITE_IOERR_FSYNC;
    }
    if (is_full(engine->db, code, error)) {
        return err_set(reterr, ERR_STORE_FULL,
            "%s: no room left on the disk of the database; free some, nothing else is needed",
            doing);
    }
    const char *words = engine->db != NULL ? sqlite3_errmsg(engine->db) : sqlite3_errstr(code);
    bool made_real = code == SQLITE_CONSTRAINT_DATATYPE && strstr(words, "REAL value") != NULL;
    if (made_real || (primary == SQLITE_ERROR && strstr(words, "integer overflow") != NULL)) {
        return err_set(reterr, ERR_OVERFLOW, "%s: the sum does not fit", doing);
    }
    if (primary == SQLITE_ERROR &&
        (strstr(words, "no such table") != NULL || strstr(words, "no such column") != NULL ||
            strstr(words, "has no column") != NULL)) {
        return err_set(reterr, ERR_SCHEMA,
            "%s: the schema is not this program's (%s): counterfoil migrate", doing, words);
    }
    for (size_t i = 0; i < sizeof failures / sizeof failures[0]; i++) {
        if (failures[i].code == primary) {
            return err_set(reterr, failures[i].err, "%s: %s (%s, %d)", doing,
                advice_of(engine, &failures[i]), words, code);
        }
    }
    return err_set(reterr, ERR_STORE_IO, "%s: %s (%d)", doing, words, code);
}
