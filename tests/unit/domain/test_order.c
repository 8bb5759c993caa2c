#include "unit/domain/generate.h"
#include "unit/domain/says.h"
#include "unit/testing.h"

#define SEVEN 7
#define GENERATED_LIVES 400
#define ORDERS_EACH 40

static struct history first, second;

static void in_order(uint32_t *order, uint32_t count)
{
    for (uint32_t i = 0; i < count; i++) {
        order[i] = i;
    }
}

static void shuffle(uint32_t *order, uint32_t count, uint64_t *chance)
{
    for (uint32_t i = count; i > 1; i--) {
        uint32_t other = (uint32_t)test_random_below(chance, i);
        uint32_t swapped = order[i - 1];
        order[i - 1] = order[other];
        order[other] = swapped;
    }
}

static void assert_ends_equal(const struct life *life, const uint32_t *order, uint32_t count)
{
    const char *differs = histories_differ(&first, &second);
    if (differs == NULL) {
        return;
    }
    print_error("%s depends on the order:", differs);
    for (uint32_t i = 0; i < count; i++) {
        const struct notice *notice = &life->sayings[order[i]].notice;
        print_error(" %u(%d@%lld.%lld)", order[i], (int)notice->kind,
            (long long)(notice->stamp.at_us / 1000000), (long long)notice->stamp.rank);
    }
    print_error("\n");
    fail();
}

/* ---- all orders of seven ----------------------------------------------------------------------
 */

/* Opened by a customer; declined; tried again, pending, paid; a part given back. */
static void tell_seven(struct life *life)
{
    struct notice opened = payment_says(PAYMENT_OPEN, 100, 10);
    struct notice declined = attempt_says(ATTEMPT_FAILED, 110, 50);
    struct notice failed = payment_says(PAYMENT_FAILED, 110, 50);
    struct notice pending = attempt_says(ATTEMPT_PENDING, 120, 10);
    struct notice paid = attempt_says(ATTEMPT_SUCCEEDED, 130, 30);
    struct notice succeeded = payment_says(PAYMENT_SUCCEEDED, 130, 70);
    struct notice refunded = attempt_says(ATTEMPT_SUCCEEDED, 130, 40);
    opened.attempt.state = LINK_NONE;
    opened.customer.state = LINK_NAMED;
    failed.attempt.state = LINK_NAMED;
    failed.customer.state = LINK_NAMED;
    succeeded.attempt.state = LINK_NAMED;
    succeeded.customer.state = LINK_NAMED;
    pending.attempt_says.created_at_us = SECOND(119);
    paid.attempt_says.created_at_us = SECOND(119);
    refunded.attempt_says.created_at_us = SECOND(119);
    refunded.attempt_says.refunded_minor = 300;
    *life = (struct life){.count = SEVEN,
        .sayings = {{.notice = opened}, {.notice = declined}, {.notice = failed},
            {.notice = pending, .object = 1}, {.notice = paid, .object = 1},
            {.notice = succeeded, .attempt = 1}, {.notice = refunded, .object = 1}}};
}

/* The same with a second life: authorised, captured in part, and failed after all. */
static void tell_seven_others(struct life *life)
{
    struct notice opened = payment_says(PAYMENT_OPEN, 100, 10);
    struct notice action = payment_says(PAYMENT_ACTION_REQUIRED, 100, 30);
    struct notice held = attempt_says(ATTEMPT_AUTHORIZED, 101, 20);
    struct notice authorized = payment_says(PAYMENT_AUTHORIZED, 101, 60);
    struct notice captured = attempt_says(ATTEMPT_SUCCEEDED, 140, 30);
    struct notice succeeded = payment_says(PAYMENT_SUCCEEDED, 140, 70);
    struct notice failed = attempt_says(ATTEMPT_FAILED, 90000, 50);
    captured.attempt_says.captured_minor = 700;
    failed.attempt_says.captured_minor = 700;
    succeeded.payment_says.received_minor = 700;
    succeeded.attempt.state = LINK_NAMED;
    authorized.attempt.state = LINK_NAMED;
    *life = (struct life){.count = SEVEN,
        .sayings = {{.notice = opened}, {.notice = action}, {.notice = held},
            {.notice = authorized}, {.notice = captured}, {.notice = succeeded},
            {.notice = failed}}};
}

