#include "unit/domain/says.h"
#include "unit/testing.h"

static struct one_payment one;
static struct decision decision;

static int begin(void **state)
{
    (void)state;
    one_payment_init(&one, 0);
    decision = (struct decision){.event_count = 0};
    return 0;
}

static void take(struct notice notice)
{
    assert_err(one_payment_take(&one, &notice, 0, TIE_NONE, false, &decision), ERR_OK);
}

static void the_first_notice_opens_the_payment(void **state)
{
    (void)state;
    take(payment_says(PAYMENT_OPEN, 105, 1));
    const struct payment *payment = &one.aggregate.payment;
    assert_int_equal(decision.effect, EFFECT_APPLIED);
    assert_int_equal(decision.event_count, 1);
    assert_int_equal(decision.events[0].type, EVENT_PAYMENT_OPENED);
    assert_true(own_id_eq(decision.events[0].aggregate_id, id_of(1)));
    assert_true(own_id_is_none(decision.events[0].attempt_id));
    assert_int64_equal(decision.events[0].occurred_at_us, SECOND(100));
    assert_false(decision.events[0].late);
    assert_int_equal(payment->state, PAYMENT_OPEN);
    assert_int64_equal(payment->amount_minor, 1000);
    assert_string_equal(payment->currency.code, "EUR");
    assert_int64_equal(payment->opened_at, SECOND(100));
    assert_int64_equal(payment->succeeded_at, 0);
    assert_false(decision.unexpected_move);
}

/* The milestone that each state proves when it is the first thing heard. */
static void every_state_teaches_its_milestone_beside_the_opening(void **state)
{
    static const struct {
        enum payment_state said;
        enum domain_event_type fact; /* EVENT_TYPE_COUNT: none */
    } rows[] = {
        {PAYMENT_OPEN, EVENT_TYPE_COUNT},
        {PAYMENT_ACTION_REQUIRED, EVENT_PAYMENT_ACTION_REQUIRED},
        {PAYMENT_PROCESSING, EVENT_PAYMENT_PROCESSING},
        {PAYMENT_AUTHORIZED, EVENT_PAYMENT_AUTHORIZED},
        {PAYMENT_SUCCEEDED, EVENT_PAYMENT_SUCCEEDED},
        {PAYMENT_FAILED, EVENT_TYPE_COUNT},
        {PAYMENT_CANCELED, EVENT_PAYMENT_CANCELED},
        {PAYMENT_UNKNOWN, EVENT_TYPE_COUNT},
    };
    _Static_assert(sizeof rows / sizeof rows[0] == PAYMENT_STATE_COUNT, "every state has its row");
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        const char *word = payment_states.words[rows[i].said];
        assert_int_equal(begin(state), 0);
        take(payment_says(rows[i].said, 120, 1));
        bool proves = rows[i].fact != EVENT_TYPE_COUNT;
        assert_row(decision.event_count == (proves ? 2 : 1), word);
        assert_row(decision_has(&decision, EVENT_PAYMENT_OPENED), word);
        assert_row(!proves || decision.events[1].type == rows[i].fact, word);
        assert_row(!proves || decision.events[1].occurred_at_us == SECOND(120), word);
        assert_row(one.aggregate.payment.state == (int)rows[i].said, word);
    }
}

static void a_fact_is_published_once(void **state)
{
    (void)state;
    take(payment_says(PAYMENT_PROCESSING, 120, 1));
    take(payment_says(PAYMENT_FAILED, 121, 1));
    take(payment_says(PAYMENT_PROCESSING, 122, 1));
    assert_false(decision_has(&decision, EVENT_PAYMENT_PROCESSING));
    assert_true(decision_has(&decision, EVENT_PAYMENT_CHANGED));
    assert_int_equal(decision.event_count, 1);
}

