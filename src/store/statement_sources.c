#include "store/internal.h"
#include "store/statement.h"

static const struct sql_statement head_advance = {
    .text = "UPDATE statement_head SET source = source + 1 WHERE scope = ?1 RETURNING source",
    .parameters = "i",
};
static const struct sql_statement source_find = {
    .text = "SELECT s.source, t.finished_us FROM statement_source s LEFT JOIN statement_taken t "
            "ON t.scope = s.scope AND t.source = s.source WHERE s.scope = ?1 AND s.sha256 = ?2",
    .parameters = "ib",
};
static const struct sql_statement source_read = {
    .text = "SELECT source, kind, name, sha256, bytes, lines, from_us, to_us, received_us "
            "FROM statement_source WHERE scope = ?1 AND source = ?2",
    .parameters = "ii",
};
static const struct sql_statement source_add = {
    .text = "INSERT INTO statement_source (scope, source, kind, name, sha256, bytes, lines, "
            "from_us, to_us, received_us) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10)",
    .parameters = "iittbiiiii",
};
static const struct sql_statement taken_add = {
    .text = "INSERT INTO statement_taken (scope, source, added, known, learned, restated, "
            "unclassified, finished_us) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8) "
            "ON CONFLICT (scope, source) DO NOTHING", /* two may have gone on with one */
    .parameters = "iiiiiiii",
};
static const struct sql_statement restated_add = {
    .text = "INSERT INTO statement_restated (line, field, said, stands, scope, source, told_us) "
            "VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7) ON CONFLICT (line, field, said) DO NOTHING",
    .parameters = "btttiii",
};
static const struct sql_statement total_add = {
    .text = "INSERT INTO statement_total (scope, source, place, category, currency, net_minor) "
            "VALUES (?1, ?2, ?3, ?4, ?5, ?6) ON CONFLICT (scope, source, place) DO NOTHING",
    .parameters = "iiitti",
};

struct found_source {
    int64_t number;
    bool finished;
};

static enum err take_source(
    void *context, uint32_t index, const struct sql_value *columns, uint32_t column_count)
{
    struct found_source *found = context;
    (void)index;
    found->number = column_int(&columns[0]);
    found->finished = column_count > 1 && columns[1].kind == SQL_INT;
    return ERR_OK;
}

static enum err find(struct store *store,
    int64_t scope,
    const uint8_t sha256[static SHA256_BYTES],
    struct found_source *ret,
    struct err_info *reterr)
{
    struct sql_value values[] = {sql_int(scope), sql_blob(sha256, SHA256_BYTES)};
    *ret = (struct found_source){0, false};
    return store_run_one(store, &source_find, values, take_source, ret, reterr);
}

enum err statement_source_find(struct store *store,
    int64_t scope,
    const uint8_t sha256[static SHA256_BYTES],
    int64_t *ret_number,
    bool *ret_finished,
    struct err_info *reterr)
{
    struct found_source found;
    (void)store_reading(store);
    REQUIRE(ret_number != NULL && ret_finished != NULL);
    TRY(find(store, scope, sha256, &found, reterr));
    *ret_number = found.number;
    *ret_finished = found.finished;
    return ERR_OK;
}

struct source_walk {
    struct arena *arena;
    struct statement_source source;
};

static enum err take_whole_source(
    void *context, uint32_t index, const struct sql_value *columns, uint32_t column_count)
{
    (void)index;
    (void)column_count;
    struct source_walk *walk = context;
    struct statement_source *source = &walk->source;
    source->number = column_int(&columns[0]);
    source->kind = str_eq(column_str(&columns[1]), STR("file")) ? SOURCE_FILE : SOURCE_API;
    source->hashed = column_str(&columns[3]).len == SHA256_BYTES;
    column_bytes(&columns[3], source->sha256, SHA256_BYTES);
    source->bytes = column_int(&columns[4]);
    source->lines = column_int(&columns[5]);
    source->from_us = column_int(&columns[6]);
    source->to_us = column_int(&columns[7]);
    source->received_us = column_int(&columns[8]);
    return column_copy(walk->arena, &columns[2], &source->name) ? ERR_OK : ERR_TOO_LARGE;
}

