#include "unit/flow/lives.h"
#include "unit/flow/lives_tell.h"

/* ---- payments ------------------------------------------------------------------------------- */

static void begin(struct world *world, struct intent *intent, const char *currency)
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

static struct charge *try_to_pay(struct world *world, struct intent *intent, const char *status)
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

static void succeed(struct world *world, struct intent *intent, struct charge *charge)
{
    charge->status = intent->status = "succeeded";
    charge->is_captured = true;
    charge->captured = intent->received = intent->amount;
    intent->error = NULL;
    tell_both(world, intent, charge, "payment_intent.succeeded", "charge.succeeded");
}

/* Sometimes at the second try. */
static struct charge *pay(struct world *world, struct intent *intent, const char *currency)
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

static void live_async_success(struct world *world)
{
    struct intent intent;
    struct charge *charge = wait_for_bank(world, &intent);
    succeed(world, &intent, charge);
}

static void live_async_failure(struct world *world)
{
    struct intent intent;
    struct charge *charge = wait_for_bank(world, &intent);
    fail_charge(world, &intent, charge);
}

static void live_late_failure(struct world *world)
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

static void live_partial_capture(struct world *world)
{
    struct intent intent;
    struct charge *charge = authorize(world, &intent);
    capture(&intent, charge, intent.amount - 300);
    charge->refunded = 300; /* what is released looks like given back */
    intent.status = "succeeded";
    tell_both(world, &intent, charge, "payment_intent.succeeded", "charge.captured");
}

static void live_several_captures(struct world *world)
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

static void live_released(struct world *world)
{
    struct intent intent;
    struct charge *charge = authorize(world, &intent);
    pass_days(world);
    charge->refunded = charge->amount;
    intent.status = "canceled";
    tell_both(world, &intent, charge, "payment_intent.canceled",
        likely(world, 50) ? "charge.expired" : "charge.refunded");
}

/* ---- refunds and disputes ------------------------------------------------------------------- */

static struct refund *give_back(
    struct world *world, struct charge *charge, const char *status, bool named)
{
    assert_true(charge->refund_count < CHARGE_REFUNDS);
    struct refund *refund = &charge->refunds[charge->refund_count++];
    *refund = (struct refund){
        .charge = named ? charge->teller.id : STR_NONE,
        .intent = named ? charge->intent : STR_NONE,
        .amount = 200,
        .created = world->second,
        .currency = charge->currency,
        .status = status,
    };
    refund->teller.id = new_id(world, ID_REFUND, "re");
    charge->refunded += refund->amount;
    tell_refund(world, refund, "refund.created");
    tell_charge(world, charge, "charge.refunded");
    if (likely(world, 30)) { /* one change, two events */
        charge->teller.step++;
        tell_charge(world, charge, "charge.updated");
    }
    return refund;
}

static void live_lone_charge(struct world *world)
{
    struct charge charge = {.amount = 700, .created = world->second, .currency = "eur"};
    charge.teller.id = new_id(world, ID_ATTEMPT, "ch");
    note_name(world, ID_PAYMENT, charge.teller.id);
    charge.status = "pending";
    tell_charge(world, &charge, "charge.pending");
    pass_time(world);
    charge.status = "succeeded";
    charge.is_captured = true;
    charge.captured = charge.amount;
    tell_charge(world, &charge, "charge.succeeded");
    pass_time(world);
    (void)give_back(world, &charge, "succeeded", true);
}

static void live_partial_refund(struct world *world)
{
    struct intent intent;
    struct charge *charge = pay(world, &intent, "eur");
    for (uint32_t i = 0; i < CHARGE_REFUNDS && (i == 0 || likely(world, 60)); i++) {
        pass_time(world);
        struct refund *refund = give_back(world, charge, "pending", true);
        pass_time(world);
        refund->status = "succeeded";
        tell_refund(world, refund, "refund.updated");
        tell_refund_again(world, refund, "charge.refund.updated");
    }
}

