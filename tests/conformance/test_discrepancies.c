/* store/discrepancies.h: what did not agree, and every step of it. */
#include "store/discrepancies.h"
#include "world.h"

static const struct own_id from_the_first = {{0}};

static struct discrepancy row_new(struct world *world, enum discrepancy_code code, uint8_t subject)
{
    struct discrepancy row = {.state = DISCREPANCY_OPEN,
        .raised_us = WORLD_NOW_US,
        .changed_us = WORLD_NOW_US,
        .first_run = 1,
        .last_run = 1};
    row.found = (struct finding){.code = code,
        .scope = world->scope,
        .subject_kind = ID_ATTEMPT,
        .subject = {{subject}},
        .name = STR("ch_1"),
        .currency = {"EUR"},
        .ours_minor = 1050,
        .theirs_minor = -50,
        .since_us = WORLD_NOW_US - US_PER_DAY,
        .text = STR("ours 10.50, theirs -0.50")};
    row.id = finding_id(&row.found);
    return row;
}

static struct discrepancy_step step_of(const struct discrepancy *row, enum deed deed)
{
    return (struct discrepancy_step){.discrepancy = row->id,
        .deed = deed,
        .state = row->state,
        .at_us = row->changed_us,
        .run = 1,
        .ours_minor = row->found.ours_minor,
        .theirs_minor = row->found.theirs_minor,
        .text = row->found.text};
}

static enum err save_on(struct store *store, struct discrepancy *row, enum deed deed)
{
    struct discrepancy_step step = step_of(row, deed);
    return discrepancies_save(store, row, &step, 1, NULL);
}

static void save(struct world *world, struct discrepancy *row, enum deed deed)
{
    world_write(world);
    assert_err(save_on(world->store, row, deed), ERR_OK);
    world_commit(world);
}

static struct discrepancy known(struct world *world, struct own_id id)
{
    struct discrepancy row;
    world_read(world);
    assert_done(discrepancies_known(world->store, &id, 1, world->arena, &row, reterr));
    world_commit(world);
    return row;
}

static void assert_same_row(const struct discrepancy *a, const struct discrepancy *b)
{
    assert_true(own_id_eq(a->id, b->id));
    assert_int_equal(finding_compare(&a->found, &b->found), 0);
    assert_true(finding_says_the_same(&a->found, &b->found));
    assert_int_equal(a->found.subject_kind, b->found.subject_kind);
    assert_int64_equal(a->found.since_us, b->found.since_us);
    assert_int_equal(a->state, b->state);
    assert_int64_equal(a->raised_us, b->raised_us);
    assert_int64_equal(a->changed_us, b->changed_us);
    assert_int64_equal(a->first_run, b->first_run);
    assert_int64_equal(a->last_run, b->last_run);
    assert_int64_equal(a->step_count, b->step_count);
    assert_strs_equal(a->owner, b->owner);
}

static void a_row_is_read_as_it_was_saved(void **state)
{
    struct world *world = world_of(state);
    struct discrepancy rows[3] = {row_new(world, CODE_AMOUNT_MISMATCH, 1),
        row_new(world, CODE_BALANCE_DRIFT, 0), row_new(world, CODE_EVENT_CONTENT, 0)};
    rows[0].owner = STR("anna");
    rows[1].found.subject_kind = KEY_NONE;
    rows[1].found.period_us = 5 * US_PER_DAY;
    rows[1].found.period_to_us = 6 * US_PER_DAY;
    rows[2].found.subject_kind = KEY_LINE;
    rows[2].found.currency = (struct currency){""};
    for (int i = 0; i < 3; i++) {
        rows[i].id = finding_id(&rows[i].found);
        save(world, &rows[i], DEED_RAISE);
        assert_int64_equal(rows[i].step_count, 1);
        struct discrepancy read = known(world, rows[i].id);
        assert_same_row(&read, &rows[i]);
        assert_true(own_id_eq(finding_id(&read.found), rows[i].id));
    }
    assert_int64_equal(known(world, world_id(world)).step_count, 0);
}

