/* All rows of a statement go out without waiting for the answer to any: one round trip for a batch.
 * Sending and reading take turns on a socket that does not block, and only so many rows are under
 * way that neither side's buffers grow without bound. */
#include "store/postgres/internal.h"
#include <errno.h>
#include <poll.h>
#include <stdio.h>

#define WINDOW_ROWS 1024
#define WINDOW_BYTES ((size_t)4 * 1024 * 1024)
#define FLUSH_ROWS 64
#define SILENCE_MS 40000 /* beyond every timeout that the server has */

struct flight {
    struct postgres_engine *engine;
    struct known_statement *known;
    const struct sql_value *parameters;
    size_t width;
    uint32_t count, sent, answered;
    size_t bytes_sent; /* since the last flush request */
    uint32_t before;   /* answers that come before the first row's: BEGIN, PREPARE */
    bool preparing;    /* the last of them is PREPARE's */
    bool synced;       /* the end of the pipeline has been sent */
    bool landed;       /* and has come back */
    bool between;      /* an answer has come, its end not yet */
    enum err err;      /* the first that went wrong */
    sql_row_fn *on_row;
    void *context;
    int64_t changed;
    struct err_info *reterr;
};

static const char *begin_text(const struct postgres_engine *engine)
{
    /* A reader sees one state of everything, as it does with SQLite. */
    return engine->begin_writes ? "BEGIN ISOLATION LEVEL READ COMMITTED READ WRITE"
                                : "BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY";
}

static bool send_begin(struct postgres_engine *engine)
{
    return PQsendQueryParams(
               engine->connection, begin_text(engine), 0, NULL, NULL, NULL, NULL, 0) == 1;
}

static Oid type_of(char letter)
{
    return letter == 'i' ? 20 : letter == 't' ? 25 : 17; /* int8, text, bytea */
}

static void statement_name(const struct known_statement *known, char to[static 16])
{
    (void)snprintf(to, 16, "s%u", known->number);
}

static bool send_prepare(struct postgres_engine *engine, const struct known_statement *known)
{
    Oid types[POSTGRES_PARAMETERS_MAX];
    const char *letters = known->statement->parameters;
    int width = 0;
    for (; letters[width] != '\0'; width++) {
        REQUIRE(width < POSTGRES_PARAMETERS_MAX);
        types[width] = type_of(letters[width]);
    }
    char name[16];
    statement_name(known, name);
    return PQsendPrepare(engine->connection, name, known->text, width, types) == 1;
}

static bool send_row(struct flight *flight)
{
    struct wire_row row;
    const struct sql_value *values =
        flight->width == 0 ? NULL : flight->parameters + flight->width * flight->sent;
    postgres_encode_row(flight->known->statement->parameters, values, &row);
    for (size_t i = 0; i < flight->width; i++) {
        flight->bytes_sent += (size_t)row.lengths[i];
    }
    char name[16];
    statement_name(flight->known, name);
    flight->sent++;
    return PQsendQueryPrepared(flight->engine->connection, name, (int)flight->width, row.values,
               row.lengths, row.formats, 1) == 1;
}

/* Sends as many rows as may be under way. */
static bool send_some(struct flight *flight)
{
    PGconn *connection = flight->engine->connection;
    while (!flight->synced) {
        bool over = flight->sent == flight->count || flight->err != ERR_OK;
        if (over) {
            flight->synced = true;
            return PQpipelineSync(connection) == 1;
        }
        if (flight->sent - flight->answered >= WINDOW_ROWS ||
            (flight->bytes_sent > WINDOW_BYTES && flight->sent > flight->answered)) {
            return true;
        }
        if (!send_row(flight)) {
            return false;
        }
        if (flight->sent % FLUSH_ROWS == 0 || flight->bytes_sent > WINDOW_BYTES) {
            /* The server keeps its answers until it is asked for them. */
            if (PQsendFlushRequest(connection) != 1) {
                return false;
            }
        }
    }
    return true;
}

static void fail(struct flight *flight, enum err err)
{
    if (flight->err == ERR_OK) {
        flight->err = err;
    }
}

static void take_answer(struct flight *flight, PGresult *result)
{
    ExecStatusType status = PQresultStatus(result);
    bool fine = status == PGRES_COMMAND_OK || status == PGRES_TUPLES_OK;
    if (!fine) {
        if (flight->err == ERR_OK) { /* later ones only say that the pipeline was aborted */
            flight->err = postgres_failure(flight->engine, result, flight->reterr);
        }
    } else if (flight->before > 0) {
        flight->known->prepared =
            flight->known->prepared || (flight->before == 1 && flight->preparing);
    } else if (flight->err == ERR_OK) {
        flight->changed += postgres_changed(result);
        if (flight->on_row != NULL && status == PGRES_TUPLES_OK) {
            bool refused = false;
            fail(flight, postgres_give_rows(result, flight->answered, flight->on_row,
                             flight->context, &refused, flight->reterr));
        }
    }
}

