#include "domain/derive.h"
#include "unit/domain/says.h"
#include "unit/testing.h"

static struct one_payment one;
static struct payment *payment = &one.aggregate.payment;

/* Two attempts were seen and the payment itself was not. */
static int begin(void **state)
{
    (void)state;
    one_payment_init(&one, 2);
    for (uint32_t i = 0; i < PAYMENT_ATTEMPTS; i++) {
        one.attempts[i].payment_id = id_of(1);
        one.attempts[i].seen = true;
        one.attempts[i].state = ATTEMPT_SUCCEEDED;
        one.attempts[i].amount_minor = 1000;
        one.attempts[i].captured_minor = 1000;
        one.attempts[i].currency = EUR;
        one.attempts[i].made_at = SECOND(110 + i);
    }
    return 0;
}

/* The payment itself was seen too, and names the attempt of that index. */
static void say(enum payment_state state, uint32_t names)
{
    payment->said_seen = true;
    payment->said_state = (int)state;
    payment->said_at = SECOND(200);
    payment->said_amount_minor = 5000;
    payment->said_received_minor = 4000;
    payment->said_currency = EUR;
    payment->said_attempt_id = one.attempts[names].head.id;
}

static void derive(void)
{
    assert_err(payment_derive(&one.aggregate), ERR_OK);
}

static void the_newest_attempt_speaks_for_a_payment_that_was_not_seen(void **state)
{
    (void)state;
    one.attempts[0].state = ATTEMPT_FAILED;
    one.attempts[1].amount_minor = 900;
    derive();
    assert_int_equal(payment->state, PAYMENT_SUCCEEDED);
    assert_int64_equal(payment->amount_minor, 900);
    assert_int64_equal(payment->received_minor, 1000);
    assert_true(own_id_eq(payment->attempt_id, id_of(12)));
    assert_int64_equal(payment->attempt_count, 2);
    one.attempts[0].made_at = SECOND(120);
    (void)str_copy_to(one.attempts[0].failure_code, 64, STR("expired_card"));
    derive();
    assert_int_equal(payment->state, PAYMENT_FAILED);
    assert_string_equal(payment->failure_code, "expired_card");
}

static void the_payments_own_words_go_before_those_of_its_attempts(void **state)
{
    (void)state;
    say(PAYMENT_PROCESSING, 1);
    (void)str_copy_to(payment->said_failure_code, 64, STR("said"));
    (void)str_copy_to(one.attempts[1].failure_code, 64, STR("attempted"));
    derive();
    assert_int_equal(payment->state, PAYMENT_PROCESSING);
    assert_int64_equal(payment->amount_minor, 5000);
    assert_int64_equal(payment->received_minor, 4000);
    assert_string_equal(payment->failure_code, "said");
}

static void a_younger_attempt_shows_what_the_payments_own_snapshot_does_not_know_yet(void **state)
{
    static const struct {
        const char *name;
        enum payment_state said;
        enum attempt_state attempt;
        int64_t attempt_at_s; /* the payment's snapshot is of second 200 */
        enum payment_state shown;
    } rows[] = {
        {"success after the snapshot", PAYMENT_PROCESSING, ATTEMPT_SUCCEEDED, 201,
            PAYMENT_SUCCEEDED},
        {"success in the same second", PAYMENT_OPEN, ATTEMPT_SUCCEEDED, 200, PAYMENT_SUCCEEDED},
        {"success before the snapshot", PAYMENT_OPEN, ATTEMPT_SUCCEEDED, 199, PAYMENT_OPEN},
        {"authorised", PAYMENT_ACTION_REQUIRED, ATTEMPT_AUTHORIZED, 200, PAYMENT_AUTHORIZED},
        {"captured", PAYMENT_AUTHORIZED, ATTEMPT_SUCCEEDED, 200, PAYMENT_SUCCEEDED},
        {"tried again with success", PAYMENT_FAILED, ATTEMPT_SUCCEEDED, 201, PAYMENT_SUCCEEDED},
        {"failed in the second of its success", PAYMENT_FAILED, ATTEMPT_SUCCEEDED, 200,
            PAYMENT_FAILED},
        {"given up", PAYMENT_CANCELED, ATTEMPT_SUCCEEDED, 201, PAYMENT_CANCELED},
        {"a failed attempt does not fail the payment", PAYMENT_OPEN, ATTEMPT_FAILED, 201,
            PAYMENT_OPEN},
    };
    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        say(rows[i].said, 1);
        one.attempts[1].state = (int)rows[i].attempt;
        one.attempts[1].said_at = SECOND(rows[i].attempt_at_s);
        one.attempts[0].captured_minor = 0;
        derive();
        assert_row(payment->state == (int)rows[i].shown, rows[i].name);
        bool ahead = rows[i].shown != rows[i].said;
        assert_row(payment->received_minor == (ahead ? 1000 : 4000), rows[i].name);
    }
}

