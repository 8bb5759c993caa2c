#include "store/pull.h"
#include "base/timestamp.h"
#include "store/internal.h"

#define COLUMNS                                                                                    \
    "scope, what, subject, from_us, to_us, cursor, source, round, added, known, learned, "         \
    "restated, unclassified, refused, began_us, updated_us, finished_us, under_way"
enum { COLUMN_COUNT = 18 };

static const struct sql_statement row_under_way = {
    .text = "SELECT " COLUMNS " FROM statement_pull WHERE scope = ?1 AND what = ?2 AND "
            "subject = ?3 AND under_way = 1 ORDER BY began_us, from_us, to_us LIMIT 1",
    .parameters = "itt",
};
static const struct sql_statement row_read = {
    .text = "SELECT " COLUMNS " FROM statement_pull WHERE scope = ?1 AND what = ?2 AND "
            "subject = ?3 AND from_us = ?4 AND to_us = ?5",
    .parameters = "ittii",
};
static const struct sql_statement row_write = {
    .text = "INSERT INTO statement_pull (" COLUMNS ") VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, "
            "?10, ?11, ?12, ?13, ?14, ?15, ?16, ?17, ?18) "
            "ON CONFLICT (scope, what, subject, from_us, to_us) DO UPDATE SET "
            "cursor = excluded.cursor, source = excluded.source, round = excluded.round, "
            "added = excluded.added, known = excluded.known, learned = excluded.learned, "
            "restated = excluded.restated, unclassified = excluded.unclassified, "
            "refused = excluded.refused, began_us = excluded.began_us, "
            "updated_us = excluded.updated_us, finished_us = excluded.finished_us, "
            "under_way = excluded.under_way",
    .parameters = "ittiitiiiiiiiiiiii",
};
static const struct sql_statement ranges = {
    .text = "SELECT from_us, to_us FROM statement_pull WHERE scope = ?1 AND what = ?2 AND "
            "subject = '' AND finished_us > 0 AND to_us >= ?3 ORDER BY from_us, to_us",
    .parameters = "iti",
};
/* The numbers of a row that is asked for again are those of the new round: they count once it is
 * finished. */
static const struct sql_statement summary = {
    .text =
        "SELECT coalesce(min(from_us), 0), coalesce(max(to_us), 0), "
        "coalesce(max(CASE WHEN to_us - from_us >= ?3 THEN finished_us ELSE 0 END), 0), "
        "CAST(coalesce(sum(CASE WHEN to_us > ?4 AND under_way = 0 THEN added + known ELSE 0 END), "
        "0) AS bigint), "
        "CAST(coalesce(sum(CASE WHEN to_us > ?4 AND under_way = 0 THEN to_us - from_us + 1000000 "
        "ELSE 0 END), 0) AS bigint) "
        "FROM statement_pull WHERE scope = ?1 AND what = ?2 AND subject = '' AND finished_us > 0",
    .parameters = "itii",
};
/* Until the same time was asked for again, and everything could be read. */
static const struct sql_statement unread = {
    .text = "SELECT coalesce(max(p.refused), 0), coalesce(min(p.from_us), 0) FROM statement_pull p "
            "WHERE p.scope = ?1 AND p.what = ?2 AND p.subject = '' AND p.refused > 0 AND "
            "NOT EXISTS (SELECT 1 FROM statement_pull q WHERE q.scope = p.scope AND "
            "q.what = p.what AND q.subject = '' AND q.refused = 0 AND q.under_way = 0 AND "
            "q.finished_us > p.finished_us AND q.from_us <= p.from_us AND q.to_us >= p.to_us)",
    .parameters = "it",
};
static const struct sql_statement payouts_due = {
    .text = "SELECT r.provider_id FROM payout p JOIN provider_ref r ON r.id = p.id AND "
            "r.kind = 'payout' WHERE p.scope = ?1 AND p.reconciled = 1 AND p.automatic = 1 AND "
            "coalesce(p.made_at, p.created_us) >= ?2 AND NOT EXISTS (SELECT 1 FROM statement_pull "
            "s WHERE s.scope = ?1 AND s.what = 'payout' AND s.subject = r.provider_id AND "
            "s.finished_us > 0) ORDER BY p.id LIMIT ?3",
    .parameters = "iii",
};

/* --- rows --- */

struct row_walk {
    struct pull_row *row;
    struct arena *arena;
    bool found;
    struct err_info *reterr;
};