/* Reads what is there without waiting. */
static bool take_some(struct flight *flight)
{
    PGconn *connection = flight->engine->connection;
    if (PQconsumeInput(connection) != 1) {
        return false;
    }
    while (!flight->landed && PQisBusy(connection) == 0) {
        bool all = flight->before == 0 && flight->answered == flight->sent;
        if (all && !flight->synced) {
            return true; /* nothing more to come until more is sent */
        }
        PGresult *result = PQgetResult(connection);
        if (result == NULL) {
            if (!flight->between) {
                return PQstatus(connection) == CONNECTION_OK;
            }
            flight->between = false;
            if (flight->before > 0) {
                flight->before--;
            } else {
                flight->answered++;
                flight->bytes_sent = flight->answered == flight->sent ? 0 : flight->bytes_sent;
            }
        } else if (PQresultStatus(result) == PGRES_PIPELINE_SYNC) {
            flight->landed = true;
        } else {
            flight->between = true;
            take_answer(flight, result);
        }
        PQclear(result);
    }
    return true;
}

static bool wait_for_socket(PGconn *connection, bool to_send)
{
    struct pollfd socket = {
        .fd = PQsocket(connection), .events = (short)(to_send ? POLLIN | POLLOUT : POLLIN)};
    int ready = 0;
    do {
        ready = poll(&socket, 1, SILENCE_MS);
    } while (ready < 0 && errno == EINTR);
    return ready > 0;
}

/* Sends what is left and reads until the end has come back, also after an error, so that the next
 * statement finds the connection at rest. False: the connection is lost. */
static bool fly(struct flight *flight)
{
    PGconn *connection = flight->engine->connection;
    while (!flight->landed) {
        if (!send_some(flight)) {
            return false;
        }
        int flushed = PQflush(connection);
        if (flushed < 0) {
            return false;
        }
        uint32_t answered = flight->answered;
        if (!take_some(flight)) {
            return false;
        }
        bool more_to_send = !flight->synced && flight->answered != answered;
        if (!flight->landed && !more_to_send && !wait_for_socket(connection, flushed == 1)) {
            return false;
        }
    }
    return true;
}

static bool send_before(struct flight *flight)
{
    struct postgres_engine *engine = flight->engine;
    if (engine->begin_pending) {
        engine->begin_pending = false;
        flight->before++;
        if (!send_begin(engine)) {
            return false;
        }
    }
    if (!flight->known->prepared) {
        flight->preparing = true;
        flight->before++;
        return send_prepare(engine, flight->known);
    }
    return true;
}

enum err postgres_run(struct sql_engine *base,
    const struct sql_statement *statement,
    const struct sql_value *parameters,
    uint32_t count,
    sql_row_fn *on_row,
    void *context,
    int64_t *ret_changed,
    struct err_info *reterr)
{
    struct postgres_engine *engine = postgres_engine_of(base);
    if (engine->connection == NULL || engine->lost) {
        return postgres_lost(engine, "run", reterr);
    }
    struct flight flight = {
        .engine = engine,
        .parameters = parameters,
        .width = strlen(statement->parameters),
        .count = count,
        .on_row = on_row,
        .context = context,
        .reterr = reterr,
    };
    TRY(postgres_know(engine, statement, &flight.known, reterr));
    if (!send_before(&flight) || !fly(&flight)) {
        return flight.err != ERR_OK && !engine->lost ? flight.err
                                                     : postgres_lost(engine, "run", reterr);
    }
    TRY(flight.err);
    if (ret_changed != NULL) {
        *ret_changed = flight.changed;
    }
    return ERR_OK;
}

/* --- single statements, by name --- */

/* The next answer, waiting for it. NULL: the connection is lost. */
static PGresult *next_answer(PGconn *connection)
{
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
        if (!wait_for_socket(connection, flushed == 1)) {
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
    if ((beginning && !send_begin(engine)) ||
        PQsendQueryParams(connection, text, 0, NULL, NULL, NULL, NULL, 0) != 1 ||
        PQpipelineSync(connection) != 1) {
        return postgres_lost(engine, text, reterr);
    }
    enum err err = ERR_OK;
    PGresult *kept = NULL;
    for (;;) {
        PGresult *result = next_answer(connection);
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
    /* A migration may take long; the setting ends with its transaction. */
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
