#include "store/postgres/internal.h"

/* By the longest matching beginning of the SQLSTATE. */
struct failure {
    const char *state;
    enum err err;
    bool lost; /* connect again: this server will not serve us */
    const char *advice;
};
static const struct failure failures[] = {
    {"40001", ERR_BUSY, false, "two transactions were in each other's way"},
    {"40P01", ERR_BUSY, false, "deadlock"},
    {"55P03", ERR_BUSY, false, "a row or a lock has been held for 5 s"},
    {"57014", ERR_TIMEOUT, false, "a statement took too long"},
    {"53100", ERR_STORE_FULL, false,
        "no room left on the server's disk; free some, nothing else is needed"},
    {"53200", ERR_BUSY, false, "the server is out of memory"},
    {"53300", ERR_BUSY, true, "the server has too many connections: raise max_connections"},
    {"54", ERR_TOO_LARGE, false, "a value is too large"},
    {"08", ERR_STORE_IO, true, "the connection was lost"},
    {"57P", ERR_STORE_IO, true, "the server is stopping or starting"},
    {"25006", ERR_STORE_IO, true,
        "the server is read-only: a standby? name the primary, or target_session_attrs=read-write"},
    {"25P03", ERR_STORE_IO, true,
        "the transaction was idle for too long and the server has ended it"},
    {"28", ERR_STORE_IO, true, "the server does not let us in: check pg_hba.conf and PGPASSFILE"},
    {"42501", ERR_STORE_IO, false, "not permitted: check the owner of the tables"},
    {"42P01", ERR_SCHEMA, false, "the schema is not there: counterfoil migrate"},
    {"42703", ERR_SCHEMA, false, "the schema is not this program's: counterfoil migrate"},
    {"22003", ERR_OVERFLOW, false, "a number does not fit"},
    {"22", ERR_INVALID, false, "a value is not valid"},
    {"23", ERR_INVALID, false, "a row breaks a rule of the schema"},
    {"", ERR_STORE_IO, false, "the server failed"},
};

static const struct failure *failure_of(struct str state)
{
    const struct failure *best = NULL;
    for (size_t i = 0; i < sizeof failures / sizeof failures[0]; i++) {
        struct str beginning = str_from(failures[i].state);
        if (str_starts_with(state, beginning) &&
            (best == NULL || beginning.len > strlen(best->state))) {
            best = &failures[i];
        }
    }
    ENSURE(best != NULL);
    return best;
}

/* The primary message alone: the detail may quote a row. */
enum err postgres_failure(
    struct postgres_engine *engine, const PGresult *result, struct err_info *reterr)
{
    const char *state = PQresultErrorField(result, PG_DIAG_SQLSTATE);
    const char *words = PQresultErrorField(result, PG_DIAG_MESSAGE_PRIMARY);
    if (state == NULL) {
        return postgres_lost(engine, "run", reterr); /* libpq's own: no server has said it */
    }
    const struct failure *failure = failure_of(str_from(state));
    engine->lost = engine->lost || failure->lost;
    return err_set(
        reterr, failure->err, "%s (%s, %s)", failure->advice, words == NULL ? "" : words, state);
}

enum err postgres_lost(struct postgres_engine *engine, const char *doing, struct err_info *reterr)
{
    engine->lost = true;
    struct str words = STR_NONE;
    if (engine->connection != NULL) {
        words = str_trim(str_from(PQerrorMessage(engine->connection)));
    }
    /* One line is enough; libpq often says the same in several. */
    struct str line = str_cut(&words, '\n');
    return err_set(
        reterr, ERR_STORE_IO, "%s: the connection was lost: " STR_FMT, doing, STR_ARG(line));
}