/* Heap's algorithm: each order differs from the one before by one swap. Returns how many there
 * were. */
static uint32_t play_all_orders(const struct life *life)
{
    uint64_t chance = test_seed();
    uint32_t order[SEVEN];
    uint32_t turns[SEVEN] = {0};
    uint32_t played = 1;
    in_order(order, SEVEN);
    history_play(&first, life, order, SEVEN, &chance);
    uint32_t i = 0;
    while (i < SEVEN) {
        if (turns[i] >= i) {
            turns[i++] = 0;
            continue;
        }
        uint32_t other = i % 2 == 0 ? 0 : turns[i];
        uint32_t swapped = order[other];
        order[other] = order[i];
        order[i] = swapped;
        history_play(&second, life, order, SEVEN, &chance);
        assert_ends_equal(life, order, SEVEN);
        played++;
        turns[i]++;
        i = 0;
    }
    return played;
}

static void all_5040_orders_of_a_retried_payment_end_equal(void **state)
{
    (void)state;
    struct life life;
    tell_seven(&life);
    assert_int_equal(play_all_orders(&life), 5040);
    const struct payment *payment = &first.aggregate.payment;
    assert_int_equal(payment->state, PAYMENT_SUCCEEDED);
    assert_int64_equal(payment->received_minor, 1000);
    assert_int64_equal(payment->refunded_minor, 300);
    assert_int64_equal(payment->attempt_count, 2);
    assert_int64_equal(payment->opened_at, SECOND(100));
    assert_int64_equal(payment->succeeded_at, SECOND(119));
    assert_true(own_id_eq(payment->attempt_id, first.attempts[1].head.id));
    assert_int_equal(first.facts[EVENT_PAYMENT_OPENED][LIFE_ATTEMPTS], 1);
    assert_int_equal(first.facts[EVENT_PAYMENT_PROCESSING][LIFE_ATTEMPTS], 1);
    assert_int_equal(first.facts[EVENT_PAYMENT_SUCCEEDED][LIFE_ATTEMPTS], 1);
    assert_int_equal(first.facts[EVENT_PAYMENT_ATTEMPT_FAILED][0], 1);
    assert_int_equal(first.facts[EVENT_PAYMENT_ATTEMPT_FAILED][1], 0);
    assert_int_equal(first.facts[EVENT_PAYMENT_FAILED_LATE][0], 0);
}

static void all_5040_orders_of_a_payment_that_fails_late_end_equal(void **state)
{
    (void)state;
    struct life life;
    tell_seven_others(&life);
    assert_int_equal(play_all_orders(&life), 5040);
    assert_int_equal(first.aggregate.payment.state, PAYMENT_FAILED);
    assert_string_equal(first.aggregate.payment.failure_code, "card_declined");
    assert_int_equal(first.facts[EVENT_PAYMENT_ACTION_REQUIRED][LIFE_ATTEMPTS], 1);
    assert_int_equal(first.facts[EVENT_PAYMENT_AUTHORIZED][LIFE_ATTEMPTS], 1);
    assert_int_equal(first.facts[EVENT_PAYMENT_SUCCEEDED][LIFE_ATTEMPTS], 1);
    assert_int_equal(first.facts[EVENT_PAYMENT_ATTEMPT_FAILED][0], 1);
    assert_int_equal(first.facts[EVENT_PAYMENT_FAILED_LATE][0], 1);
}

/* ---- generated lives --------------------------------------------------------------------------
 */

