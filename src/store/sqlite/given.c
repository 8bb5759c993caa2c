/* `given`: the parameter rows of the statement that is being run, as a table: n, their number from
 * 1, and c1 to c48. So a statement for many rows is one execution, that neither begins nor binds
 * anew for each row, and goes on in an index where the row before it ended. */
#include "store/sqlite/internal.h"

#define COLUMNS                                                                                    \
    "c1, c2, c3, c4, c5, c6, c7, c8, c9, c10, c11, c12, c13, c14, c15, c16, c17, "                 \
    "c18, c19, c20, c21, c22, c23, c24, c25, c26, c27, c28, c29, c30, c31, c32, "                  \
    "c33, c34, c35, c36, c37, c38, c39, c40, c41, c42, c43, c44, c45, c46, c47, "                  \
    "c48"
#define ROWS_EXPECTED 1000

struct given_table {
    sqlite3_vtab base; /* first member */
    const struct sqlite_given *given;
};

struct given_cursor {
    sqlite3_vtab_cursor base; /* first member */
    uint32_t row;
};

static int given_connect(sqlite3 *db,
    void *given,
    int word_count,
    const char *const *words,
    sqlite3_vtab **ret_table,
    char **ret_why)
{
    (void)word_count;
    (void)words;
    (void)ret_why;
    int code = sqlite3_declare_vtab(db, "CREATE TABLE given (n, " COLUMNS ")");
    struct given_table *table = code == SQLITE_OK ? sqlite3_malloc64(sizeof *table) : NULL;
    if (table == NULL) {
        return code == SQLITE_OK ? SQLITE_NOMEM : code;
    }
    *table = (struct given_table){.given = given};
    *ret_table = &table->base;
    return SQLITE_OK;
}

static int given_disconnect(sqlite3_vtab *base)
{
    sqlite3_free(base);
    return SQLITE_OK;
}

static int given_plan(sqlite3_vtab *base, sqlite3_index_info *info)
{
    (void)base;
    info->estimatedCost = ROWS_EXPECTED;
    info->estimatedRows = ROWS_EXPECTED;
    return SQLITE_OK;
}

static int given_open(sqlite3_vtab *base, sqlite3_vtab_cursor **ret_cursor)
{
    (void)base;
    struct given_cursor *cursor = sqlite3_malloc64(sizeof *cursor);
    if (cursor == NULL) {
        return SQLITE_NOMEM;
    }
    *cursor = (struct given_cursor){.row = 0};
    *ret_cursor = &cursor->base;
    return SQLITE_OK;
}

static int given_close(sqlite3_vtab_cursor *base)
{
    sqlite3_free(base);
    return SQLITE_OK;
}

static int given_first(
    sqlite3_vtab_cursor *base, int plan, const char *words, int count, sqlite3_value **values)
{
    (void)plan;
    (void)words;
    (void)count;
    (void)values;
    ((struct given_cursor *)base)->row = 0;
    return SQLITE_OK;
}

static int given_next(sqlite3_vtab_cursor *base)
{
    ((struct given_cursor *)base)->row++;
    return SQLITE_OK;
}

static const struct sqlite_given *given_of(const sqlite3_vtab_cursor *base)
{
    return ((const struct given_table *)base->pVtab)->given;
}

static int given_is_past(sqlite3_vtab_cursor *base)
{
    return ((const struct given_cursor *)base)->row >= given_of(base)->count;
}

/* As bind_value() has them; all live until the run is over. */
static void give_value(sqlite3_context *to, const struct sql_value *value)
{
    switch (value->kind) {
    case SQL_NULL:
        sqlite3_result_null(to);
        return;
    case SQL_INT:
        sqlite3_result_int64(to, value->integer);
        return;
    case SQL_TEXT:
        sqlite3_result_text64(to, value->bytes.len == 0 ? "" : value->bytes.data, value->bytes.len,
            SQLITE_STATIC, SQLITE_UTF8);
        return;
    case SQL_BLOB:
        sqlite3_result_blob64(
            to, value->bytes.len == 0 ? "" : value->bytes.data, value->bytes.len, SQLITE_STATIC);
        return;
    default:
        UNREACHABLE();
    }
}

static int given_column(sqlite3_vtab_cursor *base, sqlite3_context *to, int column)
{
    const struct sqlite_given *given = given_of(base);
    uint32_t row = ((const struct given_cursor *)base)->row;
    INVARIANT(row < given->count && column <= (int)given->width);
    if (column == 0) {
        sqlite3_result_int64(to, (sqlite3_int64)row + 1);
    } else {
        give_value(to, &given->values[(size_t)row * given->width + (size_t)column - 1]);
    }
    return SQLITE_OK;
}

static int given_row(sqlite3_vtab_cursor *base, sqlite3_int64 *ret_row)
{
    *ret_row = (sqlite3_int64)((const struct given_cursor *)base)->row + 1;
    return SQLITE_OK;
}

static const sqlite3_module given_module = {
    .iVersion = 1,
    .xConnect = given_connect, /* and no xCreate: it is there by its name alone */
    .xBestIndex = given_plan,
    .xDisconnect = given_disconnect,
    .xOpen = given_open,
    .xClose = given_close,
    .xFilter = given_first,
    .xNext = given_next,
    .xEof = given_is_past,
    .xColumn = given_column,
    .xRowid = given_row,
};

/* It is used at once: later an authorizer may refuse to make tables, and this is one. */
enum err sqlite_know_given(struct sqlite_engine *engine, struct err_info *reterr)
{
    int64_t nothing = 0;
    int code = sqlite3_create_module(engine->db, "given", &given_module, &engine->given);
    return code == SQLITE_OK ? sqlite_ask(engine, "SELECT n FROM given", &nothing, reterr)
                             : sqlite_failure(engine, code, "given", reterr);
}
