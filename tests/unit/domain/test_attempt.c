#include "unit/domain/says.h"
#include "unit/testing.h"

static struct one_payment one;
static struct decision decision;

static int begin(void **state)
{
    (void)state;
    one_payment_init(&one, 1);
    decision = (struct decision){.event_count = 0};
    return 0;
}

static void take(struct notice notice)
{
    assert_err(one_payment_take(&one, &notice, 0, TIE_NONE, false, &decision), ERR_OK);
}

static bool published(enum domain_event_type type)
{
    return decision_has(&decision, type);
}

/* The one event of that type; it must be there. */
static struct domain_event the(enum domain_event_type type)
{
    uint32_t i = 0;
    while (i < decision.event_count && decision.events[i].type != type) {
        i++;
    }
    assert_row(i < decision.event_count, domain_event_name(type));
    return decision.events[i < decision.event_count ? i : 0];
}

static void the_first_attempt_opens_its_payment_and_joins_it(void **state)
{
    (void)state;
    take(attempt_says(ATTEMPT_PENDING, 111, 1));
    assert_int_equal(decision.effect, EFFECT_APPLIED);
    assert_int_equal(decision.event_count, 2);
    assert_int64_equal(the(EVENT_PAYMENT_OPENED).occurred_at_us, SECOND(110));
    assert_int64_equal(the(EVENT_PAYMENT_PROCESSING).occurred_at_us, SECOND(110));
    assert_true(one.attempts[0].seen);
    assert_true(own_id_eq(one.attempts[0].payment_id, id_of(1)));
    assert_string_equal(one.attempts[0].method, "card");
    assert_int_equal(one.aggregate.payment.state, PAYMENT_PROCESSING);
    assert_int64_equal(one.aggregate.payment.attempt_count, 1);
    assert_true(own_id_eq(one.aggregate.payment.attempt_id, id_of(11)));
    assert_false(one.aggregate.payment.said_seen);
}

static void every_state_teaches_its_milestone_beside_the_opening(void **state)
{
    static const struct {
        enum attempt_state said;
        enum domain_event_type fact; /* EVENT_TYPE_COUNT: none */
        bool of_attempt;
        enum payment_state payment;
    } rows[] = {
        {ATTEMPT_PENDING, EVENT_PAYMENT_PROCESSING, false, PAYMENT_PROCESSING},
        {ATTEMPT_AUTHORIZED, EVENT_PAYMENT_AUTHORIZED, false, PAYMENT_AUTHORIZED},
        {ATTEMPT_SUCCEEDED, EVENT_PAYMENT_SUCCEEDED, false, PAYMENT_SUCCEEDED},
        {ATTEMPT_FAILED, EVENT_PAYMENT_ATTEMPT_FAILED, true, PAYMENT_FAILED},
        {ATTEMPT_UNKNOWN, EVENT_TYPE_COUNT, false, PAYMENT_UNKNOWN},
    };
    _Static_assert(sizeof rows / sizeof rows[0] == ATTEMPT_STATE_COUNT, "every state has its row");
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        const char *word = attempt_states.words[rows[i].said];
        assert_int_equal(begin(state), 0);
        take(attempt_says(rows[i].said, 120, 1));
        assert_row(published(EVENT_PAYMENT_OPENED), word);
        assert_row(one.aggregate.payment.state == (int)rows[i].payment, word);
        if (rows[i].fact == EVENT_TYPE_COUNT) {
            assert_row(decision.event_count == 1, word);
            continue;
        }
        struct domain_event fact = the(rows[i].fact);
        assert_row(decision.event_count == 2, word);
        assert_row(own_id_eq(fact.aggregate_id, id_of(1)), word);
        assert_row(own_id_is_none(fact.attempt_id) == !rows[i].of_attempt, word);
        assert_row(fact.occurred_at_us == SECOND(110), word);
    }
}

static void a_failure_is_published_once_for_each_attempt(void **state)
{
    (void)state;
    one.aggregate.attempt_count = 2;
    take(attempt_says(ATTEMPT_FAILED, 111, 1));
    struct notice second = attempt_says(ATTEMPT_FAILED, 112, 1);
    assert_err(one_payment_take(&one, &second, 1, TIE_NONE, false, &decision), ERR_OK);
    assert_true(own_id_eq(the(EVENT_PAYMENT_ATTEMPT_FAILED).attempt_id, id_of(12)));
    second.stamp.at_us = SECOND(113);
    assert_err(one_payment_take(&one, &second, 1, TIE_NONE, false, &decision), ERR_OK);
    assert_false(published(EVENT_PAYMENT_ATTEMPT_FAILED));
}

