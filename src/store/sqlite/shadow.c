/* Temporary tables are looked up before those of the file, so a statement that is prepared once
 * they are there works on them without a word changed. They are pages of a file that has no name:
 * nothing of it is synced, and it is gone with the process, however that ends. */
#include "store/sqlite/internal.h"
#include <stdlib.h>

#define SCRIPT_BYTES ((size_t)1024 * 1024)

/* The library refuses at preparation what would change the store itself. */
static int refuse_live_writes(void *context,
    int action,
    const char *what,
    const char *more,
    const char *place,
    const char *trigger)
{
    (void)context;
    (void)what;
    (void)more;
    (void)trigger;
    bool writes = action == SQLITE_INSERT || action == SQLITE_UPDATE || action == SQLITE_DELETE;
    return writes && place != NULL && strcmp(place, "main") == 0 ? SQLITE_DENY : SQLITE_OK;
}

enum err sqlite_check_shadow(struct sqlite_engine *engine, struct err_info *reterr)
{
    if (engine->reopen || engine->db == NULL) {
        return err_set(reterr, ERR_STORE_IO, "the temporary tables went with the connection");
    }
    (void)sqlite3_set_authorizer(
        engine->db, engine->base.applying ? NULL : refuse_live_writes, NULL);
    return ERR_OK;
}

/* Beside the database there is room for it, and it is no memory, as /tmp may be. */
static void choose_folder(const struct sqlite_engine *engine)
{
    const char *name = sqlite3_db_filename(engine->db, "main");
    const char *slash = name == NULL ? NULL : strrchr(name, '/');
    if (slash == NULL || slash == name) {
        return;
    }
    char *folder = strndup(name, (size_t)(slash - name));
    if (folder != NULL) {
        (void)setenv("SQLITE_TMPDIR", folder, 0);
    }
    free(folder);
}

/* As the schema keeps them, "CREATE TABLE name" and "CREATE INDEX name"; an index is told its place
 * by its own name. Tables come first. */
static const char makers[] =
    "SELECT CASE type WHEN 'table' THEN 'CREATE TEMP TABLE' || substr(sql, 13) "
    "ELSE substr(sql, 1, instr(sql, ' INDEX ') + 6) || 'temp.' || "
    "substr(sql, instr(sql, ' INDEX ') + 7) END "
    "FROM main.sqlite_schema WHERE tbl_name = ?1 AND type IN ('table', 'index') "
    "AND sql IS NOT NULL ORDER BY type DESC";

static enum err add_makers(
    struct sqlite_engine *engine, const char *table, struct buf *script, struct err_info *reterr)
{
    sqlite3_stmt *prepared = NULL;
    int code = sqlite3_prepare_v2(engine->db, makers, -1, &prepared, NULL);
    if (code == SQLITE_OK) {
        code = sqlite3_bind_text(prepared, 1, table, -1, SQLITE_STATIC);
    }
    bool found = false;
    while (code == SQLITE_OK || code == SQLITE_ROW) {
        code = sqlite3_step(prepared);
        if (code == SQLITE_ROW) {
            found = true;
            buf_addf(script, "%s;", (const char *)sqlite3_column_text(prepared, 0));
        }
    }
    (void)sqlite3_finalize(prepared); /* repeats the step's code */
    if (code != SQLITE_DONE) {
        return sqlite_failure(engine, code, "read the schema", reterr);
    }
    return found ? ERR_OK : err_set(reterr, ERR_SCHEMA, "there is no table %s", table);
}

enum err sqlite_shadow(struct sql_engine *base,
    const char *const *tables,
    struct sql_places *ret_places,
    struct err_info *reterr)
{
    struct sqlite_engine *engine = sqlite_engine_of(base);
    if (engine->reopen || engine->db == NULL) {
        return err_set(reterr, ERR_STORE_IO, "the database is not open");
    }
    CLEANUP(buf_fini) struct buf script;
    buf_init(&script, SCRIPT_BYTES);
    choose_folder(engine);
    buf_add(&script, STR("PRAGMA temp_store = FILE; PRAGMA temp.cache_size = -65536; BEGIN;"));
    for (size_t i = 0; tables[i] != NULL; i++) {
        TRY(add_makers(engine, tables[i], &script, reterr));
    }
    buf_add(&script, STR("COMMIT"));
    buf_add_char(&script, '\0');
    if (script.failed) {
        return err_set(reterr, ERR_BUSY, "out of memory");
    }
    TRY(sqlite_tell(engine, script.data, reterr));
    *ret_places = (struct sql_places){"main", "temp"};
    return ERR_OK;
}
