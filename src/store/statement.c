#include "store/statement.h"
#include "store/statement_inside.h"
#include <inttypes.h>
#include <stdlib.h>

#define LEARNED_PARAMETERS "ttttiiitbbitbiiiiitiiii"

static const struct sql_statement head_lock = {
    .text = "INSERT INTO statement_head (scope, source) VALUES (?1, 0) "
            "ON CONFLICT (scope) DO UPDATE SET source = statement_head.source",
    .parameters = "i",
};
static const struct sql_statement line_read = {
    .text = "SELECT " FIXED_COLUMNS ", " LEARNED_COLUMNS " FROM statement_line "
            "WHERE scope = ?1 AND provider_id = ?2",
    .parameters = "it",
    .postgres_set = "SELECT p.n, " FIXED_COLUMNS ", " LEARNED_COLUMNS
                    " FROM unnest(?1, ?2) WITH ORDINALITY p (in_scope, named, n) "
                    "JOIN statement_line ON scope = in_scope AND provider_id = named",
    .sqlite_set = "SELECT n, " FIXED_COLUMNS ", " LEARNED_COLUMNS
                  " FROM given CROSS JOIN statement_line ON scope = c1 AND provider_id = c2",
};
static const struct sql_statement line_exchanged = {
    .text = "SELECT " FIXED_COLUMNS ", " LEARNED_COLUMNS " FROM statement_line "
            "WHERE attempt = ?1 AND customer_currency IS NOT NULL ORDER BY line",
    .parameters = "b",
};
#define LINE_ADD "INSERT INTO statement_line (" FIXED_COLUMNS ", " LEARNED_COLUMNS ") "
static const struct sql_statement line_add = {
    .text = LINE_ADD "VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13, ?14, ?15, "
                     "?16, ?17, ?18, ?19, ?20, ?21, ?22, ?23, ?24, ?25, ?26, ?27, ?28, ?29, ?30, "
                     "?31, ?32)",
    .parameters = "bitiiitii" LEARNED_PARAMETERS,
    .postgres_set =
        LINE_ADD "SELECT * FROM unnest(?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13, "
                 "?14, ?15, ?16, ?17, ?18, ?19, ?20, ?21, ?22, ?23, ?24, ?25, ?26, ?27, ?28, ?29, "
                 "?30, ?31, ?32)",
    .sqlite_set =
        LINE_ADD "SELECT c1, c2, c3, c4, c5, c6, c7, c8, c9, c10, c11, c12, c13, c14, c15, c16, "
                 "c17, c18, c19, c20, c21, c22, c23, c24, c25, c26, c27, c28, c29, c30, c31, c32 "
                 "FROM given",
};
static const struct sql_statement line_learn = {
    .text = "UPDATE statement_line SET (" LEARNED_COLUMNS ") = (?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, "
            "?10, ?11, ?12, ?13, ?14, ?15, ?16, ?17, ?18, ?19, ?20, ?21, ?22, ?23, ?24) "
            "WHERE line = ?1",
    .parameters = "b" LEARNED_PARAMETERS,
};
static const struct sql_statement refund_lines = {
    .text = "SELECT DISTINCT kind FROM statement_line WHERE source = ?1 AND "
            "kind IN ('refund', 'capture_release')",
    .parameters = "b",
};
static const struct sql_statement any_line = {
    .text = "SELECT 1 FROM statement_line WHERE scope = ?1 LIMIT 1",
    .parameters = "i",
};
static const struct sql_statement other_scope = {
    .text = "SELECT s.scope FROM scope s CROSS JOIN statement_line l "
            "WHERE s.scope <> ?1 AND l.scope = s.scope AND l.provider_id = ?2 LIMIT 1",
    .parameters = "it",
};

enum err statement_lock(struct store *store, int64_t scope, struct err_info *reterr)
{
    struct sql_value values[] = {sql_int(scope)};
    (void)store_writing(store);
    REQUIRE(scope > 0);
    return store_run_one(store, &head_lock, values, NULL, NULL, reterr);
}

/* --- reading --- */