enum err statement_source_read(struct store *store,
    int64_t scope,
    int64_t number,
    struct arena *arena,
    struct statement_source *ret,
    struct err_info *reterr)
{
    (void)store_reading(store);
    struct source_walk walk = {arena, {.scope = scope}};
    struct sql_value values[] = {sql_int(scope), sql_int(number)};
    TRY(store_run_one(store, &source_read, values, take_whole_source, &walk, reterr));
    *ret = walk.source;
    return ERR_OK;
}

static enum err add_source(
    struct store *store, struct statement_source *source, struct err_info *reterr)
{
    struct found_source made = {0, false};
    struct sql_value scope[] = {sql_int(source->scope)};
    TRY(store_run_one(store, &head_advance, scope, take_source, &made, reterr));
    ENSURE(made.number > 0);
    struct sql_value values[] = {sql_int(source->scope), sql_int(made.number),
        sql_word(source->kind == SOURCE_FILE ? "file" : "api"),
        sql_text(str_prefix_utf8(source->name, SOURCE_NAME_BYTES_MAX)),
        source->hashed ? sql_blob(source->sha256, SHA256_BYTES) : sql_null(),
        sql_int(source->bytes), sql_int(source->lines), sql_int(source->from_us),
        sql_int(source->to_us), sql_int(source->received_us)};
    TRY(store_run_one(store, &source_add, values, NULL, NULL, reterr));
    source->number = made.number;
    return ERR_OK;
}

enum err statement_source_begin(struct store *store,
    struct statement_source *source,
    bool *ret_finished,
    struct err_info *reterr)
{
    struct found_source found = {0, false};
    REQUIRE(source != NULL && ret_finished != NULL);
    TRY(statement_lock(store, source->scope, reterr));
    if (source->hashed) {
        TRY(find(store, source->scope, source->sha256, &found, reterr));
    }
    *ret_finished = found.finished;
    if (found.number != 0) {
        source->number = found.number;
        return ERR_OK;
    }
    return add_source(store, source, reterr);
}

enum err statement_source_finish(struct store *store,
    const struct statement_source *source,
    const struct taken_counts *counts,
    int64_t now_us,
    struct err_info *reterr)
{
    REQUIRE(source != NULL && source->number > 0 && counts != NULL);
    (void)store_writing(store);
    struct sql_value values[] = {sql_int(source->scope), sql_int(source->number),
        sql_int(counts->added), sql_int(counts->known), sql_int(counts->learned),
        sql_int(counts->restated), sql_int(counts->unclassified), sql_int(now_us)};
    return store_run_one(store, &taken_add, values, NULL, NULL, reterr);
}

enum err statement_restate(struct store *store,
    const struct restatement *rows,
    uint32_t count,
    int64_t *ret_added,
    struct err_info *reterr)
{
    REQUIRE(ret_added != NULL && (rows != NULL || count == 0));
    struct parameters to = parameters_new(store_writing(store), &restated_add, count);
    if (to.values == NULL) {
        return store_out_of_room(reterr);
    }
    for (uint32_t i = 0; i < count; i++) {
        parameters_add(&to, sql_id(&rows[i].line));
        parameters_add(&to, sql_word(rows[i].field));
        parameters_add(&to, sql_text(rows[i].said));
        parameters_add(&to, sql_text(rows[i].stands));
        parameters_add(&to, sql_int(rows[i].scope));
        parameters_add(&to, sql_int(rows[i].source));
        parameters_add(&to, sql_int(rows[i].told_us));
    }
    *ret_added = 0;
    return sql_run(store->engine, &restated_add, to.values, count, NULL, NULL, ret_added, reterr);
}

enum err statement_totals_add(struct store *store,
    const struct statement_source *source,
    int64_t first,
    const struct kept_total *totals,
    uint32_t count,
    struct err_info *reterr)
{
    REQUIRE(source != NULL && source->number > 0 && first > 0 && (totals != NULL || count == 0));
    struct parameters to = parameters_new(store_writing(store), &total_add, count);
    if (to.values == NULL) {
        return store_out_of_room(reterr);
    }
    for (uint32_t i = 0; i < count; i++) {
        parameters_add(&to, sql_int(source->scope));
        parameters_add(&to, sql_int(source->number));
        parameters_add(&to, sql_int(first + i));
        parameters_add(&to, sql_text(totals[i].category));
        parameters_add(&to, sql_word(totals[i].currency.code));
        parameters_add(&to, sql_int(totals[i].net_minor));
    }
    return sql_run(store->engine, &total_add, to.values, count, NULL, NULL, NULL, reterr);
}
