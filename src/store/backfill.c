#include "store/backfill.h"
#include "store/internal.h"

static const struct sql_statement mark_read = {
    .text = "SELECT from_us, to_us, cursor, done, found, added, known, missing, updated_us, "
            "retry_us, wait_us, refused FROM backfill WHERE scope = ?1 AND kind = ?2",
    .parameters = "it",
};
static const struct sql_statement mark_write = {
    .text = "INSERT INTO backfill (scope, kind, from_us, to_us, cursor, done, found, added, known, "
            "missing, updated_us, retry_us, wait_us, refused) VALUES "
            "(?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13, ?14) "
            "ON CONFLICT (scope, kind) DO UPDATE SET from_us = excluded.from_us, "
            "to_us = excluded.to_us, cursor = excluded.cursor, done = excluded.done, "
            "found = excluded.found, added = excluded.added, known = excluded.known, "
            "missing = excluded.missing, updated_us = excluded.updated_us, "
            "retry_us = excluded.retry_us, wait_us = excluded.wait_us, refused = excluded.refused",
    .parameters = "itiitiiiiiiiii",
};

/* Parameters: root, now, every, behind, 1 for connected accounts, how long a scan may be held. A
 * connected account is held and waits as one, whichever scan it is; the root's two are held each by
 * itself. A time that lies beyond any hold is of a clock that was set back since. */
#define GAP_HELD(mark)                                                                             \
    "SELECT s.scope, s.account_key, CASE "                                                         \
    "WHEN ?5 = 0 AND " mark ".retry_us > ?2 AND " mark ".retry_us <= ?2 + ?6 "                     \
    "THEN " mark ".retry_us WHEN g.updated_us > ?2 THEN 0 "                                        \
    "WHEN g.retry_us > 0 AND ?5 = 1 THEN g.retry_us "
#define GAP_DUE(mark)                                                                              \
    "END AS due_us, coalesce(" mark ".retry_us, 0), coalesce(" mark ".updated_us, 0) FROM scope "  \
    "s "
#define OFTEN_ROWS                                                                                 \
    GAP_HELD("g")                                                                                  \
    "ELSE g.updated_us + ?3 " GAP_DUE(                                                             \
        "g") "JOIN backfill g ON g.scope = s.scope AND g.kind = 'gap' AND g.to_us >= ?2 - ?4 "
#define DAILY_ROWS(mark)                                                                           \
    GAP_HELD(mark)                                                                                 \
    "WHEN g.scope IS NULL OR d.scope IS NULL OR g.to_us < ?2 - ?4 OR d.updated_us > ?2 "           \
    "THEN 0 ELSE d.updated_us + ?3 " GAP_DUE(                                                      \
        mark) "LEFT JOIN backfill g ON g.scope = s.scope AND g.kind = 'gap' "                      \
              "LEFT JOIN backfill d ON d.scope = s.scope AND d.kind = 'gap.daily' "
#define OF_ROOT "WHERE s.scope = ?1"
#define OF_BELOW "WHERE s.above = ?1 ORDER BY due_us, s.scope LIMIT 1"
static const struct sql_statement gap_rows[2][2] = {/* [below][daily] */
    {{.text = OFTEN_ROWS OF_ROOT, .parameters = "iiiiii"},
        {.text = DAILY_ROWS("d") OF_ROOT, .parameters = "iiiiii"}},
    {{.text = OFTEN_ROWS OF_BELOW, .parameters = "iiiiii"},
        {.text = DAILY_ROWS("g") OF_BELOW, .parameters = "iiiiii"}}};

static const struct sql_statement lease_make = {
    .text = "INSERT INTO backfill (scope, kind, from_us, to_us, cursor, done, found, added, known, "
            "missing, updated_us, retry_us, wait_us, refused) "
            "VALUES (?1, ?2, 0, 0, '', 0, 0, 0, 0, 0, 0, 0, 0, 0) ON CONFLICT DO NOTHING",
    .parameters = "it",
};
static const struct sql_statement lease_take = {
    .text = "UPDATE backfill SET retry_us = ?4 WHERE scope = ?1 AND kind = ?2 AND retry_us = ?3 "
            "AND (?5 < 0 OR updated_us = ?5) RETURNING scope",
    .parameters = "itiii",
};

/* A root that was never compared counts as farthest behind; an account below it that is new does
 * not: it is the next one that is scanned. */
