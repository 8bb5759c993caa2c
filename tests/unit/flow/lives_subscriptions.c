#include "unit/flow/lives_tell.h"

struct subscription subscribe(struct world *world)
{
    struct subscription subscription = {
        .created = world->second, .quantity = 1, .status = "incomplete"};
    subscription.teller.id = new_id(world, ID_SUBSCRIPTION, "sub");
    subscription.item = new_id(world, ID_SUBSCRIPTION_ITEM, "si");
    subscription.price = new_id(world, ID_PRICE, "price");
    subscription.extra = new_id(world, ID_SUBSCRIPTION_ITEM, "si");
    subscription.extra_is = EXTRA_IN;
    tell_subscription(world, &subscription, "customer.subscription.created");
    return subscription;
}

void live_paused(struct world *world)
{
    struct subscription subscription = subscribe(world);
    struct invoice invoice = draft(world, subscription.teller.id);
    subscription.invoice = invoice.teller.id;
    struct intent intent;
    (void)pay_part(world, &invoice, &intent, invoice.due);
    subscription.status = "active";
    tell_subscription(world, &subscription, "customer.subscription.updated");
    pass_time(world);
    subscription.pause = "void";
    subscription.extra_is = EXTRA_CUT_OFF;
    tell_subscription(world, &subscription, "customer.subscription.updated");
    pass_time(world);
    subscription.extra_is = likely(world, 50) ? EXTRA_OUT : EXTRA_IN;
    tell_subscription(world, &subscription, "customer.subscription.updated");
    pass_time(world);
    subscription.pause = NULL;
    subscription.quantity = 2;
    tell_subscription(world, &subscription, "customer.subscription.updated");
    pass_time(world);
    subscription.status = "paused";
    tell_subscription(world, &subscription, "customer.subscription.paused");
    pass_time(world);
    subscription.status = "active";
    tell_subscription(world, &subscription, "customer.subscription.resumed");
    if (likely(world, 40)) {
        pass_time(world);
        subscription.status = "canceled";
        subscription.ended = world->second;
        tell_subscription(world, &subscription, "customer.subscription.deleted");
    }
}
