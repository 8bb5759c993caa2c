#include "unit/flow/lives_tell.h"

struct method {
    struct teller teller;
    int64_t created, month;
    bool detached;
};

static void tell_method(struct world *world, struct method *method, const char *type)
{
    struct str members = text(world,
        ",'created':%" PRId64 ",'customer':" STR_FMT ",'type':'card','card':{'brand':'visa',"
        "'last4':'4242','exp_month':%" PRId64 ",'exp_year':2030,'country':'DE','wallet':null}",
        method->created, STR_ARG(link_to(world, method->detached ? STR_NONE : world->customer)),
        method->month);
    tell_object(world, &method->teller, "payment_method", type, members, NULL);
    pass_time(world);
}

static struct method attach(struct world *world)
{
    struct method method = {.created = world->second, .month = 1};
    method.teller.id = new_id(world, ID_PAYMENT_METHOD, "pm");
    tell_method(world, &method, "payment_method.attached");
    return method;
}

void live_method(struct world *world)
{
    struct method method = attach(world);
    while (method.month < 4 && likely(world, 60)) {
        method.month++;
        tell_method(world, &method,
            likely(world, 50) ? "payment_method.updated" : "payment_method.automatically_updated");
    }
    if (likely(world, 50)) {
        method.detached = true;
        tell_method(world, &method, "payment_method.detached");
    }
}

struct setup {
    struct teller teller;
    struct str method, mandate;
    int64_t created;
    const char *status, *older_status, *error;
};

static struct str setup_members(struct world *world, const struct setup *setup, const char *status)
{
    struct str error =
        setup->error == NULL ? STR("null") : text(world, "{'code':'%s'}", setup->error);
    return text(world,
        ",'created':%" PRId64 ",'customer':'" STR_FMT "','payment_method':" STR_FMT
        ",'mandate':" STR_FMT ",'usage':'off_session','last_setup_error':" STR_FMT ",'status':'%s'",
        setup->created, STR_ARG(world->customer), STR_ARG(link_to(world, setup->method)),
        STR_ARG(link_to(world, setup->mandate)), STR_ARG(error), status);
}

static void tell_setup(struct world *world, struct setup *setup, const char *type)
{
    const char *status = setup->older_status == NULL ? setup->status : setup->older_status;
    setup->teller.unproven = true; /* these events never have previous_attributes */
    tell_object(world, &setup->teller, "setup_intent", type,
        setup_members(world, setup, setup->status),
        &(struct older){"2018-11-08", setup_members(world, setup, status), false});
}

static void fail_setup(struct world *world, struct setup *setup)
{
    setup->status = "requires_payment_method";
    setup->older_status = "requires_source";
    setup->error = "card_declined";
    tell_setup(world, setup, "setup_intent.setup_failed");
    pass_time(world);
}

static void tell_mandate(struct world *world,
    struct teller *mandate,
    const struct setup *setup,
    int64_t accepted,
    const char *status)
{
    struct str members = text(world,
        ",'payment_method':'" STR_FMT "','type':'multi_use','status':'%s','customer_acceptance':"
        "{'accepted_at':%" PRId64 ",'type':'online'},'payment_method_details':{'type':'card'}",
        STR_ARG(setup->method), status, accepted);
    tell_object(world, mandate, "mandate", "mandate.updated", members, NULL);
    pass_time(world);
}

void live_setup(struct world *world)
{
    struct setup setup = {.created = world->second,
        .status = "requires_payment_method",
        .older_status = "requires_source"};
    setup.teller.id = new_id(world, ID_SETUP, "seti");
    tell_setup(world, &setup, "setup_intent.created");
    pass_time(world);
    if (likely(world, 40)) {
        fail_setup(world, &setup);
    }
    setup.method = attach(world).teller.id;
    setup.status = "requires_action";
    setup.older_status = "requires_source_action";
    setup.error = NULL;
    tell_setup(world, &setup, "setup_intent.requires_action");
    pass_time(world);
    setup.older_status = NULL;
    if (likely(world, 20)) {
        setup.status = "canceled";
        tell_setup(world, &setup, "setup_intent.canceled");
        return;
    }
    struct teller mandate = {.id = new_id(world, ID_MANDATE, "mandate")};
    int64_t accepted = world->second;
    setup.mandate = mandate.id;
    setup.status = "succeeded";
    tell_mandate(world, &mandate, &setup, accepted, "pending");
    tell_setup(world, &setup, "setup_intent.succeeded");
    tell_mandate(world, &mandate, &setup, accepted, "active");
    if (likely(world, 50)) {
        tell_mandate(world, &mandate, &setup, accepted, "inactive");
    }
}
