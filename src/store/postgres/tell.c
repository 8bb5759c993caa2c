/* Statements that are told one at a time: BEGIN, COMMIT, and whatever else is no row of data. */
#include "store/postgres/internal.h"
#include <errno.h>
#include <poll.h>

/* A server that says nothing for so long is frozen or gone: the connection is given up. Beyond
 * every timeout that the server has, migrations excepted. */
#define SILENCE_MS 10000

static const char *begin_text(const struct postgres_engine *engine)
{
    /* Temporary tables are written to in a transaction that is read-only, and nothing else is. */
    if (engine->begin_writes && engine->base.shadowed && !engine->base.applying) {
        return "BEGIN ISOLATION LEVEL READ COMMITTED READ ONLY";
    }
    /* A reader sees one state of everything, as it does with SQLite. */
    return engine->begin_writes ? "BEGIN ISOLATION LEVEL READ COMMITTED READ WRITE"
                                : "BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY";
}

bool postgres_send_begin(struct postgres_engine *engine)
{
    return PQsendQueryParams(
               engine->connection, begin_text(engine), 0, NULL, NULL, NULL, NULL, 0) == 1;
}

bool postgres_wait_for_socket(struct postgres_engine *engine, bool to_send)
{
    struct pollfd socket = {
        .fd = PQsocket(engine->connection), .events = (short)(to_send ? POLLIN | POLLOUT : POLLIN)};
    int ready = 0;
    do {
        ready = poll(&socket, 1, engine->migrating ? -1 : SILENCE_MS);
    } while (ready < 0 && errno == EINTR);
    return ready > 0;
}

/* The next answer, waiting for it. NULL: the connection is lost. */
static PGresult *next_answer(struct postgres_engine *engine)
{
    PGconn *connection = engine->connection;
    for (;;) {
        int flushed = PQflush(connection);
        if (flushed < 0 || PQconsumeInput(connection) != 1) {
            return NULL;
        }
        while (PQisBusy(connection) == 0) {
            PGresult *result = PQgetResult(connection);
            if (result != NULL) {
                return result;
            }
            if (PQstatus(connection) != CONNECTION_OK) {
                return NULL;
            }
        }
        if (!postgres_wait_for_socket(engine, flushed == 1)) {
            return NULL;
        }
    }
}

enum err postgres_tell(struct postgres_engine *engine,
    const char *text,
    PGresult **ret_result,
    struct err_info *reterr)
{
    PGconn *connection = engine->connection;
    if (connection == NULL || engine->lost) {
        return postgres_lost(engine, text, reterr);
    }
    bool beginning = engine->begin_pending;
    engine->begin_pending = false;
    if ((beginning && !postgres_send_begin(engine)) ||
        PQsendQueryParams(connection, text, 0, NULL, NULL, NULL, NULL, 0) != 1 ||
        PQpipelineSync(connection) != 1) {
        return postgres_lost(engine, text, reterr);
    }
    enum err err = ERR_OK;
    PGresult *kept = NULL;
    for (;;) {
        PGresult *result = next_answer(engine);
        if (result == NULL) {
            PQclear(kept);
            return postgres_lost(engine, text, reterr);
        }
        ExecStatusType status = PQresultStatus(result);
        if (status == PGRES_PIPELINE_SYNC) {
            PQclear(result);
            break;
        }
        if (status != PGRES_COMMAND_OK && status != PGRES_TUPLES_OK && err == ERR_OK) {
            err = postgres_failure(engine, result, reterr);
        }
        PQclear(kept);
        kept = result; /* the last one is the statement's */
    }
    if (err != ERR_OK || ret_result == NULL) {
        PQclear(kept);
        return err;
    }
    *ret_result = kept;
    return ERR_OK;
}

enum err postgres_script(struct sql_engine *base, const char *text, struct err_info *reterr)
{
    struct postgres_engine *engine = postgres_engine_of(base);
    /* A migration may take long, its commit too; the setting ends with its transaction. */
    engine->migrating = true;
    TRY(postgres_tell(engine, "SET LOCAL statement_timeout = 0", NULL, reterr));
    PGconn *connection = engine->connection;
    if (PQexitPipelineMode(connection) != 1 || PQsetnonblocking(connection, 0) != 0) {
        return postgres_lost(engine, "script", reterr);
    }
    PGresult *result = PQexec(connection, text);
    ExecStatusType status = PQresultStatus(result);
    enum err err = status == PGRES_COMMAND_OK || status == PGRES_TUPLES_OK
                       ? ERR_OK
                       : postgres_failure(engine, result, reterr);
    PQclear(result);
    if (PQsetnonblocking(connection, 1) != 0 || PQenterPipelineMode(connection) != 1) {
        return err != ERR_OK ? err : postgres_lost(engine, "script", reterr);
    }
    return err;
}
