/* Statements are prepared once per connection and found again by address; parameters are borrowed
 * for the step, never copied. */
#include "store/sqlite/internal.h"
#include <errno.h>

static enum err prepare(struct sqlite_engine *engine,
    const struct sql_statement *statement,
    bool as_set,
    sqlite3_stmt **ret_prepared,
    struct err_info *reterr)
{
    /* A statement's form for sets goes under the next address. */
    const void *key = (const char *)statement + (as_set ? 1 : 0);
    sqlite3_stmt **prepared = &engine->prepared[statement_slot(&engine->statements, key)];
    if (*prepared == NULL) {
        int code = sqlite3_prepare_v3(engine->db, as_set ? statement->sqlite_set : statement->text,
            -1, SQLITE_PREPARE_PERSISTENT, prepared, NULL);
        if (code != SQLITE_OK) {
            return sqlite_failure(engine, code, "prepare", reterr);
        }
        INVARIANT(sqlite3_bind_parameter_count(*prepared) ==
                  (as_set ? 0 : (int)strlen(statement->parameters)));
    }
    *ret_prepared = *prepared;
    return ERR_OK;
}

void sqlite_forget_statements(struct sqlite_engine *engine)
{
    for (uint32_t i = 0; i < STATEMENT_SLOTS; i++) {
        (void)sqlite3_finalize(engine->prepared[i]);
        engine->prepared[i] = NULL;
    }
}

static int bind_value(sqlite3_stmt *prepared, int at, const struct sql_value *value)
{
    switch (value->kind) {
    case SQL_NULL:
        return sqlite3_bind_null(prepared, at);
    case SQL_INT:
        return sqlite3_bind_int64(prepared, at, value->integer);
    case SQL_TEXT: /* an empty one is not NULL */
        return sqlite3_bind_text64(prepared, at, value->bytes.len == 0 ? "" : value->bytes.data,
            value->bytes.len, SQLITE_STATIC, SQLITE_UTF8);
    case SQL_BLOB:
        return sqlite3_bind_blob64(prepared, at, value->bytes.len == 0 ? "" : value->bytes.data,
            value->bytes.len, SQLITE_STATIC);
    default:
        UNREACHABLE();
    }
}

#define COLUMNS_MAX 64
#define INDEX_OF_SET UINT32_MAX /* each row says its own */

static enum err give_row(sqlite3_stmt *prepared, uint32_t index, sql_row_fn *on_row, void *context)
{
    struct sql_value columns[COLUMNS_MAX];
    int count = sqlite3_data_count(prepared);
    INVARIANT(count <= COLUMNS_MAX);
    for (int i = 0; i < count; i++) {
        switch (sqlite3_column_type(prepared, i)) {
        case SQLITE_INTEGER:
            columns[i] = sql_int(sqlite3_column_int64(prepared, i));
            break;
        case SQLITE_TEXT: { /* as bytes: as text it would be copied for the sake of a final NUL */
            const char *text = sqlite3_column_blob(prepared, i);
            columns[i] = sql_text((struct str){text, (size_t)sqlite3_column_bytes(prepared, i)});
            break;
        }
        case SQLITE_BLOB: {
            const void *blob = sqlite3_column_blob(prepared, i);
            columns[i] = sql_blob(blob, (size_t)sqlite3_column_bytes(prepared, i));
            break;
        }
        default: /* no column of the schema holds a floating-point number */
            columns[i] = sql_null();
        }
    }
    if (index != INDEX_OF_SET) {
        return on_row(context, index, columns, (uint32_t)count);
    }
    INVARIANT(count > 0 && columns[0].kind == SQL_INT && columns[0].integer > 0);
    return on_row(context, (uint32_t)columns[0].integer - 1, columns + 1, (uint32_t)count - 1);
}

static enum err run_row(struct sqlite_engine *engine,
    sqlite3_stmt *prepared,
    uint32_t index,
    sql_row_fn *on_row,
    void *context,
    struct err_info *reterr)
{
    errno = 0; /* for sqlite_failure */
    int code = sqlite3_step(prepared);
    while (code == SQLITE_ROW) {
        if (on_row != NULL) {
            TRY(give_row(prepared, index, on_row, context));
        }
        code = sqlite3_step(prepared);
    }
    return code == SQLITE_DONE ? ERR_OK : sqlite_failure(engine, code, "run", reterr);
}

static enum err run_rows(struct sqlite_engine *engine,
    const struct sql_statement *statement,
    const struct sql_value *parameters,
    uint32_t count,
    sql_row_fn *on_row,
    void *context,
    struct err_info *reterr)
{
    sqlite3_stmt *prepared = NULL;
    TRY(prepare(engine, statement, false, &prepared, reterr));
    int width = sqlite3_bind_parameter_count(prepared);
    for (uint32_t row = 0; row < count; row++) {
        for (int i = 0; i < width; i++) {
            int code = bind_value(prepared, i + 1, parameters++);
            if (code != SQLITE_OK) {
                return sqlite_failure(engine, code, "bind", reterr);
            }
        }
        enum err err = run_row(engine, prepared, row, on_row, context, reterr);
        (void)sqlite3_reset(prepared); /* repeats the step's code */
        TRY(err);
    }
    return ERR_OK;
}

static enum err run_set(struct sqlite_engine *engine,
    const struct sql_statement *statement,
    const struct sql_value *parameters,
    uint32_t count,
    sql_row_fn *on_row,
    void *context,
    struct err_info *reterr)
{
    sqlite3_stmt *prepared = NULL;
    TRY(prepare(engine, statement, true, &prepared, reterr));
    engine->given =
        (struct sqlite_given){parameters, count, (uint32_t)strlen(statement->parameters)};
    enum err err = run_row(engine, prepared, INDEX_OF_SET, on_row, context, reterr);
    (void)sqlite3_reset(prepared);
    engine->given = (struct sqlite_given){0};
    return err;
}

enum err sqlite_run(struct sql_engine *base,
    const struct sql_statement *statement,
    const struct sql_value *parameters,
    uint32_t count,
    sql_row_fn *on_row,
    void *context,
    int64_t *ret_changed,
    struct err_info *reterr)
{
    struct sqlite_engine *engine = sqlite_engine_of(base);
    int64_t changes_before = sqlite3_total_changes64(engine->db);
    bool as_set = count > 1 && statement->sqlite_set != NULL;
    TRY((as_set ? run_set : run_rows)(
        engine, statement, parameters, count, on_row, context, reterr));
    if (ret_changed != NULL) {
        *ret_changed = sqlite3_total_changes64(engine->db) - changes_before;
    }
    return ERR_OK;
}

enum err sqlite_ask(
    struct sqlite_engine *engine, const char *text, int64_t *ret_answer, struct err_info *reterr)
{
    sqlite3_stmt *prepared = NULL;
    int code = sqlite3_prepare_v2(engine->db, text, -1, &prepared, NULL);
    if (code == SQLITE_OK) {
        code = sqlite3_step(prepared);
        if (code == SQLITE_ROW) {
            *ret_answer = sqlite3_column_int64(prepared, 0);
        }
        int finalized = sqlite3_finalize(prepared);
        code = code == SQLITE_ROW || code == SQLITE_DONE ? finalized : code;
    }
    return code == SQLITE_OK ? ERR_OK : sqlite_failure(engine, code, text, reterr);
}

enum err sqlite_tell(struct sqlite_engine *engine, const char *text, struct err_info *reterr)
{
    int code = sqlite3_exec(engine->db, text, NULL, NULL, NULL);
    return code == SQLITE_OK ? ERR_OK : sqlite_failure(engine, code, "run", reterr);
}
