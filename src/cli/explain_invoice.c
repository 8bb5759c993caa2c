#include "cli/explain_story.h"

static void say_when(struct story *story, enum sentence sentence, int64_t at_us, struct str word)
{
    if (at_us != 0) {
        struct told *fact = story_say(story, sentence);
        fact->at_us = at_us;
        fact->word = word;
    }
}

static struct told_money money_of(const struct invoice *invoice, int64_t minor)
{
    return (struct told_money){minor, invoice->currency};
}

static enum err say_made(struct story *story, const struct invoice *invoice)
{
    bool has_customer = !own_id_is_none(invoice->customer_id);
    struct told *fact = story_say(story, has_customer ? SAY_INVOICE_MADE_FOR : SAY_INVOICE_MADE);
    fact->at_us = invoice->made_at;
    fact->amount = money_of(invoice, invoice->total_minor);
    TRY(story_name(story, ID_INVOICE, invoice->head.id, &fact->object));
    TRY(story_name(story, ID_CUSTOMER, invoice->customer_id, &fact->other));
    say_when(story, SAY_INVOICE_FINALIZED, invoice->finalized_at,
        invoice->number[0] != '\0' ? str_from(invoice->number) : STR("not said"));
    return ERR_OK;
}

static enum err say_payments(struct story *story, const struct invoice *invoice)
{
    void **records = NULL;
    uint32_t count = 0;
    TRY(story_linked(story, ID_INVOICE_PAYMENT, "invoice_id", invoice->head.id, &records, &count));
    for (uint32_t i = 0; i < count; i++) {
        const struct invoice_payment *part = records[i];
        if (part->state != INVOICE_PAYMENT_PAID) {
            continue;
        }
        bool inside = !part->external && !own_id_is_none(part->payment_id);
        struct told *fact =
            story_say(story, inside ? SAY_INVOICE_SETTLED_BY : SAY_INVOICE_SETTLED_OUTSIDE);
        fact->amount = (struct told_money){part->paid_minor, part->currency};
        TRY(story_name(story, ID_PAYMENT, part->payment_id, &fact->other));
    }
    if (count == 0 && !own_id_is_none(invoice->payment_id) && invoice->paid_minor != 0) {
        struct told *fact = story_say(story, SAY_INVOICE_SETTLED_BY);
        fact->amount = money_of(invoice, invoice->paid_minor);
        TRY(story_name(story, ID_PAYMENT, invoice->payment_id, &fact->other));
    }
    return ERR_OK;
}

static enum err say_credit_notes(struct story *story, const struct invoice *invoice)
{
    void **records = NULL;
    uint32_t count = 0;
    TRY(story_linked(story, ID_CREDIT_NOTE, "invoice_id", invoice->head.id, &records, &count));
    for (uint32_t i = 0; i < count; i++) {
        const struct credit_note *note = records[i];
        if (note->state == CREDIT_NOTE_ISSUED) {
            struct told *fact = story_say(story, SAY_INVOICE_CREDITED);
            fact->at_us = note->made_at;
            fact->amount = (struct told_money){note->amount_minor, note->currency};
            TRY(story_name(story, ID_CREDIT_NOTE, note->head.id, &fact->other));
        }
    }
    return ERR_OK;
}

static enum err say_receivable(struct story *story, const struct invoice *invoice)
{
    int64_t minor = 0;
    TRY(story_key_balance(story, invoice->head.scope, ACCOUNT_RECEIVABLE_INVOICES, invoice->head.id,
        invoice->currency, &minor));
    struct told *fact = story_say(story, minor == 0 ? SAY_BOOKS_SETTLED : SAY_BOOKS_RECEIVABLE);
    fact->amount = money_of(invoice, minor);
    return ERR_OK;
}

enum err explain_invoice(struct story *story, const void *record)
{
    const struct invoice *invoice = record;
    TRY(say_made(story, invoice));
    TRY(say_payments(story, invoice));
    TRY(say_credit_notes(story, invoice));
    if (invoice->paid_out_of_band) {
        (void)story_say(story, SAY_INVOICE_OUT_OF_BAND);
    }
    say_when(story, SAY_INVOICE_PAID, invoice->paid_at, STR_NONE);
    say_when(story, SAY_INVOICE_VOIDED, invoice->voided_at, STR_NONE);
    say_when(story, SAY_INVOICE_UNCOLLECTIBLE, invoice->uncollectible_at, STR_NONE);
    struct told *fact = story_say(story, SAY_INVOICE_IS);
    story_state(ID_INVOICE, invoice->state, &fact->word, &fact->words);
    if (invoice->remaining_minor != 0) {
        story_say(story, SAY_INVOICE_REMAINING)->amount =
            money_of(invoice, invoice->remaining_minor);
    }
    return say_receivable(story, invoice);
}
