/* sql: the engine port. Two engines, one statement text, one data verb that runs a prepared
 * statement for many rows in one go (SQLite loops, libpq pipelines).
 *
 * Statement texts use ?1 ?2 ... ; the PostgreSQL engine rewrites them to $1 $2 once, at
 * preparation.
 *
 * Layer: store (port). Engines hang below: store/sqlite, store/postgres.
 */
#pragma once

#include "base/str.h"

enum sql_kind { SQL_NULL, SQL_INT, SQL_TEXT, SQL_BLOB };
struct sql_value {
    enum sql_kind kind;
    int64_t integer;
    struct str bytes; /* TEXT: NUL-free UTF-8; BLOB; borrowed */
};

static inline struct sql_value sql_int(int64_t value)
{
    return (struct sql_value){SQL_INT, value, {NULL, 0}};
}
static inline struct sql_value sql_text(struct str value)
{
    return (struct sql_value){SQL_TEXT, 0, value};
}
static inline struct sql_value sql_blob(const void *data, size_t len)
{
    return (struct sql_value){SQL_BLOB, 0, {(const char *)data, len}};
}
static inline struct sql_value sql_null(void)
{
    return (struct sql_value){SQL_NULL, 0, {NULL, 0}};
}

#define SQL_WHY_BYTES 160

/* Lives as long as the engine: prepared once, found again by address. */
struct sql_statement {
    const char *text;
    const char *postgres; /* NULL: the same text */
    const char
        *parameters; /* one letter each: i integer, t text, b bytes; their number is its length */
    /* May: PostgreSQL's text for many rows in one execution, which costs a fifth of one each: every
     * parameter is the array of its column, in the order of the rows. A row that comes back begins
     * with the number of its parameter row, from 1 (unnest ... WITH ORDINALITY), or 0 where it
     * cannot tell. With ON CONFLICT DO UPDATE, no two parameter rows may have one key. */
    const char *postgres_set;
    /* May: the same for SQLite, from the table `given`, whose rows are the parameter rows: n, their
     * number from 1, then c1, c2... up to c48. No parameters stand in it. Only where no trigger
     * fires, and where one row needs not see what another one wrote. */
    const char *sqlite_set;
};

#define SQL_INDEX_UNKNOWN UINT32_MAX /* the statement's postgres_set said 0 */

/* Called for each row that comes back: `index` is the parameter row it belongs to. Values are
 * borrowed for the call only. A return other than ERR_OK ends the run with that error. */
typedef enum err sql_row_fn(
    void *context, uint32_t index, const struct sql_value *columns, uint32_t column_count);

/* sql/<engine>/NNNN_name.sql, embedded by tools/embed_sql.py; a row with version 0 ends a list. */
struct sql_migration {
    int version;
    const char *name;
    const char *text;
    const char *sha256; /* of the text; 64 hex digits */
};

#define SQL_PLACE_BYTES 160

/* What to put before a table's name, and a dot, when two of a name are there. */
struct sql_places {
    char live[SQL_PLACE_BYTES];   /* the store's own; quoted where it must be */
    char shadow[SQL_PLACE_BYTES]; /* the temporary one */
};

