#include "unit/flow/lives_tell.h"

static void tell_checkout(struct world *world, struct teller *teller, struct str intent)
{
    teller->step++;
    bool paid = intent.len > 0;
    struct str object = text(world,
        "{'id':'" STR_FMT "','object':'checkout.session','metadata':{'step':'%u'},'created':"
        "%" PRId64 ",'customer':'" STR_FMT "','payment_intent':" STR_FMT
        ",'mode':'payment','client_reference_id':'order-%u','amount_total':1000,"
        "'currency':'eur','status':'complete','payment_status':'%s'}",
        STR_ARG(teller->id), teller->step, world->second, STR_ARG(world->customer),
        STR_ARG(link_to(world, intent)), world->number, paid ? "paid" : "unpaid");
    tell(world, teller,
        paid ? "checkout.session.async_payment_succeeded" : "checkout.session.completed", object,
        NULL);
}

/* The session, the customer and the refund are first told without what they belong to. */
void live_late_link(struct world *world)
{
    struct str customer = world->customer;
    struct teller session = {.id = new_id(world, ID_CHECKOUT, "cs")};
    struct intent intent;
    tell_checkout(world, &session, STR_NONE);
    pass_time(world);
    world->customer = STR_NONE;
    begin(world, &intent, "eur");
    world->customer = customer;
    struct charge *charge = try_to_pay(world, &intent, "succeeded");
    if (likely(world, 50)) {
        intent.customer = customer;
    }
    succeed(world, &intent, charge);
    tell_checkout(world, &session, intent.teller.id);
    pass_time(world);
    struct refund *refund = give_back(world, charge, "succeeded", false);
    charge->customer = customer;
    tell_charge(world, charge, "charge.updated");
    refund->charge = charge->teller.id;
    refund->intent = charge->intent;
    tell_refund(world, refund, "refund.updated");
}

/* ---- what a customer has -------------------------------------------------------------------- */

static void tell_tax_id(struct world *world,
    struct teller *tax_id,
    int64_t created,
    const char *verification,
    const char *type)
{
    struct str members = text(world,
        ",'created':%" PRId64 ",'customer':'" STR_FMT "','country':'DE','type':'eu_vat',"
        "'value':'DE123456789','verification':{'status':'%s'}",
        created, STR_ARG(world->customer), verification);
    tell_object(world, tax_id, "tax_id", type, members, NULL);
    pass_time(world);
}

void live_tax_id(struct world *world)
{
    static const char *const found[] = {"verified", "unverified", "unavailable"};
    struct teller tax_id = {.id = new_id(world, ID_TAX_ID, "txi")};
    int64_t created = world->second;
    const char *verification = "pending";
    tell_tax_id(world, &tax_id, created, verification, "customer.tax_id.created");
    do {
        verification = found[test_random_below(world->chance, 3)];
        tell_tax_id(world, &tax_id, created, verification, "customer.tax_id.updated");
    } while (likely(world, 30));
    if (likely(world, 40)) {
        tell_tax_id(world, &tax_id, created, verification, "customer.tax_id.deleted");
    }
}

struct discount {
    struct teller teller;
    int64_t started, ends;
    const char *coupon; /* its members */
};

static struct str discount_members(struct world *world, const struct discount *discount)
{
    return text(world,
        ",'customer':'" STR_FMT "','subscription':null,'invoice':null,'promotion_code':null,"
        "'start':%" PRId64 ",'end':" STR_FMT,
        STR_ARG(world->customer), discount->started, STR_ARG(time_or_null(world, discount->ends)));
}

static void tell_discount(struct world *world, struct discount *discount, const char *type)
{
    struct str members = discount_members(world, discount);
    struct str coupon = text(world, "{'object':'coupon',%s}", discount->coupon);
    struct str newest = text(world, STR_FMT ",'source':{'type':'coupon','coupon':" STR_FMT "}",
        STR_ARG(members), STR_ARG(coupon));
    struct str older = text(world, STR_FMT ",'coupon':" STR_FMT, STR_ARG(members), STR_ARG(coupon));
    tell_object(world, &discount->teller, "discount", type, newest,
        &(struct older){"2024-06-20", older, false});
    world->discount = object_of(world, &discount->teller, "discount", newest);
}

/* As long as it lasts, the customer shows it. */
void live_discount(struct world *world)
{
    struct discount discount = {
        .started = world->second, .coupon = "'id':'quarter','percent_off':25.50"};
    discount.teller.id = new_id(world, ID_DISCOUNT, "di");
    tell_discount(world, &discount, "customer.discount.created");
    pass_time(world);
    if (likely(world, 60)) {
        discount.coupon = "'id':'five','percent_off':null,'amount_off':500,'currency':'eur'";
        discount.ends = discount.started + 2592000;
        tell_discount(world, &discount, "customer.discount.updated");
        pass_time(world);
    }
    if (likely(world, 60)) {
        tell_discount(world, &discount, "customer.discount.deleted");
        world->discount = STR_NONE;
        pass_time(world);
    }
}
