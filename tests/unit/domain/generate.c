#include "unit/domain/generate.h"
#include "unit/notices.h"

/* The provider's own books about one payment, from which it renders what it says. */
struct world {
    struct life *life;
    uint64_t *chance;
    int64_t second;
    struct payment_notice payment;
    uint32_t attempt_count, refund_count, customer; /* customer 0: none; else index + 1 */
    struct attempt_notice attempts[LIFE_ATTEMPTS];
    struct refund refunds[LIFE_REFUNDS];
    struct customer customers[LIFE_CUSTOMERS];
    bool attempt_alone; /* the attempts have no payment object beside them */
};

static bool likely(struct world *world, uint64_t percent)
{
    return test_random_below(world->chance, 100) < percent;
}

/* Most of what happens happens in the second of what came before. */
static void pass_time(struct world *world)
{
    if (likely(world, 40)) {
        world->second += 1 + (int64_t)test_random_below(world->chance, 3);
    }
    if (likely(world, 5)) {
        world->second += 100000;
    }
}

static struct saying *say(struct world *world, enum id_kind kind, uint32_t object, int64_t rank)
{
    struct life *life = world->life;
    if (life->count == LIFE_SAYINGS) {
        return NULL;
    }
    struct saying *saying = &life->sayings[life->count];
    *saying = (struct saying){.object = object, .tie_order = life->count};
    saying->notice.kind = kind;
    saying->notice.object = STR("object");
    saying->notice.stamp = (struct stamp){world->second * 1000000, rank};
    saying->orderless = world->second % 3 == 0;
    if (saying->orderless) {
        saying->tie_order = (uint32_t)test_random_below(world->chance, 1 << 30);
    }
    life->count++;
    return saying;
}

/* Now and then a time is missing. */
static void forget_time(struct world *world, int64_t *created_at_us)
{
    if (likely(world, 10)) {
        *created_at_us = 0;
    }
}

static void link_customer(struct world *world, struct saying *saying)
{
    saying->notice.customer.state = world->customer == 0 ? LINK_NONE : LINK_NAMED;
    saying->customer = world->customer == 0 ? 0 : world->customer - 1;
}

static void say_payment(struct world *world)
{
    if (world->attempt_alone) {
        return;
    }
    struct saying *saying = say(world, ID_PAYMENT, 0, (int64_t)world->payment.state);
    if (saying == NULL) {
        return;
    }
    saying->notice.payment_says = world->payment;
    forget_time(world, &saying->notice.payment_says.created_at_us);
    bool tried = world->attempt_count > 0;
    saying->notice.attempt.state = tried ? LINK_NAMED : LINK_NONE;
    saying->attempt = tried ? world->attempt_count - 1 : 0;
    link_customer(world, saying);
}

static void say_attempt(struct world *world, uint32_t which)
{
    struct saying *saying = say(world, ID_ATTEMPT, which, (int64_t)world->attempts[which].state);
    if (saying != NULL) {
        saying->notice.attempt_says = world->attempts[which];
        forget_time(world, &saying->notice.attempt_says.created_at_us);
        saying->notice.payment.state = world->attempt_alone ? LINK_NONE : LINK_NAMED;
        link_customer(world, saying);
    }
}

static void say_refund(struct world *world, uint32_t which)
{
    struct saying *saying = say(world, ID_REFUND, which, (int64_t)world->refunds[which].state);
    if (saying != NULL) {
        saying->says.refund = world->refunds[which];
        saying->notice.object_says.record = &saying->says;
        forget_time(world, &saying->says.refund.made_at);
        saying->attempt = world->attempt_count - 1;
        change_link(&saying->notice, "attempt_id")->state =
            likely(world, 80) ? LINK_NAMED : LINK_UNSAID;
        change_link(&saying->notice, "payment_id")->state =
            likely(world, 50) ? LINK_NAMED : LINK_UNSAID;
    }
}

static void say_customer(struct world *world, uint32_t which)
{
    struct saying *saying = say(world, ID_CUSTOMER, which, world->customers[which].deleted);
    if (saying != NULL) {
        saying->says.customer = world->customers[which];
        saying->notice.object_says.record = &saying->says;
    }
}

/* Both objects have changed at once; the provider tells of them in either order. */
static void say_both(struct world *world, uint32_t attempt)
{
    if (likely(world, 50)) {
        say_payment(world);
        say_attempt(world, attempt);
    } else {
        say_attempt(world, attempt);
        say_payment(world);
    }
}

/* ---- what happens -----------------------------------------------------------------------------
 */

static void fail_attempt(struct world *world, struct attempt_notice *attempt)
{
    static const char *const codes[] = {"card_declined", "expired_card", "insufficient_funds"};
    const char *code = codes[test_random_below(world->chance, 3)];
    attempt->state = ATTEMPT_FAILED;
    attempt->failure_code = str_from(code);
    if (world->payment.state != PAYMENT_SUCCEEDED) {
        world->payment.state = PAYMENT_FAILED;
        world->payment.failure_code = str_from(code);
    }
}