struct sql_engine;
struct sql_engine_ops {
    const char *name;
    bool has_row_locks;                     /* FOR UPDATE, SKIP LOCKED; many writers */
    const struct sql_migration *migrations; /* must */
    /* must; `write` takes the write lock at once (SQLite: BEGIN IMMEDIATE). Reconnects after a lost
     * connection. ERR_BUSY, ERR_STORE_IO */
    MUST_USE enum err (*begin)(struct sql_engine *engine, bool write, struct err_info *reterr);
    /* must; ERR_OK means synced to disk. After an error nothing was kept, or it is unknown
     * (ERR_STORE_IO) */
    MUST_USE enum err (*commit)(struct sql_engine *engine, struct err_info *reterr);
    void (*rollback)(struct sql_engine *engine); /* must; cannot fail */
    /* must; runs `statement` once for each of `count` rows of parameters (row-major), in one round
     * trip. *ret_changed (may be NULL): rows inserted, updated or deleted in all. */
    MUST_USE enum err (*run)(struct sql_engine *engine,
        const struct sql_statement *statement,
        const struct sql_value *parameters,
        uint32_t count,
        sql_row_fn *on_row,
        void *context,
        int64_t *ret_changed,
        struct err_info *reterr);
    /* must; several statements, for migrations; inside a transaction */
    MUST_USE enum err (*script)(
        struct sql_engine *engine, const char *text, struct err_info *reterr);
    /* must; only one holder among all processes until the transaction or the connection ends:
     * migrations. ERR_LOCKED after five seconds */
    MUST_USE enum err (*lock_schema)(struct sql_engine *engine, struct err_info *reterr);
    /* may; wakes whoever waits, once this transaction commits */
    MUST_USE enum err (*notify)(struct sql_engine *engine, struct err_info *reterr);
    /* may; blocks until notified, `timeout_us` has passed or `wake_fd` (-1: none) is readable */
    void (*wait)(struct sql_engine *engine, int wake_fd, int64_t timeout_us);
    /* may; holds off every other process that runs on the same data, until close. ERR_LOCKED */
    MUST_USE enum err (*lock_serve)(struct sql_engine *engine, struct err_info *reterr);
    /* may; moves the log into the data files, outside a transaction. `whole` also waits a while for
     * writers and readers, so that the log begins anew; else *ret_left_bytes may be left. */
    MUST_USE enum err (*checkpoint)(
        struct sql_engine *engine, bool whole, int64_t *ret_left_bytes, struct err_info *reterr);
    /* may; what the log holds that has not been moved, and could not be overwritten by the next
     * commit */
    int64_t (*log_bytes)(struct sql_engine *engine);
    /* must; outside a transaction: do commits survive a power cut, as the engine is set up? When
     * they do not, `why` names the setting and its value. */
    MUST_USE enum err (*durability)(struct sql_engine *engine,
        bool *ret_synced,
        char why[static SQL_WHY_BYTES],
        struct err_info *reterr);
    /* must; once, outside a transaction, before other threads run: from now on until close the
     * names of `tables` (ended by NULL) mean empty temporary tables of this connection alone, with
     * the same columns and indexes, on disk. The others keep their meaning; a transaction for
     * writing may write to the temporary ones only, locks nothing else and syncs nothing, unless
     * `applying` is set. A connection that is lost is not opened again: ERR_STORE_IO. */
    MUST_USE enum err (*shadow)(struct sql_engine *engine,
        const char *const *tables,
        struct sql_places *ret_places,
        struct err_info *reterr);
    void (*close)(struct sql_engine *engine); /* must; frees */
};
struct sql_engine { /* first member of every engine's struct; zeroed but for ops */
    const struct sql_engine_ops *ops;
    bool in_transaction, is_write; /* the wrappers' business */
    bool failed;                   /* a statement failed: only rollback is left */
    bool shadowed;                 /* ops->shadow was called */
    bool applying;                 /* this transaction may write to what is shadowed */
};

/* The wrappers that everybody calls: contracts are checked here once, for every engine. After a
 * statement that failed the transaction takes no more: each run is ERR_STORE_IO, and so is the
 * commit, which keeps nothing. An error that came from `on_row` does not count as the engine's. */
MUST_USE enum err sql_begin(struct sql_engine *engine, bool write, struct err_info *reterr);
MUST_USE enum err sql_commit(struct sql_engine *engine, struct err_info *reterr);
void sql_rollback(struct sql_engine *engine);
MUST_USE enum err sql_run(struct sql_engine *engine,
    const struct sql_statement *statement,
    const struct sql_value *parameters,
    uint32_t count,
    sql_row_fn *on_row,
    void *context,
    int64_t *ret_changed,
    struct err_info *reterr);
MUST_USE enum err sql_script(struct sql_engine *engine, const char *text, struct err_info *reterr);
MUST_USE enum err sql_lock_schema(struct sql_engine *engine, struct err_info *reterr);
MUST_USE enum err sql_shadow(struct sql_engine *engine,
    const char *const *tables,
    struct sql_places *ret_places,
    struct err_info *reterr);
