#include "domain/snapshot.h"
#include "unit/domain/says.h"
#include "unit/testing.h"

static void the_first_snapshot_is_newer_whatever_its_stamp(void **state)
{
    (void)state;
    struct said nothing = {.known = false, .stamp = {SECOND(9), 9}, .content = 5};
    assert_int_equal(snapshot_standing(&nothing, (struct stamp){0, 0}, 5), STANDING_NEWER);
}

static void the_second_comes_first_then_the_rank_then_the_content(void **state)
{
    (void)state;
    static const struct {
        const char *name;
        struct stamp stamp;
        int64_t content;
        enum standing standing;
    } rows[] = {
        {"later second", {SECOND(6), 0}, 5, STANDING_NEWER},
        {"earlier second, higher rank", {SECOND(4), 9}, 5, STANDING_OLDER},
        {"higher rank", {SECOND(5), 6}, 5, STANDING_NEWER},
        {"lower rank", {SECOND(5), 4}, 5, STANDING_OLDER},
        {"the same", {SECOND(5), 5}, 5, STANDING_SAME},
        {"other content", {SECOND(5), 5}, 6, STANDING_TIE},
    };
    struct said said = {.known = true, .stamp = {SECOND(5), 5}, .content = 5};
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        assert_row(snapshot_standing(&said, rows[i].stamp, rows[i].content) == rows[i].standing,
            rows[i].name);
    }
}

static void only_what_is_newer_or_wins_is_taken(void **state)
{
    (void)state;
    static const struct {
        const char *name;
        enum standing standing;
        enum tie tie;
        bool takes, settles, late;
    } rows[] = {
        {"newer", STANDING_NEWER, TIE_NONE, true, true, false},
        {"same", STANDING_SAME, TIE_NONE, false, false, false},
        {"tie won", STANDING_TIE, TIE_WINS, true, true, false},
        {"tie lost", STANDING_TIE, TIE_LOSES, false, true, true},
        {"older", STANDING_OLDER, TIE_NONE, false, false, true},
    };
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        struct verdict verdict = snapshot_judge(rows[i].standing, rows[i].tie);
        assert_row(verdict.takes == rows[i].takes, rows[i].name);
        assert_row(verdict.settles == rows[i].settles, rows[i].name);
        assert_row(verdict.late == rows[i].late, rows[i].name);
    }
}

static void a_tie_must_be_decided_and_nothing_else_may_be(void **state)
{
    (void)state;
    assert_aborts((void)snapshot_judge(STANDING_TIE, TIE_NONE));
    assert_aborts((void)snapshot_judge(STANDING_NEWER, TIE_WINS));
    assert_aborts((void)snapshot_judge(STANDING_OLDER, TIE_LOSES));
}

static void an_unknown_time_is_never_the_earliest(void **state)
{
    (void)state;
    int64_t year_10000 = INT64_C(253402300800) * 1000000;
    assert_int64_equal(time_earliest(5, 7), 5);
    assert_int64_equal(time_earliest(7, 5), 5);
    assert_int64_equal(time_earliest(0, 7), 7);
    assert_int64_equal(time_earliest(7, 0), 7);
    assert_int64_equal(time_earliest(0, 0), 0);
    assert_int64_equal(time_earliest(-1, 7), 7);
    assert_int64_equal(time_earliest(year_10000, 0), 0);
    assert_int64_equal(time_earliest(year_10000 - 1, 0), year_10000 - 1);
    assert_int64_equal(time_earliest(INT64_MAX, INT64_MIN), 0);
}

static void an_objects_own_time_goes_before_the_notices(void **state)
{
    (void)state;
    assert_int64_equal(time_of_object(SECOND(3), (struct stamp){SECOND(9), 0}), SECOND(3));
    assert_int64_equal(time_of_object(0, (struct stamp){SECOND(9), 0}), SECOND(9));
    assert_int64_equal(time_of_object(INT64_MAX, (struct stamp){INT64_MIN, 0}), 0);
}

static void an_outcome_within_a_minute_came_at_once(void **state)
{
    (void)state;
    assert_int64_equal(time_of_outcome(SECOND(3), (struct stamp){SECOND(3), 0}), SECOND(3));
    assert_int64_equal(time_of_outcome(SECOND(3), (struct stamp){SECOND(63), 0}), SECOND(3));
    assert_int64_equal(time_of_outcome(SECOND(3), (struct stamp){SECOND(64), 0}), SECOND(64));
    assert_int64_equal(time_of_outcome(SECOND(3), (struct stamp){0, 0}), SECOND(3));
    assert_int64_equal(time_of_outcome(0, (struct stamp){SECOND(64), 0}), SECOND(64));
}

static void a_link_is_learned_once_and_never_forgotten(void **state)
{
    (void)state;
    struct own_id known = {{0}};
    struct link named = {LINK_NAMED, STR("x")};
    assert_true(link_learn(&known, (struct link){.state = LINK_UNSAID}, id_of(1)));
    assert_true(own_id_is_none(known));
    assert_true(link_learn(&known, named, id_of(1)));
    assert_true(own_id_eq(known, id_of(1)));
    assert_true(link_learn(&known, (struct link){.state = LINK_NONE}, id_of(1)));
    assert_true(link_learn(&known, named, id_of(1)));
    assert_false(link_learn(&known, named, id_of(2)));
    assert_true(own_id_eq(known, id_of(1)));
}

static void an_empty_currency_differs_from_none(void **state)
{
    (void)state;
    assert_true(currency_differs(EUR, USD));
    assert_false(currency_differs(EUR, EUR));
    assert_false(currency_differs(EUR, (struct currency){""}));
    assert_false(currency_differs((struct currency){""}, EUR));
}

static void a_milestone_is_published_once(void **state)
{
    (void)state;
    struct decision decision = {.event_count = 0};
    int64_t milestones = 0;
    struct domain_event event = {.type = EVENT_REFUND_FAILED, .aggregate_id = id_of(1)};
    milestone_learn(&decision, &milestones, event);
    milestone_learn(&decision, &milestones, event);
    assert_int_equal(decision.event_count, 1);
    assert_int64_equal(milestones, milestone_bit(EVENT_REFUND_FAILED));
    assert_true(milestone_is_known(milestones, EVENT_REFUND_FAILED));
    assert_false(milestone_is_known(milestones, EVENT_REFUND_OPENED));
}

static void a_change_is_no_milestone(void **state)
{
    (void)state;
    assert_aborts((void)milestone_is_known(0, EVENT_PAYMENT_CHANGED));
}

static void every_effect_has_its_name(void **state)
{
    (void)state;
    assert_string_equal(effect_name(EFFECT_APPLIED), "applied");
    assert_string_equal(effect_name(EFFECT_STALE), "stale");
    assert_string_equal(effect_name(EFFECT_SAME), "same");
    assert_aborts((void)effect_name(EFFECT_COUNT));
}

TESTS_MAIN("snapshot",
    TEST(the_first_snapshot_is_newer_whatever_its_stamp),
    TEST(the_second_comes_first_then_the_rank_then_the_content),
    TEST(only_what_is_newer_or_wins_is_taken),
    TEST(a_tie_must_be_decided_and_nothing_else_may_be),
    TEST(an_unknown_time_is_never_the_earliest),
    TEST(an_objects_own_time_goes_before_the_notices),
    TEST(an_outcome_within_a_minute_came_at_once),
    TEST(a_link_is_learned_once_and_never_forgotten),
    TEST(an_empty_currency_differs_from_none),
    TEST(a_milestone_is_published_once),
    TEST(a_change_is_no_milestone),
    TEST(every_effect_has_its_name))
