#include "store/sql.h"
#include "base/check.h"

enum err sql_begin(struct sql_engine *engine, bool write, struct err_info *reterr)
{
    REQUIRE(engine != NULL);
    REQUIRE(!engine->in_transaction);
    TRY(engine->ops->begin(engine, write, reterr));
    engine->in_transaction = true;
    engine->is_write = write;
    engine->failed = false;
    return ERR_OK;
}

static enum err sql_refuse_failed(const struct sql_engine *engine, struct err_info *reterr)
{
    if (!engine->failed) {
        return ERR_OK;
    }
    return err_set(reterr, ERR_STORE_IO, "an earlier statement of this transaction failed");
}

enum err sql_commit(struct sql_engine *engine, struct err_info *reterr)
{
    REQUIRE(engine != NULL);
    REQUIRE(engine->in_transaction);
    enum err err = sql_refuse_failed(engine, reterr);
    if (err == ERR_OK) {
        err = engine->ops->commit(engine, reterr);
    }
    if (err != ERR_OK) {
        engine->ops->rollback(engine);
    }
    engine->in_transaction = engine->applying = false;
    engine->failed = false;
    return err;
}

void sql_rollback(struct sql_engine *engine)
{
    REQUIRE(engine != NULL);
    if (engine->in_transaction) {
        engine->ops->rollback(engine);
        engine->in_transaction = engine->applying = false;
        engine->failed = false;
    }
}

/* Tells an error of the caller's `on_row` from one of the engine, which alone spoils the
 * transaction. */
struct row_guard {
    sql_row_fn *on_row;
    void *context;
    bool refused;
};

static enum err row_guard_call(
    void *context, uint32_t index, const struct sql_value *columns, uint32_t column_count)
{
    struct row_guard *guard = context;
    enum err err = guard->on_row(guard->context, index, columns, column_count);
    guard->refused = err != ERR_OK;
    return err;
}

/* A value of the wrong type is our bug on every engine, also on one that would take it. */
static bool types_match(const char *letters, const struct sql_value *parameters, uint32_t count)
{
    static const char letter_of[] = {[SQL_INT] = 'i', [SQL_TEXT] = 't', [SQL_BLOB] = 'b'};
    for (uint32_t row = 0; row < count; row++) {
        for (const char *letter = letters; *letter != '\0'; letter++) {
            enum sql_kind kind = (parameters++)->kind;
            if (kind != SQL_NULL && *letter != letter_of[kind]) {
                return false;
            }
        }
    }
    return true;
}

enum err sql_run(struct sql_engine *engine,
    const struct sql_statement *statement,
    const struct sql_value *parameters,
    uint32_t count,
    sql_row_fn *on_row,
    void *context,
    int64_t *ret_changed,
    struct err_info *reterr)
{
    REQUIRE(engine != NULL);
    REQUIRE(engine->in_transaction);
    REQUIRE(statement != NULL);
    REQUIRE(parameters != NULL || statement->parameters[0] == '\0' || count == 0);
    if (count == 0) {
        if (ret_changed != NULL) {
            *ret_changed = 0;
        }
        return ERR_OK;
    }
    REQUIRE(types_match(statement->parameters, parameters, count));
    TRY(sql_refuse_failed(engine, reterr));
    struct row_guard guard = {on_row, context, false};
    enum err err = engine->ops->run(engine, statement, parameters, count,
        on_row == NULL ? NULL : row_guard_call, &guard, ret_changed, reterr);
    if (err != ERR_OK && !guard.refused) {
        engine->failed = true;
    }
    return err;
}

enum err sql_script(struct sql_engine *engine, const char *text, struct err_info *reterr)
{
    REQUIRE(engine != NULL);
    REQUIRE(engine->in_transaction && engine->is_write);
    TRY(sql_refuse_failed(engine, reterr));
    enum err err = engine->ops->script(engine, text, reterr);
    engine->failed = err != ERR_OK;
    return err;
}

enum err sql_lock_schema(struct sql_engine *engine, struct err_info *reterr)
{
    REQUIRE(engine != NULL);
    REQUIRE(engine->in_transaction && engine->is_write);
    enum err err = engine->ops->lock_schema(engine, reterr);
    engine->failed = err != ERR_OK;
    return err;
}

enum err sql_shadow(struct sql_engine *engine,
    const char *const *tables,
    struct sql_places *ret_places,
    struct err_info *reterr)
{
    REQUIRE(engine != NULL && tables != NULL && ret_places != NULL);
    REQUIRE(!engine->in_transaction && !engine->shadowed);
    TRY(engine->ops->shadow(engine, tables, ret_places, reterr));
    engine->shadowed = true;
    return ERR_OK;
}