static enum err take_row(
    void *context, uint32_t index, const struct sql_value *columns, uint32_t column_count)
{
    struct row_walk *walk = context;
    (void)index;
    INVARIANT(column_count == COLUMN_COUNT);
    *walk->row = (struct pull_row){
        .scope = column_int(&columns[0]),
        .from_us = column_int(&columns[3]),
        .to_us = column_int(&columns[4]),
        .source = column_int(&columns[6]),
        .round = column_int(&columns[7]),
        .counts = {column_int(&columns[8]), column_int(&columns[9]), column_int(&columns[10]),
            column_int(&columns[11]), column_int(&columns[12])},
        .refused = column_int(&columns[13]),
        .began_us = column_int(&columns[14]),
        .updated_us = column_int(&columns[15]),
        .finished_us = column_int(&columns[16]),
        .under_way = column_int(&columns[17]) != 0,
    };
    walk->found = true;
    bool kept = column_copy(walk->arena, &columns[1], &walk->row->what) &&
                column_copy(walk->arena, &columns[2], &walk->row->subject) &&
                column_copy(walk->arena, &columns[5], &walk->row->cursor);
    return kept ? ERR_OK : store_out_of_room(walk->reterr);
}

enum err pull_under_way(struct store *store,
    int64_t scope,
    struct str what,
    struct str subject,
    struct arena *arena,
    struct pull_row *ret,
    bool *ret_found,
    struct err_info *reterr)
{
    struct sql_value values[] = {sql_int(scope), sql_text(what), sql_text(subject)};
    struct pull_row row = {.scope = 0};
    struct row_walk walk = {&row, arena, false, reterr};
    REQUIRE(scope > 0 && arena != NULL && ret != NULL && ret_found != NULL);
    (void)store_reading(store);
    TRY(store_run_one(store, &row_under_way, values, take_row, &walk, reterr));
    *ret = walk.found ? row : *ret;
    *ret_found = walk.found;
    return ERR_OK;
}

enum err pull_read(struct store *store,
    const struct pull_row *key,
    struct arena *arena,
    struct pull_row *ret,
    bool *ret_found,
    struct err_info *reterr)
{
    REQUIRE(key != NULL && key->scope > 0 && arena != NULL && ret != NULL && ret_found != NULL);
    struct sql_value values[] = {sql_int(key->scope), sql_text(key->what), sql_text(key->subject),
        sql_int(key->from_us), sql_int(key->to_us)};
    struct pull_row row = {.scope = 0};
    struct row_walk walk = {&row, arena, false, reterr};
    (void)store_reading(store);
    TRY(store_run_one(store, &row_read, values, take_row, &walk, reterr));
    *ret = walk.found ? row : *ret;
    *ret_found = walk.found;
    return ERR_OK;
}

enum err pull_write(struct store *store, const struct pull_row *row, struct err_info *reterr)
{
    REQUIRE(row != NULL && row->scope > 0 && row->what.len > 0 && row->from_us <= row->to_us);
    const struct taken_counts *counts = &row->counts;
    struct sql_value values[] = {sql_int(row->scope), sql_text(row->what), sql_text(row->subject),
        sql_int(row->from_us), sql_int(row->to_us), sql_text(row->cursor), sql_int(row->source),
        sql_int(row->round), sql_int(counts->added), sql_int(counts->known),
        sql_int(counts->learned), sql_int(counts->restated), sql_int(counts->unclassified),
        sql_int(row->refused), sql_int(row->began_us), sql_int(row->updated_us),
        sql_int(row->finished_us), sql_int(row->under_way ? 1 : 0)};
    (void)store_writing(store);
    return store_run_one(store, &row_write, values, NULL, NULL, reterr);
}

/* --- what is covered --- */

/* The ranges come by their beginnings: one that begins behind a gap ends it all, and so do those
 * behind it. */
static enum err take_range(
    void *context, uint32_t index, const struct sql_value *columns, uint32_t column_count)
{
    int64_t *until_us = context;
    (void)index;
    (void)column_count;
    int64_t from_us = column_int(&columns[0]);
    int64_t to_us = column_int(&columns[1]);
    if (from_us <= *until_us + US_PER_SECOND && to_us > *until_us) {
        *until_us = to_us;
    }
    return ERR_OK;
}

