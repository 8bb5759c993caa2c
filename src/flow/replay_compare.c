#include "flow/replay_compare.h"
#include "base/check.h"

#define PAGE_ROWS 2048
#define PAGE_BYTES ((size_t)64 * 1024 * 1024)

struct side {
    struct store *store;
    struct arena *arena;
    struct derived_row *rows;
    uint32_t count, at;
    bool begun;
    struct derived_row last; /* its key alone */
};

struct comparer {
    struct side live, shadow;
    replay_difference_fn *on_difference;
    void *context;
    struct replay_comparison *counts;
};

/* The row that it stands at; NULL behind the last. */
static enum err look(
    struct side *side, int table, const struct derived_row **ret_row, struct err_info *reterr)
{
    if (side->at == side->count && (!side->begun || side->count == PAGE_ROWS)) {
        if (side->begun) {
            side->last = side->rows[side->count - 1];
        }
        arena_reset(side->arena);
        TRY(derived_scan(side->store, table, side->begun ? &side->last : NULL, PAGE_ROWS,
            side->arena, &side->rows, &side->count, reterr));
        side->begun = true;
        side->at = 0;
    }
    *ret_row = side->at < side->count ? &side->rows[side->at] : NULL;
    return ERR_OK;
}

static bool values_equal(const struct sql_value *a, const struct sql_value *b)
{
    return a->kind == b->kind && (a->kind != SQL_INT || a->integer == b->integer) &&
           (a->kind == SQL_INT || a->kind == SQL_NULL || str_eq(a->bytes, b->bytes));
}

static void compare_rows(struct comparer *comparer,
    int table,
    uint32_t fields,
    const struct derived_row *live,
    const struct derived_row *rebuilt)
{
    struct replay_difference difference = {.table = table, .live = live, .rebuilt = rebuilt};
    bool differs = live == NULL || rebuilt == NULL;
    if (differs) {
        comparer->on_difference(comparer->context, &difference);
    }
    for (uint32_t i = 0; live != NULL && rebuilt != NULL && i < fields; i++) {
        if (!values_equal(&live->values[i], &rebuilt->values[i])) {
            differs = true;
            difference.field = i;
            comparer->on_difference(comparer->context, &difference);
        }
    }
    comparer->counts->differing[table] += differs ? 1 : 0;
    comparer->counts->live[table] += live != NULL ? 1 : 0;
    comparer->counts->rebuilt[table] += rebuilt != NULL ? 1 : 0;
}

static enum err compare_table(struct comparer *comparer, int table, struct err_info *reterr)
{
    struct side *live = &comparer->live;
    struct side *shadow = &comparer->shadow;
    live->begun = shadow->begun = false;
    live->at = live->count = shadow->at = shadow->count = 0;
    uint32_t fields = derived_field_count(table);
    for (;;) {
        const struct derived_row *left = NULL;
        const struct derived_row *right = NULL;
        TRY(look(live, table, &left, reterr));
        TRY(look(shadow, table, &right, reterr));
        if (left == NULL && right == NULL) {
            return ERR_OK;
        }
        int order = left == NULL ? 1 : right == NULL ? -1 : derived_compare_keys(left, right);
        compare_rows(comparer, table, fields, order <= 0 ? left : NULL, order >= 0 ? right : NULL);
        live->at += order <= 0 ? 1 : 0;
        shadow->at += order >= 0 ? 1 : 0;
    }
}

/* --- totals: a few rows --- */

static const struct derived_total *find_total(
    const struct derived_total *totals, uint32_t count, const struct derived_total *wanted)
{
    for (uint32_t i = 0; i < count; i++) {
        if (str_eq(totals[i].status, wanted->status) && str_eq(totals[i].reason, wanted->reason)) {
            return &totals[i];
        }
    }
    return NULL;
}

static void tell_total(struct comparer *comparer,
    const struct derived_total *live,
    const struct derived_total *rebuilt)
{
    /* A count that came back to nothing keeps its row. */
    if ((live == NULL ? 0 : live->count) == (rebuilt == NULL ? 0 : rebuilt->count)) {
        return;
    }
    comparer->counts->differing[DERIVED_COUNT]++;
    comparer->on_difference(comparer->context,
        &(struct replay_difference){
            .table = DERIVED_COUNT, .live_total = live, .rebuilt_total = rebuilt});
}

static enum err compare_totals(struct comparer *comparer, struct err_info *reterr)
{
    struct derived_total *live = NULL;
    struct derived_total *rebuilt = NULL;
    uint32_t live_count = 0;
    uint32_t rebuilt_count = 0;
    arena_reset(comparer->live.arena);
    arena_reset(comparer->shadow.arena);
    TRY(derived_totals(comparer->live.store, comparer->live.arena, &live, &live_count, reterr));
    TRY(derived_totals(
        comparer->shadow.store, comparer->shadow.arena, &rebuilt, &rebuilt_count, reterr));
    for (uint32_t i = 0; i < live_count; i++) {
        tell_total(comparer, &live[i], find_total(rebuilt, rebuilt_count, &live[i]));
    }
    for (uint32_t i = 0; i < rebuilt_count; i++) {
        if (find_total(live, live_count, &rebuilt[i]) == NULL) {
            tell_total(comparer, NULL, &rebuilt[i]);
        }
    }
    return ERR_OK;
}

enum err replay_compare(struct store *live,
    struct store *shadow,
    replay_difference_fn *on_difference,
    void *context,
    struct replay_comparison *ret,
    struct err_info *reterr)
{
    REQUIRE(live != NULL && shadow != NULL && live != shadow);
    REQUIRE(on_difference != NULL && ret != NULL);
    CLEANUP(arena_free) struct arena *live_arena = arena_new(PAGE_BYTES);
    CLEANUP(arena_free) struct arena *shadow_arena = arena_new(PAGE_BYTES);
    if (live_arena == NULL || shadow_arena == NULL) {
        return err_set(reterr, ERR_BUSY, "out of memory");
    }
    struct replay_comparison counts = {.different = 0};
    struct comparer comparer = {
        .live = {.store = live, .arena = live_arena},
        .shadow = {.store = shadow, .arena = shadow_arena},
        .on_difference = on_difference,
        .context = context,
        .counts = &counts,
    };
    for (int table = 0; table < DERIVED_COUNT; table++) {
        TRY(compare_table(&comparer, table, reterr));
    }
    TRY(compare_totals(&comparer, reterr));
    for (int table = 0; table <= DERIVED_COUNT; table++) {
        counts.different += counts.differing[table];
    }
    *ret = counts;
    return ERR_OK;
}
