#include "unit/domain/says.h"
#include "unit/testing.h"

static struct refund refund;
static struct decision decision;

static int begin(void **state)
{
    (void)state;
    refund = (struct refund){.head = {.id = id_of(31)}};
    decision = (struct decision){.event_count = 0};
    return 0;
}

static const struct notice_ids ids = {
    .object = {{31, 31, 31, 31, 31, 31, 31, 31, 31, 31, 31, 31, 31, 31, 31, 31}},
    .links = {{{1}}, {{11}}}};

static void take(struct notice notice)
{
    assert_err(object_decide(&refund, &notice, &ids, TIE_NONE, false, &decision), ERR_OK);
}

static void every_state_teaches_its_milestone_beside_the_opening(void **state)
{
    static const struct {
        enum refund_state said;
        enum domain_event_type fact; /* EVENT_TYPE_COUNT: none */
    } rows[] = {
        {REFUND_PENDING, EVENT_TYPE_COUNT},
        {REFUND_ACTION_REQUIRED, EVENT_REFUND_ACTION_REQUIRED},
        {REFUND_SUCCEEDED, EVENT_REFUND_SUCCEEDED},
        {REFUND_FAILED, EVENT_REFUND_FAILED},
        {REFUND_CANCELED, EVENT_REFUND_CANCELED},
        {REFUND_UNKNOWN, EVENT_TYPE_COUNT},
    };
    _Static_assert(sizeof rows / sizeof rows[0] == REFUND_STATE_COUNT, "every state has its row");
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        const char *word = refund_states.words[rows[i].said];
        assert_int_equal(begin(state), 0);
        take(refund_says(rows[i].said, 205, 1));
        bool proves = rows[i].fact != EVENT_TYPE_COUNT;
        assert_row(decision.event_count == (proves ? 2 : 1), word);
        assert_row(decision.events[0].type == EVENT_REFUND_OPENED, word);
        assert_row(decision.events[0].occurred_at_us == SECOND(200), word);
        assert_row(!proves || decision.events[1].type == rows[i].fact, word);
        assert_row(!proves || decision.events[1].occurred_at_us == SECOND(200), word);
        assert_row(refund.state == (int)rows[i].said, word);
    }
}

static void a_refund_that_fails_days_later_says_when(void **state)
{
    (void)state;
    take(refund_says(REFUND_SUCCEEDED, 205, 1));
    take(refund_says(REFUND_FAILED, 90000, 1));
    assert_int_equal(decision.event_count, 1);
    assert_int_equal(decision.events[0].type, EVENT_REFUND_FAILED);
    assert_int64_equal(decision.events[0].occurred_at_us, SECOND(90000));
    assert_false(decision.unexpected_move);
}

static void an_older_notice_teaches_its_milestone_late(void **state)
{
    (void)state;
    take(refund_says(REFUND_FAILED, 90000, 1));
    take(refund_says(REFUND_SUCCEEDED, 205, 1));
    assert_int_equal(decision.effect, EFFECT_APPLIED);
    assert_int_equal(decision.event_count, 1);
    assert_int_equal(decision.events[0].type, EVENT_REFUND_SUCCEEDED);
    assert_true(decision.events[0].late);
    assert_int_equal(refund.state, REFUND_FAILED);
    take(refund_says(REFUND_PENDING, 200, 1));
    assert_int_equal(decision.effect, EFFECT_STALE);
}

static void the_same_again_is_the_same(void **state)
{
    (void)state;
    struct notice notice = refund_says(REFUND_PENDING, 200, 1);
    assert_int_equal(object_standing(&refund, &notice, &ids), STANDING_NEWER);
    take(notice);
    assert_int_equal(object_standing(&refund, &notice, &ids), STANDING_SAME);
    take(notice);
    assert_int_equal(decision.effect, EFFECT_SAME);
    assert_int_equal(decision.event_count, 0);
}