static void an_older_notice_changes_no_field_but_teaches_its_milestone_late(void **state)
{
    (void)state;
    take(payment_says(PAYMENT_SUCCEEDED, 130, 1));
    struct notice old = payment_says(PAYMENT_PROCESSING, 120, 1);
    old.payment_says.amount_minor = 7;
    take(old);
    assert_int_equal(decision.effect, EFFECT_APPLIED);
    assert_int_equal(decision.event_count, 1);
    assert_int_equal(decision.events[0].type, EVENT_PAYMENT_PROCESSING);
    assert_true(decision.events[0].late);
    assert_int_equal(one.aggregate.payment.state, PAYMENT_SUCCEEDED);
    assert_int64_equal(one.aggregate.payment.amount_minor, 1000);
}

static void an_older_notice_that_teaches_nothing_is_stale(void **state)
{
    (void)state;
    take(payment_says(PAYMENT_SUCCEEDED, 130, 1));
    take(payment_says(PAYMENT_OPEN, 120, 1));
    assert_int_equal(decision.effect, EFFECT_STALE);
    assert_int_equal(decision.event_count, 0);
}

static void the_same_again_is_the_same(void **state)
{
    (void)state;
    take(payment_says(PAYMENT_SUCCEEDED, 130, 1));
    take(payment_says(PAYMENT_SUCCEEDED, 130, 1));
    assert_int_equal(decision.effect, EFFECT_SAME);
    assert_int_equal(decision.event_count, 0);
}

static void a_newer_notice_with_the_same_words_is_applied_silently(void **state)
{
    (void)state;
    take(payment_says(PAYMENT_OPEN, 120, 1));
    take(payment_says(PAYMENT_OPEN, 121, 1));
    assert_int_equal(decision.effect, EFFECT_APPLIED);
    assert_int_equal(decision.event_count, 0);
    assert_int64_equal(one.aggregate.payment.said_at, SECOND(121));
}

static void standing_says_what_decide_will_do(void **state)
{
    (void)state;
    struct notice_ids ids = {.object = id_of(1), .attempt = id_of(11), .customer = id_of(21)};
    struct notice notice = payment_says(PAYMENT_OPEN, 120, 1);
    const struct payment *payment = &one.aggregate.payment;
    assert_int_equal(payment_standing(payment, &notice, &ids), STANDING_NEWER);
    take(notice);
    assert_int_equal(payment_standing(payment, &notice, &ids), STANDING_SAME);
    notice.payment_says.amount_minor = 7;
    assert_int_equal(payment_standing(payment, &notice, &ids), STANDING_TIE);
    notice.stamp.rank = 0;
    assert_int_equal(payment_standing(payment, &notice, &ids), STANDING_OLDER);
}

static void who_wins_a_tie_stands_and_is_marked_when_contested(void **state)
{
    (void)state;
    take(payment_says(PAYMENT_OPEN, 120, 1));
    struct notice other = payment_says(PAYMENT_OPEN, 120, 1);
    other.payment_says.amount_minor = 7;
    assert_err(one_payment_take(&one, &other, 0, TIE_WINS, true, &decision), ERR_OK);
    assert_int64_equal(one.aggregate.payment.amount_minor, 7);
    assert_true(one.aggregate.payment.contested);
    assert_true(decision_has(&decision, EVENT_PAYMENT_CHANGED));
    assert_false(decision.events[0].late);
    take(payment_says(PAYMENT_OPEN, 121, 1));
    assert_false(one.aggregate.payment.contested);
}

static void who_loses_a_tie_leaves_the_mark_and_its_milestone(void **state)
{
    (void)state;
    take(payment_says(PAYMENT_OPEN, 120, 1));
    struct notice other = payment_says(PAYMENT_PROCESSING, 120, 1);
    assert_err(one_payment_take(&one, &other, 0, TIE_LOSES, true, &decision), ERR_OK);
    assert_int_equal(one.aggregate.payment.state, PAYMENT_OPEN);
    assert_true(one.aggregate.payment.contested);
    assert_int_equal(decision.effect, EFFECT_APPLIED);
    assert_int_equal(decision.events[0].type, EVENT_PAYMENT_PROCESSING);
    assert_true(decision.events[0].late);
}

