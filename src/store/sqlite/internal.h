/* internal: what the files of this engine share. */
#pragma once

#include "base/check.h"
#include "store/sqlite/engine.h"
#include "store/statement_table.h"
#include <sqlite3.h>
#include <sys/types.h>

#define SQLITE_NAPS_BUSY 4096   /* some five seconds */
#define SQLITE_NAPS_RESTART 800 /* some one second */

struct sqlite_given { /* the parameter rows of the statement for sets that is being run */
    const struct sql_value *values;
    uint32_t count, width;
};

struct sqlite_engine {
    struct sql_engine base; /* first member */
    sqlite3 *db;            /* owned; NULL after a reopening that failed */
    char *path;             /* owned */
    enum store_access access;
    bool serving;    /* holds the serve lock; checkpoints are the caller's business */
    bool reopen;     /* a write or a sync failed: this connection is not to be trusted */
    bool log_unsure; /* a sync failed: parts of the log may be in the page cache only */
    bool moved;      /* the file was not under its name at the last begin for writing */
    bool known;      /* device and inode say which file this is: no other is opened again */
    dev_t device;
    ino_t inode;
    int naps_max; /* how often to wait for another's lock */
    int serve_fd; /* -1: not held */
    struct sqlite_given given;
    struct statement_table statements;
    sqlite3_stmt *prepared[STATEMENT_SLOTS]; /* owned; NULL: not yet, on this connection */
};

static inline struct sqlite_engine *sqlite_engine_of(struct sql_engine *engine)
{
    return (struct sqlite_engine *)engine;
}

/* open.c */
MUST_USE enum err sqlite_connect(struct sqlite_engine *engine, struct err_info *reterr);
/* ERR_STORE_IO while the open file is not what its name says; once it is again, the connection is
 * to be opened again. */
MUST_USE enum err sqlite_check_moved(struct sqlite_engine *engine, struct err_info *reterr);
void sqlite_disconnect(struct sqlite_engine *engine);
MUST_USE enum err sqlite_lock_serve(struct sql_engine *base, struct err_info *reterr);

/* given.c: makes the table `given` known to a new connection */
MUST_USE enum err sqlite_know_given(struct sqlite_engine *engine, struct err_info *reterr);

/* statements.c */
void sqlite_forget_statements(struct sqlite_engine *engine);
MUST_USE enum err sqlite_run(struct sql_engine *base,
    const struct sql_statement *statement,
    const struct sql_value *parameters,
    uint32_t count,
    sql_row_fn *on_row,
    void *context,
    int64_t *ret_changed,
    struct err_info *reterr);
/* One statement without parameters that gives at most one integer. */
MUST_USE enum err sqlite_ask(
    struct sqlite_engine *engine, const char *text, int64_t *ret_answer, struct err_info *reterr);
MUST_USE enum err sqlite_tell(
    struct sqlite_engine *engine, const char *text, struct err_info *reterr);

/* log.c */
MUST_USE enum err sqlite_checkpoint(
    struct sql_engine *base, bool whole, int64_t *ret_left_bytes, struct err_info *reterr);
int64_t sqlite_log_bytes(struct sql_engine *base);
/* Writes the whole log over itself and syncs it: after a failed sync the kernel takes what it could
 * not write for written, and no later sync would say otherwise. */
MUST_USE enum err sqlite_rewrite_log(struct sqlite_engine *engine, struct err_info *reterr);

/* shadow.c */
MUST_USE enum err sqlite_shadow(struct sql_engine *base,
    const char *const *tables,
    struct sql_places *ret_places,
    struct err_info *reterr);
/* Before a transaction: are the temporary tables still there? Says what it may write to. */
MUST_USE enum err sqlite_check_shadow(struct sqlite_engine *engine, struct err_info *reterr);

/* error.c: our error for SQLite's extended result code, with words for people; marks the connection
 * when it must not be used further. */
MUST_USE enum err sqlite_failure(
    struct sqlite_engine *engine, int code, const char *doing, struct err_info *reterr);