static bool take_texts(struct arena *arena,
    const struct sql_value *fixed,
    const struct sql_value *learned,
    struct kept_line *ret)
{
    return column_copy(arena, &fixed[2], &ret->provider_id) &&
           column_copy(arena, &learned[1], &ret->type) &&
           column_copy(arena, &learned[2], &ret->category) &&
           column_copy(arena, &learned[18], &ret->text);
}

static bool bucket_parse(struct str word, enum bucket *ret)
{
    for (int i = 0; i < BUCKET_COUNT; i++) {
        if (str_eq(word, str_from(bucket_word((enum bucket)i)))) {
            *ret = (enum bucket)i;
            return true;
        }
    }
    return false;
}

static bool take_currency(const struct sql_value *value, struct currency *ret)
{
    return value->kind == SQL_NULL || currency_parse(column_str(value), ret) == ERR_OK;
}

static bool take_words(
    const struct sql_value *fixed, const struct sql_value *learned, struct kept_line *ret)
{
    return line_kind_parse(column_str(&learned[0]), &ret->line.kind) == ERR_OK &&
           bucket_parse(column_str(&learned[3]), &ret->line.bucket) &&
           take_currency(&fixed[6], &ret->line.currency) &&
           take_currency(&learned[11], &ret->line.customer_currency) &&
           (learned[7].kind == SQL_NULL ||
               id_kind_parse(column_str(&learned[7]), &ret->source_kind));
}

static void take_fees(const struct sql_value *fees, struct statement_line *ret)
{
    for (int kind = 0; kind < FEE_KIND_COUNT; kind++) {
        if (fees[kind].kind == SQL_INT) {
            ret->fees[ret->fee_count++] =
                (struct line_fee){(enum fee_kind)kind, column_int(&fees[kind])};
        }
    }
}

static void take_numbers(
    const struct sql_value *fixed, const struct sql_value *learned, struct kept_line *ret)
{
    struct statement_line *line = &ret->line;
    ret->scope = column_int(&fixed[1]);
    line->id = column_id(&fixed[0]);
    line->amount_minor = column_int(&fixed[3]);
    line->fee_minor = column_int(&fixed[4]);
    line->net_minor = column_int(&fixed[5]);
    ret->first_source = column_int(&fixed[7]);
    ret->entered_us = column_int(&fixed[8]);
    line->created_us = column_int(&learned[4]);
    line->available_us = column_int(&learned[5]);
    ret->effective_us = column_int(&learned[6]);
    line->source = column_id(&learned[8]);
    line->attempt = column_id(&learned[9]);
    line->customer_minor = column_int(&learned[10]);
    ret->payout = column_id(&learned[12]);
    take_fees(&learned[13], line);
    ret->available = column_int(&learned[19]) != 0;
    ret->learned = (unsigned)column_int(&learned[20]);
    ret->flaws = (unsigned)column_int(&learned[21]);
    ret->told = (unsigned)column_int(&learned[22]);
}

enum err statement_take_line(const struct sql_value *columns,
    struct arena *arena,
    struct kept_line *ret,
    struct err_info *reterr)
{
    const struct sql_value *learned = columns + FIXED_COUNT;
    *ret = (struct kept_line){.scope = 0};
    take_numbers(columns, learned, ret);
    if (!take_words(columns, learned, ret)) {
        return store_newer(reterr, "a line of the statement has a word");
    }
    return take_texts(arena, columns, learned, ret) ? ERR_OK : store_out_of_room(reterr);
}

struct known_walk {
    struct kept_line *lines;
    struct arena *arena;
    struct err_info *reterr;
};

static enum err take_known(
    void *context, uint32_t index, const struct sql_value *columns, uint32_t column_count)
{
    struct known_walk *walk = context;
    INVARIANT(column_count == FIXED_COUNT + LEARNED_COUNT);
    return statement_take_line(columns, walk->arena, &walk->lines[index], walk->reterr);
}