static void the_attempt_that_succeeded_and_then_failed_takes_the_payment_with_it(void **state)
{
    static const struct {
        const char *name;
        bool succeeded_once, failed, named;
        enum payment_state said, shown;
    } rows[] = {
        {"failed after success", true, true, true, PAYMENT_SUCCEEDED, PAYMENT_FAILED},
        {"still stands", true, false, true, PAYMENT_SUCCEEDED, PAYMENT_SUCCEEDED},
        {"never succeeded", false, true, true, PAYMENT_SUCCEEDED, PAYMENT_SUCCEEDED},
        {"another one is named", true, true, false, PAYMENT_SUCCEEDED, PAYMENT_SUCCEEDED},
        {"the payment went on", true, true, true, PAYMENT_CANCELED, PAYMENT_CANCELED},
    };
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        assert_int_equal(begin(state), 0);
        say(rows[i].said, rows[i].named ? 1 : 0);
        struct attempt *attempt = &one.attempts[1];
        attempt->state = rows[i].failed ? ATTEMPT_FAILED : ATTEMPT_SUCCEEDED;
        (void)str_copy_to(attempt->failure_code, 64, STR("returned"));
        if (rows[i].succeeded_once) {
            attempt->milestones = milestone_bit(EVENT_PAYMENT_SUCCEEDED);
            payment->milestones = milestone_bit(EVENT_PAYMENT_SUCCEEDED);
        }
        derive();
        assert_row(payment->state == (int)rows[i].shown, rows[i].name);
        bool taken_along = rows[i].shown == PAYMENT_FAILED;
        assert_row((strcmp(payment->failure_code, "returned") == 0) == taken_along, rows[i].name);
    }
}

static void a_stub_that_the_payment_names_is_its_newest_attempt(void **state)
{
    (void)state;
    say(PAYMENT_SUCCEEDED, 1);
    one.attempts[1] = (struct attempt){.head = {.id = id_of(12)}};
    derive();
    assert_true(own_id_eq(payment->attempt_id, id_of(12)));
    assert_int64_equal(payment->attempt_count, 1);
    one.aggregate.attempt_count = 0; /* not even a stub */
    derive();
    assert_true(own_id_eq(payment->attempt_id, id_of(12)));
}

static void an_attempt_made_after_the_payments_snapshot_is_newer_than_the_one_it_names(void **state)
{
    (void)state;
    say(PAYMENT_SUCCEEDED, 1);
    one.attempts[1] = (struct attempt){.head = {.id = id_of(12)}};
    one.attempts[0].made_at = SECOND(200);
    derive();
    assert_true(own_id_eq(payment->attempt_id, id_of(12)));
    one.attempts[0].made_at = SECOND(201);
    derive();
    assert_true(own_id_eq(payment->attempt_id, id_of(11)));
}

static void a_later_attempt_is_newer_than_the_one_that_the_payment_names(void **state)
{
    (void)state;
    say(PAYMENT_SUCCEEDED, 0);
    derive();
    assert_true(own_id_eq(payment->attempt_id, id_of(12)));
}

/* What tells attempts of the same second apart, in the order in which it counts. */
static void attempts_of_one_second_are_told_apart_by_what_was_said_of_them(void **state)
{
    for (int row = 0; row < 12; row++) {
        for (uint32_t newer = 0; newer < 2; newer++) {
            assert_int_equal(begin(state), 0);
            struct attempt *attempt = &one.attempts[newer];
            one.attempts[0].made_at = one.attempts[1].made_at;
            one.attempts[1 - newer].state = row == 0 ? ATTEMPT_FAILED : ATTEMPT_SUCCEEDED;
            attempt->said_at = row == 1 ? 1 : 0;
            attempt->said_rank = row == 2 ? 1 : 0;
            attempt->amount_minor = row == 3 ? 1001 : 1000;
            attempt->captured_minor = row == 4 ? 1001 : 1000;
            attempt->refunded_minor = row == 5 ? 1 : 0;
            attempt->currency = row == 6 ? USD : EUR;
            attempt->method[0] = row == 7 ? 'x' : '\0';
            attempt->failure_code[0] = row == 8 ? 'x' : '\0';
            attempt->milestones = row == 9 ? milestone_bit(EVENT_PAYMENT_AUTHORIZED) : 0;
            attempt->contested = row == 10;
            payment->said_attempt_id = row == 11 ? attempt->head.id : (struct own_id){{0}};
            derive();
            assert_true(own_id_eq(payment->attempt_id, attempt->head.id));
        }
    }
}

static void attempts_that_nothing_tells_apart_leave_the_newest_unknown(void **state)
{
    (void)state;
    one.attempts[0].made_at = one.attempts[1].made_at;
    derive();
    assert_true(own_id_is_none(payment->attempt_id));
    assert_int_equal(payment->state, PAYMENT_SUCCEEDED);
    one.aggregate.attempt_count = 3;
    derive();
    assert_true(own_id_eq(payment->attempt_id, id_of(13)));
}

