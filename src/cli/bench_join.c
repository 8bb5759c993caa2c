#include "cli/bench_join.h"
#include "base/check.h"
#include <libpq-fe.h>
#include <sqlite3.h>

#define FIGURES 3

/* Three figures each; the text is the same for both engines. */
static const char by_attempt[] =
    "SELECT count(*), count(*) - count(l.line), "
    "sum(CASE WHEN l.amount_minor <> a.captured_minor THEN 1 ELSE 0 END) "
    "FROM attempt a LEFT JOIN statement_line l ON l.source = a.id";
static const char by_line[] = "SELECT count(*), count(*) - count(a.id), 0 "
                              "FROM statement_line l LEFT JOIN attempt a ON a.id = l.source";

static struct bench_join join_of(
    const int64_t attempts[static FIGURES], const int64_t lines[static FIGURES], int64_t elapsed_us)
{
    return (struct bench_join){.elapsed_us = elapsed_us,
        .attempts = attempts[0],
        .without_line = attempts[1],
        .off = attempts[2],
        .lines = lines[0],
        .without_attempt = lines[1]};
}

/* --- SQLite --- */

static sqlite3 *lite_close(sqlite3 *db)
{
    (void)sqlite3_close(db);
    return NULL;
}
DEFINE_CLEANUP(sqlite3 *, lite_close);

static enum err lite_failure(sqlite3 *db, struct err_info *reterr)
{
    return err_set(reterr, ERR_STORE_IO, "the limit: %s", sqlite3_errmsg(db));
}

static enum err lite_ask(
    sqlite3 *db, const char *text, int64_t ret[static FIGURES], struct err_info *reterr)
{
    sqlite3_stmt *statement = NULL;
    if (sqlite3_prepare_v2(db, text, -1, &statement, NULL) != SQLITE_OK ||
        sqlite3_step(statement) != SQLITE_ROW) {
        (void)sqlite3_finalize(statement);
        return lite_failure(db, reterr);
    }
    for (int i = 0; i < FIGURES; i++) {
        ret[i] = sqlite3_column_int64(statement, i);
    }
    (void)sqlite3_finalize(statement);
    return ERR_OK;
}

enum err bench_join_sqlite(
    const char *path, struct env *env, struct bench_join *ret_join, struct err_info *reterr)
{
    int64_t attempts[FIGURES];
    int64_t lines[FIGURES];
    CLEANUP(lite_close) sqlite3 *db = NULL;
    if (sqlite3_open_v2(path, &db, SQLITE_OPEN_READONLY, NULL) != SQLITE_OK ||
        sqlite3_exec(db, "PRAGMA cache_size = -32768", NULL, NULL, NULL) != SQLITE_OK) {
        return lite_failure(db, reterr);
    }
    int64_t begun_us = env_monotonic(env);
    TRY(lite_ask(db, by_attempt, attempts, reterr));
    TRY(lite_ask(db, by_line, lines, reterr));
    *ret_join = join_of(attempts, lines, env_monotonic(env) - begun_us);
    return ERR_OK;
}

/* --- PostgreSQL --- */

static PGconn *pg_close(PGconn *connection)
{
    PQfinish(connection);
    return NULL;
}
DEFINE_CLEANUP(PGconn *, pg_close);

static enum err pg_ask(
    PGconn *connection, const char *text, int64_t ret[static FIGURES], struct err_info *reterr)
{
    PGresult *result = PQexec(connection, text);
    bool good = PQresultStatus(result) == PGRES_TUPLES_OK && PQntuples(result) == 1;
    for (int i = 0; good && i < FIGURES; i++) {
        good = str_to_int64(str_from(PQgetvalue(result, 0, i)), &ret[i]) == ERR_OK;
    }
    PQclear(result);
    return good ? ERR_OK
                : err_set(reterr, ERR_STORE_IO, "the limit: %s", PQerrorMessage(connection));
}

enum err bench_join_postgres(
    const char *url, struct env *env, struct bench_join *ret_join, struct err_info *reterr)
{
    int64_t attempts[FIGURES];
    int64_t lines[FIGURES];
    CLEANUP(pg_close) PGconn *connection = PQconnectdb(url);
    if (PQstatus(connection) != CONNECTION_OK) {
        return err_set(reterr, ERR_STORE_IO, "the limit: %s", PQerrorMessage(connection));
    }
    int64_t begun_us = env_monotonic(env);
    TRY(pg_ask(connection, by_attempt, attempts, reterr));
    TRY(pg_ask(connection, by_line, lines, reterr));
    *ret_join = join_of(attempts, lines, env_monotonic(env) - begun_us);
    return ERR_OK;
}
