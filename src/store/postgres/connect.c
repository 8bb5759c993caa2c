#include "base/digest.h"
#include "store/postgres/internal.h"
#include <inttypes.h>
#include <poll.h>
#include <stdlib.h>

#define RETRY_FIRST_US INT64_C(100000)
#define RETRY_MAX_US INT64_C(5000000)
#define SERVER_VERSION_MIN 150000

/* A frozen node must not hold its row locks for long; a statement that takes nine seconds is a
 * mistake, and is told of before the silence counts as a loss. Plans are made once and by key: what
 * fits a table that is nearly empty must still fit when it holds millions. A commit that is not
 * synced would be a broken promise; every other word of synchronous_commit is the operator's
 * business. */
static const char session_settings[] =
    "SELECT set_config('synchronous_commit', 'on', false) "
    "WHERE current_setting('synchronous_commit') = 'off';"
    "SET statement_timeout = '9s'; SET lock_timeout = '5s';"
    "SET idle_in_transaction_session_timeout = '10s'; SET client_min_messages = warning;"
    "SET plan_cache_mode = force_generic_plan; SET enable_hashjoin = off; SET enable_mergejoin = "
    "off;"
    "SET enable_seqscan = off; SET enable_bitmapscan = off; SET jit = off;";

enum err postgres_check_url(struct str url, char **ret_url, struct err_info *reterr)
{
    char *text = strndup(url.data, url.len);
    if (text == NULL) {
        return err_set(reterr, ERR_BUSY, "out of memory");
    }
    /* What libpq says about a URL may quote it, and with it a password. */
    char *words = NULL;
    PQconninfoOption *options = PQconninfoParse(text, &words);
    PQfreemem(words);
    bool has_password = false;
    for (PQconninfoOption *option = options; option != NULL && option->keyword != NULL; option++) {
        bool is_password = strstr(option->keyword, "password") != NULL;
        if (is_password && option->val != NULL && option->val[0] != '\0') {
            has_password = true;
            bytes_wipe(option->val, strlen(option->val));
        }
    }
    PQconninfoFree(options);
    if (options != NULL && !has_password) {
        *ret_url = text;
        return ERR_OK;
    }
    bytes_wipe(text, url.len);
    free(text);
    return has_password ? err_set(reterr, ERR_CONFIG,
                              "store url: a password does not belong there; PGPASSFILE or a "
                              "service file holds it")
                        : err_set(reterr, ERR_CONFIG,
                              "store url: cannot be read; say "
                              "postgresql://user@host:port/database?option=value");
}

/* What the server says unasked is nothing to anybody, but for its farewell. */
static void hear_notice(void *context, const PGresult *result)
{
    struct postgres_engine *engine = context;
    const char *severity = PQresultErrorField(result, PG_DIAG_SEVERITY_NONLOCALIZED);
    if (severity != NULL && (strcmp(severity, "FATAL") == 0 || strcmp(severity, "PANIC") == 0)) {
        engine->lost = true;
    }
}

static enum err check_server(PGconn *connection, struct err_info *reterr)
{
    if (PQserverVersion(connection) < SERVER_VERSION_MIN) {
        return err_set(reterr, ERR_CONFIG, "the server is PostgreSQL %d: 15 or newer is needed",
            PQserverVersion(connection) / 10000);
    }
    const char *encoding = PQparameterStatus(connection, "server_encoding");
    if (encoding == NULL || strcmp(encoding, "UTF8") != 0) {
        return err_set(reterr, ERR_CONFIG,
            "the database has the encoding %s: make one with ENCODING 'UTF8' TEMPLATE template0",
            encoding == NULL ? "?" : encoding);
    }
    return ERR_OK;
}

static enum err set_up(struct postgres_engine *engine, struct err_info *reterr)
{
    PGconn *connection = engine->connection;
    if (PQstatus(connection) != CONNECTION_OK) {
        struct str words = str_trim(str_from(PQerrorMessage(connection)));
        struct str line = str_cut(&words, '\n');
        return err_set(
            reterr, ERR_STORE_IO, "PostgreSQL cannot be reached: " STR_FMT, STR_ARG(line));
    }
    TRY(check_server(connection, reterr));
    (void)PQsetNoticeReceiver(connection, hear_notice, engine);
    PGresult *result = PQexec(connection, session_settings);
    if (PQresultStatus(result) == PGRES_COMMAND_OK && engine->access == STORE_READ) {
        PQclear(result);
        result = PQexec(connection, "SET default_transaction_read_only = on");
    }
    enum err err = PQresultStatus(result) == PGRES_COMMAND_OK
                       ? ERR_OK
                       : postgres_failure(engine, result, reterr);
    PQclear(result);
    TRY(err);
    if (PQsetnonblocking(connection, 1) != 0 || PQenterPipelineMode(connection) != 1) {
        return postgres_lost(engine, "connect", reterr);
    }
    return ERR_OK;
}

static enum err try_connect(struct postgres_engine *engine, struct err_info *reterr)
{
    /* What stands before dbname the URL may change, what stands behind it holds. */
    static const char *const names[] = {"application_name", "connect_timeout", "tcp_user_timeout",
        "keepalives_idle", "keepalives_interval", "keepalives_count", "dbname", "client_encoding",
        NULL};
    const char *values[] = {"counterfoil", "5", "15000", "10", "5", "3", engine->url, "UTF8", NULL};
    postgres_disconnect(engine);
    engine->connection = PQconnectdbParams(names, values, 1);
    if (engine->connection == NULL) {
        return err_set(reterr, ERR_BUSY, "out of memory");
    }
    engine->lost = false;
    enum err err = set_up(engine, reterr);
    if (err != ERR_OK) {
        postgres_disconnect(engine);
    }
    return err;
}

enum err postgres_connect(struct postgres_engine *engine, struct err_info *reterr)
{
    int64_t now_us = env_monotonic(engine->env);
    if (now_us < engine->retry_at_us) {
        return err_set(reterr, ERR_STORE_IO, "%s (again in %" PRId64 " ms)",
            engine->retry_reason.text, (engine->retry_at_us - now_us) / 1000);
    }
    enum err err = try_connect(engine, &engine->retry_reason);
    if (err == ERR_OK) {
        engine->retry_at_us = engine->retry_delay_us = 0;
        return ERR_OK;
    }
    int64_t delay_us = engine->retry_delay_us == 0 ? RETRY_FIRST_US : 2 * engine->retry_delay_us;
    engine->retry_delay_us = delay_us > RETRY_MAX_US ? RETRY_MAX_US : delay_us;
    engine->retry_at_us = env_monotonic(engine->env) + engine->retry_delay_us;
    return err_set(reterr, err, "%s", engine->retry_reason.text);
}

void postgres_disconnect(struct postgres_engine *engine)
{
    PQfinish(engine->connection); /* takes NULL */
    engine->connection = NULL;
    engine->listening = false;
    engine->begin_pending = false;
    postgres_forget_prepared(engine);
}

/* A server that has gone has said farewell and closed its end: there is something to read. */
bool postgres_is_usable(struct postgres_engine *engine)
{
    PGconn *connection = engine->connection;
    if (connection == NULL || engine->lost || PQstatus(connection) != CONNECTION_OK) {
        return false;
    }
    struct pollfd socket = {.fd = PQsocket(connection), .events = POLLIN};
    while (poll(&socket, 1, 0) > 0) {
        if (PQconsumeInput(connection) != 1 || PQstatus(connection) != CONNECTION_OK) {
            return false;
        }
        (void)PQisBusy(connection); /* takes in what has come */
        if (engine->lost) {
            return false;
        }
    }
    return true;
}
