#include "unit/flow/lives_tell.h"

void begin(struct world *world, struct intent *intent, const char *currency)
{
    *intent = (struct intent){
        .amount = 1000 + 100 * (int64_t)test_random_below(world->chance, 90),
        .created = world->second,
        .customer = world->customer,
        .currency = currency,
        .status = "requires_payment_method",
    };
    intent->teller.id = new_id(world, ID_PAYMENT, "pi");
    tell_intent(world, intent, "payment_intent.created");
    if (likely(world, 20)) {
        intent->status = "requires_action";
        pass_time(world);
        tell_intent(world, intent, "payment_intent.requires_action");
        while (likely(world, 40)) { /* nobody knows the order of two in one second */
            intent->amount += 100;
            tell_intent(world, intent, "payment_intent.requires_action");
        }
    }
}

struct charge *try_to_pay(struct world *world, struct intent *intent, const char *status)
{
    assert_true(intent->charge_count < INTENT_CHARGES);
    pass_time(world);
    struct charge *charge = &intent->charges[intent->charge_count++];
    *charge = (struct charge){
        .intent = intent->teller.id,
        .customer = intent->customer,
        .amount = intent->amount,
        .created = world->second,
        .currency = intent->currency,
        .status = status,
    };
    charge->teller.id = new_id(world, ID_ATTEMPT, "ch");
    return charge;
}

/* Both have changed at once, and either may be told first. */
static void tell_both(struct world *world,
    struct intent *intent,
    struct charge *charge,
    const char *of_intent,
    const char *of_charge)
{
    if (likely(world, 50)) {
        tell_charge(world, charge, of_charge);
        tell_intent(world, intent, of_intent);
    } else {
        tell_intent(world, intent, of_intent);
        tell_charge(world, charge, of_charge);
    }
}

static void fail_charge(struct world *world, struct intent *intent, struct charge *charge)
{
    charge->status = "failed";
    charge->failure = intent->error = "card_declined";
    intent->status = "requires_payment_method";
    tell_both(world, intent, charge, "payment_intent.payment_failed", "charge.failed");
}

void succeed(struct world *world, struct intent *intent, struct charge *charge)
{
    charge->status = intent->status = "succeeded";
    charge->is_captured = true;
    charge->captured = intent->received = intent->amount;
    intent->error = NULL;
    tell_both(world, intent, charge, "payment_intent.succeeded", "charge.succeeded");
}

struct charge *pay(struct world *world, struct intent *intent, const char *currency)
{
    begin(world, intent, currency);
    if (likely(world, 30)) {
        fail_charge(world, intent, try_to_pay(world, intent, "failed"));
    }
    struct charge *charge = try_to_pay(world, intent, "succeeded");
    succeed(world, intent, charge);
    return charge;
}

static struct charge *wait_for_bank(struct world *world, struct intent *intent)
{
    begin(world, intent, "eur");
    struct charge *charge = try_to_pay(world, intent, "pending");
    intent->status = "processing";
    tell_both(world, intent, charge, "payment_intent.processing", "charge.pending");
    if (likely(world, 60)) {
        pass_days(world);
    }
    return charge;
}

void live_async_success(struct world *world)
{
    struct intent intent;
    struct charge *charge = wait_for_bank(world, &intent);
    succeed(world, &intent, charge);
}

void live_async_failure(struct world *world)
{
    struct intent intent;
    struct charge *charge = wait_for_bank(world, &intent);
    fail_charge(world, &intent, charge);
}

void live_late_failure(struct world *world)
{
    struct intent intent;
    struct charge *charge = pay(world, &intent, "eur");
    pass_time(world);
    charge->status = "failed";
    charge->failure = "insufficient_funds";
    tell_charge(world, charge, "charge.failed");
}

static struct charge *authorize(struct world *world, struct intent *intent)
{
    begin(world, intent, "eur");
    struct charge *charge = try_to_pay(world, intent, "succeeded");
    intent->status = "requires_capture";
    tell_both(
        world, intent, charge, "payment_intent.amount_capturable_updated", "charge.succeeded");
    pass_time(world);
    return charge;
}

static void capture(struct intent *intent, struct charge *charge, int64_t minor)
{
    charge->is_captured = true;
    charge->captured += minor;
    intent->received = charge->captured;
}

void live_partial_capture(struct world *world)
{
    struct intent intent;
    struct charge *charge = authorize(world, &intent);
    capture(&intent, charge, intent.amount - 300);
    charge->refunded = 300; /* what is released looks like given back */
    intent.status = "succeeded";
    tell_both(world, &intent, charge, "payment_intent.succeeded", "charge.captured");
}

void live_several_captures(struct world *world)
{
    struct intent intent;
    struct charge *charge = authorize(world, &intent);
    for (int part = 0; part < 3; part++) {
        capture(&intent, charge, 200);
        intent.status = part == 2 ? "succeeded" : "requires_capture";
        tell_both(world, &intent, charge,
            part == 2 ? "payment_intent.succeeded" : "payment_intent.amount_capturable_updated",
            "charge.captured");
        pass_time(world);
    }
}

void live_released(struct world *world)
{
    struct intent intent;
    struct charge *charge = authorize(world, &intent);
    pass_days(world);
    charge->refunded = charge->amount;
    intent.status = "canceled";
    tell_both(world, &intent, charge, "payment_intent.canceled",
        likely(world, 50) ? "charge.expired" : "charge.refunded");
}
