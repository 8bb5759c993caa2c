#include "store/runs.h"
#include "base/timestamp.h"
#include "store/internal.h"

static const struct sql_statement interrupted_find = {
    .text = "SELECT max(number) FROM reconcile_run WHERE scope = ?1 AND from_us = ?2 AND "
            "to_us = ?3 AND as_of_us = ?4 AND finished_us IS NULL",
    .parameters = "iiii",
};
#define RUN_COLUMNS                                                                                \
    "scope, number, from_us, to_us, as_of_us, started_us, finished_us, found, raised, cleared, "   \
    "open, agreed"
/* Behind one that is as of a later moment it would put back what that has said. */
static const struct sql_statement left_find = {
    .text = "SELECT " RUN_COLUMNS " FROM reconcile_run r WHERE scope = ?1 AND from_us = ?2 AND "
            "to_us = ?3 AND as_of_us >= ?4 AND finished_us IS NULL AND NOT EXISTS (SELECT 1 FROM "
            "reconcile_run e WHERE e.scope = ?1 AND e.as_of_us > r.as_of_us AND "
            "e.finished_us IS NOT NULL) ORDER BY number DESC LIMIT 1",
    .parameters = "iiii",
};
static const struct sql_statement run_add = {
    .text = "INSERT INTO reconcile_run (scope, number, from_us, to_us, as_of_us, started_us, "
            "finished_us, found, raised, cleared, open, agreed) SELECT ?1, "
            "coalesce(max(number), 0) + 1, ?2, ?3, ?4, ?5, NULL, 0, 0, 0, 0, 0 "
            "FROM reconcile_run WHERE scope = ?1 RETURNING number",
    .parameters = "iiiii",
};
static const struct sql_statement run_end = {
    .text = "UPDATE reconcile_run SET finished_us = ?3, found = ?4, raised = ?5, cleared = ?6, "
            "open = ?7, agreed = ?8 WHERE scope = ?1 AND number = ?2",
    .parameters = "iiiiiiii",
};
static const struct sql_statement covering_find = {
    .text = "SELECT " RUN_COLUMNS " FROM reconcile_run WHERE scope = ?1 AND from_us <= ?2 AND "
            "to_us >= ?3 AND finished_us IS NOT NULL ORDER BY number DESC LIMIT 1",
    .parameters = "iii",
};
static const struct sql_statement run_rows = {
    .text = "SELECT " RUN_COLUMNS " FROM reconcile_run WHERE ?1 = 0 OR scope = ?1 "
            "ORDER BY started_us DESC, scope, number DESC LIMIT ?2",
    .parameters = "ii",
};
#define LAST_AGREED "SELECT max(r.as_of_us) FROM reconcile_run r WHERE r.agreed = 1 AND r.scope = "
static const struct sql_statement agreed_last = {
    .text = LAST_AGREED "?1",
    .parameters = "i",
};
static const struct sql_statement agreed_below = {
    .text = "SELECT sum(CASE WHEN t.last >= ?2 THEN 1 ELSE 0 END), count(t.last), count(*), "
            "min(t.last) FROM (SELECT (" LAST_AGREED "s.scope) AS last FROM scope s "
            "WHERE s.above = ?1) t",
    .parameters = "ii",
};
static const struct sql_statement lease_take = {
    .text = "INSERT INTO reconcile_lease (scope, holder, until_us, who) VALUES (?1, ?2, ?4, ?5) "
            "ON CONFLICT (scope) DO UPDATE SET holder = excluded.holder, "
            "until_us = excluded.until_us, who = excluded.who "
            "WHERE reconcile_lease.until_us <= ?3 OR reconcile_lease.holder = excluded.holder",
    .parameters = "iiiit",
};
static const struct sql_statement lease_keep = {
    .text = "UPDATE reconcile_lease SET until_us = ?3 WHERE scope = ?1 AND holder = ?2",
    .parameters = "iii",
};
static const struct sql_statement lease_read = {
    .text = "SELECT holder, until_us, who FROM reconcile_lease WHERE scope = ?1",
    .parameters = "i",
};
static const struct sql_statement lease_end = {
    .text = "DELETE FROM reconcile_lease WHERE scope = ?1 AND holder = ?2",
    .parameters = "ii",
};
static const struct sql_statement start_read = {
    .text = "SELECT s.start_us, s.decided_us, s.who, o.opened_us FROM books_start s "
            "LEFT JOIN books_opened o ON o.scope = s.scope WHERE s.scope = ?1",
    .parameters = "i",
};
static const struct sql_statement start_add = {
    .text = "INSERT INTO books_start (scope, start_us, decided_us, who) VALUES (?1, ?2, ?3, ?4) "
            "ON CONFLICT (scope) DO NOTHING",
    .parameters = "iiit",
};

static const struct sql_statement opened_add = {
    .text = "INSERT INTO books_opened (scope, opened_us) VALUES (?1, ?2)",
    .parameters = "ii",
};

/* --- runs --- */

