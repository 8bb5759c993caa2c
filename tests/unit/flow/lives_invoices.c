#include "unit/flow/lives_tell.h"

struct invoice draft(struct world *world, struct str subscription)
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

static struct str payment_object(struct world *world,
    const struct invoice *invoice,
    const struct teller *payment,
    struct str intent,
    int64_t minor,
    bool paid)
{
    struct str members = text(world,
        ",'invoice':'" STR_FMT "','amount_requested':%" PRId64 ",'amount_paid':" STR_FMT
        ",'currency':'eur','created':%" PRId64 ",'is_default':false,'status':'%s','payment':"
        "{'type':'payment_intent','payment_intent':'" STR_FMT
        "'},'status_transitions':{'paid_at':" STR_FMT ",'canceled_at':null}",
        STR_ARG(invoice->teller.id), minor,
        STR_ARG(paid ? text(world, "%" PRId64, minor) : STR("null")), invoice->finalized,
        paid ? "paid" : "open", STR_ARG(intent),
        STR_ARG(time_or_null(world, paid ? world->second : 0)));
    return object_of(world, payment, "invoice_payment", members);
}

static void tell_invoice_payment(
    struct world *world, const struct invoice *invoice, struct str intent, int64_t minor)
{
    struct teller payment = {.id = new_id(world, ID_INVOICE_PAYMENT, "inpay"), .step = 1};
    tell(world, &payment, "invoice_payment.paid",
        payment_object(world, invoice, &payment, intent, minor, true), NULL);
}

static void settle(struct world *world, struct invoice *invoice)
{
    invoice->status = "paid";
    invoice->paid_at = world->second;
    tell_invoice(world, invoice, "invoice.paid");
    tell_invoice_again(world, invoice, "invoice.payment_succeeded");
}

struct charge *pay_part(
    struct world *world, struct invoice *invoice, struct intent *intent, int64_t minor)
{
    struct charge *charge = pay(world, intent, "eur");
    invoice->intent = intent->teller.id;
    invoice->paid += minor;
    invoice->tries++;
    tell_invoice_payment(world, invoice, intent->teller.id, minor);
    if (invoice->paid == invoice->due) {
        settle(world, invoice);
    } else {
        tell_invoice(world, invoice, "invoice.updated");
        pass_time(world);
    }
    return charge;
}

void live_two_payments(struct world *world)
{
    struct invoice invoice = draft(world, STR_NONE);
    if (likely(world, 30)) {
        invoice.tries++;
        tell_invoice(world, &invoice, "invoice.payment_failed");
        pass_time(world);
    }
    struct intent first;
    struct intent second;
    (void)pay_part(world, &invoice, &first, 1000);
    (void)pay_part(world, &invoice, &second, 2000);
}

/* Webhooks leave an invoice's payments out; where it was asked for, they show before they are paid.
 */
void live_asked_in_full(struct world *world)
{
    struct invoice invoice = draft(world, STR_NONE);
    struct teller payment = {.id = new_id(world, ID_INVOICE_PAYMENT, "inpay"), .step = 1};
    struct intent intent;
    begin(world, &intent, "eur");
    invoice.intent = intent.teller.id;
    invoice.payments =
        payment_object(world, &invoice, &payment, invoice.intent, invoice.due, false);
    tell_invoice(world, &invoice, "invoice.updated");
    pass_time(world);
    succeed(world, &intent, try_to_pay(world, &intent, "succeeded"));
    invoice.paid = invoice.due;
    payment.step++;
    invoice.payments = payment_object(world, &invoice, &payment, invoice.intent, invoice.due, true);
    tell(world, &payment, "invoice_payment.paid", invoice.payments, NULL);
    settle(world, &invoice);
}

void live_voided(struct world *world)
{
    struct invoice invoice = draft(world, STR_NONE);
    invoice.status = "void";
    invoice.voided = world->second;
    tell_invoice(world, &invoice, "invoice.voided");
}

void live_uncollectible(struct world *world)
{
    struct invoice invoice = draft(world, STR_NONE);
    invoice.status = "uncollectible";
    invoice.uncollectible = world->second;
    tell_invoice(world, &invoice, "invoice.marked_uncollectible");
    pass_time(world);
    struct intent intent;
    (void)pay_part(world, &invoice, &intent, invoice.due);
}
