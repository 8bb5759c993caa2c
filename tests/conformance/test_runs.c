/* store/runs.h: runs of reconciliation, their lease, and when books begin. */
#include "store/runs.h"
#include "world.h"

static struct reconcile_run days(struct world *world, int64_t from, int64_t to, int64_t as_of)
{
    return (struct reconcile_run){.scope = world->scope,
        .from_us = WORLD_NOW_US + from * US_PER_DAY,
        .to_us = WORLD_NOW_US + to * US_PER_DAY,
        .as_of_us = WORLD_NOW_US + as_of * US_PER_DAY,
        .started_us = WORLD_NOW_US};
}

static int64_t begin(struct world *world, struct reconcile_run *run)
{
    world_write(world);
    assert_done(run_begin(world->store, run, reterr));
    world_commit(world);
    return run->number;
}

static void finish(struct world *world, struct reconcile_run *run)
{
    run->finished_us = run->started_us + 7;
    world_write(world);
    assert_done(run_finish(world->store, run, reterr));
    world_commit(world);
}

static int64_t another_scope(struct world *world)
{
    struct scope_key key = {STR("stripe"), true, STR("acct_2")};
    int64_t scope = 0;
    world_write(world);
    assert_done(scope_ensure(world->store, &key, &scope, reterr));
    world_commit(world);
    return scope;
}

static void an_interrupted_run_goes_on_under_its_number(void **state)
{
    struct world *world = world_of(state);
    struct reconcile_run first = days(world, 0, 1, 2);
    struct reconcile_run again = days(world, 0, 1, 2);
    struct reconcile_run others[3] = {
        days(world, 0, 2, 2), days(world, -1, 1, 2), days(world, 0, 1, 3)};
    assert_int64_equal(begin(world, &first), 1);
    assert_int64_equal(begin(world, &again), 1);
    for (int i = 0; i < 3; i++) {
        assert_int64_equal(begin(world, &others[i]), 2 + i);
    }
    finish(world, &first);
    again = days(world, 0, 1, 2);
    assert_int64_equal(begin(world, &again), 5);
    struct reconcile_run elsewhere = days(world, 0, 1, 2);
    elsewhere.scope = another_scope(world);
    assert_int64_equal(begin(world, &elsewhere), 1);
}

static int64_t interrupted(struct world *world, int64_t from, int64_t to, int64_t since)
{
    struct reconcile_run found = {.number = -1};
    world_read(world);
    assert_done(run_interrupted(world->store, world->scope, WORLD_NOW_US + from * US_PER_DAY,
        WORLD_NOW_US + to * US_PER_DAY, WORLD_NOW_US + since * US_PER_DAY, &found, reterr));
    world_commit(world);
    return found.number;
}

static void the_newest_interrupted_run_of_the_same_days_is_found_until_a_later_one_ends(
    void **state)
{
    struct world *world = world_of(state);
    struct reconcile_run runs[4] = {
        days(world, 0, 1, 2), days(world, 0, 1, 3), days(world, 0, 2, 9), days(world, 0, 1, 3)};
    struct reconcile_run elsewhere = days(world, 0, 1, 9);
    assert_int64_equal(interrupted(world, 0, 1, 0), 0);
    for (int i = 0; i < 3; i++) {
        (void)begin(world, &runs[i]);
    }
    elsewhere.scope = another_scope(world);
    (void)begin(world, &elsewhere);
    finish(world, &elsewhere);
    assert_int64_equal(interrupted(world, 0, 1, 3), 2);
    assert_int64_equal(interrupted(world, 0, 1, 4), 0); /* too long ago */
    assert_int64_equal(interrupted(world, 0, 2, 0), 3);
    assert_int64_equal(interrupted(world, 1, 2, 0), 0);
    finish(world, &runs[1]);
    assert_int64_equal(interrupted(world, 0, 1, 0), 0);
    (void)begin(world, &runs[3]);
    assert_int64_equal(interrupted(world, 0, 1, 0), 4);
    finish(world, &runs[2]); /* other days, and as of a later moment */
    assert_int64_equal(interrupted(world, 0, 1, 0), 0);
}

static struct reconcile_run covering(struct world *world, int64_t from, int64_t to)
{
    struct reconcile_run found = {.number = -1};
    world_read(world);
    assert_done(run_covering(world->store, world->scope, WORLD_NOW_US + from * US_PER_DAY,
        WORLD_NOW_US + to * US_PER_DAY, &found, reterr));
    world_commit(world);
    return found;
}

static void the_newest_finished_run_that_covers_a_time_is_found(void **state)
{
    struct world *world = world_of(state);
    struct reconcile_run runs[3] = {
        days(world, 0, 3, 5), days(world, 1, 2, 5), days(world, 0, 4, 5)};
    assert_int64_equal(covering(world, 1, 2).number, 0);
    for (int i = 0; i < 3; i++) {
        (void)begin(world, &runs[i]);
    }
    assert_int64_equal(covering(world, 1, 2).number, 0);
    runs[0].found = 4;
    runs[0].raised = 3;
    runs[0].cleared = 2;
    runs[0].open = 1;
    finish(world, &runs[0]);
    runs[1].agreed = true;
    finish(world, &runs[1]);
    assert_int64_equal(covering(world, 1, 2).number, 2);
    assert_true(covering(world, 1, 2).agreed);
    struct reconcile_run wide = covering(world, 0, 2);
    assert_memory_equal(&wide, &runs[0], sizeof wide);
    assert_int64_equal(covering(world, 0, 4).number, 0);
}