static void success_is_published_once_however_it_was_proven(void **state)
{
    (void)state;
    take(payment_says(PAYMENT_SUCCEEDED, 111, 1));
    take(attempt_says(ATTEMPT_SUCCEEDED, 111, 1));
    assert_false(published(EVENT_PAYMENT_SUCCEEDED));
    assert_true(published(EVENT_PAYMENT_LINKED));
}

static void a_failure_hours_later_has_the_time_of_its_notice(void **state)
{
    (void)state;
    take(attempt_says(ATTEMPT_PENDING, 111, 1));
    take(attempt_says(ATTEMPT_FAILED, 9000, 1));
    assert_int64_equal(the(EVENT_PAYMENT_ATTEMPT_FAILED).occurred_at_us, SECOND(9000));
}

static void failure_after_success_is_late_in_the_order_of_life(void **state)
{
    (void)state;
    take(attempt_says(ATTEMPT_SUCCEEDED, 111, 1));
    take(attempt_says(ATTEMPT_FAILED, 9000, 1));
    assert_int_equal(decision.event_count, 2);
    assert_true(published(EVENT_PAYMENT_ATTEMPT_FAILED));
    struct domain_event late = the(EVENT_PAYMENT_FAILED_LATE);
    assert_true(own_id_eq(late.attempt_id, id_of(11)));
    assert_int64_equal(late.occurred_at_us, SECOND(9000));
    assert_false(late.late);
    assert_false(decision.unexpected_move);
}

static void failure_after_success_is_late_also_when_the_success_is_heard_of_last(void **state)
{
    (void)state;
    take(attempt_says(ATTEMPT_FAILED, 9000, 1));
    assert_false(published(EVENT_PAYMENT_FAILED_LATE));
    take(attempt_says(ATTEMPT_SUCCEEDED, 111, 1));
    assert_int_equal(decision.event_count, 2);
    assert_true(the(EVENT_PAYMENT_SUCCEEDED).late);
    struct domain_event late = the(EVENT_PAYMENT_FAILED_LATE);
    assert_int64_equal(late.occurred_at_us, SECOND(9000));
    assert_true(late.late);
    assert_int_equal(one.attempts[0].state, ATTEMPT_FAILED);
    assert_int_equal(one.aggregate.payment.state, PAYMENT_FAILED);
}

static void a_newer_success_after_a_failure_is_reported_as_unexpected(void **state)
{
    (void)state;
    take(attempt_says(ATTEMPT_FAILED, 111, 1));
    take(attempt_says(ATTEMPT_SUCCEEDED, 112, 1));
    assert_true(decision.unexpected_move);
    assert_true(published(EVENT_PAYMENT_FAILED_LATE));
    assert_int64_equal(the(EVENT_PAYMENT_FAILED_LATE).occurred_at_us, SECOND(111));
    assert_int_equal(one.attempts[0].state, ATTEMPT_SUCCEEDED);
}

static void an_older_notice_changes_no_field_of_the_attempt(void **state)
{
    (void)state;
    take(attempt_says(ATTEMPT_SUCCEEDED, 120, 1));
    struct notice old = attempt_says(ATTEMPT_SUCCEEDED, 119, 1);
    old.attempt_says.amount_minor = 7;
    old.customer = (struct link){LINK_NAMED, STR("customer")};
    take(old);
    assert_int_equal(decision.effect, EFFECT_STALE);
    assert_int_equal(decision.event_count, 0);
    assert_int64_equal(one.attempts[0].amount_minor, 1000);
    assert_true(own_id_is_none(one.attempts[0].customer_id));
}

static void the_same_again_is_the_same(void **state)
{
    (void)state;
    take(attempt_says(ATTEMPT_SUCCEEDED, 120, 1));
    take(attempt_says(ATTEMPT_SUCCEEDED, 120, 1));
    assert_int_equal(decision.effect, EFFECT_SAME);
    assert_int_equal(decision.event_count, 0);
}