#define GAP_SUM(what) "CAST(coalesce(sum(" what "), 0) AS BIGINT), "
#define GAP_SUMS                                                                                   \
    "SELECT " GAP_SUM("CASE WHEN g.to_us > 0 AND g.refused = 0 THEN 1 ELSE 0 END")                 \
        GAP_SUM("g.refused") GAP_SUM("CASE WHEN g.to_us > 0 OR g.refused = 1 THEN 0 ELSE 1 END")   \
            GAP_SUM("g.found") GAP_SUM(                                                            \
                "g.added + g.missing") "coalesce(min(CASE WHEN s.scope = ?1 THEN "                 \
                                       "coalesce(g.to_us, 0) "                                     \
                                       "WHEN g.to_us > 0 AND g.refused = 0 THEN g.to_us END), 0) " \
                                       "FROM scope s LEFT JOIN backfill g ON g.scope = s.scope "   \
                                       "AND g.kind = 'gap' "                                       \
                                       "WHERE s.scope = ?1 OR s.above = ?1"
static const struct sql_statement gap_sums = {.text = GAP_SUMS, .parameters = "i"};

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
        .retry_us = column_int(&columns[9]),
        .wait_us = column_int(&columns[10]),
        .refused = column_int(&columns[11]) != 0,
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
        sql_int(mark->retry_us),
        sql_int(mark->wait_us),
        sql_int(mark->refused ? 1 : 0),
    };
    return store_run_one(store, &mark_write, values, NULL, NULL, reterr);
}

/* --- gap scans --- */

struct due_walk {
    struct arena *arena;
    struct gap_due *due;
    struct err_info *reterr;
};

static enum err take_due(
    void *context, uint32_t index, const struct sql_value *columns, uint32_t column_count)
{
    (void)index;
    (void)column_count;
    struct due_walk *walk = context;
    walk->due->scope = column_int(&columns[0]);
    walk->due->due_us = column_int(&columns[2]);
    walk->due->held_us = column_int(&columns[3]);
    walk->due->updated_us = column_int(&columns[4]);
    return column_copy(walk->arena, &columns[1], &walk->due->account_key)
               ? ERR_OK
               : store_out_of_room(walk->reterr);
}

enum err gap_next(struct store *store,
    const struct gap_query *query,
    struct arena *arena,
    struct gap_due *ret,
    struct err_info *reterr)
{
    REQUIRE(query != NULL && query->root > 0 && arena != NULL && ret != NULL);
    (void)store_reading(store);
    struct sql_value values[] = {sql_int(query->root), sql_int(query->now_us),
        sql_int(query->every_us), sql_int(query->behind_us), sql_int(query->below ? 1 : 0),
        sql_int(query->held_us_max)};
    struct gap_due due = {0};
    struct due_walk walk = {arena, &due, reterr};
    TRY(store_run_one(store, &gap_rows[query->below ? 1 : 0][query->daily ? 1 : 0], values,
        take_due, &walk, reterr));
    *ret = due;
    return ERR_OK;
}

static enum err take_lease(
    void *context, uint32_t index, const struct sql_value *columns, uint32_t column_count)
{
    (void)index;
    (void)columns;
    (void)column_count;
    *(bool *)context = true;
    return ERR_OK;
}

enum err gap_lease(
    struct store *store, const struct gap_lease *lease, bool *ret_taken, struct err_info *reterr)
{
    REQUIRE(lease != NULL && lease->scope > 0 && lease->kind.len > 0 && ret_taken != NULL);
    (void)store_writing(store);
    bool taken = false;
    struct sql_value names[] = {sql_int(lease->scope), sql_text(lease->kind)};
    struct sql_value values[] = {sql_int(lease->scope), sql_text(lease->kind),
        sql_int(lease->was_us), sql_int(lease->until_us), sql_int(lease->updated_us)};
    if (lease->updated_us == 0) {
        TRY(store_run_one(store, &lease_make, names, NULL, NULL, reterr));
    }
    TRY(store_run_one(store, &lease_take, values, take_lease, &taken, reterr));
    *ret_taken = taken;
    return ERR_OK;
}

static enum err take_sums(
    void *context, uint32_t index, const struct sql_value *columns, uint32_t column_count)
{
    (void)index;
    (void)column_count;
    struct gap_sums *sums = context;
    *sums = (struct gap_sums){
        .compared = column_int(&columns[0]),
        .refused = column_int(&columns[1]),
        .new_ones = column_int(&columns[2]),
        .checked = column_int(&columns[3]),
        .missing = column_int(&columns[4]),
        .as_of_us = column_int(&columns[5]),
    };
    return ERR_OK;
}

enum err gap_sums_read(
    struct store *store, int64_t root, struct gap_sums *ret, struct err_info *reterr)
{
    REQUIRE(root > 0 && ret != NULL);
    (void)store_reading(store);
    struct sql_value values[] = {sql_int(root)};
    struct gap_sums sums = {0};
    TRY(store_run_one(store, &gap_sums, values, take_sums, &sums, reterr));
    *ret = sums;
    return ERR_OK;
}