enum err run_begin(struct store *store, struct reconcile_run *run, struct err_info *reterr)
{
    REQUIRE(run->scope > 0);
    REQUIRE(run->from_us <= run->to_us);
    (void)store_writing(store);
    int64_t number = 0;
    struct sql_value values[] = {
        sql_int(run->scope),
        sql_int(run->from_us),
        sql_int(run->to_us),
        sql_int(run->as_of_us),
        sql_int(run->started_us),
    };
    TRY(store_run_one(store, &interrupted_find, values, store_take_int, &number, reterr));
    run->resumed = number != 0;
    if (number == 0) {
        TRY(store_run_one(store, &run_add, values, store_take_int, &number, reterr));
        ENSURE(number > 0);
    }
    run->number = number;
    return ERR_OK;
}

enum err run_finish(struct store *store, const struct reconcile_run *run, struct err_info *reterr)
{
    REQUIRE(run->number > 0);
    (void)store_writing(store);
    int64_t changed = 0;
    struct sql_value values[] = {
        sql_int(run->scope),
        sql_int(run->number),
        sql_int(run->finished_us),
        sql_int(run->found),
        sql_int(run->raised),
        sql_int(run->cleared),
        sql_int(run->open),
        sql_int(run->agreed),
    };
    TRY(sql_run(store->engine, &run_end, values, 1, NULL, NULL, &changed, reterr));
    REQUIRE(changed == 1);
    return ERR_OK;
}

static void take_run(const struct sql_value *columns, struct reconcile_run *run)
{
    *run = (struct reconcile_run){.scope = column_int(&columns[0]),
        .number = column_int(&columns[1]),
        .from_us = column_int(&columns[2]),
        .to_us = column_int(&columns[3]),
        .as_of_us = column_int(&columns[4]),
        .started_us = column_int(&columns[5]),
        .finished_us = column_int(&columns[6]),
        .found = column_int(&columns[7]),
        .raised = column_int(&columns[8]),
        .cleared = column_int(&columns[9]),
        .open = column_int(&columns[10]),
        .agreed = column_int(&columns[11]) != 0};
}

static enum err take_one(
    void *context, uint32_t index, const struct sql_value *columns, uint32_t column_count)
{
    (void)index;
    (void)column_count;
    take_run(columns, context);
    return ERR_OK;
}

enum err run_interrupted(struct store *store,
    int64_t scope,
    int64_t from_us,
    int64_t to_us,
    int64_t since_us,
    struct reconcile_run *ret_run,
    struct err_info *reterr)
{
    (void)store_reading(store);
    struct reconcile_run run = {0};
    struct sql_value values[] = {
        sql_int(scope), sql_int(from_us), sql_int(to_us), sql_int(since_us)};
    TRY(store_run_one(store, &left_find, values, take_one, &run, reterr));
    *ret_run = run;
    return ERR_OK;
}

enum err run_covering(struct store *store,
    int64_t scope,
    int64_t from_us,
    int64_t to_us,
    struct reconcile_run *ret_run,
    struct err_info *reterr)
{
    (void)store_reading(store);
    struct reconcile_run run = {0};
    struct sql_value values[] = {sql_int(scope), sql_int(from_us), sql_int(to_us)};
    TRY(store_run_one(store, &covering_find, values, take_one, &run, reterr));
    *ret_run = run;
    return ERR_OK;
}

enum err run_last_agreed(
    struct store *store, int64_t scope, int64_t *ret_as_of_us, struct err_info *reterr)
{
    (void)store_reading(store);
    int64_t as_of_us = 0;
    struct sql_value values[] = {sql_int(scope)};
    TRY(store_run_one(store, &agreed_last, values, store_take_int, &as_of_us, reterr));
    *ret_as_of_us = as_of_us;
    return ERR_OK;
}

static enum err take_below(
    void *context, uint32_t index, const struct sql_value *columns, uint32_t column_count)
{
    (void)index;
    (void)column_count;
    int64_t ever = column_int(&columns[1]);
    struct runs_below *below = context;
    below->agreed = column_int(&columns[0]);
    below->behind = ever - below->agreed;
    below->never = column_int(&columns[2]) - ever;
    below->oldest_us = column_int(&columns[3]);
    return ERR_OK;
}

enum err runs_last_agreed_below(struct store *store,
    int64_t scope,
    int64_t since_us,
    struct runs_below *ret,
    struct err_info *reterr)
{
    (void)store_reading(store);
    struct runs_below below = {0};
    struct sql_value values[] = {sql_int(scope), sql_int(since_us)};
    TRY(store_run_one(store, &agreed_below, values, take_below, &below, reterr));
    *ret = below;
    return ERR_OK;
}

static enum err take_listed(
    void *context, uint32_t index, const struct sql_value *columns, uint32_t column_count)
{
    (void)index;
    (void)column_count;
    struct reconcile_run *run = rows_add(context);
    if (run == NULL) {
        return ERR_TOO_LARGE;
    }
    take_run(columns, run);
    return ERR_OK;
}

