#include "store/postgres/internal.h"
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>

extern const struct sql_migration postgres_migrations[]; /* generated from sql/postgres */

/* Any number that no other program is likely to lock; the same for every version of this one. */
#define LOCK_MIGRATIONS "SELECT pg_advisory_xact_lock(4843512068530)"

#define SETS_BYTES_MAX ((size_t)64 * 1024 * 1024)

static enum err postgres_begin(struct sql_engine *base, bool write, struct err_info *reterr)
{
    struct postgres_engine *engine = postgres_engine_of(base);
    if (!postgres_is_usable(engine)) {
        if (base->shadowed) {
            return err_set(reterr, ERR_STORE_IO, "the temporary tables went with the connection");
        }
        TRY(postgres_connect(engine, reterr));
    }
    engine->migrating = false;
    engine->begin_pending = true;
    engine->begin_writes = write;
    return ERR_OK;
}

static enum err postgres_commit(struct sql_engine *base, struct err_info *reterr)
{
    struct postgres_engine *engine = postgres_engine_of(base);
    if (engine->begin_pending) {
        engine->begin_pending = false;
        return ERR_OK; /* nothing was said */
    }
    PGresult *result = NULL;
    TRY(postgres_tell(engine, "COMMIT", &result, reterr));
    /* A transaction that has failed answers a COMMIT politely, with ROLLBACK. */
    bool committed = strcmp(PQcmdStatus(result), "COMMIT") == 0;
    PQclear(result);
    return committed ? ERR_OK
                     : err_set(reterr, ERR_STORE_IO, "the server rolled the transaction back");
}

static void postgres_rollback(struct sql_engine *base)
{
    struct postgres_engine *engine = postgres_engine_of(base);
    if (engine->begin_pending || engine->connection == NULL || engine->lost) {
        engine->begin_pending = false;
        return; /* what is lost is rolled back by the server */
    }
    if (PQtransactionStatus(engine->connection) == PQTRANS_IDLE) {
        return;
    }
    if (postgres_tell(engine, "ROLLBACK", NULL, NULL) != ERR_OK) {
        engine->lost = true;
    }
}

static enum err postgres_lock_schema(struct sql_engine *base, struct err_info *reterr)
{
    enum err err = postgres_tell(postgres_engine_of(base), LOCK_MIGRATIONS, NULL, reterr);
    return err == ERR_BUSY ? ERR_LOCKED : err;
}

static enum err postgres_notify(struct sql_engine *base, struct err_info *reterr)
{
    static const struct sql_statement notify = {
        .text = "SELECT pg_notify('counterfoil_work', '')", .parameters = ""};
    return postgres_run(base, &notify, NULL, 1, NULL, NULL, NULL, reterr);
}

static bool take_notifications(struct postgres_engine *engine)
{
    bool any = false;
    PGnotify *notification = PQnotifies(engine->connection);
    while (notification != NULL) {
        any = true;
        PQfreemem(notification);
        notification = PQnotifies(engine->connection);
    }
    return any;
}

/* True when the caller shall look for work at once. */
static bool listen_for_work(struct postgres_engine *engine)
{
    if (!postgres_is_usable(engine)) {
        return false; /* the next transaction connects again */
    }
    if (!engine->listening) {
        engine->listening = postgres_tell(engine, "LISTEN counterfoil_work", NULL, NULL) == ERR_OK;
        return engine->listening; /* what came before this was not heard */
    }
    return take_notifications(engine);
}

static void postgres_wait(struct sql_engine *base, int wake_fd, int64_t timeout_us)
{
    struct postgres_engine *engine = postgres_engine_of(base);
    int64_t end_us = env_monotonic(engine->env) + timeout_us;
    for (;;) {
        if (listen_for_work(engine)) {
            return;
        }
        bool heard = engine->listening && !engine->lost && engine->connection != NULL &&
                     PQstatus(engine->connection) == CONNECTION_OK;
        struct pollfd fds[] = {
            {.fd = wake_fd, .events = POLLIN}, /* poll passes over -1 */
            {.fd = heard ? PQsocket(engine->connection) : -1, .events = POLLIN},
        };
        int64_t left_us = end_us - env_monotonic(engine->env);
        if (left_us <= 0) {
            return;
        }
        struct timespec timeout = {left_us / 1000000, left_us % 1000000 * 1000};
        if (ppoll(fds, 2, &timeout, NULL) <= 0 || fds[0].revents != 0) {
            return; /* an early return does no harm */
        }
    }
}

static enum err postgres_durability(struct sql_engine *base,
    bool *ret_synced,
    char why[static SQL_WHY_BYTES],
    struct err_info *reterr)
{
    struct postgres_engine *engine = postgres_engine_of(base);
    if (!postgres_is_usable(engine)) {
        TRY(postgres_connect(engine, reterr));
    }
    PGresult *result = NULL;
    TRY(postgres_tell(engine,
        "SELECT current_setting('fsync'), current_setting('synchronous_commit'),"
        " current_setting('full_page_writes')",
        &result, reterr));
    const char *fsync = PQgetvalue(result, 0, 0);
    const char *commit = PQgetvalue(result, 0, 1);
    const char *pages = PQgetvalue(result, 0, 2);
    *ret_synced =
        strcmp(fsync, "on") == 0 && strcmp(commit, "off") != 0 && strcmp(pages, "on") == 0;
    (void)snprintf(why, SQL_WHY_BYTES, "fsync = %s, synchronous_commit = %s, full_page_writes = %s",
        fsync, commit, pages);
    PQclear(result);
    return ERR_OK;
}

static void postgres_close(struct sql_engine *base)
{
    struct postgres_engine *engine = postgres_engine_of(base);
    postgres_disconnect(engine);
    postgres_forget_statements(engine);
    buf_fini(&engine->sets);
    free(engine->url);
    free(engine);
}

static const struct sql_engine_ops postgres_ops = {
    .name = "postgresql",
    .has_row_locks = true,
    .migrations = postgres_migrations,
    .begin = postgres_begin,
    .commit = postgres_commit,
    .rollback = postgres_rollback,
    .run = postgres_run,
    .script = postgres_script,
    .lock_schema = postgres_lock_schema,
    .notify = postgres_notify,
    .wait = postgres_wait,
    .durability = postgres_durability,
    .shadow = postgres_shadow,
    .close = postgres_close,
};

static enum err postgres_open(struct str url,
    enum store_access access,
    struct env *env,
    struct sql_engine **ret_engine,
    struct err_info *reterr)
{
    struct postgres_engine *engine = calloc(1, sizeof *engine);
    if (engine == NULL) {
        return err_set(reterr, ERR_BUSY, "out of memory");
    }
    engine->base.ops = &postgres_ops;
    engine->env = env;
    engine->access = access;
    buf_init(&engine->sets, SETS_BYTES_MAX);
    enum err err = postgres_check_url(url, &engine->url, reterr);
    if (err == ERR_OK) {
        err = postgres_connect(engine, reterr);
    }
    if (err != ERR_OK) {
        postgres_close(&engine->base);
        return err;
    }
    *ret_engine = &engine->base;
    return ERR_OK;
}

const struct sql_engine_opener postgres_engine_opener = {"postgresql", "postgres", postgres_open};
