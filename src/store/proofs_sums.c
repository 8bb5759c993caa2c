#include "base/timestamp.h"
#include "store/internal.h"
#include "store/proofs.h"
#include <stdlib.h>

#define CURRENCIES_MAX 512 /* there are some 180 */
#define PPM_OF_P99 99
#define UNPOSTED_COLUMN 6 /* where the statement has one */

/* SQLite gives line after line, which is quicker there than sorting them into groups. */
#define MOVED_IN "SELECT currency, kind, 1, amount_minor, fee_minor, net_minor FROM statement_line "
#define MOVED_SUMS                                                                                 \
    "SELECT currency, kind, count(*), CAST(sum(amount_minor) AS bigint), "                         \
    "CAST(sum(fee_minor) AS bigint), CAST(sum(net_minor) AS bigint) FROM statement_line "
/* Lines of the balance that is held back are no part of what is free. The plus keeps SQLite on the
 * order of time, where it would follow the scope. */
#define FREE " AND bucket <> 'risk_reserved'"
#define BY_TIME "WHERE line >= ?2 AND line < ?3 AND +scope = ?1 AND effective_us = 0" FREE
#define BY_DEPARTURE                                                                               \
    "WHERE scope = ?1 AND effective_us >= ?2 AND effective_us < ?3 AND effective_us <> 0" FREE

/* One look-up a line: the same scan proves that all of them are posted. */
#define IS_UNPOSTED                                                                                \
    "(l.net_minor <> 0 OR l.fee_minor <> 0) AND "                                                  \
    "NOT EXISTS (SELECT 1 FROM posting p WHERE p.subject = l.line)"
#define PROVEN_IN                                                                                  \
    "SELECT currency, kind, 1, amount_minor, fee_minor, net_minor, CASE WHEN " IS_UNPOSTED         \
    " THEN 1 ELSE 0 END FROM statement_line l "
#define PROVEN_SUMS                                                                                \
    "SELECT currency, kind, count(*), CAST(sum(amount_minor) AS bigint), "                         \
    "CAST(sum(fee_minor) AS bigint), CAST(sum(net_minor) AS bigint), "                             \
    "count(*) FILTER (WHERE " IS_UNPOSTED ") FROM statement_line l "

static const struct sql_statement moved = {
    .text = PROVEN_IN BY_TIME,
    .postgres = PROVEN_SUMS BY_TIME " GROUP BY currency, kind",
    .parameters = "ibb",
};
static const struct sql_statement departed = {
    .text = PROVEN_IN BY_DEPARTURE,
    .postgres = PROVEN_SUMS BY_DEPARTURE " GROUP BY currency, kind",
    .parameters = "iii",
};
static const struct sql_statement made_since = {
    .text = MOVED_IN "WHERE line >= ?2 AND +scope = ?1 AND created_us >= ?3" FREE,
    .postgres = MOVED_SUMS "WHERE line >= ?2 AND +scope = ?1 AND created_us >= ?3" FREE
                           " GROUP BY currency, kind",
    .parameters = "ibi",
};
static const struct sql_statement payout_lines = {
    .text = "SELECT count(*), CAST(sum(net_minor) AS bigint), min(created_us), "
            "CASE WHEN min(currency) <> max(currency) THEN 1 ELSE 0 END "
            "FROM statement_line WHERE payout = ?1",
    .parameters = "b",
};
static const struct sql_statement totals = {
    .text = "SELECT category, currency, net_minor FROM statement_total WHERE scope = ?1 AND "
            "source = (SELECT p.source FROM statement_pull p WHERE p.scope = ?1 AND p.what = ?2 "
            "AND p.subject = '' AND p.from_us = ?3 AND p.to_us = ?4 AND p.finished_us <> 0) "
            "ORDER BY place",
    .parameters = "itii",
};
static const struct sql_statement delays = {
    .text =
        "SELECT j.recorded_us - e.occurred_at_us FROM ("
        "SELECT recorded_us, cause_seq FROM journal_entry WHERE scope = ?1 AND recorded_us < ?2 "
        "AND cause_seq IS NOT NULL ORDER BY entry DESC LIMIT ?3) j "
        "JOIN inbox_event e ON e.seq = j.cause_seq WHERE e.occurred_at_us > 0 "
        "AND e.channel = 'webhook' ORDER BY 1",
    .parameters = "iii",
};

/* --- movements --- */

struct kinds {
    struct currency currency;
    struct line_sums of[LINE_KIND_COUNT];
};

struct movements {
    struct arena *arena;
    struct kinds *currencies[CURRENCIES_MAX];
    uint32_t count;
    struct kinds *last; /* lines of one currency follow each other */
    enum line_kind last_kind;
    struct err_info *reterr;
};

