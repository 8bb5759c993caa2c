#include "cli/bench_limit.h"
#include "base/check.h"
#include "base/limits.h"
#include "base/timestamp.h"
#include <libpq-fe.h>
#include <pthread.h>
#include <sqlite3.h>
#include <stdatomic.h>
#include <stdio.h>
#include <unistd.h>

#define CHECKPOINT_EVERY_US (100 * 1000)
#define PAGE_BYTES 8192

/* ---- SQLite ---------------------------------------------------------------------------------- */

struct lite {
    sqlite3 *db;
    sqlite3_stmt *insert, *begin, *commit;
};

static struct lite *lite_close(struct lite *lite)
{
    (void)sqlite3_finalize(lite->insert);
    (void)sqlite3_finalize(lite->begin);
    (void)sqlite3_finalize(lite->commit);
    (void)sqlite3_close(lite->db);
    return NULL;
}

static inline void lite_close_cleanup(struct lite *lite)
{
    (void)lite_close(lite);
}

static enum err lite_failure(const struct lite *lite, struct err_info *reterr)
{
    return err_set(reterr, ERR_STORE_IO, "the limit: %s", sqlite3_errmsg(lite->db));
}

/* As store/sqlite/open.c has it for a serve: the checkpoint runs in its own thread here too. */
static enum err lite_open(struct lite *lite, const char *path, struct err_info *reterr)
{
    static const char set_up[] =
        "PRAGMA page_size = 8192; PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL;"
        "PRAGMA cache_size = -32768; PRAGMA wal_autocheckpoint = 0;"
        "CREATE TABLE limit_body (seq INTEGER PRIMARY KEY, event_id TEXT NOT NULL, body TEXT NOT "
        "NULL)";
    if (sqlite3_open(path, &lite->db) != SQLITE_OK ||
        sqlite3_exec(lite->db, set_up, NULL, NULL, NULL) != SQLITE_OK ||
        sqlite3_prepare_v2(lite->db, "INSERT INTO limit_body (event_id, body) VALUES (?1, ?2)", -1,
            &lite->insert, NULL) != SQLITE_OK ||
        sqlite3_prepare_v2(lite->db, "BEGIN IMMEDIATE", -1, &lite->begin, NULL) != SQLITE_OK ||
        sqlite3_prepare_v2(lite->db, "COMMIT", -1, &lite->commit, NULL) != SQLITE_OK) {
        return lite_failure(lite, reterr);
    }
    return ERR_OK;
}

static bool step(sqlite3_stmt *statement)
{
    bool good = sqlite3_step(statement) == SQLITE_DONE;
    return sqlite3_reset(statement) == SQLITE_OK && good;
}

struct checkpointing {
    const char *path;
    atomic_bool ending;
};

static void *checkpoint_now_and_then(void *context)
{
    struct checkpointing *checkpointing = context;
    sqlite3 *db = NULL;
    if (sqlite3_open(checkpointing->path, &db) == SQLITE_OK) {
        while (!atomic_load(&checkpointing->ending)) {
            (void)sqlite3_wal_checkpoint_v2(db, NULL, SQLITE_CHECKPOINT_PASSIVE, NULL, NULL);
            (void)usleep(CHECKPOINT_EVERY_US);
        }
    }
    (void)sqlite3_close(db);
    return NULL;
}

/* The writer waits for the checkpoint when the log is long, as serve's does. */
static int on_commit(void *context, sqlite3 *db, const char *name, int pages)
{
    (void)context;
    if (pages > LIMIT_WAL_BYTES / PAGE_BYTES) {
        (void)sqlite3_wal_checkpoint_v2(db, name, SQLITE_CHECKPOINT_PASSIVE, NULL, NULL);
    }
    return SQLITE_OK;
}

static bool lite_insert(const struct lite *lite, struct str id, struct str body)
{
    return sqlite3_bind_text(lite->insert, 1, id.data, (int)id.len, SQLITE_STATIC) == SQLITE_OK &&
           sqlite3_bind_text(lite->insert, 2, body.data, (int)body.len, SQLITE_STATIC) ==
               SQLITE_OK &&
           step(lite->insert);
}