enum err statement_known(struct store *store,
    int64_t scope,
    const struct str *provider_ids,
    uint32_t count,
    struct arena *arena,
    struct kept_line *ret,
    struct err_info *reterr)
{
    REQUIRE(scope > 0 && (count == 0 || (provider_ids != NULL && ret != NULL)));
    struct arena *scratch = store_reading(store);
    struct parameters to = parameters_new(scratch, &line_read, count);
    struct known_walk walk = {ret, arena, reterr};
    if (to.values == NULL) {
        return store_out_of_room(reterr);
    }
    for (uint32_t i = 0; i < count; i++) {
        ret[i].scope = 0;
        parameters_add(&to, sql_int(scope));
        parameters_add(&to, sql_text(provider_ids[i]));
    }
    return sql_run(store->engine, &line_read, to.values, count, take_known, &walk, NULL, reterr);
}

struct exchanged_walk {
    struct rows *rows; /* by parameter row */
    struct arena *arena;
    struct err_info *reterr;
};

static enum err take_exchanged(
    void *context, uint32_t index, const struct sql_value *columns, uint32_t column_count)
{
    struct exchanged_walk *walk = context;
    INVARIANT(column_count == FIXED_COUNT + LEARNED_COUNT);
    struct kept_line *line = rows_add(&walk->rows[index]);
    return line == NULL ? ERR_TOO_LARGE
                        : statement_take_line(columns, walk->arena, line, walk->reterr);
}

enum err statement_exchanged(struct store *store,
    struct exchanged_lines *attempts,
    uint32_t count,
    struct arena *arena,
    struct err_info *reterr)
{
    REQUIRE(attempts != NULL || count == 0);
    struct arena *scratch = store_reading(store);
    struct parameters to = parameters_new(scratch, &line_exchanged, count);
    struct exchanged_walk walk = {arena_new_array(scratch, struct rows, count), arena, reterr};
    if (to.values == NULL || walk.rows == NULL) {
        return store_out_of_room(reterr);
    }
    for (uint32_t i = 0; i < count; i++) {
        walk.rows[i] = rows_new(arena, sizeof(struct kept_line), UINT32_MAX, reterr);
        parameters_add(&to, sql_id(&attempts[i].attempt));
    }
    TRY(sql_run(
        store->engine, &line_exchanged, to.values, count, take_exchanged, &walk, NULL, reterr));
    for (uint32_t i = 0; i < count; i++) {
        attempts[i].lines = (struct kept_line *)(void *)walk.rows[i].items;
        attempts[i].count = walk.rows[i].count;
    }
    return ERR_OK;
}

static enum err take_refund_kind(
    void *context, uint32_t index, const struct sql_value *columns, uint32_t column_count)
{
    struct refund_moved *refunds = context;
    (void)column_count;
    bool is_release =
        str_eq(column_str(&columns[0]), str_from(line_kind_word(LINE_CAPTURE_RELEASE)));
    refunds[index].is_capture_release = refunds[index].is_capture_release || is_release;
    refunds[index].is_in_statement = refunds[index].is_in_statement || !is_release;
    return ERR_OK;
}

enum err statement_refunds(
    struct store *store, struct refund_moved *refunds, uint32_t count, struct err_info *reterr)
{
    REQUIRE(refunds != NULL || count == 0);
    struct parameters to = parameters_new(store_reading(store), &refund_lines, count);
    if (to.values == NULL) {
        return store_out_of_room(reterr);
    }
    for (uint32_t i = 0; i < count; i++) {
        refunds[i].is_in_statement = refunds[i].is_capture_release = false;
        parameters_add(&to, sql_id(&refunds[i].refund));
    }
    return sql_run(
        store->engine, &refund_lines, to.values, count, take_refund_kind, refunds, NULL, reterr);
}

enum err statement_has_lines(
    struct store *store, int64_t scope, bool *ret_has, struct err_info *reterr)
{
    struct sql_value values[] = {sql_int(scope)};
    int64_t found = 0;
    (void)store_reading(store);
    TRY(store_run_one(store, &any_line, values, store_take_int, &found, reterr));
    *ret_has = found != 0;
    return ERR_OK;
}

