#include "base/fault.h"
#include "store/internal.h"
#include <stdlib.h>

#define STORE_SCRATCH_BYTES ((size_t)256 * 1024 * 1024)
#define STORE_TEXTS_BYTES ((size_t)4 * 1024 * 1024)

enum err store_open(struct str url,
    enum store_access access,
    struct env *env,
    struct store **ret_store,
    struct err_info *reterr)
{
    REQUIRE(env != NULL);
    REQUIRE(ret_store != NULL);
    const struct sql_engine_opener *opener = store_engine_for(url);
    if (opener == NULL) {
        return err_set(reterr, ERR_CONFIG,
            "store url: unknown scheme; say sqlite:///path/books.db or postgresql://user@host/db");
    }
    CLEANUP(store_close) struct store *store = calloc(1, sizeof *store);
    if (store == NULL) {
        return err_set(reterr, ERR_BUSY, "out of memory");
    }
    store->env = env;
    store->access = access;
    store->scratch = arena_new(STORE_SCRATCH_BYTES);
    store->texts = arena_new(STORE_TEXTS_BYTES);
    if (store->scratch == NULL || store->texts == NULL) {
        return err_set(reterr, ERR_BUSY, "out of memory");
    }
    TRY(opener->open(url, access, env, &store->engine, reterr));
    ENSURE(store->engine != NULL);
    *ret_store = store;
    store = NULL;
    return ERR_OK;
}

struct store *store_close(struct store *store)
{
    if (store != NULL) {
        if (store->engine != NULL) {
            sql_rollback(store->engine);
            store->engine->ops->close(store->engine);
        }
        (void)arena_free(store->scratch);
        (void)arena_free(store->texts);
        free(store);
    }
    return NULL;
}

const char *store_engine_name(const struct store *store)
{
    REQUIRE(store != NULL);
    return store->engine->ops->name;
}

bool store_is_shared(const struct store *store)
{
    REQUIRE(store != NULL);
    return store->engine->ops->has_row_locks;
}

/* --- transactions --- */

enum err store_begin(struct store *store, enum store_access access, struct err_info *reterr)
{
    REQUIRE(store != NULL);
    REQUIRE(access == STORE_READ || store->access == STORE_WRITE);
    return sql_begin(store->engine, access == STORE_WRITE, reterr);
}

enum err store_commit(struct store *store, struct err_info *reterr)
{
    REQUIRE(store != NULL);
    fault_point(FAULT_IN_COMMIT);
    TRY(sql_commit(store->engine, reterr));
    fault_point(FAULT_COMMITTED);
    return ERR_OK;
}

struct store *store_rollback(struct store *store)
{
    if (store != NULL) {
        sql_rollback(store->engine);
    }
    return NULL;
}

enum err store_probe(struct store *store, struct err_info *reterr)
{
    static const struct sql_statement liveness_write = {
        .text = "UPDATE liveness SET at_us = ?1 WHERE id = 1",
        .parameters = "i",
    };
    (void)store_writing(store);
    struct sql_value values[] = {sql_int(env_now(store->env))};
    int64_t changed = 0;
    TRY(sql_run(store->engine, &liveness_write, values, 1, NULL, NULL, &changed, reterr));
    if (changed != 1) {
        return err_set(reterr, ERR_STORE_IO, "liveness has lost its row: nothing was written");
    }
    return ERR_OK;
}

struct arena *store_reading(struct store *store)
{
    REQUIRE(store != NULL);
    REQUIRE(store->engine->in_transaction);
    arena_reset(store->scratch);
    return store->scratch;
}

struct arena *store_writing(struct store *store)
{
    REQUIRE(store != NULL);
    REQUIRE(store->engine->is_write);
    return store_reading(store);
}

enum err store_run_one(struct store *store,
    const struct sql_statement *statement,
    const struct sql_value *parameters,
    sql_row_fn *on_row,
    void *context,
    struct err_info *reterr)
{
    return sql_run(store->engine, statement, parameters, 1, on_row, context, NULL, reterr);
}

enum err store_take_int(
    void *context, uint32_t index, const struct sql_value *columns, uint32_t column_count)
{
    (void)column_count;
    ((int64_t *)context)[index] = column_int(&columns[0]);
    return ERR_OK;
}

/* --- a running serve --- */

enum err store_durability(struct store *store,
    bool *ret_synced,
    char why[static STORE_WHY_BYTES],
    struct err_info *reterr)
{
    REQUIRE(store != NULL);
    REQUIRE(!store->engine->in_transaction);
    _Static_assert(STORE_WHY_BYTES == SQL_WHY_BYTES, "it is handed on");
    return store->engine->ops->durability(store->engine, ret_synced, why, reterr);
}

enum err store_lock_serve(struct store *store, struct err_info *reterr)
{
    REQUIRE(store != NULL);
    REQUIRE(store->access == STORE_WRITE);
    struct sql_engine *engine = store->engine;
    return engine->ops->lock_serve == NULL ? ERR_OK : engine->ops->lock_serve(engine, reterr);
}

enum err store_notify(struct store *store, struct err_info *reterr)
{
    (void)store_writing(store);
    struct sql_engine *engine = store->engine;
    return engine->ops->notify == NULL ? ERR_OK : engine->ops->notify(engine, reterr);
}

void store_wait(struct store *store, int wake_fd, int64_t timeout_us)
{
    REQUIRE(store != NULL);
    REQUIRE(!store->engine->in_transaction);
    REQUIRE(timeout_us >= 0);
    store->engine->ops->wait(store->engine, wake_fd, timeout_us);
}

enum err store_checkpoint(
    struct store *store, bool whole, int64_t *ret_left_bytes, struct err_info *reterr)
{
    REQUIRE(store != NULL);
    REQUIRE(ret_left_bytes != NULL);
    REQUIRE(store->access == STORE_WRITE);
    REQUIRE(!store->engine->in_transaction);
    *ret_left_bytes = 0;
    struct sql_engine *engine = store->engine;
    return engine->ops->checkpoint == NULL
               ? ERR_OK
               : engine->ops->checkpoint(engine, whole, ret_left_bytes, reterr);
}

int64_t store_wal_bytes(const struct store *store)
{
    REQUIRE(store != NULL);
    struct sql_engine *engine = store->engine;
    return engine->ops->log_bytes == NULL ? 0 : engine->ops->log_bytes(engine);
}
