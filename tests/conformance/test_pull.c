/* store/pull.h: what was asked for of the statement, what that covers, and what is due. */
#include "store/pull.h"
#include "store/statement_read.h"
#include "world.h"

#define S(n) (WORLD_NOW_US + (n)*US_PER_SECOND)
#define LINES(from, to)                                                                            \
    {                                                                                              \
        .scope = world->scope, .what = PULL_LINES, .from_us = S(from), .to_us = S(to)              \
    }

static void keep(struct world *world, struct pull_row row)
{
    world_write(world);
    assert_done(pull_write(world->store, &row, reterr));
    world_commit(world);
}

static void finished(struct world *world, int64_t from, int64_t to)
{
    struct pull_row row = LINES(from, to);
    row.finished_us = S(to + 1);
    row.round = 1;
    keep(world, row);
}

static int64_t covered_until(struct world *world, int64_t from)
{
    int64_t until_us = -1;
    world_read(world);
    assert_done(
        pull_covered_until(world->store, world->scope, PULL_LINES, S(from), &until_us, reterr));
    world_commit(world);
    return (until_us - WORLD_NOW_US) / US_PER_SECOND;
}

static void a_pull_is_read_as_it_was_written(void **state)
{
    struct world *world = world_of(state);
    struct pull_row row = LINES(10, 20);
    struct pull_row read = {.scope = 0};
    bool found = true;
    world_read(world);
    assert_done(pull_read(world->store, &row, world->arena, &read, &found, reterr));
    assert_false(found);
    world_commit(world);
    row.cursor = STR("txn_7");
    row.counts = (struct taken_counts){1, 2, 3, 4, 5};
    row.source = 6;
    row.round = 7;
    row.refused = 8;
    row.began_us = 9;
    row.updated_us = 10;
    row.finished_us = 11;
    row.under_way = true;
    keep(world, row);
    world_read(world);
    assert_done(pull_read(world->store, &row, world->arena, &read, &found, reterr));
    world_commit(world);
    assert_true(found);
    assert_str_equal_to(read.what, "lines");
    assert_str_equal_to(read.subject, "");
    assert_str_equal_to(read.cursor, "txn_7");
    assert_memory_equal(&read.counts, &row.counts, sizeof row.counts);
    assert_int64_equal(read.from_us, S(10));
    assert_int64_equal(read.to_us, S(20));
    assert_int64_equal(read.source, 6);
    assert_int64_equal(read.round, 7);
    assert_int64_equal(read.refused, 8);
    assert_int64_equal(read.began_us, 9);
    assert_int64_equal(read.updated_us, 10);
    assert_int64_equal(read.finished_us, 11);
    assert_true(read.under_way);
}

static void of_those_under_way_the_first_that_was_begun_is_found(void **state)
{
    struct world *world = world_of(state);
    struct pull_row late = LINES(30, 40);
    struct pull_row early = LINES(10, 20);
    struct pull_row read = {.scope = 0};
    bool found = true;
    late.under_way = early.under_way = true;
    late.began_us = 2;
    early.began_us = 1;
    keep(world, late);
    finished(world, 50, 60);
    keep(world, early);
    world_read(world);
    assert_done(pull_under_way(
        world->store, world->scope, PULL_LINES, STR(""), world->arena, &read, &found, reterr));
    assert_true(found);
    assert_int64_equal(read.from_us, S(10));
    assert_done(pull_under_way(
        world->store, world->scope, PULL_PAYOUT, STR("po_1"), world->arena, &read, &found, reterr));
    assert_false(found);
    world_commit(world);
}

static void pulls_that_follow_each_other_cover_one_time(void **state)
{
    struct world *world = world_of(state);
    bool covered = false;
    assert_int64_equal(covered_until(world, 10), 9);
    finished(world, 0, 19);
    finished(world, 20, 29); /* the next second */
    finished(world, 25, 40); /* overlaps */
    finished(world, 26, 30); /* within */
    finished(world, 42, 50); /* leaves a second out */
    assert_int64_equal(covered_until(world, 10), 40);
    assert_int64_equal(covered_until(world, 0), 40);
    assert_int64_equal(covered_until(world, 40), 40);
    assert_int64_equal(covered_until(world, 41), 40);
    assert_int64_equal(covered_until(world, 42), 50);
    world_read(world);
    assert_done(
        pull_covered(world->store, world->scope, PULL_LINES, S(5), S(40), &covered, reterr));
    assert_true(covered);
    assert_done(
        pull_covered(world->store, world->scope, PULL_LINES, S(5), S(41), &covered, reterr));
    assert_false(covered);
    assert_done(
        pull_covered(world->store, world->scope, STR("activity"), S(5), S(6), &covered, reterr));
    assert_false(covered);
    world_commit(world);
}

static void what_is_under_way_covers_nothing_unless_it_was_finished_before(void **state)
{
    struct world *world = world_of(state);
    struct pull_row row = LINES(0, 19);
    row.under_way = true;
    keep(world, row);
    assert_int64_equal(covered_until(world, 0), -1);
    row.finished_us = S(20);
    keep(world, row);
    assert_int64_equal(covered_until(world, 0), 19);
}