static void what_is_about_it_stays_and_the_rest_is_what_the_last_step_left(void **state)
{
    struct world *world = world_of(state);
    struct discrepancy row = row_new(world, CODE_AMOUNT_MISMATCH, 1);
    save(world, &row, DEED_RAISE);
    row.state = DISCREPANCY_ACKNOWLEDGED;
    row.owner = STR("anna");
    row.found.ours_minor = 7;
    row.found.text = STR("another text");
    row.found.name = STR("py_1");
    row.changed_us += 5;
    row.last_run = 4;
    save(world, &row, DEED_ACKNOWLEDGE);
    struct discrepancy read = known(world, row.id);
    assert_same_row(&read, &row);
    assert_int64_equal(read.step_count, 2);
    assert_false(raw_run(world, "UPDATE discrepancy SET code = 'ORPHAN'"));
    assert_false(raw_run(world, "DELETE FROM discrepancy"));
}

static void steps_are_kept_in_their_order_and_never_changed(void **state)
{
    struct world *world = world_of(state);
    struct discrepancy row = row_new(world, CODE_AMOUNT_MISMATCH, 1);
    save(world, &row, DEED_RAISE);
    struct discrepancy_step person = step_of(&row, DEED_EXPLAIN);
    person.run = 0;
    person.who = STR("anna");
    person.has_reason = true;
    person.reason = REASON_CODE_TIMING;
    person.note = STR("they were late");
    person.incident = STR("INC-7");
    person.account = STR("income:other");
    person.wanted_minor = 1100;
    person.entry = 3;
    row.state = DISCREPANCY_EXPLAINED;
    person.state = row.state;
    world_write(world);
    assert_done(discrepancies_save(world->store, &row, &person, 1, reterr));
    world_commit(world);
    assert_int64_equal(person.number, 2);

    struct discrepancy_step *steps = NULL;
    uint32_t count = 0;
    world_read(world);
    assert_done(discrepancy_steps(world->store, row.id, world->arena, &steps, &count, reterr));
    world_commit(world);
    assert_int_equal(count, 2);
    assert_int_equal(steps[0].deed, DEED_RAISE);
    assert_int64_equal(steps[0].number, 1);
    assert_int64_equal(steps[0].run, 1);
    assert_false(steps[0].has_reason);
    assert_int64_equal(steps[0].entry, 0);
    assert_int_equal(steps[1].deed, DEED_EXPLAIN);
    assert_int_equal(steps[1].state, DISCREPANCY_EXPLAINED);
    assert_int64_equal(steps[1].run, 0);
    assert_str_equal_to(steps[1].who, "anna");
    assert_true(steps[1].has_reason);
    assert_int_equal(steps[1].reason, REASON_CODE_TIMING);
    assert_str_equal_to(steps[1].note, "they were late");
    assert_str_equal_to(steps[1].incident, "INC-7");
    assert_str_equal_to(steps[1].account, "income:other");
    assert_int64_equal(steps[1].wanted_minor, 1100);
    assert_int64_equal(steps[1].entry, 3);
    assert_int64_equal(steps[1].ours_minor, 1050);
    assert_int64_equal(steps[1].theirs_minor, -50);
    assert_false(raw_run(world, "UPDATE discrepancy_step SET who = 'ben'"));
    assert_false(raw_run(world, "DELETE FROM discrepancy_step"));
}

static void of_two_who_read_the_same_the_second_is_refused(void **state)
{
    struct world *world = world_of(state);
    struct discrepancy row = row_new(world, CODE_AMOUNT_MISMATCH, 1);
    struct discrepancy same = row;
    save(world, &row, DEED_RAISE);
    world_write(world);
    assert_err(save_on(world->store, &same, DEED_RAISE), ERR_CONFLICT);
    store_rollback(world->store);
    struct discrepancy first = known(world, row.id);
    struct discrepancy second = first;
    save(world, &first, DEED_ACKNOWLEDGE);
    world_write(world);
    assert_err(save_on(world->store, &second, DEED_ACKNOWLEDGE), ERR_CONFLICT);
    store_rollback(world->store);
    assert_int64_equal(raw_int(world, "SELECT count(*) FROM discrepancy_step"), 2);
}