enum err statement_elsewhere(struct store *store,
    int64_t scope,
    struct str provider_id,
    int64_t *ret_scope,
    struct err_info *reterr)
{
    struct sql_value values[] = {sql_int(scope), sql_text(provider_id)};
    int64_t found = 0;
    (void)store_reading(store);
    TRY(store_run_one(store, &other_scope, values, store_take_int, &found, reterr));
    *ret_scope = found;
    return ERR_OK;
}

/* --- writing --- */

static void add_fixed(struct parameters *to, const struct kept_line *kept)
{
    const struct statement_line *line = &kept->line;
    parameters_add(to, sql_id(&line->id));
    parameters_add(to, sql_int(kept->scope));
    parameters_add(to, sql_text(kept->provider_id));
    parameters_add(to, sql_int(line->amount_minor));
    parameters_add(to, sql_int(line->fee_minor));
    parameters_add(to, sql_int(line->net_minor));
    parameters_add(to, sql_word(line->currency.code));
    parameters_add(to, sql_int(kept->first_source));
    parameters_add(to, sql_int(kept->entered_us));
}

/* Fees of one kind stand in one column: who says them has summed them. */
static void add_fees(struct parameters *to, const struct statement_line *line)
{
    for (int kind = 0; kind < FEE_KIND_COUNT; kind++) {
        struct sql_value value = sql_null();
        for (uint32_t i = 0; i < line->fee_count; i++) {
            if (line->fees[i].kind == (enum fee_kind)kind) {
                value = sql_int(line->fees[i].minor);
            }
        }
        parameters_add(to, value);
    }
}

static void add_learned(struct parameters *to, const struct kept_line *kept)
{
    const struct statement_line *line = &kept->line;
    bool has_source = !own_id_is_none(line->source);
    bool is_exchanged = line->customer_currency.code[0] != '\0';
    parameters_add(to, sql_word(line_kind_word(line->kind)));
    parameters_add(to, sql_text(kept->type));
    parameters_add(to, sql_text(kept->category));
    parameters_add(to, sql_word(bucket_word(line->bucket)));
    parameters_add(to, sql_int(line->created_us));
    parameters_add(to, sql_int(line->available_us));
    parameters_add(to, sql_int(kept->effective_us));
    parameters_add(to, has_source ? sql_word(id_kind_word(kept->source_kind)) : sql_null());
    parameters_add(to, sql_id(&line->source));
    parameters_add(to, sql_id(&line->attempt));
    parameters_add(to, is_exchanged ? sql_int(line->customer_minor) : sql_null());
    parameters_add(to, is_exchanged ? sql_word(line->customer_currency.code) : sql_null());
    parameters_add(to, sql_id(&kept->payout));
    add_fees(to, line);
    parameters_add(to, sql_text(kept->text));
    parameters_add(to, sql_int(kept->available));
    parameters_add(to, sql_int(kept->learned));
    parameters_add(to, sql_int(kept->flaws));
    parameters_add(to, sql_int(kept->told));
}

enum err statement_add(struct store *store,
    const struct kept_line *const *lines,
    uint32_t count,
    struct err_info *reterr)
{
    REQUIRE(lines != NULL || count == 0);
    struct parameters to = parameters_new(store_writing(store), &line_add, count);
    if (to.values == NULL) {
        return store_out_of_room(reterr);
    }
    for (uint32_t i = 0; i < count; i++) {
        REQUIRE(lines[i]->scope > 0 && lines[i]->provider_id.len > 0);
        add_fixed(&to, lines[i]);
        add_learned(&to, lines[i]);
    }
    return sql_run(store->engine, &line_add, to.values, count, NULL, NULL, NULL, reterr);
}

enum err statement_learn(struct store *store,
    const struct kept_line *const *lines,
    uint32_t count,
    struct err_info *reterr)
{
    REQUIRE(lines != NULL || count == 0);
    struct parameters to = parameters_new(store_writing(store), &line_learn, count);
    if (to.values == NULL) {
        return store_out_of_room(reterr);
    }
    for (uint32_t i = 0; i < count; i++) {
        parameters_add(&to, sql_id(&lines[i]->line.id));
        add_learned(&to, lines[i]);
    }
    return sql_run(store->engine, &line_learn, to.values, count, NULL, NULL, NULL, reterr);
}