static void live_refund_failed(struct world *world)
{
    struct intent intent;
    struct charge *charge = pay(world, &intent, "eur");
    pass_time(world);
    struct refund *refund = give_back(world, charge, "succeeded", true);
    pass_time(world);
    refund->status = "failed";
    refund->failure = "expired_or_canceled_card";
    charge->refunded -= refund->amount;
    tell_refund(world, refund, "refund.failed");
    tell_refund_again(world, refund, "refund.updated");
    tell_charge(world, charge, "charge.updated");
}

static struct dispute open_dispute(struct world *world, struct charge *charge)
{
    struct dispute dispute = {
        .charge = charge->teller.id,
        .intent = charge->intent,
        .amount = charge->amount,
        .currency = charge->currency,
        .status = "warning_needs_response",
        .moved = STR(""),
    };
    pass_days(world);
    dispute.created = world->second;
    dispute.teller.id = new_id(world, ID_DISPUTE, "du");
    bool asked = likely(world, 30);
    if (asked) {
        tell_dispute(world, &dispute, "charge.dispute.created");
        pass_time(world);
    }
    dispute.status = "needs_response";
    tell_dispute(world, &dispute, asked ? "charge.dispute.updated" : "charge.dispute.created");
    dispute.moved = text(world, "{'amount':-%" PRId64 ",'currency':'eur'}", dispute.amount);
    tell_dispute(world, &dispute, "charge.dispute.funds_withdrawn");
    pass_time(world);
    if (likely(world, 60)) {
        dispute.status = "under_review";
        tell_dispute(world, &dispute, "charge.dispute.updated");
        pass_time(world);
    }
    return dispute;
}

static void win(struct world *world, struct dispute *dispute)
{
    dispute->status = "won";
    tell_dispute(world, dispute, "charge.dispute.closed");
    pass_time(world);
    dispute->moved = text(world, STR_FMT ",{'amount':%" PRId64 ",'currency':'eur'}",
        STR_ARG(dispute->moved), dispute->amount);
    tell_dispute(world, dispute, "charge.dispute.funds_reinstated");
}

static void lose(struct world *world, struct dispute *dispute)
{
    dispute->status = "lost";
    tell_dispute(world, dispute, "charge.dispute.closed");
}

static void live_dispute_lost(struct world *world)
{
    struct intent intent;
    struct dispute dispute = open_dispute(world, pay(world, &intent, "eur"));
    lose(world, &dispute);
}

static void live_dispute_won(struct world *world)
{
    struct intent intent;
    struct dispute dispute = open_dispute(world, pay(world, &intent, "eur"));
    win(world, &dispute);
}

static void live_dispute_appealed(struct world *world)
{
    struct intent intent;
    struct dispute dispute = open_dispute(world, pay(world, &intent, "eur"));
    lose(world, &dispute);
    pass_time(world);
    dispute.status = "appeal_needs_response";
    tell_dispute(world, &dispute, "charge.dispute.updated");
    pass_time(world);
    dispute.status = "appeal_under_review";
    tell_dispute(world, &dispute, "charge.dispute.updated");
    pass_time(world);
    if (likely(world, 50)) {
        win(world, &dispute);
    } else {
        lose(world, &dispute);
    }
}

/* Paid in one currency, and the dispute taken from a balance in another. */
static void live_exchange(struct world *world)
{
    static const char *const currencies[] = {"jpy", "usd", "kwd"};
    struct intent intent;
    struct charge *charge = pay(world, &intent, currencies[test_random_below(world->chance, 3)]);
    pass_time(world);
    (void)give_back(world, charge, "succeeded", true);
    struct dispute dispute = open_dispute(world, charge);
    lose(world, &dispute);
}

/* ---- links ---------------------------------------------------------------------------------- */

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
static void live_late_link(struct world *world)
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

/* ---- the account ---------------------------------------------------------------------------- */