static void a_tie_that_its_set_has_put_in_order_is_contested_no_more(void **state)
{
    (void)state;
    take(payment_says(PAYMENT_OPEN, 120, 1));
    struct notice other = payment_says(PAYMENT_OPEN, 120, 1);
    other.payment_says.amount_minor = 7;
    assert_err(one_payment_take(&one, &other, 0, TIE_LOSES, true, &decision), ERR_OK);
    other.payment_says.amount_minor = 8;
    assert_err(one_payment_take(&one, &other, 0, TIE_WINS, false, &decision), ERR_OK);
    assert_false(one.aggregate.payment.contested);
    assert_int64_equal(one.aggregate.payment.amount_minor, 8);
}

static void a_customer_that_becomes_known_is_a_link_and_no_change(void **state)
{
    (void)state;
    take(payment_says(PAYMENT_OPEN, 120, 1));
    struct notice notice = payment_says(PAYMENT_OPEN, 121, 1);
    notice.customer = (struct link){LINK_NAMED, STR("customer")};
    take(notice);
    assert_int_equal(decision.event_count, 1);
    assert_int_equal(decision.events[0].type, EVENT_PAYMENT_LINKED);
    assert_int64_equal(decision.events[0].occurred_at_us, SECOND(121));
    assert_true(own_id_eq(one.aggregate.payment.customer_id, id_of(21)));
}

static void a_link_beside_a_change_is_told_as_both(void **state)
{
    (void)state;
    take(payment_says(PAYMENT_OPEN, 120, 1));
    struct notice notice = payment_says(PAYMENT_OPEN, 121, 1);
    notice.customer = (struct link){LINK_NAMED, STR("customer")};
    notice.payment_says.amount_minor = 7;
    take(notice);
    assert_int_equal(decision.event_count, 2);
    assert_int_equal(decision.events[0].type, EVENT_PAYMENT_LINKED);
    assert_int_equal(decision.events[1].type, EVENT_PAYMENT_CHANGED);
}

static void a_milestone_carries_the_links_of_its_decision(void **state)
{
    (void)state;
    take(payment_says(PAYMENT_OPEN, 120, 1));
    struct notice notice = payment_says(PAYMENT_SUCCEEDED, 121, 1);
    notice.attempt = (struct link){LINK_NAMED, STR("attempt")};
    take(notice);
    assert_int_equal(decision.event_count, 1);
    assert_int_equal(decision.events[0].type, EVENT_PAYMENT_SUCCEEDED);
    assert_true(own_id_eq(one.aggregate.payment.attempt_id, id_of(11)));
}

static void a_customer_that_a_newer_notice_takes_away_is_gone(void **state)
{
    (void)state;
    struct notice notice = payment_says(PAYMENT_OPEN, 120, 1);
    notice.customer = (struct link){LINK_NAMED, STR("customer")};
    take(notice);
    notice = payment_says(PAYMENT_OPEN, 121, 1);
    notice.customer.state = LINK_NONE;
    take(notice);
    assert_true(own_id_is_none(one.aggregate.payment.customer_id));
    assert_true(decision_has(&decision, EVENT_PAYMENT_CHANGED));
    assert_false(decision_has(&decision, EVENT_PAYMENT_LINKED));
}

static void a_stub_that_the_payment_names_becomes_its_own(void **state)
{
    (void)state;
    one.aggregate.attempt_count = 1;
    take(payment_says(PAYMENT_SUCCEEDED, 121, 1));
    assert_true(own_id_is_none(one.attempts[0].payment_id));
    struct notice old = payment_says(PAYMENT_OPEN, 120, 1);
    old.attempt = (struct link){LINK_NAMED, STR("attempt")};
    take(old);
    assert_true(own_id_eq(one.attempts[0].payment_id, id_of(1)));
    assert_int_equal(decision.effect, EFFECT_APPLIED);
    assert_int_equal(decision.event_count, 0);
    assert_int64_equal(one.aggregate.payment.attempt_count, 0);
}

