/* All rows of a statement go out without waiting for the answer to any: one round trip for a batch;
 * and where the statement has a form for sets, many rows at a time. Sending and reading take turns
 * on a socket that does not block, and only so much is under way that neither side's buffers grow
 * without bound. */
#include "store/postgres/internal.h"
#include <stdio.h>

#define WINDOW_MESSAGES 1024
#define WINDOW_BYTES ((size_t)4 * 1024 * 1024)
#define FLUSH_MESSAGES 64
#define SET_ROWS 512
#define SET_BYTES ((size_t)1024 * 1024)

/* A message is one row of parameters, or one set of rows. */
struct flight {
    struct postgres_engine *engine;
    struct known_statement *known;
    const char *letters;
    const struct sql_value *parameters;
    size_t width;
    uint32_t count, taken;            /* rows; those that are in messages already */
    uint32_t sent, answered;          /* messages */
    uint32_t firsts[WINDOW_MESSAGES]; /* first row of each message under way, by its number */
    size_t bytes_sent;                /* since all was answered last */
    uint32_t before; /* answers that come before the first message's: BEGIN, PREPARE */
    bool preparing;  /* the last of them is PREPARE's */
    bool synced;     /* the end of the pipeline has been sent */
    bool landed;     /* and has come back */
    bool between;    /* an answer has come, its end not yet */
    enum err err;    /* the first that went wrong */
    struct postgres_taker taker;
    int64_t changed;
    struct err_info *reterr;
};

static void statement_name(const struct known_statement *known, char to[static 16])
{
    (void)snprintf(to, 16, "s%u", known->number);
}

static bool send_prepare(const struct flight *flight)
{
    Oid types[POSTGRES_PARAMETERS_MAX];
    REQUIRE(flight->width <= POSTGRES_PARAMETERS_MAX);
    for (size_t i = 0; i < flight->width; i++) {
        types[i] = postgres_type(flight->letters[i], flight->taker.as_set);
    }
    char name[16];
    statement_name(flight->known, name);
    return PQsendPrepare(flight->engine->connection, name, flight->known->text, (int)flight->width,
               types) == 1;
}

static uint32_t rows_of_next_set(const struct flight *flight)
{
    const struct sql_value *value = flight->parameters + flight->width * flight->taken;
    size_t bytes = 0;
    uint32_t rows = 0;
    while (rows < SET_ROWS && flight->taken + rows < flight->count && bytes < SET_BYTES) {
        for (size_t i = 0; i < flight->width; i++) {
            bytes += 4 + (value->kind == SQL_INT ? 8 : value->bytes.len);
            value++;
        }
        rows++;
    }
    return rows;
}

static bool send_message(struct flight *flight)
{
    struct postgres_engine *engine = flight->engine;
    struct wire_row wire;
    const struct sql_value *values =
        flight->width == 0 ? NULL : flight->parameters + flight->width * flight->taken;
    uint32_t rows = 1;
    if (flight->taker.as_set) {
        rows = rows_of_next_set(flight);
        if (postgres_encode_set(flight->letters, values, rows, &engine->sets, &wire) != ERR_OK) {
            flight->err = err_set(flight->reterr, ERR_BUSY, "out of memory");
            return true;
        }
    } else {
        postgres_encode_row(flight->letters, values, &wire);
    }
    for (size_t i = 0; i < flight->width; i++) {
        flight->bytes_sent += (size_t)wire.lengths[i];
    }
    flight->firsts[flight->sent++ % WINDOW_MESSAGES] = flight->taken;
    flight->taken += rows;
    char name[16];
    statement_name(flight->known, name);
    return PQsendQueryPrepared(engine->connection, name, (int)flight->width, wire.values,
               wire.lengths, wire.formats, 1) == 1;
}

/* Sends as much as may be under way. */
static bool send_some(struct flight *flight)
{
    PGconn *connection = flight->engine->connection;
    while (!flight->synced) {
        bool over = flight->taken == flight->count || flight->err != ERR_OK;
        if (over) {
            flight->synced = true;
            return PQpipelineSync(connection) == 1;
        }
        uint32_t under_way = flight->sent - flight->answered;
        if (under_way == WINDOW_MESSAGES || (flight->bytes_sent > WINDOW_BYTES && under_way > 0)) {
            return true;
        }
        if (!send_message(flight)) {
            return false;
        }
        if (flight->sent % FLUSH_MESSAGES == 0 || flight->bytes_sent > WINDOW_BYTES) {
            /* The server keeps its answers until it is asked for them. */
            if (PQsendFlushRequest(connection) != 1) {
                return false;
            }
        }
    }
    return true;
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
        if (flight->taker.on_row != NULL && status == PGRES_TUPLES_OK) {
            flight->taker.first = flight->firsts[flight->answered % WINDOW_MESSAGES];
            flight->err = postgres_give_rows(result, &flight->taker, flight->reterr);
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
        if (!flight->landed && !more_to_send &&
            !postgres_wait_for_socket(flight->engine, flushed == 1)) {
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
        if (!postgres_send_begin(engine)) {
            return false;
        }
    }
    if (!flight->known->prepared) {
        flight->preparing = true;
        flight->before++;
        return send_prepare(flight);
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
    bool as_set = count > 1 && statement->postgres_set != NULL;
    struct flight flight = {
        .engine = engine,
        .letters = statement->parameters,
        .parameters = parameters,
        .width = strlen(statement->parameters),
        .count = count,
        .taker = {on_row, context, as_set, 0},
        .reterr = reterr,
    };
    TRY(postgres_know(engine, statement, as_set, &flight.known, reterr));
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
