/* The server looks up temporary tables before all others, in every search path. They are of one
 * session, have no log, and end with it, however that ends. */
#include "store/postgres/internal.h"
#include <stdio.h>

#define SCRIPT_BYTES ((size_t)1024 * 1024)

/* Where the store's own tables are, as a name to be put before theirs. */
static enum err find_place(struct postgres_engine *engine,
    const char *table,
    char to[static SQL_PLACE_BYTES],
    struct err_info *reterr)
{
    char text[256];
    (void)snprintf(text, sizeof text,
        "SELECT relnamespace::regnamespace::text FROM pg_class WHERE oid = to_regclass('%s')",
        table);
    PGresult *result = NULL;
    TRY(postgres_tell(engine, text, &result, reterr));
    bool found = PQntuples(result) == 1 &&
                 str_copy_to(to, SQL_PLACE_BYTES, str_from(PQgetvalue(result, 0, 0)));
    PQclear(result);
    return found ? ERR_OK : err_set(reterr, ERR_SCHEMA, "there is no table %s", table);
}

static enum err make_tables(struct postgres_engine *engine,
    const char *const *tables,
    struct sql_places *places,
    struct err_info *reterr)
{
    CLEANUP(buf_fini) struct buf script;
    buf_init(&script, SCRIPT_BYTES);
    /* Before the first temporary table is touched; what is prepared means the tables of before. */
    buf_add(&script, STR("SET temp_buffers = '64MB'; DEALLOCATE ALL;"));
    for (size_t i = 0; tables[i] != NULL; i++) {
        buf_addf(&script, "CREATE TEMPORARY TABLE %s (LIKE %s.%s INCLUDING ALL);", tables[i],
            places->live, tables[i]);
    }
    /* First already, unless somebody has put them last by the URL or for the role. */
    buf_addf(&script, "SET search_path = pg_temp, %s", places->live);
    buf_add_char(&script, '\0');
    if (script.failed) {
        return err_set(reterr, ERR_BUSY, "out of memory");
    }
    return postgres_script(&engine->base, script.data, reterr);
}

enum err postgres_shadow(struct sql_engine *base,
    const char *const *tables,
    struct sql_places *ret_places,
    struct err_info *reterr)
{
    struct postgres_engine *engine = postgres_engine_of(base);
    struct sql_places places = {.shadow = "pg_temp"};
    TRY(base->ops->begin(base, true, reterr));
    enum err err = find_place(engine, tables[0], places.live, reterr);
    err = err != ERR_OK ? err : make_tables(engine, tables, &places, reterr);
    err = err != ERR_OK ? err : base->ops->commit(base, reterr);
    if (err != ERR_OK) {
        base->ops->rollback(base);
        return err;
    }
    postgres_forget_prepared(engine);
    *ret_places = places;
    return ERR_OK;
}