static enum err kinds_of(struct movements *movements, struct str word, struct kinds **ret)
{
    if (movements->last != NULL && str_eq(word, str_from(movements->last->currency.code))) {
        *ret = movements->last;
        return ERR_OK;
    }
    for (uint32_t i = 0; i < movements->count; i++) {
        if (str_eq(word, str_from(movements->currencies[i]->currency.code))) {
            *ret = movements->last = movements->currencies[i];
            return ERR_OK;
        }
    }
    struct kinds *kinds = movements->count < CURRENCIES_MAX
                              ? arena_new_array(movements->arena, struct kinds, 1)
                              : NULL;
    if (kinds == NULL) {
        return store_out_of_room(movements->reterr);
    }
    memset(kinds, 0, sizeof *kinds);
    if (currency_parse(word, &kinds->currency) != ERR_OK) {
        return err_set(movements->reterr, ERR_SCHEMA, "a line has a currency that is none");
    }
    movements->currencies[movements->count++] = movements->last = *ret = kinds;
    return ERR_OK;
}

static enum err kind_of(struct movements *movements, struct str word, enum line_kind *ret)
{
    if (!str_eq(word, str_from(line_kind_word(movements->last_kind))) &&
        line_kind_parse(word, &movements->last_kind) != ERR_OK) {
        return store_newer(movements->reterr, "a line is of a kind");
    }
    *ret = movements->last_kind;
    return ERR_OK;
}

static enum err add_up(int64_t *sum, const struct sql_value *by)
{
    return minor_add(*sum, column_int(by), sum);
}

static enum err take_moved(
    void *context, uint32_t index, const struct sql_value *columns, uint32_t column_count)
{
    (void)index;
    struct movements *movements = context;
    struct kinds *kinds = NULL;
    enum line_kind kind = LINE_PAYMENT;
    TRY(kinds_of(movements, column_str(&columns[0]), &kinds));
    TRY(kind_of(movements, column_str(&columns[1]), &kind));
    ENSURE(kinds != NULL);
    struct line_sums *sums = &kinds->of[kind];
    sums->count += column_int(&columns[2]);
    sums->unposted += column_count > UNPOSTED_COLUMN ? column_int(&columns[UNPOSTED_COLUMN]) : 0;
    if (add_up(&sums->amount_minor, &columns[3]) != ERR_OK ||
        add_up(&sums->fee_minor, &columns[4]) != ERR_OK ||
        add_up(&sums->net_minor, &columns[5]) != ERR_OK) {
        return err_set(movements->reterr, ERR_OVERFLOW, "what moved does not fit into 64 bits");
    }
    return ERR_OK;
}

static int compare_codes(const void *a, const void *b)
{
    const struct kinds *const *left = a;
    const struct kinds *const *right = b;
    return strcmp((*left)->currency.code, (*right)->currency.code);
}

static enum err list_movements(
    struct movements *movements, struct line_sums **ret_rows, uint32_t *ret_count)
{
    uint32_t count = 0;
    struct line_sums *rows = arena_new_array(
        movements->arena, struct line_sums, (size_t)movements->count * LINE_KIND_COUNT + 1);
    if (rows == NULL) {
        return store_out_of_room(movements->reterr);
    }
    qsort(movements->currencies, movements->count, sizeof(struct kinds *), compare_codes);
    for (uint32_t i = 0; i < movements->count; i++) {
        for (int kind = 0; kind < LINE_KIND_COUNT; kind++) {
            if (movements->currencies[i]->of[kind].count > 0) {
                rows[count] = movements->currencies[i]->of[kind];
                rows[count].currency = movements->currencies[i]->currency;
                rows[count++].kind = (enum line_kind)kind;
            }
        }
    }
    *ret_rows = rows;
    *ret_count = count;
    return ERR_OK;
}

enum err proof_movements(struct store *store,
    int64_t scope,
    int64_t from_us,
    int64_t to_us,
    struct arena *arena,
    struct line_sums **ret_rows,
    uint32_t *ret_count,
    struct err_info *reterr)
{
    (void)store_reading(store);
    REQUIRE(scope > 0 && from_us <= to_us);
    struct own_id from = own_id_first(from_us);
    struct own_id to = own_id_first(to_us);
    struct sql_value times[] = {sql_int(scope), sql_blob(from.bytes, sizeof from.bytes),
        sql_blob(to.bytes, sizeof to.bytes)};
    struct sql_value departures[] = {sql_int(scope), sql_int(from_us), sql_int(to_us)};
    struct movements movements = {.arena = arena, .reterr = reterr};
    TRY(store_run_one(store, &moved, times, take_moved, &movements, reterr));
    TRY(store_run_one(store, &departed, departures, take_moved, &movements, reterr));
    return list_movements(&movements, ret_rows, ret_count);
}