enum err pull_covered_until(struct store *store,
    int64_t scope,
    struct str what,
    int64_t from_us,
    int64_t *ret_until_us,
    struct err_info *reterr)
{
    struct sql_value values[] = {sql_int(scope), sql_text(what), sql_int(from_us)};
    int64_t until_us = from_us - US_PER_SECOND;
    REQUIRE(scope > 0 && from_us >= 0 && ret_until_us != NULL);
    (void)store_reading(store);
    TRY(store_run_one(store, &ranges, values, take_range, &until_us, reterr));
    *ret_until_us = until_us;
    return ERR_OK;
}

enum err pull_covered(struct store *store,
    int64_t scope,
    struct str what,
    int64_t from_us,
    int64_t to_us,
    bool *ret_covered,
    struct err_info *reterr)
{
    int64_t until_us = 0;
    REQUIRE(from_us <= to_us && ret_covered != NULL);
    TRY(pull_covered_until(store, scope, what, from_us, &until_us, reterr));
    *ret_covered = until_us >= to_us;
    return ERR_OK;
}

/* --- what is due --- */

static enum err take_summary(
    void *context, uint32_t index, const struct sql_value *columns, uint32_t column_count)
{
    (void)index;
    (void)column_count;
    *(struct pull_summary *)context = (struct pull_summary){
        .first_from_us = column_int(&columns[0]),
        .last_to_us = column_int(&columns[1]),
        .last_long_us = column_int(&columns[2]),
        .recent_lines = column_int(&columns[3]),
        .recent_us = column_int(&columns[4]),
    };
    return ERR_OK;
}

enum err pull_summarise(struct store *store,
    int64_t scope,
    struct str what,
    int64_t long_us,
    int64_t since_us,
    struct pull_summary *ret,
    struct err_info *reterr)
{
    struct sql_value values[] = {
        sql_int(scope), sql_text(what), sql_int(long_us), sql_int(since_us)};
    struct pull_summary said = {0};
    REQUIRE(scope > 0 && ret != NULL);
    (void)store_reading(store);
    TRY(store_run_one(store, &summary, values, take_summary, &said, reterr));
    *ret = said;
    return ERR_OK;
}

struct ids_walk {
    struct rows rows;
    struct arena *arena;
    struct err_info *reterr;
};

static enum err take_id(
    void *context, uint32_t index, const struct sql_value *columns, uint32_t column_count)
{
    struct ids_walk *walk = context;
    (void)index;
    (void)column_count;
    struct str *id = rows_add(&walk->rows);
    if (id == NULL) {
        return ERR_TOO_LARGE;
    }
    return column_copy(walk->arena, &columns[0], id) ? ERR_OK : store_out_of_room(walk->reterr);
}

enum err pull_payouts_due(struct store *store,
    int64_t scope,
    int64_t since_us,
    uint32_t limit,
    struct arena *arena,
    struct str **ret_ids,
    uint32_t *ret_count,
    struct err_info *reterr)
{
    struct sql_value values[] = {sql_int(scope), sql_int(since_us), sql_int(limit)};
    struct ids_walk walk = {rows_new(arena, sizeof(struct str), limit, reterr), arena, reterr};
    REQUIRE(scope > 0 && limit > 0 && ret_ids != NULL && ret_count != NULL);
    (void)store_reading(store);
    TRY(store_run_one(store, &payouts_due, values, take_id, &walk, reterr));
    *ret_ids = (struct str *)(void *)walk.rows.items;
    *ret_count = walk.rows.count;
    return ERR_OK;
}

/* --- what could not be read --- */

static enum err take_unread(
    void *context, uint32_t index, const struct sql_value *columns, uint32_t column_count)
{
    (void)index;
    INVARIANT(column_count == 2);
    *(struct pull_unread *)context =
        (struct pull_unread){.most = column_int(&columns[0]), .from_us = column_int(&columns[1])};
    return ERR_OK;
}

enum err pull_unread(struct store *store,
    int64_t scope,
    struct str what,
    struct pull_unread *ret,
    struct err_info *reterr)
{
    REQUIRE(scope > 0 && ret != NULL);
    (void)store_reading(store);
    struct sql_value values[] = {sql_int(scope), sql_text(what)};
    struct pull_unread said = {0};
    TRY(store_run_one(store, &unread, values, take_unread, &said, reterr));
    *ret = said;
    return ERR_OK;
}
