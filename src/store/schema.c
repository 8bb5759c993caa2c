/* Migrations are applied one by one, each in a transaction of its own under a lock among all
 * processes; whoever waited for the lock looks again, so that two that start together do the work
 * once. */
#include "base/fault.h"
#include "store/internal.h"
#include <inttypes.h>

static const struct sql_statement table_exists = {
    .text = "SELECT count(*) FROM sqlite_schema WHERE type = 'table' AND name = 'schema_migration'",
    .postgres =
        "SELECT count(*) FROM pg_catalog.pg_class WHERE oid = to_regclass('schema_migration')",
    .parameters = "",
};
/* Where the migrations would put their tables; what an extension has brought is nobody's data. */
static const struct sql_statement foreign_table = {
    .text = "SELECT name FROM sqlite_schema WHERE type = 'table' AND substr(name, 1, 7) <> "
            "'sqlite_' ORDER BY name LIMIT 1",
    .postgres = "SELECT c.relname::text FROM pg_catalog.pg_class c "
                "JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace "
                "WHERE n.nspname = current_schema() AND c.relkind IN ('r', 'p', 'f') "
                "AND NOT EXISTS (SELECT 1 FROM pg_catalog.pg_depend d "
                "WHERE d.classid = 'pg_catalog.pg_class'::regclass AND d.objid = c.oid "
                "AND d.deptype = 'e') ORDER BY c.relname LIMIT 1",
    .parameters = "",
};
static const struct sql_statement migration_list = {
    .text = "SELECT version, checksum FROM schema_migration ORDER BY version",
    .parameters = "",
};
static const struct sql_statement migration_add = {
    .text = "INSERT INTO schema_migration (version, name, checksum, applied_us) VALUES (?1, ?2, "
            "?3, ?4)",
    .parameters = "itti",
};

struct migration_walk {
    const struct sql_migration *migrations;
    int version;
    struct err_info *reterr;
};

static enum err check_migration(
    void *context, uint32_t index, const struct sql_value *columns, uint32_t column_count)
{
    (void)index;
    (void)column_count;
    struct migration_walk *walk = context;
    int64_t version = column_int(&columns[0]);
    const struct sql_migration *known = &walk->migrations[walk->version];
    if (known->version == 0) {
        return err_set(walk->reterr, ERR_SCHEMA,
            "a newer program made this store (its schema is %" PRId64
            ", this one knows up to %d): use that program, or a newer one",
            version, walk->version);
    }
    if (version != known->version || !str_eq(column_str(&columns[1]), str_from(known->sha256))) {
        return err_set(walk->reterr, ERR_SCHEMA,
            "migration %" PRId64
            " of the store is not this program's %d (%s): its checksum differs",
            version, known->version, known->name);
    }
    walk->version = known->version;
    return ERR_OK;
}

static int last_version(const struct sql_migration *migrations)
{
    int version = 0;
    for (; migrations[version].version != 0; version++) {
        ENSURE(migrations[version].version == version + 1);
    }
    return version;
}

/* Inside a transaction. */
static enum err read_state(struct store *store, struct schema_state *ret, struct err_info *reterr)
{
    const struct sql_migration *migrations = store->engine->ops->migrations;
    struct migration_walk walk = {migrations, 0, reterr};
    int64_t exists = 0;
    TRY(store_run_one(store, &table_exists, NULL, store_take_int, &exists, reterr));
    if (exists > 0) {
        TRY(store_run_one(store, &migration_list, NULL, check_migration, &walk, reterr));
    }
    *ret = (struct schema_state){walk.version, last_version(migrations)};
    return ERR_OK;
}

enum err store_schema(struct store *store, struct schema_state *ret, struct err_info *reterr)
{
    REQUIRE(ret != NULL);
    TRY(store_begin(store, STORE_READ, reterr));
    CLEANUP(store_rollback) struct store *tx = store;
    TRY(read_state(store, ret, reterr));
    tx = NULL;
    return store_commit(store, reterr);
}

static enum err refuse_foreign(
    void *context, uint32_t index, const struct sql_value *columns, uint32_t column_count)
{
    (void)index;
    (void)column_count;
    struct str name = column_str(&columns[0]);
    return err_set(context, ERR_SCHEMA,
        "the database is not empty and not this program's: it has a table " STR_FMT
        ": give the store a file (database) of its own",
        STR_ARG(name));
}

/* Inside a transaction, before the first migration: tables are not added to those of others. */
static enum err check_foreign(struct store *store, struct err_info *reterr)
{
    int64_t exists = 0;
    TRY(store_run_one(store, &table_exists, NULL, store_take_int, &exists, reterr));
    return exists > 0 ? ERR_OK
                      : store_run_one(store, &foreign_table, NULL, refuse_foreign, reterr, reterr);
}

static enum err apply(
    struct store *store, const struct sql_migration *migration, struct err_info *reterr)
{
    TRY(sql_script(store->engine, migration->text, reterr));
    struct sql_value row[] = {
        sql_int(migration->version),
        sql_word(migration->name),
        sql_word(migration->sha256),
        sql_int(env_now(store->env)),
    };
    return store_run_one(store, &migration_add, row, NULL, NULL, reterr);
}

static enum err migrate_one(struct store *store,
    store_migration_fn *progress,
    void *context,
    bool *ret_done,
    struct err_info *reterr)
{
    enum err err = store_begin(store, STORE_WRITE, reterr);
    if (err == ERR_BUSY) {
        return ERR_LOCKED; /* SQLite: the lock is the write lock itself */
    }
    TRY(err);
    CLEANUP(store_rollback) struct store *tx = store;
    TRY(sql_lock_schema(store->engine, reterr));
    struct schema_state state;
    TRY(read_state(store, &state, reterr));
    if (state.version == 0) {
        TRY(check_foreign(store, reterr));
    }
    if (state.version < state.wanted) {
        const struct sql_migration *migration = &store->engine->ops->migrations[state.version];
        if (progress != NULL) {
            progress(context, migration->version, migration->name);
        }
        TRY(apply(store, migration, reterr));
        fault_point(FAULT_IN_MIGRATION);
    }
    *ret_done = state.version + 1 >= state.wanted;
    tx = NULL;
    return store_commit(store, reterr);
}

enum err store_migrate(
    struct store *store, store_migration_fn *progress, void *context, struct err_info *reterr)
{
    REQUIRE(store != NULL);
    REQUIRE(store->access == STORE_WRITE);
    struct schema_state state;
    TRY(store_schema(store, &state, reterr));
    bool done = state.version == state.wanted; /* the usual case, without any lock */
    while (!done) {
        TRY(migrate_one(store, progress, context, &done, reterr));
    }
    return ERR_OK;
}