static void the_earliest_time_is_kept_whichever_notice_brings_it(void **state)
{
    (void)state;
    struct notice notice = payment_says(PAYMENT_SUCCEEDED, 130, 1);
    notice.payment_says.created_at_us = 0;
    take(notice);
    assert_int64_equal(one.aggregate.payment.opened_at, 0);
    assert_int64_equal(decision.events[0].occurred_at_us, SECOND(130));
    assert_int64_equal(one.aggregate.payment.succeeded_at, SECOND(130));
    take(payment_says(PAYMENT_SUCCEEDED, 125, 1));
    assert_int64_equal(one.aggregate.payment.opened_at, SECOND(100));
    assert_int64_equal(one.aggregate.payment.succeeded_at, SECOND(125));
    assert_int_equal(decision.effect, EFFECT_APPLIED);
    take(payment_says(PAYMENT_SUCCEEDED, 140, 1));
    assert_int64_equal(one.aggregate.payment.succeeded_at, SECOND(125));
}

static void a_move_outside_the_life_cycle_is_taken_and_reported(void **state)
{
    (void)state;
    take(payment_says(PAYMENT_CANCELED, 120, 1));
    take(payment_says(PAYMENT_SUCCEEDED, 121, 1));
    assert_true(decision.unexpected_move);
    assert_int_equal(one.aggregate.payment.state, PAYMENT_SUCCEEDED);
    take(payment_says(PAYMENT_UNKNOWN, 122, 1));
    assert_false(decision.unexpected_move);
    take(payment_says(PAYMENT_OPEN, 123, 1));
    assert_false(decision.unexpected_move);
    take(payment_says(PAYMENT_CANCELED, 110, 1));
    assert_false(decision.unexpected_move);
}

static void negative_amounts_are_impossible_and_change_nothing(void **state)
{
    (void)state;
    take(payment_says(PAYMENT_OPEN, 120, 1));
    const struct payment was = one.aggregate.payment;
    const struct decision decision_was = decision;
    struct notice notice = payment_says(PAYMENT_SUCCEEDED, 121, 1);
    notice.payment_says.amount_minor = -1;
    assert_err(one_payment_take(&one, &notice, 0, TIE_NONE, false, &decision), ERR_IMPOSSIBLE);
    notice.payment_says.amount_minor = 1;
    notice.payment_says.received_minor = -1;
    assert_err(one_payment_take(&one, &notice, 0, TIE_NONE, false, &decision), ERR_IMPOSSIBLE);
    assert_memory_equal(&one.aggregate.payment, &was, sizeof was);
    assert_memory_equal(&decision, &decision_was, sizeof decision_was);
}

static void more_received_than_asked_for_is_the_providers_word(void **state)
{
    (void)state;
    struct notice notice = payment_says(PAYMENT_SUCCEEDED, 121, 1);
    notice.payment_says.received_minor = 5000;
    take(notice);
    assert_int64_equal(one.aggregate.payment.received_minor, 5000);
}