static void links_are_learned_from_every_notice_and_never_unlearned(void **state)
{
    (void)state;
    take(refund_says(REFUND_PENDING, 205, 1));
    assert_true(own_id_is_none(refund.attempt_id));
    struct notice old = refund_says(REFUND_PENDING, 204, 1);
    *change_link(&old, "attempt_id") = (struct link){LINK_NAMED, STR("attempt")};
    take(old);
    assert_int_equal(decision.effect, EFFECT_APPLIED);
    assert_int_equal(decision.event_count, 1);
    assert_int_equal(decision.events[0].type, EVENT_REFUND_CHANGED);
    assert_true(decision.events[0].late);
    struct notice newer = refund_says(REFUND_PENDING, 206, 1);
    change_link(&newer, "attempt_id")->state = LINK_NONE;
    *change_link(&newer, "payment_id") = (struct link){LINK_NAMED, STR("payment")};
    take(newer);
    assert_true(own_id_eq(refund.attempt_id, ids.links[1]));
    assert_true(own_id_eq(refund.payment_id, ids.links[0]));
}

static void fields_that_change_without_a_milestone_are_a_change(void **state)
{
    (void)state;
    take(refund_says(REFUND_PENDING, 205, 1));
    struct notice notice = refund_says(REFUND_PENDING, 206, 1);
    (void)str_copy_to(change_refund(&notice)->reason, sizeof refund.reason, STR("fraudulent"));
    take(notice);
    assert_int_equal(decision.event_count, 1);
    assert_int_equal(decision.events[0].type, EVENT_REFUND_CHANGED);
    assert_string_equal(refund.reason, "fraudulent");
}

static void a_tie_is_settled_as_told(void **state)
{
    (void)state;
    take(refund_says(REFUND_PENDING, 205, 1));
    struct notice other = refund_says(REFUND_PENDING, 205, 1);
    change_refund(&other)->amount_minor = 7;
    assert_err(object_decide(&refund, &other, &ids, TIE_LOSES, true, &decision), ERR_OK);
    assert_true(refund.contested);
    assert_int64_equal(refund.amount_minor, 300);
    assert_err(object_decide(&refund, &other, &ids, TIE_WINS, true, &decision), ERR_OK);
    assert_true(refund.contested);
    assert_int64_equal(refund.amount_minor, 7);
    take(refund_says(REFUND_PENDING, 206, 1));
    assert_false(refund.contested);
}

static void a_move_outside_the_life_cycle_is_taken_and_reported(void **state)
{
    (void)state;
    take(refund_says(REFUND_FAILED, 205, 1));
    assert_false(decision.unexpected_move);
    take(refund_says(REFUND_SUCCEEDED, 206, 1));
    assert_true(decision.unexpected_move);
    assert_int_equal(refund.state, REFUND_SUCCEEDED);
}

static void what_cannot_be_is_refused_and_changes_nothing(void **state)
{
    static const char *const names[] = {"currency", "payment", "attempt"};
    for (int row = 0; row < 3; row++) {
        assert_int_equal(begin(state), 0);
        refund.payment_id = id_of(1);
        refund.attempt_id = id_of(11);
        take(refund_says(REFUND_PENDING, 205, 1));
        const struct refund was = refund;
        struct notice notice = refund_says(REFUND_SUCCEEDED, 206, 1);
        change_refund(&notice)->currency = row == 0 ? USD : EUR;
        change_link(&notice, "payment_id")->state = row == 1 ? LINK_NAMED : LINK_UNSAID;
        change_link(&notice, "attempt_id")->state = row == 2 ? LINK_NAMED : LINK_UNSAID;
        enum err err = object_decide(&refund, &notice, &ids, TIE_NONE, false, &decision);
        assert_row(err == ERR_IMPOSSIBLE, names[row]);
        assert_row(memcmp(&refund, &was, sizeof was) == 0, names[row]);
    }
}

#define EACH(test) TEST_WITH(test, begin, NULL)
TESTS_MAIN("refund",
    EACH(every_state_teaches_its_milestone_beside_the_opening),
    EACH(a_refund_that_fails_days_later_says_when),
    EACH(an_older_notice_teaches_its_milestone_late),
    EACH(the_same_again_is_the_same),
    EACH(links_are_learned_from_every_notice_and_never_unlearned),
    EACH(fields_that_change_without_a_milestone_are_a_change),
    EACH(a_tie_is_settled_as_told),
    EACH(a_move_outside_the_life_cycle_is_taken_and_reported),
    EACH(what_cannot_be_is_refused_and_changes_nothing))