enum err runs_list(struct store *store,
    int64_t scope,
    uint32_t limit,
    struct arena *arena,
    struct reconcile_run **ret_runs,
    uint32_t *ret_count,
    struct err_info *reterr)
{
    (void)store_reading(store);
    struct rows rows = rows_new(arena, sizeof(struct reconcile_run), limit, reterr);
    struct sql_value values[] = {sql_int(scope), sql_int(limit)};
    TRY(store_run_one(store, &run_rows, values, take_listed, &rows, reterr));
    *ret_runs = (struct reconcile_run *)(void *)rows.items;
    *ret_count = rows.count;
    return ERR_OK;
}

/* --- lease --- */

enum err run_lease(
    struct store *store, const struct run_lease *lease, bool *ret_taken, struct err_info *reterr)
{
    REQUIRE(lease->scope > 0);
    (void)store_writing(store);
    int64_t changed = 0;
    struct sql_value values[] = {sql_int(lease->scope), sql_int(lease->holder),
        sql_int(lease->now_us), sql_int(lease->until_us), sql_text(lease->who)};
    TRY(sql_run(store->engine, &lease_take, values, 1, NULL, NULL, &changed, reterr));
    *ret_taken = changed == 1;
    return ERR_OK;
}

enum err run_lease_keep(
    struct store *store, const struct run_lease *lease, bool *ret_ours, struct err_info *reterr)
{
    REQUIRE(lease->scope > 0);
    (void)store_writing(store);
    int64_t changed = 0;
    struct sql_value values[] = {
        sql_int(lease->scope), sql_int(lease->holder), sql_int(lease->until_us)};
    TRY(sql_run(store->engine, &lease_keep, values, 1, NULL, NULL, &changed, reterr));
    *ret_ours = changed == 1;
    return ERR_OK;
}

struct lease_walk {
    struct arena *arena;
    struct run_lease lease;
};

static enum err take_lease(
    void *context, uint32_t index, const struct sql_value *columns, uint32_t column_count)
{
    (void)index;
    (void)column_count;
    struct lease_walk *walk = context;
    walk->lease.holder = column_int(&columns[0]);
    walk->lease.until_us = column_int(&columns[1]);
    return column_copy(walk->arena, &columns[2], &walk->lease.who) ? ERR_OK : ERR_TOO_LARGE;
}

enum err run_lease_get(struct store *store,
    int64_t scope,
    struct arena *arena,
    struct run_lease *ret,
    struct err_info *reterr)
{
    (void)store_reading(store);
    struct lease_walk walk = {.arena = arena, .lease = {.scope = scope}};
    struct sql_value values[] = {sql_int(scope)};
    TRY(store_run_one(store, &lease_read, values, take_lease, &walk, reterr));
    *ret = walk.lease;
    return ERR_OK;
}

enum err run_lease_end(struct store *store, int64_t scope, int64_t holder, struct err_info *reterr)
{
    (void)store_writing(store);
    struct sql_value values[] = {sql_int(scope), sql_int(holder)};
    return store_run_one(store, &lease_end, values, NULL, NULL, reterr);
}

/* --- when books begin --- */

struct start_walk {
    struct arena *arena;
    struct books_start start;
};

static enum err take_start(
    void *context, uint32_t index, const struct sql_value *columns, uint32_t column_count)
{
    (void)index;
    (void)column_count;
    struct start_walk *walk = context;
    walk->start.start_us = column_int(&columns[0]);
    walk->start.decided_us = column_int(&columns[1]);
    walk->start.opened_us = column_int(&columns[3]);
    return column_copy(walk->arena, &columns[2], &walk->start.who) ? ERR_OK : ERR_TOO_LARGE;
}

enum err books_start_get(struct store *store,
    int64_t scope,
    struct arena *arena,
    struct books_start *ret,
    struct err_info *reterr)
{
    (void)store_reading(store);
    struct start_walk walk = {arena, {.scope = scope}};
    struct sql_value values[] = {sql_int(scope)};
    TRY(store_run_one(store, &start_read, values, take_start, &walk, reterr));
    *ret = walk.start;
    return ERR_OK;
}

enum err books_start_set(
    struct store *store, const struct books_start *start, struct err_info *reterr)
{
    REQUIRE(start->scope > 0 && start->start_us != 0);
    REQUIRE(start->who.len > 0);
    (void)store_writing(store);
    int64_t stands_us = 0;
    struct sql_value values[] = {
        sql_int(start->scope),
        sql_int(start->start_us),
        sql_int(start->decided_us),
        sql_text(start->who),
    };
    TRY(store_run_one(store, &start_add, values, NULL, NULL, reterr));
    TRY(store_run_one(store, &start_read, values, store_take_int, &stands_us, reterr));
    if (stands_us != start->start_us) {
        char stands[TIMESTAMP_TEXT_BYTES];
        timestamp_format(stands_us, stands);
        return err_set(reterr, ERR_DUPLICATE, "the books of this account began at %s", stands);
    }
    return ERR_OK;
}

enum err books_start_opened(
    struct store *store, int64_t scope, int64_t now_us, struct err_info *reterr)
{
    (void)store_writing(store);
    struct sql_value values[] = {sql_int(scope), sql_int(now_us)};
    return store_run_one(store, &opened_add, values, NULL, NULL, reterr);
}