static enum err lite_loop(const struct lite *lite,
    const struct bench_inserts *inserts,
    struct bench_limit *ret_limit,
    struct err_info *reterr)
{
    struct bench_limit limit = {0};
    int64_t begun_us = env_monotonic(inserts->env);
    while (env_monotonic(inserts->env) - begun_us < inserts->for_us) {
        bool good = step(lite->begin);
        for (uint32_t i = 0; good && i < inserts->batch_rows; i++) {
            uint32_t row = (uint32_t)(limit.rows++ % inserts->count);
            good = lite_insert(lite, inserts->ids[row], inserts->bodies[row]);
        }
        if (!good || !step(lite->commit)) {
            return lite_failure(lite, reterr);
        }
        limit.batches++;
    }
    limit.elapsed_us = env_monotonic(inserts->env) - begun_us;
    *ret_limit = limit;
    return ERR_OK;
}

static void remove_database(const char *path)
{
    static const char *const endings[] = {"", "-wal", "-shm"};
    char name[4200];
    for (size_t i = 0; i < sizeof endings / sizeof *endings; i++) {
        if (snprintf(name, sizeof name, "%s%s", path, endings[i]) < (int)sizeof name) {
            (void)unlink(name);
        }
    }
}

static enum err lite_run(const char *path,
    const struct bench_inserts *inserts,
    struct bench_limit *ret_limit,
    struct err_info *reterr)
{
    CLEANUP(lite_close) struct lite lite = {0};
    struct checkpointing checkpointing = {.path = path};
    pthread_t thread;
    TRY(lite_open(&lite, path, reterr));
    (void)sqlite3_wal_hook(lite.db, on_commit, NULL);
    if (pthread_create(&thread, NULL, checkpoint_now_and_then, &checkpointing) != 0) {
        return err_set(reterr, ERR_BUSY, "no thread for the checkpoint");
    }
    enum err err = lite_loop(&lite, inserts, ret_limit, reterr);
    atomic_store(&checkpointing.ending, true);
    (void)pthread_join(thread, NULL);
    return err;
}

enum err bench_limit_sqlite(const char *dir,
    const struct bench_inserts *inserts,
    struct bench_limit *ret_limit,
    struct err_info *reterr)
{
    REQUIRE(inserts->count > 0);
    REQUIRE(inserts->batch_rows > 0);
    char path[4128];
    int written = snprintf(path, sizeof path, "%s/limit.db", dir);
    if (written < 0 || (size_t)written >= sizeof path) {
        return err_set(reterr, ERR_USAGE, "--dir is too long");
    }
    remove_database(path);
    enum err err = lite_run(path, inserts, ret_limit, reterr);
    remove_database(path);
    return err;
}

/* ---- PostgreSQL ------------------------------------------------------------------------------ */

static PGconn *pg_close(PGconn *connection)
{
    PQfinish(connection);
    return NULL;
}
DEFINE_CLEANUP(PGconn *, pg_close);

static enum err pg_failure(PGconn *connection, struct err_info *reterr)
{
    return err_set(reterr, ERR_STORE_IO, "the limit: %s", PQerrorMessage(connection));
}

static enum err pg_tell(PGconn *connection, const char *text, struct err_info *reterr)
{
    PGresult *result = PQexec(connection, text);
    bool good = PQresultStatus(result) == PGRES_COMMAND_OK;
    PQclear(result);
    return good ? ERR_OK : pg_failure(connection, reterr);
}