static void every_state_of_an_attempt_has_its_place_among_those_of_its_second(void **state)
{
    static const enum attempt_state upwards[] = {
        ATTEMPT_UNKNOWN, ATTEMPT_FAILED, ATTEMPT_PENDING, ATTEMPT_AUTHORIZED, ATTEMPT_SUCCEEDED};
    for (size_t i = 1; i < sizeof upwards / sizeof upwards[0]; i++) {
        assert_int_equal(begin(state), 0);
        one.attempts[0].made_at = one.attempts[1].made_at;
        one.attempts[0].state = (int)upwards[i];
        one.attempts[1].state = (int)upwards[i - 1];
        derive();
        assert_row(own_id_eq(payment->attempt_id, id_of(11)), attempt_states.words[upwards[i]]);
    }
}

static void sums_go_over_all_attempts_of_the_payments_currency(void **state)
{
    (void)state;
    one.aggregate.attempt_count = 4;
    one.attempts[0].currency = USD;
    one.attempts[1].state = ATTEMPT_FAILED;
    for (uint32_t i = 0; i < PAYMENT_ATTEMPTS; i++) {
        one.attempts[i].refunded_minor = 1 << i;
    }
    derive();
    assert_int64_equal(payment->received_minor, 2000);
    assert_int64_equal(payment->refunded_minor, 2 + 4 + 8);
    assert_int64_equal(payment->attempt_count, 4);
}

static void the_customer_is_the_payments_or_that_of_the_newest_attempt_with_one(void **state)
{
    (void)state;
    one.attempts[0].customer_id = id_of(21);
    derive();
    assert_true(own_id_eq(payment->customer_id, id_of(21)));
    one.attempts[1].customer_id = id_of(22);
    derive();
    assert_true(own_id_eq(payment->customer_id, id_of(22)));
    one.attempts[1].seen = false;
    derive();
    assert_true(own_id_eq(payment->customer_id, id_of(21)));
    payment->said_customer_id = id_of(23);
    derive();
    assert_true(own_id_eq(payment->customer_id, id_of(23)));
}

static void equally_new_attempts_must_agree_on_the_customer(void **state)
{
    (void)state;
    one.attempts[0].made_at = one.attempts[1].made_at;
    one.attempts[0].customer_id = id_of(21);
    one.attempts[1].customer_id = id_of(21);
    derive();
    assert_true(own_id_eq(payment->customer_id, id_of(21)));
    one.attempts[1].customer_id = id_of(22);
    derive();
    assert_true(own_id_is_none(payment->customer_id));
}

static void a_payment_is_as_old_as_the_first_of_its_parts(void **state)
{
    (void)state;
    derive();
    assert_int64_equal(payment->opened_at, SECOND(110));
    payment->said_created_at = SECOND(105);
    derive();
    assert_int64_equal(payment->opened_at, SECOND(105));
}

static void success_is_as_old_as_the_first_attempt_that_had_it(void **state)
{
    (void)state;
    payment->milestones = milestone_bit(EVENT_PAYMENT_SUCCEEDED);
    payment->said_succeeded_at = SECOND(90);
    derive();
    assert_int64_equal(payment->succeeded_at, SECOND(90));
    one.attempts[1].milestones = milestone_bit(EVENT_PAYMENT_SUCCEEDED);
    derive();
    assert_int64_equal(payment->succeeded_at, SECOND(111));
}

static void a_success_that_the_payment_does_not_know_is_none(void **state)
{
    (void)state;
    one.attempts[1].milestones = milestone_bit(EVENT_PAYMENT_SUCCEEDED);
    derive();
    assert_int64_equal(payment->succeeded_at, 0);
    assert_int64_equal(payment->milestones, 0);
    payment->said_succeeded_at = SECOND(90);
    derive();
    assert_int64_equal(payment->succeeded_at, 0);
    assert_int64_equal(payment->milestones, 0);
}

#define EACH(test) TEST_WITH(test, begin, NULL)
TESTS_MAIN("derive",
    EACH(the_newest_attempt_speaks_for_a_payment_that_was_not_seen),
    EACH(the_payments_own_words_go_before_those_of_its_attempts),
    EACH(a_younger_attempt_shows_what_the_payments_own_snapshot_does_not_know_yet),
    EACH(the_attempt_that_succeeded_and_then_failed_takes_the_payment_with_it),
    EACH(a_stub_that_the_payment_names_is_its_newest_attempt),
    EACH(an_attempt_made_after_the_payments_snapshot_is_newer_than_the_one_it_names),
    EACH(a_later_attempt_is_newer_than_the_one_that_the_payment_names),
    EACH(attempts_of_one_second_are_told_apart_by_what_was_said_of_them),
    EACH(attempts_that_nothing_tells_apart_leave_the_newest_unknown),
    EACH(every_state_of_an_attempt_has_its_place_among_those_of_its_second),
    EACH(sums_go_over_all_attempts_of_the_payments_currency),
    EACH(the_customer_is_the_payments_or_that_of_the_newest_attempt_with_one),
    EACH(equally_new_attempts_must_agree_on_the_customer),
    EACH(a_payment_is_as_old_as_the_first_of_its_parts),
    EACH(success_is_as_old_as_the_first_attempt_that_had_it),
    EACH(a_success_that_the_payment_does_not_know_is_none))
