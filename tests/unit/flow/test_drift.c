#include "base/metrics.h"
#include "base/timestamp.h"
#include "flow/drift.h"
#include "unit/store_fixture.h"
#include "unit/testing.h"

#define TYPE STR("charge.succeeded")
#define VERSION STR("2026-10-28.endive")

static void note(struct drift *drift, bool seen, int times)
{
    struct field_seen field = {"charge", "amount", seen};
    struct notice_list list = {.fields = &field, .field_count = 1};
    for (int i = 0; i < times; i++) {
        drift_note(drift, TYPE, VERSION, &list);
    }
}

static void note_word(struct drift *drift, struct str word)
{
    struct notice_list list = {.unknown_word = word, .unknown_word_of = "attempt.state"};
    drift_note(drift, TYPE, VERSION, &list);
}

static void field_is_odd_only_when_it_was_nearly_always_there_and_is_gone(void **state)
{
    (void)state;
    static const struct {
        int64_t seen, absent, absent_in_row;
        bool odd;
    } rows[] = {
        {1000, 20, 20, true},
        {1000, 19, 19, false},
        {999, 20, 20, false},
        {1000, 30, 20, true},
        {1000, 31, 20, false},
        {99000, 1020, 20, true},
        {99000, 1021, 20, false},
        {0, 5000, 5000, false},
        {100000, 0, 0, false},
    };
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        struct drift_count count = {
            .seen = rows[i].seen, .absent = rows[i].absent, .absent_in_row = rows[i].absent_in_row};
        assert_int_equal(drift_is_odd(&count), rows[i].odd);
    }
}

static void drift_is_told_once_until_the_field_comes_back(void **state)
{
    (void)state;
    CLEANUP(drift_free) struct drift *drift = drift_new();
    int64_t before = metric_value(METRIC_FIELDS_DRIFTED);
    note(drift, true, DRIFT_SEEN_MIN);
    note(drift, false, DRIFT_ABSENT_IN_ROW - 1);
    assert_int_equal(metric_value(METRIC_FIELDS_DRIFTED) - before, 0);
    note(drift, false, 50);
    assert_int_equal(metric_value(METRIC_FIELDS_DRIFTED) - before, 1);
    note(drift, true, 20000); /* so that the absences are rare again */
    note(drift, false, DRIFT_ABSENT_IN_ROW);
    assert_int_equal(metric_value(METRIC_FIELDS_DRIFTED) - before, 2);
}

static void save(struct drift *drift, struct store *store, int64_t now_us)
{
    assert_done(store_begin(store, STORE_WRITE, reterr));
    assert_done(drift_save(drift, store, now_us, reterr));
    assert_done(store_commit(store, reterr));
    drift_saved(drift);
}

static struct drift_count stored(struct store *store, struct arena *arena)
{
    struct drift_count *counts = NULL;
    uint32_t count = 0;
    assert_done(store_begin(store, STORE_READ, reterr));
    assert_done(drift_list(store, arena, &counts, &count, reterr));
    (void)store_rollback(store);
    assert_int_equal(count, 1);
    assert_str_equal_to(counts[0].field, "charge.amount");
    return counts[0];
}

static void counts_of_two_workers_add_up_and_go_on_after_a_restart(void **state)
{
    struct store_fixture fixture;
    CLEANUP(arena_free) struct arena *arena = arena_new(1024 * 1024);
    store_fixture_open(&fixture, *(const char **)*state);
    CLEANUP(drift_free) struct drift *one = drift_new();
    CLEANUP(drift_free) struct drift *other = drift_new();
    note(one, true, 700);
    note(other, true, 300);
    save(one, fixture.store, 20 * US_PER_SECOND);
    save(one, fixture.store, 21 * US_PER_SECOND); /* nothing is new, and nothing is added twice */
    save(other, fixture.store, 22 * US_PER_SECOND);
    assert_int64_equal(stored(fixture.store, arena).seen, 1000);

    CLEANUP(drift_free) struct drift *later = drift_new();
    assert_done(store_begin(fixture.store, STORE_READ, reterr));
    assert_done(drift_load(later, fixture.store, reterr));
    (void)store_rollback(fixture.store);
    int64_t before = metric_value(METRIC_FIELDS_DRIFTED);
    note(later, false, DRIFT_ABSENT_IN_ROW);
    assert_int_equal(metric_value(METRIC_FIELDS_DRIFTED) - before, 1);
    save(later, fixture.store, 40 * US_PER_SECOND);
    struct drift_count count = stored(fixture.store, arena);
    assert_int64_equal(count.seen, 1000);
    assert_int64_equal(count.absent, DRIFT_ABSENT_IN_ROW);
    assert_true(drift_is_odd(&count));
    store_fixture_close(&fixture);
}

static void transaction_that_was_rolled_back_is_saved_by_the_next(void **state)
{
    struct store_fixture fixture;
    CLEANUP(arena_free) struct arena *arena = arena_new(1024 * 1024);
    store_fixture_open(&fixture, *(const char **)*state);
    CLEANUP(drift_free) struct drift *drift = drift_new();
    note(drift, true, 5);
    assert_done(store_begin(fixture.store, STORE_WRITE, reterr));
    assert_done(drift_save(drift, fixture.store, 20 * US_PER_SECOND, reterr));
    (void)store_rollback(fixture.store);
    save(drift, fixture.store, 21 * US_PER_SECOND);
    assert_int64_equal(stored(fixture.store, arena).seen, 5);
    store_fixture_close(&fixture);
}

static void unknown_words_are_counted_and_kept(void **state)
{
    struct store_fixture fixture;
    CLEANUP(arena_free) struct arena *arena = arena_new(1024 * 1024);
    store_fixture_open(&fixture, *(const char **)*state);
    CLEANUP(drift_free) struct drift *drift = drift_new();
    int64_t before = metric_value(METRIC_WORDS_UNKNOWN);
    note_word(drift, STR("levitating"));
    note_word(drift, STR("levitating"));
    note_word(drift, STR("sunk"));
    assert_int_equal(metric_value(METRIC_WORDS_UNKNOWN) - before, 3);
    save(drift, fixture.store, 20 * US_PER_SECOND);
    struct drift_word *words = NULL;
    uint32_t count = 0;
    assert_done(store_begin(fixture.store, STORE_READ, reterr));
    assert_done(drift_list_words(fixture.store, arena, &words, &count, reterr));
    (void)store_rollback(fixture.store);
    assert_int_equal(count, 2);
    assert_str_equal_to(words[0].word, "levitating");
    assert_int64_equal(words[0].count, 2);
    store_fixture_close(&fixture);
}

static const char *sqlite = "sqlite";
static const char *postgresql = "postgresql";
#define ON_BOTH(test)                                                                              \
    {#test " (SQLite)", test, NULL, NULL, &sqlite},                                                \
    {                                                                                              \
#test " (PostgreSQL)", test, NULL, NULL, &postgresql                                       \
    }

TESTS_MAIN("drift",
    cmocka_unit_test(field_is_odd_only_when_it_was_nearly_always_there_and_is_gone),
    cmocka_unit_test(drift_is_told_once_until_the_field_comes_back),
    ON_BOTH(counts_of_two_workers_add_up_and_go_on_after_a_restart),
    ON_BOTH(transaction_that_was_rolled_back_is_saved_by_the_next),
    ON_BOTH(unknown_words_are_counted_and_kept))