static void live_payout_failed(struct world *world)
{
    struct payout payout = {.amount = 5000,
        .created = world->second,
        .status = "pending",
        .reconciliation = "in_progress"};
    payout.teller.id = new_id(world, ID_PAYOUT, "po");
    tell_payout(world, &payout, "payout.created");
    pass_time(world);
    payout.status = "in_transit";
    tell_payout(world, &payout, "payout.updated");
    pass_time(world);
    payout.status = "paid";
    tell_payout(world, &payout, "payout.paid");
    pass_time(world);
    payout.reconciliation = "completed";
    tell_payout(world, &payout, "payout.reconciliation_completed");
    pass_time(world);
    payout.status = "failed";
    payout.failure = "account_closed";
    tell_payout(world, &payout, "payout.failed");
}

/* ---- invoices ------------------------------------------------------------------------------- */

static struct invoice draft(struct world *world, struct str subscription)
{
    struct invoice invoice = {
        .subscription = subscription,
        .total = 3000,
        .due = 3000,
        .created = world->second,
        .status = "draft",
    };
    invoice.teller.id = new_id(world, ID_INVOICE, "in");
    invoice.line = new_id(world, ID_INVOICE_LINE, "il");
    tell_invoice(world, &invoice, "invoice.created");
    pass_time(world);
    invoice.finalized = world->second;
    invoice.status = "open";
    tell_invoice(world, &invoice, "invoice.finalized");
    pass_time(world);
    return invoice;
}

static void tell_invoice_payment(
    struct world *world, const struct invoice *invoice, struct str intent, int64_t minor)
{
    struct teller teller = {.id = new_id(world, ID_INVOICE_PAYMENT, "inpay"), .step = 1};
    struct str object = text(world,
        "{'id':'" STR_FMT "','object':'invoice_payment','invoice':'" STR_FMT
        "','amount_requested':%" PRId64 ",'amount_paid':%" PRId64
        ",'currency':'eur','created':%" PRId64 ",'is_default':false,'status':'paid','payment':"
        "{'type':'payment_intent','payment_intent':'" STR_FMT
        "'},'status_transitions':{'paid_at':%" PRId64 ",'canceled_at':null}}",
        STR_ARG(teller.id), STR_ARG(invoice->teller.id), minor, minor, invoice->finalized,
        STR_ARG(intent), world->second);
    tell(world, &teller, "invoice_payment.paid", object, NULL);
}

static void settle(struct world *world, struct invoice *invoice)
{
    invoice->status = "paid";
    invoice->paid_at = world->second;
    tell_invoice(world, invoice, "invoice.paid");
    tell_invoice_again(world, invoice, "invoice.payment_succeeded");
}

static void pay_part(struct world *world, struct invoice *invoice, int64_t minor)
{
    struct intent intent;
    (void)pay(world, &intent, "eur");
    invoice->intent = intent.teller.id;
    invoice->paid += minor;
    invoice->tries++;
    tell_invoice_payment(world, invoice, intent.teller.id, minor);
    if (invoice->paid == invoice->due) {
        settle(world, invoice);
    } else {
        tell_invoice(world, invoice, "invoice.updated");
        pass_time(world);
    }
}

static void live_two_payments(struct world *world)
{
    struct invoice invoice = draft(world, STR_NONE);
    if (likely(world, 30)) {
        invoice.tries++;
        tell_invoice(world, &invoice, "invoice.payment_failed");
        pass_time(world);
    }
    pay_part(world, &invoice, 1000);
    pay_part(world, &invoice, 2000);
}

