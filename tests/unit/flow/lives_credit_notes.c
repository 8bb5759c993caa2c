#include "unit/flow/lives_tell.h"

struct credit_note {
    struct teller teller;
    struct str invoice;
    int64_t before, after, created, voided;
    const struct refund *refunds[CHARGE_REFUNDS];
    uint32_t refund_count;
};

static struct credit_note credit(
    struct world *world, const struct invoice *invoice, int64_t before, int64_t after)
{
    struct credit_note note = {
        .invoice = invoice->teller.id, .before = before, .after = after, .created = world->second};
    note.teller.id = new_id(world, ID_CREDIT_NOTE, "cn");
    return note;
}

static struct str note_refunds(struct world *world, const struct credit_note *note)
{
    struct str list = STR("[");
    for (uint32_t i = 0; i < note->refund_count; i++) {
        const struct refund *refund = note->refunds[i];
        list = text(world,
            STR_FMT "%s{'type':'refund','refund':'" STR_FMT "','amount_refunded':%" PRId64 "}",
            STR_ARG(list), i == 0 ? "" : ",", STR_ARG(refund->teller.id), refund->amount);
    }
    return text(world, STR_FMT "]", STR_ARG(list));
}

/* The older shape has one refund, by its id. */
static void tell_credit_note(struct world *world, struct credit_note *note, const char *type)
{
    struct str members = text(world,
        ",'invoice':'" STR_FMT "','customer':'" STR_FMT "','amount':%" PRId64
        ",'currency':'eur','pre_payment_amount':%" PRId64 ",'post_payment_amount':%" PRId64
        ",'created':%" PRId64 ",'reason':'duplicate','status':'%s','voided_at':" STR_FMT,
        STR_ARG(note->invoice), STR_ARG(world->customer), note->before + note->after, note->before,
        note->after, note->created, note->voided == 0 ? "issued" : "void",
        STR_ARG(time_or_null(world, note->voided)));
    struct str refund = note->refund_count == 0 ? STR_NONE : note->refunds[0]->teller.id;
    struct older older = {"2024-06-20",
        text(
            world, STR_FMT ",'refund':" STR_FMT, STR_ARG(members), STR_ARG(link_to(world, refund))),
        false};
    tell_object(world, &note->teller, "credit_note", type,
        text(world, STR_FMT ",'refunds':" STR_FMT, STR_ARG(members),
            STR_ARG(note_refunds(world, note))),
        &older);
}

void live_credit(struct world *world)
{
    struct invoice invoice = draft(world, STR_NONE);
    struct intent intent;
    invoice.pre_credit = 500;
    invoice.due -= 500;
    struct credit_note before = credit(world, &invoice, 500, 0);
    tell_credit_note(world, &before, "credit_note.created");
    tell_invoice(world, &invoice, "invoice.updated");
    pass_time(world);
    (void)pay_part(world, &invoice, &intent, invoice.due);
    pass_time(world);
    invoice.post_credit = 200;
    struct credit_note after = credit(world, &invoice, 0, 200);
    tell_credit_note(world, &after, "credit_note.created");
    tell_invoice(world, &invoice, "invoice.updated");
}

/* One of the refunds may fail after the credit note has named it. */
void live_credit_refunded(struct world *world)
{
    struct invoice invoice = draft(world, STR_NONE);
    struct intent intent;
    struct charge *charge = pay_part(world, &invoice, &intent, invoice.due);
    pass_time(world);
    struct credit_note note = credit(world, &invoice, 0, 0);
    uint32_t refunds = 1 + (uint32_t)test_random_below(world->chance, CHARGE_REFUNDS);
    for (uint32_t i = 0; i < refunds; i++) {
        struct refund *refund = give_back(world, charge, "succeeded", true);
        note.refunds[note.refund_count++] = refund;
        note.after += refund->amount;
    }
    tell_credit_note(world, &note, "credit_note.created");
    invoice.post_credit = note.after;
    tell_invoice(world, &invoice, "invoice.updated");
    pass_time(world);
    tell_credit_note(world, &note, "credit_note.updated"); /* metadata alone */
    if (likely(world, 30)) {
        pass_time(world);
        fail_refund(world, charge, &charge->refunds[0]);
    }
}

void live_credit_voided(struct world *world)
{
    struct invoice invoice = draft(world, STR_NONE);
    struct intent intent;
    invoice.pre_credit = 500;
    invoice.due -= 500;
    struct credit_note note = credit(world, &invoice, 500, 0);
    tell_credit_note(world, &note, "credit_note.created");
    tell_invoice(world, &invoice, "invoice.updated");
    pass_time(world);
    invoice.pre_credit = 0;
    invoice.due += 500;
    note.voided = world->second;
    tell_credit_note(world, &note, "credit_note.voided");
    tell_invoice(world, &invoice, "invoice.updated");
    pass_time(world);
    (void)pay_part(world, &invoice, &intent, invoice.due);
}