static uint32_t listed(struct world *world,
    const struct discrepancy_filter *filter,
    struct own_id after,
    uint32_t limit,
    struct discrepancy **ret)
{
    uint32_t count = 0;
    world_read(world);
    assert_done(
        discrepancies_list(world->store, filter, after, limit, world->arena, ret, &count, reterr));
    world_commit(world);
    return count;
}

static void lists_are_of_what_was_asked_for_page_by_page(void **state)
{
    struct world *world = world_of(state);
    struct discrepancy *rows = NULL;
    for (int i = 0; i < DISCREPANCY_STATE_COUNT; i++) {
        struct discrepancy row =
            row_new(world, i % 2 == 0 ? CODE_AMOUNT_MISMATCH : CODE_ORPHAN, (uint8_t)(i + 1));
        row.state = (enum discrepancy_state)i;
        save(world, &row, DEED_RAISE);
    }
    for (unsigned states = 0; states < 1U << DISCREPANCY_STATE_COUNT; states++) {
        struct discrepancy_filter filter = {.scope = world->scope, .states = states};
        uint32_t expected = (uint32_t)__builtin_popcount(states == 0 ? 63 : states);
        assert_int_equal(listed(world, &filter, from_the_first, 100, &rows), expected);
        for (uint32_t i = 0; i < expected; i++) {
            assert_true(states == 0 || (states >> rows[i].state & 1) != 0);
            assert_true(i == 0 || own_id_compare(rows[i - 1].id, rows[i].id) < 0);
        }
    }
    struct discrepancy_filter orphans = {.has_code = true, .code = CODE_ORPHAN};
    assert_int_equal(listed(world, &orphans, from_the_first, 100, &rows), 3);
    struct own_id second = rows[1].id;
    assert_int_equal(listed(world, &orphans, from_the_first, 2, &rows), 2);
    assert_true(own_id_eq(rows[1].id, second));
    assert_int_equal(listed(world, &orphans, second, 2, &rows), 1);
    struct discrepancy_filter elsewhere = {.scope = world->scope + 1};
    assert_int_equal(listed(world, &elsewhere, from_the_first, 100, &rows), 0);
}

static void being_seen_again_is_no_step(void **state)
{
    struct world *world = world_of(state);
    struct discrepancy row = row_new(world, CODE_AMOUNT_MISMATCH, 1);
    save(world, &row, DEED_RAISE);
    static const int64_t runs[][2] = {{5, 5}, {3, 5}, {6, 6}};
    for (size_t i = 0; i < 3; i++) {
        world_write(world);
        assert_done(discrepancies_seen(world->store, &row.id, 1, runs[i][0], reterr));
        world_commit(world);
        assert_int64_equal(known(world, row.id).last_run, runs[i][1]);
        assert_int64_equal(known(world, row.id).step_count, 1);
    }
}

static void the_steps_of_a_run_are_counted(void **state)
{
    struct world *world = world_of(state);
    int64_t counts[DEED_COUNT];
    for (uint8_t i = 1; i <= 3; i++) {
        struct discrepancy row = row_new(world, CODE_AMOUNT_MISMATCH, i);
        save(world, &row, DEED_RAISE);
        if (i == 1) {
            save(world, &row, DEED_CLEAR);
        }
    }
    world_read(world);
    assert_done(discrepancies_done_by(world->store, world->scope, 1, counts, reterr));
    for (int i = 0; i < DEED_COUNT; i++) {
        assert_int64_equal(counts[i], i == DEED_RAISE ? 3 : i == DEED_CLEAR ? 1 : 0);
    }
    assert_done(discrepancies_done_by(world->store, world->scope, 2, counts, reterr));
    assert_int64_equal(counts[DEED_RAISE], 0);
    assert_done(discrepancies_done_by(world->store, world->scope + 1, 1, counts, reterr));
    assert_int64_equal(counts[DEED_RAISE], 0);
    world_commit(world);
}