static void tell_credit_note(
    struct world *world, const struct invoice *invoice, int64_t before, int64_t after)
{
    struct teller teller = {.id = new_id(world, ID_CREDIT_NOTE, "cn"), .step = 1};
    struct str object = text(world,
        "{'id':'" STR_FMT "','object':'credit_note','invoice':'" STR_FMT "','customer':'" STR_FMT
        "','amount':%" PRId64 ",'currency':'eur','pre_payment_amount':%" PRId64
        ",'post_payment_amount':%" PRId64 ",'created':%" PRId64
        ",'reason':'duplicate','status':'issued','voided_at':null}",
        STR_ARG(teller.id), STR_ARG(invoice->teller.id), STR_ARG(world->customer), before + after,
        before, after, world->second);
    tell(world, &teller, "credit_note.created", object, NULL);
}

static void live_credit(struct world *world)
{
    struct invoice invoice = draft(world, STR_NONE);
    invoice.pre_credit = 500;
    invoice.due -= 500;
    tell_credit_note(world, &invoice, 500, 0);
    tell_invoice(world, &invoice, "invoice.updated");
    pass_time(world);
    pay_part(world, &invoice, invoice.due);
    pass_time(world);
    invoice.post_credit = 200;
    tell_credit_note(world, &invoice, 0, 200);
    tell_invoice(world, &invoice, "invoice.updated");
}

static void live_voided(struct world *world)
{
    struct invoice invoice = draft(world, STR_NONE);
    invoice.status = "void";
    invoice.voided = world->second;
    tell_invoice(world, &invoice, "invoice.voided");
}

static void live_uncollectible(struct world *world)
{
    struct invoice invoice = draft(world, STR_NONE);
    invoice.status = "uncollectible";
    invoice.uncollectible = world->second;
    tell_invoice(world, &invoice, "invoice.marked_uncollectible");
    pass_time(world);
    pay_part(world, &invoice, invoice.due);
}

/* ---- subscriptions -------------------------------------------------------------------------- */