enum err proof_made_since(struct store *store,
    int64_t scope,
    int64_t from_us,
    struct arena *arena,
    struct line_sums **ret_rows,
    uint32_t *ret_count,
    struct err_info *reterr)
{
    (void)store_reading(store);
    struct own_id from = own_id_first(from_us);
    struct sql_value values[] = {
        sql_int(scope), sql_blob(from.bytes, sizeof from.bytes), sql_int(from_us)};
    struct movements movements = {.arena = arena, .reterr = reterr};
    TRY(store_run_one(store, &made_since, values, take_moved, &movements, reterr));
    return list_movements(&movements, ret_rows, ret_count);
}

/* --- payouts --- */

static enum err take_payout(
    void *context, uint32_t index, const struct sql_value *columns, uint32_t column_count)
{
    (void)column_count;
    struct payout_sum *sum = (struct payout_sum *)context + index;
    sum->count = column_int(&columns[0]);
    sum->net_minor = column_int(&columns[1]);
    sum->first_us = column_int(&columns[2]);
    sum->other_currency = column_int(&columns[3]) != 0;
    return ERR_OK;
}

enum err proof_payouts(
    struct store *store, struct payout_sum *payouts, uint32_t count, struct err_info *reterr)
{
    struct arena *scratch = store_reading(store);
    struct parameters values = parameters_new(scratch, &payout_lines, count);
    if (values.values == NULL) {
        return store_out_of_room(reterr);
    }
    for (uint32_t i = 0; i < count; i++) {
        parameters_add(&values, sql_id(&payouts[i].payout));
    }
    return count == 0 ? ERR_OK
                      : sql_run(store->engine, &payout_lines, values.values, count, take_payout,
                            payouts, NULL, reterr);
}

/* --- the provider's own totals --- */

struct total_walk {
    struct rows rows;
    struct arena *arena;
    struct err_info *reterr;
};

static enum err take_total(
    void *context, uint32_t index, const struct sql_value *columns, uint32_t column_count)
{
    (void)index;
    (void)column_count;
    struct total_walk *walk = context;
    struct kept_total *total = rows_add(&walk->rows);
    if (total == NULL) {
        return ERR_TOO_LARGE;
    }
    total->net_minor = column_int(&columns[2]);
    if (currency_parse(column_str(&columns[1]), &total->currency) != ERR_OK) {
        return err_set(walk->reterr, ERR_SCHEMA, "a total has a currency that is none");
    }
    return column_copy(walk->arena, &columns[0], &total->category)
               ? ERR_OK
               : store_out_of_room(walk->reterr);
}

enum err proof_totals(struct store *store,
    const struct totals_wanted *wanted,
    struct arena *arena,
    struct kept_total **ret_rows,
    uint32_t *ret_count,
    struct err_info *reterr)
{
    (void)store_reading(store);
    struct sql_value values[] = {sql_int(wanted->scope), sql_text(wanted->pull),
        sql_int(wanted->from_us), sql_int(wanted->to_us - US_PER_SECOND)};
    struct total_walk walk = {
        rows_new(arena, sizeof(struct kept_total), UINT32_MAX, reterr), arena, reterr};
    TRY(store_run_one(store, &totals, values, take_total, &walk, reterr));
    *ret_rows = (struct kept_total *)(void *)walk.rows.items;
    *ret_count = walk.rows.count;
    return ERR_OK;
}

/* --- timeliness --- */

struct delay_walk {
    int64_t *items;
    uint32_t count;
};

static enum err take_delay(
    void *context, uint32_t index, const struct sql_value *columns, uint32_t column_count)
{
    (void)index;
    (void)column_count;
    struct delay_walk *walk = context;
    if (walk->count < PROOF_SAMPLE_MAX) {
        int64_t delay_us = column_int(&columns[0]);
        walk->items[walk->count++] = delay_us > 0 ? delay_us : 0; /* two clocks */
    }
    return ERR_OK;
}

enum err proof_timeliness(struct store *store,
    int64_t scope,
    int64_t before_us,
    int64_t target_us,
    struct timeliness *ret,
    struct err_info *reterr)
{
    struct arena *scratch = store_reading(store);
    struct delay_walk walk = {arena_new_array(scratch, int64_t, PROOF_SAMPLE_MAX), 0};
    struct sql_value values[] = {sql_int(scope), sql_int(before_us), sql_int(PROOF_SAMPLE_MAX)};
    if (walk.items == NULL) {
        return store_out_of_room(reterr);
    }
    *ret = (struct timeliness){0};
    TRY(store_run_one(store, &delays, values, take_delay, &walk, reterr));
    for (uint32_t i = 0; i < walk.count; i++) {
        ret->within += walk.items[i] <= target_us ? 1 : 0;
    }
    ret->count = walk.count;
    ret->p99_us = walk.count > 0 ? walk.items[(walk.count - 1) * PPM_OF_P99 / 100] : 0;
    return ERR_OK;
}