static void totals_are_of_what_is_not_over(void **state)
{
    struct world *world = world_of(state);
    struct discrepancy rows[6];
    for (uint8_t i = 0; i < 6; i++) {
        rows[i] = row_new(world, CODE_AMOUNT_MISMATCH, (uint8_t)(i + 1));
        rows[i].found.since_us -= i;
    }
    rows[1].found.ours_minor = -2000;
    rows[2].state = DISCREPANCY_CLEARED;
    rows[3].state = DISCREPANCY_EXPLAINED;
    rows[4] = row_new(world, CODE_MISSING_AT_PROVIDER, 5);
    rows[4].found.ours_minor = INT64_MAX;
    rows[5] = row_new(world, CODE_BALANCE_DRIFT, 6);
    for (int i = 0; i < 6; i++) {
        save(world, &rows[i], DEED_RAISE);
    }
    struct discrepancy_total *totals = NULL;
    uint32_t count = 0;
    world_read(world);
    assert_done(discrepancy_totals(world->store, 0, world->arena, &totals, &count, reterr));
    assert_int_equal(count, 4);
    assert_int_equal(totals[0].code, CODE_BALANCE_DRIFT);
    assert_int_equal(totals[1].code, CODE_AMOUNT_MISMATCH);
    assert_int_equal(totals[1].state, DISCREPANCY_OPEN);
    assert_int64_equal(totals[1].count, 2);
    assert_int64_equal(totals[1].off_minor, 1100 + 1950);
    assert_int64_equal(totals[1].oldest_us, rows[1].found.since_us);
    assert_int_equal(totals[2].state, DISCREPANCY_EXPLAINED);
    assert_int_equal(totals[3].code, CODE_MISSING_AT_PROVIDER);
    assert_int64_equal(totals[3].off_minor, INT64_MAX);
    assert_done(
        discrepancy_totals(world->store, world->scope + 1, world->arena, &totals, &count, reterr));
    assert_int_equal(count, 0);
    world_commit(world);
}

static void people_read_it_with_a_decimal_point(void **state)
{
    struct world *world = world_of(state);
    struct discrepancy row = row_new(world, CODE_AMOUNT_MISMATCH, 1);
    save(world, &row, DEED_RAISE);
    char id[FINDING_ID_TEXT_BYTES];
    finding_id_format(row.id, id);
    assert_str_equal_to(raw_text(world, "SELECT id FROM discrepancy_view"), id);
    assert_str_equal_to(raw_text(world, "SELECT ours FROM discrepancy_view"), "10.50");
    assert_str_equal_to(raw_text(world, "SELECT theirs FROM discrepancy_view"), "-0.50");
    assert_str_equal_to(raw_text(world, "SELECT period FROM discrepancy_view"), "");
    assert_str_equal_to(raw_text(world, "SELECT subject_id FROM discrepancy_view"),
        "cf_att_01000000000000000000000000000000");
    assert_str_equal_to(raw_text(world, "SELECT discrepancy_id FROM discrepancy_step_view"), id);
    assert_str_equal_to(raw_text(world, "SELECT deed FROM discrepancy_step_view"), "raise");
}

TESTS_MAIN("conformance/discrepancies",
    WORLD_TEST(a_row_is_read_as_it_was_saved),
    WORLD_TEST(what_is_about_it_stays_and_the_rest_is_what_the_last_step_left),
    WORLD_TEST(steps_are_kept_in_their_order_and_never_changed),
    WORLD_TEST(of_two_who_read_the_same_the_second_is_refused),
    WORLD_TEST(lists_are_of_what_was_asked_for_page_by_page),
    WORLD_TEST(being_seen_again_is_no_step),
    WORLD_TEST(the_steps_of_a_run_are_counted),
    WORLD_TEST(totals_are_of_what_is_not_over),
    WORLD_TEST(people_read_it_with_a_decimal_point))