static void runs_are_listed_newest_first(void **state)
{
    struct world *world = world_of(state);
    struct reconcile_run *listed = NULL;
    uint32_t count = 0;
    for (int i = 0; i < 3; i++) {
        struct reconcile_run run = days(world, i, i + 1, 9);
        run.started_us += i;
        (void)begin(world, &run);
    }
    struct reconcile_run elsewhere = days(world, 0, 1, 2);
    elsewhere.scope = another_scope(world);
    elsewhere.started_us += 9;
    (void)begin(world, &elsewhere);
    world_read(world);
    assert_done(runs_list(world->store, world->scope, 2, world->arena, &listed, &count, reterr));
    assert_int_equal(count, 2);
    assert_int64_equal(listed[0].number, 3);
    assert_int64_equal(listed[1].number, 2);
    assert_int64_equal(listed[1].finished_us, 0);
    assert_done(runs_list(world->store, 0, 9, world->arena, &listed, &count, reterr));
    assert_int_equal(count, 4);
    assert_int64_equal(listed[0].scope, elsewhere.scope);
    world_commit(world);
}

static struct runs_below below(struct world *world, int64_t since)
{
    struct runs_below found = {-1, -1, -1, -1};
    world_read(world);
    assert_done(runs_last_agreed_below(
        world->store, world->scope, WORLD_NOW_US + since * US_PER_DAY, &found, reterr));
    world_commit(world);
    return found;
}

static int64_t last_agreed(struct world *world)
{
    int64_t as_of_us = -1;
    world_read(world);
    assert_done(run_last_agreed(world->store, world->scope, &as_of_us, reterr));
    world_commit(world);
    return as_of_us;
}

/* As of that day; and one that did not agree behind it. */
static void agree(struct world *world, int64_t scope, int64_t as_of)
{
    struct reconcile_run runs[3] = {
        days(world, 0, 1, as_of), days(world, 0, 1, as_of + 1), days(world, 0, 1, as_of + 2)};
    for (int i = 0; i < 3; i++) {
        runs[i].scope = scope;
        (void)begin(world, &runs[i]);
    }
    runs[0].agreed = true;
    finish(world, &runs[0]);
    finish(world, &runs[1]);
}

static void when_they_agreed_last_is_known_also_of_all_that_are_connected(void **state)
{
    struct world *world = world_of(state);
    int64_t scopes[3];
    static const char *const names[3] = {"acct_a", "acct_b", "acct_c"};
    assert_int64_equal(last_agreed(world), 0);
    struct runs_below none = below(world, 0);
    assert_int64_equal(none.agreed + none.behind + none.never + none.oldest_us, 0);
    for (int i = 0; i < 3; i++) {
        struct scope_key key = {STR("stripe"), true, str_from(names[i])};
        world_write(world);
        assert_done(scope_ensure_below(world->store, &key, STR("acct_1"), &scopes[i], reterr));
        world_commit(world);
    }
    assert_int64_equal(below(world, 0).never, 3);
    agree(world, world->scope, 1);
    assert_int64_equal(last_agreed(world), WORLD_NOW_US + US_PER_DAY);
    assert_int64_equal(below(world, 0).never, 3);
    agree(world, scopes[0], 3);
    agree(world, scopes[1], 5);
    agree(world, scopes[1], 7);
    struct runs_below found = below(world, 4);
    assert_int64_equal(found.agreed, 1);
    assert_int64_equal(found.behind, 1);
    assert_int64_equal(found.never, 1);
    assert_int64_equal(found.oldest_us, WORLD_NOW_US + 3 * US_PER_DAY);
    assert_int64_equal(last_agreed(world), WORLD_NOW_US + US_PER_DAY);
}

static bool lease(
    struct world *world, struct store *store, int64_t holder, int64_t now, int64_t until)
{
    bool taken = false;
    const struct run_lease lease = {world->scope, holder, WORLD_NOW_US + now, WORLD_NOW_US + until,
        holder == 1 ? STR("the first") : STR("the second")};
    begin_on(store, STORE_WRITE);
    assert_done(run_lease(store, &lease, &taken, reterr));
    commit_on(store);
    return taken;
}

static void assert_held(struct world *world, struct store *store, const char *who, int64_t until_us)
{
    struct run_lease held;
    begin_on(store, STORE_READ);
    assert_done(run_lease_get(store, world->scope, world->arena, &held, reterr));
    commit_on(store);
    assert_true(str_eq(held.who, str_from(who)));
    assert_int64_equal(held.until_us, until_us);
}