static void a_change_of_the_attempt_alone_is_applied_silently(void **state)
{
    (void)state;
    take(attempt_says(ATTEMPT_SUCCEEDED, 120, 1));
    struct notice notice = attempt_says(ATTEMPT_SUCCEEDED, 121, 1);
    notice.attempt_says.method = STR("card_present");
    take(notice);
    assert_int_equal(decision.effect, EFFECT_APPLIED);
    assert_int_equal(decision.event_count, 0);
    assert_string_equal(one.attempts[0].method, "card_present");
}

static void what_was_given_back_changes_the_payment(void **state)
{
    (void)state;
    take(attempt_says(ATTEMPT_SUCCEEDED, 120, 1));
    struct notice notice = attempt_says(ATTEMPT_SUCCEEDED, 121, 1);
    notice.attempt_says.refunded_minor = 300;
    take(notice);
    assert_int_equal(decision.event_count, 1);
    assert_true(published(EVENT_PAYMENT_CHANGED));
    assert_int64_equal(one.aggregate.payment.refunded_minor, 300);
}

static void a_lost_tie_marks_the_attempt_and_not_the_payment(void **state)
{
    (void)state;
    take(attempt_says(ATTEMPT_SUCCEEDED, 120, 1));
    struct notice other = attempt_says(ATTEMPT_SUCCEEDED, 120, 1);
    other.attempt_says.amount_minor = 7;
    struct notice_ids ids = {.object = id_of(11), .payment = id_of(1), .customer = id_of(21)};
    assert_int_equal(attempt_standing(&one.attempts[0], &other, &ids), STANDING_TIE);
    assert_err(one_payment_take(&one, &other, 0, TIE_LOSES, true, &decision), ERR_OK);
    assert_true(one.attempts[0].contested);
    assert_false(one.aggregate.payment.contested);
    assert_int64_equal(one.attempts[0].amount_minor, 1000);
    assert_int_equal(decision.effect, EFFECT_APPLIED);
    assert_int_equal(decision.event_count, 0);
}

static void text_is_cut_at_a_character(void **state)
{
    (void)state;
    struct notice notice = attempt_says(ATTEMPT_SUCCEEDED, 120, 1);
    notice.attempt_says.method = STR("0123456789012345678901234567890\xc3\xa9");
    take(notice);
    assert_string_equal(one.attempts[0].method, "0123456789012345678901234567890");
}

static void without_a_time_of_its_own_the_success_is_as_old_as_its_first_notice(void **state)
{
    (void)state;
    struct notice notice = attempt_says(ATTEMPT_SUCCEEDED, 120, 1);
    notice.attempt_says.created_at_us = 0;
    take(notice);
    assert_int64_equal(one.aggregate.payment.succeeded_at, SECOND(120));
    assert_int64_equal(one.aggregate.payment.opened_at, 0);
    notice.stamp.at_us = SECOND(115);
    take(notice);
    assert_int64_equal(one.aggregate.payment.succeeded_at, SECOND(115));
}

static void what_cannot_be_is_refused_and_changes_nothing(void **state)
{
    static const char *const names[] = {"amount", "captured", "refunded", "currency"};
    for (int row = 0; row < 4; row++) {
        assert_int_equal(begin(state), 0);
        take(attempt_says(ATTEMPT_SUCCEEDED, 120, 1));
        struct notice notice = attempt_says(ATTEMPT_FAILED, 119 + 2 * (row % 2), 1);
        struct attempt_notice *says = &notice.attempt_says;
        says->amount_minor = row == 0 ? -1 : 1;
        says->captured_minor = row == 1 ? -1 : 2;
        says->refunded_minor = row == 2 ? -1 : 3;
        says->currency = row == 3 ? USD : EUR;
        const struct one_payment was = one;
        enum err err = one_payment_take(&one, &notice, 0, TIE_NONE, false, &decision);
        assert_row(err == ERR_IMPOSSIBLE, names[row]);
        assert_row(memcmp(&one, &was, sizeof was) == 0, names[row]);
    }
}