static void succeed(struct world *world, struct attempt_notice *attempt, int64_t captured)
{
    attempt->state = ATTEMPT_SUCCEEDED;
    attempt->captured_minor = captured;
    world->payment.state = PAYMENT_SUCCEEDED;
    world->payment.received_minor = captured;
    world->payment.failure_code = STR_NONE;
}

static void refund_some(struct world *world, struct attempt_notice *attempt)
{
    uint32_t which = world->refund_count++;
    struct refund *refund = &world->refunds[which];
    *refund = (struct refund){.state = likely(world, 50) ? REFUND_PENDING : REFUND_SUCCEEDED,
        .amount_minor = 100 + (int64_t)which,
        .currency = attempt->currency,
        .made_at = world->second * 1000000,
        .reason = "requested_by_customer"};
    attempt->refunded_minor += refund->amount_minor;
    say_refund(world, which);
    say_attempt(world, world->attempt_count - 1);
    pass_time(world);
    if (likely(world, 40)) {
        refund->state = REFUND_SUCCEEDED;
        say_refund(world, which);
    }
    pass_time(world);
    if (likely(world, 30)) {
        refund->state = REFUND_FAILED;
        (void)str_copy_to(
            refund->failure_reason, sizeof refund->failure_reason, STR("expired_or_canceled_card"));
        attempt->refunded_minor -= refund->amount_minor;
        say_refund(world, which);
        say_attempt(world, world->attempt_count - 1);
    }
}

/* One try to pay. True when the money is there. */
static bool try_to_pay(struct world *world)
{
    struct attempt_notice *attempt = &world->attempts[world->attempt_count++];
    *attempt = (struct attempt_notice){.state = ATTEMPT_PENDING,
        .amount_minor = world->payment.amount_minor,
        .currency = world->payment.currency,
        .created_at_us = world->second * 1000000,
        .method = likely(world, 50) ? STR("card") : STR("sepa_debit")};
    uint32_t which = world->attempt_count - 1;
    if (likely(world, 40)) {
        world->payment.state = PAYMENT_PROCESSING;
        say_both(world, which);
        pass_time(world);
    }
    if (likely(world, 40)) {
        fail_attempt(world, attempt);
        say_both(world, which);
        return false;
    }
    int64_t captured = world->payment.amount_minor;
    if (likely(world, 30)) {
        attempt->state = ATTEMPT_AUTHORIZED;
        world->payment.state = PAYMENT_AUTHORIZED;
        say_both(world, which);
        pass_time(world);
        captured -= (int64_t)test_random_below(world->chance, 3) * 100;
    }
    if (likely(world, 10)) {
        world->payment.state = PAYMENT_CANCELED;
        say_payment(world);
        return false;
    }
    succeed(world, attempt, captured);
    say_both(world, which);
    return true;
}

static void go_on_after_success(struct world *world)
{
    struct attempt_notice *attempt = &world->attempts[world->attempt_count - 1];
    while (world->refund_count < LIFE_REFUNDS && likely(world, 40)) {
        pass_time(world);
        refund_some(world, attempt);
    }
    if (likely(world, 25)) {
        pass_time(world);
        fail_attempt(world, attempt);
        say_attempt(world, world->attempt_count - 1);
    }
}

static void live_with_customers(struct world *world)
{
    if (likely(world, 30)) {
        uint32_t which = (uint32_t)test_random_below(world->chance, LIFE_CUSTOMERS);
        static const char *const names[] = {"Ann", "Bea", "Cat"};
        struct customer *customer = &world->customers[which];
        const char *name = names[test_random_below(world->chance, 3)];
        (void)str_copy_to(customer->name, sizeof customer->name, str_from(name));
        customer->made_at = 1000000;
        customer->deleted = customer->deleted || likely(world, 15);
        say_customer(world, which);
        world->customer = customer->deleted ? 0 : which + 1;
    }
}

void life_generate(struct life *life, uint64_t *chance)
{
    life->count = 0;
    struct world world = {.life = life, .chance = chance, .second = 1000};
    world.attempt_alone = likely(&world, 15);
    world.payment = (struct payment_notice){.state = PAYMENT_OPEN,
        .amount_minor = 1000,
        .currency = {"EUR"},
        .created_at_us = world.second * 1000000};
    live_with_customers(&world);
    say_payment(&world);
    uint32_t tries_max = world.attempt_alone ? 1 : LIFE_ATTEMPTS;
    bool paid = false;
    while (!paid && world.attempt_count < tries_max && world.payment.state != PAYMENT_CANCELED) {
        pass_time(&world);
        live_with_customers(&world);
        while (likely(&world, 30)) { /* more than once in a second nobody knows the order */
            world.payment.amount_minor += 100;
            say_payment(&world);
        }
        if (likely(&world, 20)) {
            world.payment.state = PAYMENT_ACTION_REQUIRED;
            say_payment(&world);
            pass_time(&world);
        }
        paid = try_to_pay(&world);
        if (!paid && likely(&world, 10)) {
            break;
        }
    }
    live_with_customers(&world);
    if (paid) {
        go_on_after_success(&world);
    }
}
