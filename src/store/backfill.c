#include "store/backfill.h"
#include "store/internal.h"

static const struct sql_statement mark_read = {
    .text = "SELECT from_us, to_us, cursor, done, found, added, known, missing, updated_us "
            "FROM backfill WHERE scope = ?1 AND kind = ?2",
    .parameters = "it",
};
static const struct sql_statement mark_write = {
    .text = "INSERT INTO backfill (scope, kind, from_us, to_us, cursor, done, found, added, known, "
            "missing, updated_us) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11) "
            "ON CONFLICT (scope, kind) DO UPDATE SET from_us = excluded.from_us, "
            "to_us = excluded.to_us, cursor = excluded.cursor, done = excluded.done, "
            "found = excluded.found, added = excluded.added, known = excluded.known, "
            "missing = excluded.missing, updated_us = excluded.updated_us",
    .parameters = "itiitiiiiii",
};

struct mark_walk {
    struct arena *arena;
    struct backfill_mark *mark;
    bool found;
    struct err_info *reterr;
};

static enum err take_mark(
    void *context, uint32_t index, const struct sql_value *columns, uint32_t column_count)
{
    (void)index;
    (void)column_count;
    struct mark_walk *walk = context;
    *walk->mark = (struct backfill_mark){
        .from_us = column_int(&columns[0]),
        .to_us = column_int(&columns[1]),
        .done = column_int(&columns[3]) != 0,
        .found = column_int(&columns[4]),
        .added = column_int(&columns[5]),
        .known = column_int(&columns[6]),
        .missing = column_int(&columns[7]),
        .updated_us = column_int(&columns[8]),
    };
    walk->found = true;
    return column_copy(walk->arena, &columns[2], &walk->mark->cursor)
               ? ERR_OK
               : store_out_of_room(walk->reterr);
}

enum err backfill_mark_read(struct store *store,
    int64_t scope,
    struct str kind,
    struct arena *arena,
    struct backfill_mark *ret,
    bool *ret_found,
    struct err_info *reterr)
{
    REQUIRE(arena != NULL && ret != NULL && ret_found != NULL);
    (void)store_reading(store);
    struct backfill_mark mark = {0};
    struct mark_walk walk = {arena, &mark, false, reterr};
    struct sql_value values[] = {sql_int(scope), sql_text(kind)};
    TRY(store_run_one(store, &mark_read, values, take_mark, &walk, reterr));
    if (walk.found) {
        *ret = mark;
    }
    *ret_found = walk.found;
    return ERR_OK;
}

enum err backfill_mark_write(struct store *store,
    int64_t scope,
    struct str kind,
    const struct backfill_mark *mark,
    struct err_info *reterr)
{
    REQUIRE(scope > 0 && kind.len > 0);
    REQUIRE(mark != NULL && mark->from_us <= mark->to_us);
    (void)store_writing(store);
    struct sql_value values[] = {
        sql_int(scope),
        sql_text(kind),
        sql_int(mark->from_us),
        sql_int(mark->to_us),
        sql_text(mark->cursor),
        sql_int(mark->done),
        sql_int(mark->found),
        sql_int(mark->added),
        sql_int(mark->known),
        sql_int(mark->missing),
        sql_int(mark->updated_us),
    };
    return store_run_one(store, &mark_write, values, NULL, NULL, reterr);
}