/* One round trip a batch, as the store's engine does it. */
static bool pg_send_batch(PGconn *connection, const struct bench_inserts *inserts, uint64_t from)
{
    bool good = PQsendQueryParams(connection, "BEGIN", 0, NULL, NULL, NULL, NULL, 0) == 1;
    for (uint32_t i = 0; good && i < inserts->batch_rows; i++) {
        uint32_t row = (uint32_t)((from + i) % inserts->count);
        const char *values[] = {inserts->ids[row].data, inserts->bodies[row].data};
        const int lengths[] = {(int)inserts->ids[row].len, (int)inserts->bodies[row].len};
        const int formats[] = {1, 1};
        good = PQsendQueryPrepared(connection, "limit", 2, values, lengths, formats, 0) == 1;
    }
    return good && PQsendQueryParams(connection, "COMMIT", 0, NULL, NULL, NULL, NULL, 0) == 1 &&
           PQpipelineSync(connection) == 1;
}

static bool pg_take_batch(PGconn *connection)
{
    bool good = true;
    for (;;) {
        PGresult *result = PQgetResult(connection);
        if (result == NULL) {
            if (PQstatus(connection) != CONNECTION_OK) {
                return false;
            }
            continue; /* between the answers of two statements */
        }
        ExecStatusType status = PQresultStatus(result);
        PQclear(result);
        if (status == PGRES_PIPELINE_SYNC) {
            return good;
        }
        good = good && status == PGRES_COMMAND_OK;
    }
}

static enum err pg_loop(PGconn *connection,
    const struct bench_inserts *inserts,
    struct bench_limit *ret_limit,
    struct err_info *reterr)
{
    struct bench_limit limit = {0};
    int64_t begun_us = env_monotonic(inserts->env);
    while (env_monotonic(inserts->env) - begun_us < inserts->for_us) {
        if (!pg_send_batch(connection, inserts, limit.rows) || !pg_take_batch(connection)) {
            return pg_failure(connection, reterr);
        }
        limit.rows += inserts->batch_rows;
        limit.batches++;
    }
    limit.elapsed_us = env_monotonic(inserts->env) - begun_us;
    *ret_limit = limit;
    return ERR_OK;
}

enum err bench_limit_postgres(const char *url,
    const struct bench_inserts *inserts,
    struct bench_limit *ret_limit,
    struct err_info *reterr)
{
    REQUIRE(inserts->count > 0);
    REQUIRE(inserts->batch_rows > 0);
    CLEANUP(pg_close) PGconn *connection = PQconnectdb(url);
    if (PQstatus(connection) != CONNECTION_OK) {
        return pg_failure(connection, reterr);
    }
    TRY(pg_tell(connection, "SET client_min_messages = warning", reterr));
    TRY(pg_tell(connection, "DROP TABLE IF EXISTS bench_limit_body", reterr));
    TRY(pg_tell(connection,
        "CREATE TABLE bench_limit_body (seq bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY, "
        "event_id text NOT NULL, body text NOT NULL)",
        reterr));
    PGresult *prepared = PQprepare(connection, "limit",
        "INSERT INTO bench_limit_body (event_id, body) VALUES ($1, $2)", 2, NULL);
    bool good = PQresultStatus(prepared) == PGRES_COMMAND_OK;
    PQclear(prepared);
    if (!good || PQenterPipelineMode(connection) != 1) {
        return pg_failure(connection, reterr);
    }
    enum err err = pg_loop(connection, inserts, ret_limit, reterr);
    if (err == ERR_OK && PQexitPipelineMode(connection) != 1) {
        err = pg_failure(connection, reterr);
    }
    return err == ERR_OK ? pg_tell(connection, "DROP TABLE bench_limit_body", reterr) : err;
}

int64_t bench_postgres_log_position(const char *url)
{
    int64_t position = -1;
    CLEANUP(pg_close) PGconn *connection = PQconnectdb(url);
    PGresult *result =
        PQexec(connection, "SELECT pg_wal_lsn_diff(pg_current_wal_lsn(), '0/0')::bigint");
    if (PQresultStatus(result) == PGRES_TUPLES_OK && PQntuples(result) == 1 &&
        str_to_int64(str_from(PQgetvalue(result, 0, 0)), &position) != ERR_OK) {
        position = -1;
    }
    PQclear(result);
    return position;
}