static void odd_amounts_are_the_providers_word(void **state)
{
    (void)state;
    struct notice notice = attempt_says(ATTEMPT_SUCCEEDED, 120, 1);
    notice.attempt_says.captured_minor = 1500;
    notice.attempt_says.refunded_minor = 2000;
    take(notice);
    assert_int64_equal(one.aggregate.payment.received_minor, 1500);
    assert_int64_equal(one.aggregate.payment.refunded_minor, 2000);
}

static void an_attempt_does_not_move_to_another_payment(void **state)
{
    (void)state;
    one.attempts[0].payment_id = id_of(9);
    struct notice notice = attempt_says(ATTEMPT_SUCCEEDED, 120, 1);
    assert_err(one_payment_take(&one, &notice, 0, TIE_NONE, false, &decision), ERR_IMPOSSIBLE);
    one.attempts[0].payment_id = id_of(1);
    struct notice_ids ids = {.object = id_of(11), .payment = id_of(9)};
    assert_err(
        attempt_decide(&one.aggregate, &one.attempts[0], &notice, &ids, TIE_NONE, false, &decision),
        ERR_IMPOSSIBLE);
}

static void an_attempt_that_does_not_say_its_payment_joins_the_one_it_is_kept_with(void **state)
{
    (void)state;
    struct notice notice = attempt_says(ATTEMPT_SUCCEEDED, 120, 1);
    notice.payment.state = LINK_UNSAID;
    struct notice_ids ids = {.object = id_of(11)};
    assert_err(
        attempt_decide(&one.aggregate, &one.attempts[0], &notice, &ids, TIE_NONE, false, &decision),
        ERR_OK);
    assert_true(own_id_eq(one.attempts[0].payment_id, id_of(1)));
}

static void an_overflow_of_the_sums_changes_nothing(void **state)
{
    (void)state;
    one.aggregate.attempt_count = 2;
    take(attempt_says(ATTEMPT_SUCCEEDED, 120, 1));
    struct notice notice = attempt_says(ATTEMPT_SUCCEEDED, 120, 1);
    notice.attempt_says.captured_minor = INT64_MAX;
    const struct one_payment was = one;
    assert_err(one_payment_take(&one, &notice, 1, TIE_NONE, false, &decision), ERR_OVERFLOW);
    assert_memory_equal(&one, &was, sizeof was);
}

static void an_attempt_outside_the_aggregate_breaks_the_contract(void **state)
{
    (void)state;
    struct attempt stranger = {.head = {.id = id_of(11)}};
    struct notice notice = attempt_says(ATTEMPT_SUCCEEDED, 120, 1);
    struct notice_ids ids = {.object = id_of(11), .payment = id_of(1)};
    assert_aborts((void)(attempt_decide(&one.aggregate, &stranger, &notice, &ids, TIE_NONE, false,
                             &decision) == 0));
}

#define EACH(test) TEST_WITH(test, begin, NULL)
TESTS_MAIN("attempt",
    EACH(the_first_attempt_opens_its_payment_and_joins_it),
    EACH(every_state_teaches_its_milestone_beside_the_opening),
    EACH(a_failure_is_published_once_for_each_attempt),
    EACH(success_is_published_once_however_it_was_proven),
    EACH(a_failure_hours_later_has_the_time_of_its_notice),
    EACH(failure_after_success_is_late_in_the_order_of_life),
    EACH(failure_after_success_is_late_also_when_the_success_is_heard_of_last),
    EACH(a_newer_success_after_a_failure_is_reported_as_unexpected),
    EACH(an_older_notice_changes_no_field_of_the_attempt),
    EACH(the_same_again_is_the_same),
    EACH(a_change_of_the_attempt_alone_is_applied_silently),
    EACH(what_was_given_back_changes_the_payment),
    EACH(a_lost_tie_marks_the_attempt_and_not_the_payment),
    EACH(text_is_cut_at_a_character),
    EACH(without_a_time_of_its_own_the_success_is_as_old_as_its_first_notice),
    EACH(what_cannot_be_is_refused_and_changes_nothing),
    EACH(odd_amounts_are_the_providers_word),
    EACH(an_attempt_does_not_move_to_another_payment),
    EACH(an_attempt_that_does_not_say_its_payment_joins_the_one_it_is_kept_with),
    EACH(an_overflow_of_the_sums_changes_nothing),
    EACH(an_attempt_outside_the_aggregate_breaks_the_contract))
