#include "flow/discrepancies.h"
#include "base/check.h"
#include "flow/discrepancies_inside.h"
#include <stdlib.h>

#define PAGE_ROWS 250

struct found {
    struct own_id id;
    const struct finding *finding;
};

struct settle {
    struct store *store;
    const struct settling *settling;
    int64_t now_us;
    struct arena *page; /* of one transaction */
    struct found *found;
    uint32_t found_count; /* each id once, by id */
};

/* Steps of one transaction, by id. */
struct steps {
    struct discrepancy *rows;
    struct discrepancy_step *steps;
    uint32_t count;
};

/* --- what was found --- */

static int compare_found(const void *a, const void *b)
{
    const struct found *left = a;
    const struct found *right = b;
    int order = own_id_compare(left->id, right->id);
    return order != 0 ? order : (left->finding > right->finding) - (left->finding < right->finding);
}

static int compare_ids(const void *a, const void *b)
{
    return own_id_compare(((const struct found *)a)->id, ((const struct found *)b)->id);
}

static enum err sort_found(struct settle *settle, struct arena *arena, struct err_info *reterr)
{
    const struct settling *settling = settle->settling;
    settle->found = arena_new_array(arena, struct found, settling->count + 1);
    if (settle->found == NULL) {
        return discrepancies_out_of_room(reterr);
    }
    for (uint32_t i = 0; i < settling->count; i++) {
        const struct finding *finding = &settling->findings[i];
        REQUIRE(finding->scope == settling->scope);
        settle->found[i] = (struct found){finding_id(finding), finding};
    }
    qsort(settle->found, settling->count, sizeof *settle->found, compare_found);
    for (uint32_t i = 0; i < settling->count; i++) {
        if (i == 0 || !own_id_eq(settle->found[i - 1].id, settle->found[i].id)) {
            settle->found[settle->found_count++] = settle->found[i];
        }
    }
    return ERR_OK;
}

static bool is_found(const struct settle *settle, struct own_id id)
{
    const struct found key = {id, NULL};
    return bsearch(&key, settle->found, settle->found_count, sizeof key, compare_ids) != NULL;
}

/* --- steps --- */

static enum err steps_begin(
    struct settle *settle, uint32_t room, struct steps *ret, struct err_info *reterr)
{
    ret->rows = arena_new_array(settle->page, struct discrepancy, room + 1);
    ret->steps = arena_new_array(settle->page, struct discrepancy_step, room + 1);
    ret->count = 0;
    return ret->rows != NULL && ret->steps != NULL ? ERR_OK : discrepancies_out_of_room(reterr);
}

/* `row` as it was; what is said of it has been put in. */
static void add_step(struct settle *settle,
    struct steps *to,
    struct discrepancy row,
    enum deed deed,
    enum discrepancy_state state)
{
    row.owner = deed == DEED_REOPEN ? STR_NONE : row.owner;
    row.state = state;
    row.changed_us = settle->now_us;
    to->rows[to->count] = row;
    to->steps[to->count++] = (struct discrepancy_step){.discrepancy = row.id,
        .deed = deed,
        .state = state,
        .at_us = settle->now_us,
        .run = settle->settling->run,
        .ours_minor = row.found.ours_minor,
        .theirs_minor = row.found.theirs_minor,
        .text = row.found.text};
}

static enum err take_steps(struct settle *settle, struct steps *steps, struct err_info *reterr)
{
    return discrepancies_take_steps(settle->store, steps->rows, steps->steps, steps->count,
        settle->settling->as_of_us, settle->page, reterr);
}

/* --- found --- */

/* False: nothing is to be said that was not said before. */
static bool judge_found(
    struct settle *settle, const struct finding *finding, struct discrepancy *row, struct steps *to)
{
    enum deed deed = DEED_RAISE;
    enum discrepancy_state state = DISCREPANCY_OPEN;
    if (row->step_count == 0) {
        row->raised_us = settle->now_us;
        row->first_run = settle->settling->run;
    } else if (!run_judge_found(row->state, code_row(finding->code)->is_fact,
                   finding_says_the_same(&row->found, finding), &deed, &state)) {
        return false;
    }
    int64_t since_us = row->found.since_us;
    row->found = *finding;
    if (deed == DEED_OBSERVE && since_us < finding->since_us) {
        row->found.since_us = since_us; /* other figures make it no younger */
    }
    row->last_run = settle->settling->run;
    add_step(settle, to, *row, deed, state);
    return true;
}

static enum err settle_found_page(
    struct settle *settle, const struct found *found, uint32_t count, struct err_info *reterr)
{
    struct own_id *ids = arena_new_array(settle->page, struct own_id, count);
    struct own_id *seen = arena_new_array(settle->page, struct own_id, count);
    struct discrepancy *rows = arena_new_array(settle->page, struct discrepancy, count);
    struct steps steps;
    uint32_t seen_count = 0;
    if (ids == NULL || seen == NULL || rows == NULL) {
        return discrepancies_out_of_room(reterr);
    }
    TRY(steps_begin(settle, count, &steps, reterr));
    for (uint32_t i = 0; i < count; i++) {
        ids[i] = found[i].id;
    }
    TRY(discrepancies_known(settle->store, ids, count, settle->page, rows, reterr));
    for (uint32_t i = 0; i < count; i++) {
        if (!judge_found(settle, found[i].finding, &rows[i], &steps) &&
            rows[i].last_run < settle->settling->run) {
            seen[seen_count++] = ids[i];
        }
    }
    TRY(discrepancies_seen(settle->store, seen, seen_count, settle->settling->run, reterr));
    return take_steps(settle, &steps, reterr);
}

