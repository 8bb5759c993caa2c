#include "unit/flow/lives_tell.h"

struct price {
    struct teller teller, plan; /* of one object: what is told twice has two tellers */
    struct str product;
    int64_t amount, created;
    const char *nickname;
    bool active;
};

static void tell_product(
    struct world *world, struct teller *product, int64_t created, bool active, const char *type)
{
    struct str members = text(world, ",'created':%" PRId64 ",'name':'thing %u','active':%s",
        created, product->step / 2, active ? "true" : "false");
    struct str older = text(world, STR_FMT ",'features':[]", STR_ARG(members));
    tell_object(world, product, "product", type,
        text(world, STR_FMT ",'marketing_features':[]", STR_ARG(members)),
        &(struct older){"2023-10-16", older, false});
}

static struct str price_members(
    struct world *world, const struct price *price, const char *amount, const char *nickname)
{
    return text(world,
        ",'created':%" PRId64 ",'currency':'eur','%s':%" PRId64 ",'active':%s,'%s':" STR_FMT,
        price->created, amount, price->amount, price->active ? "true" : "false", nickname,
        STR_ARG(word(world, price->nickname)));
}

static void tell_plan(struct world *world, struct price *price, const char *type)
{
    static const char interval[] = ",'interval':'month','interval_count':1";
    struct str newest = text(world, STR_FMT "%s,'product':'" STR_FMT "'",
        STR_ARG(price_members(world, price, "amount", "nickname")), interval,
        STR_ARG(price->product));
    struct str older =
        text(world, STR_FMT "%s", STR_ARG(price_members(world, price, "amount", "name")), interval);
    tell_object(
        world, &price->plan, "plan", type, newest, &(struct older){"2017-12-14", older, false});
}

/* In one second as a plan too, and either may be told first. */
static void tell_price(
    struct world *world, struct price *price, const char *type, const char *plan_type)
{
    struct str members = text(world,
        STR_FMT ",'product':'" STR_FMT "','recurring':{'interval':'month','interval_count':1}",
        STR_ARG(price_members(world, price, "unit_amount", "nickname")), STR_ARG(price->product));
    bool plan_first = likely(world, 50);
    if (plan_first) {
        tell_plan(world, price, plan_type);
    }
    tell_object(world, &price->teller, "price", type, members, NULL);
    if (!plan_first) {
        tell_plan(world, price, plan_type);
    }
    pass_time(world);
}

void live_price(struct world *world)
{
    struct teller product = {.id = new_id(world, ID_PRODUCT, "prod")};
    int64_t created = world->second;
    tell_product(world, &product, created, true, "product.created");
    pass_time(world);
    struct price price = {
        .product = product.id, .amount = 500, .created = world->second, .active = true};
    price.teller.id = price.plan.id = new_id(world, ID_PRICE, "price");
    tell_price(world, &price, "price.created", "plan.created");
    price.nickname = "monthly";
    tell_price(world, &price, "price.updated", "plan.updated");
    tell_product(world, &product, created, true, "product.updated");
    pass_time(world);
    price.active = false;
    tell_price(world, &price, "price.updated", "plan.updated");
    if (likely(world, 50)) {
        tell_price(world, &price, "price.deleted", "plan.deleted");
        tell_product(world, &product, created, false, "product.deleted");
    }
}

struct schedule {
    struct teller teller;
    struct str subscription, released;
    int64_t created, phase, ended;
    const char *status, *ended_at;
};

static void tell_schedule(struct world *world, struct schedule *schedule, const char *type)
{
    struct str phase = STR("null");
    if (schedule->phase != 0) {
        phase = text(world, "{'start_date':%" PRId64 ",'end_date':%" PRId64 "}", schedule->phase,
            schedule->phase + 2592000);
    }
    struct str members = text(world,
        ",'created':%" PRId64 ",'customer':'" STR_FMT "','status':'%s','subscription':" STR_FMT
        ",'released_subscription':" STR_FMT ",'current_phase':" STR_FMT
        ",'phases':[],'%s':" STR_FMT,
        schedule->created, STR_ARG(world->customer), schedule->status,
        STR_ARG(link_to(world, schedule->subscription)),
        STR_ARG(link_to(world, schedule->released)), STR_ARG(phase), schedule->ended_at,
        STR_ARG(time_or_null(world, schedule->ended)));
    struct str older = text(world, STR_FMT ",'renewal_behavior':'release'", STR_ARG(members));
    tell_object(world, &schedule->teller, "subscription_schedule", type,
        text(world, STR_FMT ",'end_behavior':'release'", STR_ARG(members)),
        &(struct older){"2019-09-09", older, false});
    pass_time(world);
}

static void end_schedule(struct world *world, struct schedule *schedule)
{
    static const struct {
        const char *status, *at, *type;
    } ends[] = {
        {"completed", "completed_at", "subscription_schedule.completed"},
        {"released", "released_at", "subscription_schedule.released"},
        {"canceled", "canceled_at", "subscription_schedule.canceled"},
        {"canceled", "canceled_at", "subscription_schedule.aborted"},
    };
    uint64_t end = test_random_below(world->chance, sizeof ends / sizeof ends[0]);
    schedule->status = ends[end].status;
    schedule->ended_at = ends[end].at;
    schedule->ended = world->second;
    schedule->phase = 0;
    if (end == 1) {
        schedule->released = schedule->subscription;
        schedule->subscription = STR_NONE;
    }
    tell_schedule(world, schedule, ends[end].type);
}

void live_schedule(struct world *world)
{
    struct schedule schedule = {
        .created = world->second, .status = "not_started", .ended_at = "completed_at"};
    schedule.teller.id = new_id(world, ID_SCHEDULE, "sub_sched");
    tell_schedule(world, &schedule, "subscription_schedule.created");
    struct subscription subscription = subscribe(world);
    schedule.status = "active";
    schedule.phase = world->second;
    schedule.subscription = subscription.teller.id;
    tell_schedule(world, &schedule, "subscription_schedule.updated");
    if (likely(world, 40)) {
        schedule.phase += 2592000;
        tell_schedule(world, &schedule, "subscription_schedule.expiring");
    }
    if (likely(world, 70)) {
        end_schedule(world, &schedule);
    }
}