static void the_summary_says_since_when_until_when_and_how_much(void **state)
{
    struct world *world = world_of(state);
    struct pull_summary said = {.first_from_us = 7};
    struct pull_row row = LINES(100, 199);
    world_read(world);
    assert_done(pull_summarise(
        world->store, world->scope, PULL_LINES, 50 * US_PER_SECOND, S(0), &said, reterr));
    world_commit(world);
    assert_int64_equal(said.first_from_us, 0);
    assert_int64_equal(said.last_to_us, 0);
    finished(world, 0, 50);
    row.finished_us = S(300);
    row.counts.added = 30;
    row.counts.known = 70;
    keep(world, row);
    world_read(world);
    assert_done(pull_summarise(
        world->store, world->scope, PULL_LINES, 60 * US_PER_SECOND, S(51), &said, reterr));
    world_commit(world);
    assert_int64_equal(said.first_from_us, S(0));
    assert_int64_equal(said.last_to_us, S(199));
    assert_int64_equal(said.last_long_us, S(300));
    assert_int64_equal(said.recent_lines, 100);
    assert_int64_equal(said.recent_us, 100 * US_PER_SECOND);
}

static void payout_new(struct world *world, const char *name, int64_t second, bool reconciled)
{
    struct payout *payout = arena_alloc(world->arena, sizeof *payout);
    struct ref ref = {world->scope, ID_PAYOUT, str_from(name), world_id(world), false};
    assert_non_null(payout);
    world_write(world);
    assert_done(refs_resolve(world->store, world->arena, &ref, 1, reterr));
    world_commit(world);
    payout->head.id = ref.id;
    payout->head.scope = world->scope;
    payout->head.created_us = payout->head.updated_us = WORLD_NOW_US;
    payout->automatic = true;
    payout->reconciled = reconciled;
    payout->made_at = S(second);
    world_save(world, ID_PAYOUT, payout);
}

static void payouts_that_stand_are_due_until_their_lines_were_pulled(void **state)
{
    struct world *world = world_of(state);
    struct str *ids = NULL;
    uint32_t count = 0;
    payout_new(world, "po_open", 10, false);
    payout_new(world, "po_old", -10, true);
    payout_new(world, "po_1", 10, true);
    world_read(world);
    assert_done(
        pull_payouts_due(world->store, world->scope, S(0), 10, world->arena, &ids, &count, reterr));
    world_commit(world);
    assert_int_equal(count, 1);
    assert_str_equal_to(ids[0], "po_1");
    struct pull_row row = {.scope = world->scope, .what = PULL_PAYOUT, .subject = STR("po_1")};
    row.under_way = true;
    keep(world, row);
    world_read(world);
    assert_done(
        pull_payouts_due(world->store, world->scope, S(0), 10, world->arena, &ids, &count, reterr));
    world_commit(world);
    assert_int_equal(count, 1); /* it was only begun */
    row.finished_us = S(1);
    keep(world, row);
    world_read(world);
    assert_done(
        pull_payouts_due(world->store, world->scope, S(0), 10, world->arena, &ids, &count, reterr));
    world_commit(world);
    assert_int_equal(count, 0);
}

static struct own_id told(struct world *world, const char *name, int64_t second, unsigned by)
{
    struct kept_line kept = {.scope = world->scope,
        .line = {.kind = LINE_FEE, .currency = {"EUR"}, .created_us = S(second)},
        .provider_id = str_from(name),
        .told = by,
        .first_source = 1};
    const struct kept_line *line = &kept;
    kept.line.id = line_id(kept.scope, kept.provider_id, kept.line.created_us);
    world_write(world);
    assert_done(statement_add(world->store, &line, 1, reterr));
    world_commit(world);
    return kept.line.id;
}

static void lines_that_only_one_side_told_are_listed_in_the_order_of_time(void **state)
{
    struct world *world = world_of(state);
    struct kept_lines lines = {NULL, 0};
    (void)told(world, "txn_both", 2, 3);
    (void)told(world, "txn_file", 3, 1U << SOURCE_FILE);
    struct own_id api = told(world, "txn_api", 1, 1U << SOURCE_API);
    (void)told(world, "txn_late", 10, 1U << SOURCE_API);
    world_read(world);
    assert_done(statement_told_by_one(world->store, world->scope, S(0), S(10), (struct own_id){{0}},
        10, world->arena, &lines, reterr));
    assert_int_equal(lines.count, 2);
    assert_str_equal_to(lines.items[0].provider_id, "txn_api");
    assert_int_equal(lines.items[0].told, 1U << SOURCE_API);
    assert_str_equal_to(lines.items[1].provider_id, "txn_file");
    assert_done(statement_told_by_one(
        world->store, world->scope, S(0), S(11), api, 1, world->arena, &lines, reterr));
    world_commit(world);
    assert_int_equal(lines.count, 1);
    assert_str_equal_to(lines.items[0].provider_id, "txn_file");
}

TESTS_MAIN("pull",
    WORLD_TEST(a_pull_is_read_as_it_was_written),
    WORLD_TEST(of_those_under_way_the_first_that_was_begun_is_found),
    WORLD_TEST(pulls_that_follow_each_other_cover_one_time),
    WORLD_TEST(what_is_under_way_covers_nothing_unless_it_was_finished_before),
    WORLD_TEST(the_summary_says_since_when_until_when_and_how_much),
    WORLD_TEST(payouts_that_stand_are_due_until_their_lines_were_pulled),
    WORLD_TEST(lines_that_only_one_side_told_are_listed_in_the_order_of_time))