/* Some of `count` in order, each at least `percent` likely. */
static uint32_t pick(uint32_t *order, uint32_t count, uint64_t percent, uint64_t *chance)
{
    uint32_t picked = 0;
    for (uint32_t i = 0; i < count; i++) {
        if (test_random_below(chance, 100) < percent) {
            order[picked++] = i;
        }
    }
    return picked;
}

/* Every one of `order` once more, or not, and then in any order. */
static uint32_t repeat_some(uint32_t *order, uint32_t count, uint64_t *chance)
{
    uint32_t all = count;
    for (uint32_t i = 0; i < count; i++) {
        if (test_random_below(chance, 3) == 0) {
            order[all++] = order[i];
        }
    }
    shuffle(order, all, chance);
    return all;
}

/* `percent` of what the provider says arrives; what arrives, arrives in any order and in part
 * twice. */
static void play_generated_lives(uint64_t percent)
{
    uint64_t chance = test_seed() + percent;
    uint64_t said = 0;
    for (uint32_t lives = 0; lives < GENERATED_LIVES; lives++) {
        struct life life;
        uint32_t heard[LIFE_SAYINGS];
        uint32_t order[2 * LIFE_SAYINGS];
        life_generate(&life, &chance);
        uint32_t count = pick(heard, life.count, percent, &chance);
        history_play(&first, &life, heard, count, &chance);
        said += count;
        for (uint32_t orders = 0; orders < ORDERS_EACH; orders++) {
            memcpy(order, heard, sizeof heard);
            uint32_t all = repeat_some(order, count, &chance);
            history_play(&second, &life, order, all, &chance);
            assert_ends_equal(&life, order, all);
        }
    }
    assert_true(said > GENERATED_LIVES); /* the lives are not empty */
}

static void generated_lives_end_equal_in_any_order_and_with_duplicates(void **state)
{
    (void)state;
    play_generated_lives(100);
}

static void generated_lives_of_which_a_part_is_lost_end_equal_too(void **state)
{
    (void)state;
    play_generated_lives(60);
}

/* Else the property would say little. Always the same lives: this is about the generator. */
static void generated_lives_show_everything_that_can_happen(void **state)
{
    (void)state;
    uint64_t chance = 1;
    bool happened[EVENT_TYPE_COUNT] = {false};
    bool contested = false;
    for (uint32_t lives = 0; lives < GENERATED_LIVES; lives++) {
        struct life life;
        uint32_t order[LIFE_SAYINGS];
        life_generate(&life, &chance);
        in_order(order, life.count);
        history_play(&first, &life, order, life.count, &chance);
        for (int type = 0; type < EVENT_TYPE_COUNT; type++) {
            for (uint32_t about = 0; about <= LIFE_ATTEMPTS; about++) {
                happened[type] = happened[type] || first.facts[type][about] > 0;
            }
        }
        contested = contested || first.aggregate.payment.contested;
    }
    assert_true(contested);
    for (int i = 0; i < EVENT_TYPE_COUNT; i++) {
        enum domain_event_type type = (enum domain_event_type)i;
        enum id_kind kind = domain_event_aggregate(type);
        bool told = kind == ID_PAYMENT || kind == ID_REFUND || kind == ID_CUSTOMER;
        bool out_of_reach = !told || !domain_event_is_milestone(type) ||
                            type == EVENT_REFUND_ACTION_REQUIRED || type == EVENT_REFUND_CANCELED;
        assert_row(happened[type] != out_of_reach, domain_event_name(type));
    }
}

TESTS_MAIN("order",
    TEST(all_5040_orders_of_a_retried_payment_end_equal),
    TEST(all_5040_orders_of_a_payment_that_fails_late_end_equal),
    TEST(generated_lives_end_equal_in_any_order_and_with_duplicates),
    TEST(generated_lives_of_which_a_part_is_lost_end_equal_too),
    TEST(generated_lives_show_everything_that_can_happen))