static void live_paused(struct world *world)
{
    struct subscription subscription = {
        .created = world->second, .quantity = 1, .status = "incomplete"};
    subscription.teller.id = new_id(world, ID_SUBSCRIPTION, "sub");
    subscription.item = new_id(world, ID_SUBSCRIPTION_ITEM, "si");
    subscription.price = new_id(world, ID_PRICE, "price");
    subscription.extra = new_id(world, ID_SUBSCRIPTION_ITEM, "si");
    subscription.extra_is = EXTRA_IN;
    tell_subscription(world, &subscription, "customer.subscription.created");
    struct invoice invoice = draft(world, subscription.teller.id);
    subscription.invoice = invoice.teller.id;
    pay_part(world, &invoice, invoice.due);
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

/* ---- whoever stands beside ------------------------------------------------------------------ */

/* @ stands for its id, # for the second in which it was made, ! for the customer, $ for 1 in the
 * first event and 2 in the second. */
static const struct bystander {
    enum id_kind kind;
    const char *prefix, *type, *next_type, *object;
} bystanders[] = {
    {ID_PRODUCT, "prod", "product.created", "product.updated",
        "{'id':'@','object':'product','created':#,'name':'thing $','active':true}"},
    {ID_PAYMENT_METHOD, "pm", "payment_method.attached", "payment_method.updated",
        "{'id':'@','object':'payment_method','created':#,'customer':'!','type':'card',"
        "'card':{'brand':'visa','last4':'4242','exp_month':$,'exp_year':2030}}"},
    {ID_TOPUP, "tu", "topup.created", "topup.succeeded",
        "{'id':'@','object':'topup','created':#,'amount':$00,'currency':'eur','status':'pending'}"},
    {ID_TRANSFER, "tr", "transfer.created", "transfer.reversed",
        "{'id':'@','object':'transfer','created':#,'amount':900,'amount_reversed':$00,"
        "'currency':'eur','reversed':false}"},
    {ID_APPLICATION_FEE, "fee", "application_fee.created", "application_fee.refunded",
        "{'id':'@','object':'application_fee','created':#,'amount':300,'amount_refunded':$0,"
        "'currency':'eur','refunded':false}"},
    {ID_SETUP, "seti", "setup_intent.created", "setup_intent.succeeded",
        "{'id':'@','object':'setup_intent','created':#,'customer':'!','status':'succeeded'}"},
    {ID_SCHEDULE, "sched", "subscription_schedule.created", "subscription_schedule.updated",
        "{'id':'@','object':'subscription_schedule','created':#,'customer':'!',"
        "'status':'active','end_behavior':'release','phases':[]}"},
    {ID_TAX_ID, "txi", "customer.tax_id.created", "customer.tax_id.updated",
        "{'id':'@','object':'tax_id','created':#,'customer':'!','type':'eu_vat','value':'DE$',"
        "'verification':{'status':'verified'}}"},
};

static struct str filled_in(
    struct world *world, const char *object, struct str id, int64_t created, uint32_t number)
{
    struct str filled = STR("");
    for (const char *at = object; *at != '\0'; at++) {
        struct str piece = {at, 1};
        if (*at == '@' || *at == '!') {
            piece = *at == '@' ? id : world->customer;
        } else if (*at == '#' || *at == '$') {
            piece = text(world, "%" PRId64, *at == '#' ? created : (int64_t)number);
        }
        filled = text(world, STR_FMT STR_FMT, STR_ARG(filled), STR_ARG(piece));
    }
    return filled;
}

static void live_beside(struct world *world)
{
    const struct bystander *row =
        &bystanders[test_random_below(world->chance, sizeof bystanders / sizeof bystanders[0])];
    struct teller teller = {.id = new_id(world, row->kind, row->prefix), .unproven = true};
    int64_t created = world->second;
    for (uint32_t i = 1; i <= 2; i++) {
        struct str object = filled_in(world, row->object, teller.id, created, i);
        tell(world, &teller, i == 1 ? row->type : row->next_type, object, NULL);
        pass_time(world);
    }
}

static void tell_customer(
    struct world *world, struct teller *teller, int64_t created, const char *type)
{
    static const char *const names[] = {"Ann", "Bea", "Cat"};
    teller->step++;
    struct str object = text(world,
        "{'id':'" STR_FMT "','object':'customer','created':%" PRId64
        ",'name':'%s','metadata':{'step':'%u'}}",
        STR_ARG(teller->id), created, names[test_random_below(world->chance, 3)], teller->step);
    tell(world, teller, type, object, NULL);
}

/* ---- lives ---------------------------------------------------------------------------------- */

static const struct {
    void (*live)(struct world *world);
    const char *words;
} kinds[] = {
#define LIFE(NAME, name, words) [LIFE_##NAME] = {live_##name, words},
#include "unit/flow/lives.def"
};

const char *life_kind_words(enum life_kind kind)
{
    return kinds[kind].words;
}

void life_generate(struct life *life, uint32_t number, uint64_t *chance, struct arena *arena)
{
    *life = (struct life){.count = 0};
    struct world world = {.life = life,
        .arena = arena,
        .chance = chance,
        .number = number,
        .second = 1790000000 + (int64_t)test_random_below(chance, 1000),
        .haste = 30 * test_random_below(chance, 4)};
    struct teller customer = {.id = new_id(&world, ID_CUSTOMER, "cus")};
    int64_t created = world.second;
    world.customer = customer.id;
    tell_customer(&world, &customer, created, "customer.created");
    uint64_t orders = 1 + test_random_below(chance, 3);
    for (uint64_t i = 0; i < orders; i++) {
        uint32_t kind = (uint32_t)test_random_below(chance, LIFE_KIND_COUNT);
        pass_time(&world);
        kinds[kind].live(&world);
        life->kinds[kind]++;
        while (likely(&world, 30)) {
            tell_customer(&world, &customer, created, "customer.updated");
        }
    }
    if (likely(&world, 40)) {
        live_beside(&world);
    }
    if (likely(&world, 10)) {
        tell_customer(&world, &customer, created, "customer.deleted");
    }
}