static enum err ask_leave(const struct settling *settling, struct err_info *reterr)
{
    return settling->may_write == NULL ? ERR_OK
                                       : settling->may_write(settling->may_write_context, reterr);
}

static enum err settle_found(struct settle *settle, struct err_info *reterr)
{
    for (uint32_t at = 0; at < settle->found_count; at += PAGE_ROWS) {
        uint32_t left = settle->found_count - at;
        arena_reset(settle->page);
        TRY(store_begin(settle->store, STORE_WRITE, reterr));
        CLEANUP(store_rollback) struct store *tx = settle->store;
        TRY(ask_leave(settle->settling, reterr));
        TRY(settle_found_page(
            settle, settle->found + at, left < PAGE_ROWS ? left : PAGE_ROWS, reterr));
        TRY(store_commit(settle->store, reterr));
        tx = NULL;
    }
    return ERR_OK;
}

/* --- not found any more --- */

bool settle_looked_at(const struct settle_looked *looked, const struct finding *finding)
{
    REQUIRE(looked != NULL && finding != NULL);
    const struct settle_reach *reach = &looked->reach[finding->code];
    bool is_within =
        reach->to_us == 0 ||
        (reach->just_these
                ? finding->period_us == reach->from_us && finding->period_to_us == reach->to_us
                : finding->since_us >= reach->from_us && finding->since_us < reach->to_us);
    return (looked->whole >> finding->code & 1U) != 0 && is_within;
}

static bool judge_lost(struct settle *settle, const struct discrepancy *row, struct steps *to)
{
    enum deed deed;
    enum discrepancy_state state;
    if (!settle_looked_at(&settle->settling->looked, &row->found) || is_found(settle, row->id) ||
        !run_judge_lost(row->state, &deed, &state)) {
        return false;
    }
    add_step(settle, to, *row, deed, state);
    return true;
}

static enum err settle_lost_page(
    struct settle *settle, struct own_id *after, bool *ret_more, struct err_info *reterr)
{
    const struct discrepancy_filter going = {.scope = settle->settling->scope,
        .states =
            1U << DISCREPANCY_OPEN | 1U << DISCREPANCY_ACKNOWLEDGED | 1U << DISCREPANCY_EXPLAINED};
    struct discrepancy *rows = NULL;
    struct steps steps;
    uint32_t count = 0;
    TRY(discrepancies_list(
        settle->store, &going, *after, PAGE_ROWS, settle->page, &rows, &count, reterr));
    TRY(steps_begin(settle, count, &steps, reterr));
    for (uint32_t i = 0; i < count; i++) {
        (void)judge_lost(settle, &rows[i], &steps);
        *after = rows[i].id;
    }
    *ret_more = count == PAGE_ROWS;
    return take_steps(settle, &steps, reterr);
}

static enum err settle_lost(struct settle *settle, struct err_info *reterr)
{
    struct own_id after = {{0}};
    for (bool more = true; more;) {
        arena_reset(settle->page);
        TRY(store_begin(settle->store, STORE_WRITE, reterr));
        CLEANUP(store_rollback) struct store *tx = settle->store;
        TRY(ask_leave(settle->settling, reterr));
        TRY(settle_lost_page(settle, &after, &more, reterr));
        TRY(store_commit(settle->store, reterr));
        tx = NULL;
    }
    return ERR_OK;
}

/* --- counts --- */

/* Out of what is written, so that they are the same after a crash. */
static enum err count_all(struct settle *settle, struct settle_counts *ret, struct err_info *reterr)
{
    int64_t done[DEED_COUNT];
    struct discrepancy_total *totals = NULL;
    uint32_t count = 0;
    struct settle_counts counts = {.found = settle->found_count};
    arena_reset(settle->page);
    TRY(store_begin(settle->store, STORE_READ, reterr));
    CLEANUP(store_rollback) struct store *tx = settle->store;
    TRY(discrepancies_done_by(
        settle->store, settle->settling->scope, settle->settling->run, done, reterr));
    TRY(discrepancy_totals(
        settle->store, settle->settling->scope, settle->page, &totals, &count, reterr));
    TRY(store_commit(settle->store, reterr));
    tx = NULL;
    for (uint32_t i = 0; i < count; i++) {
        bool is_critical = code_row(totals[i].code)->severity == SEVERITY_CRITICAL;
        counts.open += totals[i].count;
        counts.critical += is_critical ? totals[i].count : 0;
    }
    counts.raised = done[DEED_RAISE];
    counts.observed = done[DEED_OBSERVE];
    counts.reopened = done[DEED_REOPEN];
    counts.cleared = done[DEED_CLEAR];
    *ret = counts;
    return ERR_OK;
}

enum err discrepancies_settle(struct store *store,
    const struct settling *settling,
    int64_t now_us,
    struct settle_counts *ret_counts,
    struct err_info *reterr)
{
    REQUIRE(store != NULL && ret_counts != NULL);
    REQUIRE(settling->scope > 0 && settling->run > 0);
    REQUIRE(settling->findings != NULL || settling->count == 0);
    CLEANUP(arena_free) struct arena *arena = arena_new(LIMIT_BATCH_ARENA_BYTES);
    CLEANUP(arena_free) struct arena *page = arena_new(LIMIT_BATCH_ARENA_BYTES);
    if (arena == NULL || page == NULL) {
        return discrepancies_out_of_room(reterr);
    }
    struct settle settle = {.store = store, .settling = settling, .now_us = now_us, .page = page};
    TRY(sort_found(&settle, arena, reterr));
    TRY(settle_found(&settle, reterr));
    TRY(settle_lost(&settle, reterr));
    return count_all(&settle, ret_counts, reterr);
}
