#include "world.h"
#include <libpq-fe.h>
#include <sqlite3.h>

static struct str raw_sqlite(struct world *world, const char *sql, bool *ret_fine)
{
    sqlite3 *db = NULL;
    char path[512];
    (void)snprintf(path, sizeof path, "%s/books.db", world->fixture.directory);
    assert_int_equal(sqlite3_open_v2(path, &db, SQLITE_OPEN_READWRITE, NULL), SQLITE_OK);
    (void)sqlite3_busy_timeout(db, 5000);
    sqlite3_stmt *statement = NULL;
    struct str answer = STR("");
    int code = sqlite3_prepare_v2(db, sql, -1, &statement, NULL);
    if (code == SQLITE_OK) {
        code = sqlite3_step(statement);
        if (code == SQLITE_ROW && sqlite3_column_type(statement, 0) != SQLITE_NULL) {
            answer =
                arena_copy(world->arena, str_from((const char *)sqlite3_column_text(statement, 0)));
        }
    }
    *ret_fine = code == SQLITE_ROW || code == SQLITE_DONE;
    (void)sqlite3_finalize(statement);
    (void)sqlite3_close(db);
    return answer;
}

static void say_nothing(void *context, const PGresult *result)
{
    (void)context;
    (void)result;
}

static struct str raw_postgres(struct world *world, const char *sql, bool *ret_fine)
{
    PGconn *connection = PQconnectdb(world->fixture.url);
    (void)PQsetNoticeReceiver(connection, say_nothing, NULL);
    PGresult *result = PQexec(connection, sql);
    ExecStatusType status = PQresultStatus(result);
    struct str answer = STR("");
    if (status == PGRES_TUPLES_OK && PQntuples(result) > 0 && PQgetisnull(result, 0, 0) == 0) {
        answer = arena_copy(world->arena, str_from(PQgetvalue(result, 0, 0)));
    }
    *ret_fine = status == PGRES_TUPLES_OK || status == PGRES_COMMAND_OK;
    PQclear(result);
    PQfinish(connection);
    return answer;
}

static struct str raw(struct world *world, const char *sql, bool *ret_fine)
{
    return world->is_sqlite ? raw_sqlite(world, sql, ret_fine) : raw_postgres(world, sql, ret_fine);
}

bool raw_run(struct world *world, const char *sql)
{
    bool fine = false;
    (void)raw(world, sql, &fine);
    return fine;
}

struct str raw_text(struct world *world, const char *sql)
{
    bool fine = false;
    struct str answer = raw(world, sql, &fine);
    if (!fine) {
        print_error("refused: %s\n", sql);
        fail();
    }
    return answer;
}

int64_t raw_int(struct world *world, const char *sql)
{
    int64_t value = 0;
    assert_err(str_to_int64(raw_text(world, sql), &value), ERR_OK);
    return value;
}