static void one_process_at_a_time_reconciles_and_may_prolong_it(void **state)
{
    struct world *world = world_of(state);
    struct store *other = world_another(world, STORE_WRITE);
    assert_true(lease(world, world->store, 1, 0, 50));
    assert_true(lease(world, world->store, 1, 10, 100));
    assert_false(lease(world, other, 2, 99, 200));
    assert_held(world, other, "the first", WORLD_NOW_US + 100);
    assert_true(lease(world, other, 2, 100, 200));
    assert_false(lease(world, world->store, 1, 150, 300));
    begin_on(other, STORE_WRITE);
    assert_done(run_lease_end(other, world->scope, 1, reterr));
    commit_on(other);
    assert_false(lease(world, world->store, 1, 150, 300));
    begin_on(other, STORE_WRITE);
    assert_done(run_lease_end(other, world->scope, 2, reterr));
    commit_on(other);
    assert_held(world, other, "", 0);
    assert_true(lease(world, world->store, 1, 150, 300));
    (void)store_close(other);
}

static bool keep(struct world *world, int64_t holder, int64_t until)
{
    bool ours = false;
    const struct run_lease lease = {world->scope, holder, 0, WORLD_NOW_US + until, STR("somebody")};
    world_write(world);
    assert_done(run_lease_keep(world->store, &lease, &ours, reterr));
    world_commit(world);
    return ours;
}

static void who_was_held_up_keeps_it_unless_another_has_taken_it(void **state)
{
    struct world *world = world_of(state);
    struct store *other = world_another(world, STORE_WRITE);
    assert_false(keep(world, 1, 50));
    assert_true(lease(world, world->store, 1, 0, 50));
    assert_true(keep(world, 1, 100));
    assert_held(world, other, "the first", WORLD_NOW_US + 100);
    assert_false(keep(world, 2, 500));
    assert_true(lease(world, other, 2, 100, 200));
    assert_false(keep(world, 1, 300));
    begin_on(other, STORE_WRITE);
    assert_done(run_lease_end(other, world->scope, 2, reterr));
    commit_on(other);
    assert_false(keep(world, 1, 300));
    assert_held(world, other, "", 0);
    (void)store_close(other);
}

static void books_begin_once(void **state)
{
    struct world *world = world_of(state);
    struct books_start start = {.start_us = 7};
    world_write(world);
    assert_done(books_start_get(world->store, world->scope, world->arena, &start, reterr));
    assert_int64_equal(start.start_us, 0);
    start = (struct books_start){.scope = world->scope,
        .start_us = WORLD_NOW_US,
        .decided_us = WORLD_NOW_US + 5,
        .who = STR("anna")};
    assert_done(books_start_set(world->store, &start, reterr));
    assert_done(books_start_set(world->store, &start, reterr));
    start.start_us++;
    assert_err(books_start_set(world->store, &start, NULL), ERR_DUPLICATE);
    assert_done(books_start_get(world->store, world->scope, world->arena, &start, reterr));
    assert_int64_equal(start.opened_us, 0);
    assert_done(books_start_opened(world->store, world->scope, WORLD_NOW_US + 9, reterr));
    assert_done(books_start_get(world->store, world->scope, world->arena, &start, reterr));
    world_commit(world);
    assert_int64_equal(start.start_us, WORLD_NOW_US);
    assert_int64_equal(start.opened_us, WORLD_NOW_US + 9);
    assert_int64_equal(start.decided_us, WORLD_NOW_US + 5);
    assert_str_equal_to(start.who, "anna");
    assert_false(raw_run(world, "UPDATE books_start SET start_us = 1"));
    assert_false(raw_run(world, "DELETE FROM books_start"));
}

static void people_read_runs_as_they_read_everything_else(void **state)
{
    struct world *world = world_of(state);
    struct reconcile_run run = days(world, 0, 1, 2);
    (void)begin(world, &run);
    assert_str_equal_to(raw_text(world, "SELECT account FROM reconcile_run_view"), "acct_1");
    assert_str_equal_to(raw_text(world, "SELECT finished_at FROM reconcile_run_view"), "");
    finish(world, &run);
    char finished[TIMESTAMP_TEXT_BYTES];
    timestamp_format(run.finished_us, finished);
    assert_str_equal_to(raw_text(world, "SELECT finished_at FROM reconcile_run_view"), finished);
    assert_false(raw_run(world, "DELETE FROM reconcile_run"));
}

TESTS_MAIN("conformance/runs",
    WORLD_TEST(an_interrupted_run_goes_on_under_its_number),
    WORLD_TEST(the_newest_interrupted_run_of_the_same_days_is_found_until_a_later_one_ends),
    WORLD_TEST(the_newest_finished_run_that_covers_a_time_is_found),
    WORLD_TEST(runs_are_listed_newest_first),
    WORLD_TEST(when_they_agreed_last_is_known_also_of_all_that_are_connected),
    WORLD_TEST(one_process_at_a_time_reconciles_and_may_prolong_it),
    WORLD_TEST(who_was_held_up_keeps_it_unless_another_has_taken_it),
    WORLD_TEST(books_begin_once),
    WORLD_TEST(people_read_runs_as_they_read_everything_else))