/* Before it is paid or given up, a payment may be asked for in another currency. */
static void a_currency_may_change_until_the_payment_is_settled(void **state)
{
    static const struct {
        const char *name;
        enum payment_state first, second;
        int64_t second_at;
        enum err err;
    } rows[] = {
        {"open to open", PAYMENT_OPEN, PAYMENT_OPEN, 121, ERR_OK},
        {"open to succeeded", PAYMENT_OPEN, PAYMENT_SUCCEEDED, 121, ERR_OK},
        {"failed to open", PAYMENT_FAILED, PAYMENT_OPEN, 121, ERR_OK},
        {"succeeded, then an old open one", PAYMENT_SUCCEEDED, PAYMENT_OPEN, 119, ERR_OK},
        {"succeeded to succeeded", PAYMENT_SUCCEEDED, PAYMENT_SUCCEEDED, 121, ERR_IMPOSSIBLE},
        {"canceled to canceled", PAYMENT_CANCELED, PAYMENT_CANCELED, 121, ERR_IMPOSSIBLE},
        {"open, then an old succeeded one", PAYMENT_OPEN, PAYMENT_SUCCEEDED, 119, ERR_IMPOSSIBLE},
    };
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        assert_int_equal(begin(state), 0);
        take(payment_says(rows[i].first, 120, 1));
        struct notice notice = payment_says(rows[i].second, rows[i].second_at, 1);
        notice.payment_says.currency = USD;
        enum err err = one_payment_take(&one, &notice, 0, TIE_NONE, false, &decision);
        assert_row(err == rows[i].err, rows[i].name);
    }
}

static void an_overflow_of_the_sums_changes_nothing(void **state)
{
    (void)state;
    one.aggregate.attempt_count = 2;
    for (uint32_t i = 0; i < 2; i++) {
        one.attempts[i].seen = true;
        one.attempts[i].payment_id = id_of(1);
        one.attempts[i].refunded_minor = INT64_MAX / 2 + 1;
    }
    const struct payment was = one.aggregate.payment;
    struct notice notice = payment_says(PAYMENT_SUCCEEDED, 120, 1);
    assert_err(one_payment_take(&one, &notice, 0, TIE_NONE, false, &decision), ERR_OVERFLOW);
    assert_memory_equal(&one.aggregate.payment, &was, sizeof was);
    assert_int_equal(decision.event_count, 0);
}

static void a_notice_about_something_else_breaks_the_contract(void **state)
{
    (void)state;
    struct notice notice = payment_says(PAYMENT_OPEN, 120, 1);
    struct notice_ids ids = {.object = id_of(2)};
    assert_aborts(
        (void)(payment_decide(&one.aggregate, &notice, &ids, TIE_NONE, false, &decision) == 0));
}

#define EACH(test) TEST_WITH(test, begin, NULL)
TESTS_MAIN("payment",
    EACH(the_first_notice_opens_the_payment),
    EACH(every_state_teaches_its_milestone_beside_the_opening),
    EACH(a_fact_is_published_once),
    EACH(an_older_notice_changes_no_field_but_teaches_its_milestone_late),
    EACH(an_older_notice_that_teaches_nothing_is_stale),
    EACH(the_same_again_is_the_same),
    EACH(a_newer_notice_with_the_same_words_is_applied_silently),
    EACH(standing_says_what_decide_will_do),
    EACH(who_wins_a_tie_stands_and_is_marked_when_contested),
    EACH(who_loses_a_tie_leaves_the_mark_and_its_milestone),
    EACH(a_tie_that_its_set_has_put_in_order_is_contested_no_more),
    EACH(a_customer_that_becomes_known_is_a_link_and_no_change),
    EACH(a_link_beside_a_change_is_told_as_both),
    EACH(a_milestone_carries_the_links_of_its_decision),
    EACH(a_customer_that_a_newer_notice_takes_away_is_gone),
    EACH(a_stub_that_the_payment_names_becomes_its_own),
    EACH(the_earliest_time_is_kept_whichever_notice_brings_it),
    EACH(a_move_outside_the_life_cycle_is_taken_and_reported),
    EACH(negative_amounts_are_impossible_and_change_nothing),
    EACH(more_received_than_asked_for_is_the_providers_word),
    EACH(a_currency_may_change_until_the_payment_is_settled),
    EACH(an_overflow_of_the_sums_changes_nothing),
    EACH(a_notice_about_something_else_breaks_the_contract))
