#include "base/check.h"
#include "cli/explain_story.h"
#include <stdlib.h>

/* --- refunds --- */

static enum err say_refund(struct story *story, const struct refund *refund)
{
    bool has_reason = refund->reason[0] != '\0';
    bool failed = refund->state == REFUND_FAILED && refund->failure_reason[0] != '\0';
    struct lines_told lines;
    struct told *fact = story_say(story, has_reason ? SAY_REFUND_MADE_FOR : SAY_REFUND_MADE);
    fact->at_us = refund->made_at;
    fact->amount = (struct told_money){refund->amount_minor, refund->currency};
    fact->word = str_from(refund->reason);
    TRY(story_name(story, ID_REFUND, refund->head.id, &fact->object));
    fact = story_say(story, failed ? SAY_REFUND_FAILED : SAY_REFUND_IS);
    story_state(ID_REFUND, refund->state, &fact->word, &fact->words);
    fact->words = failed ? str_from(refund->failure_reason) : fact->words;
    TRY(story_lines(story, refund->head.id, true, &lines));
    return story_clearing(story, refund->head.scope, ACCOUNT_CLEARING_REFUND, refund->head.id,
        refund->currency, &lines);
}

/* --- disputes --- */

static enum err say_dispute(struct story *story, const struct dispute *dispute)
{
    struct lines_told lines;
    bool is_settled = dispute->settlement_currency.code[0] != '\0';
    struct currency met = is_settled ? dispute->settlement_currency : dispute->currency;
    struct told *fact = story_say(story, SAY_DISPUTE_OPENED);
    fact->at_us = dispute->made_at;
    fact->amount = (struct told_money){dispute->amount_minor, dispute->currency};
    fact->word = dispute->reason[0] != '\0' ? str_from(dispute->reason) : STR("for no said reason");
    TRY(story_name(story, ID_DISPUTE, dispute->head.id, &fact->object));
    fact = story_say(story, SAY_DISPUTE_IS);
    story_state(ID_DISPUTE, dispute->state, &fact->word, &fact->words);
    if (dispute->withdrawn_minor != 0) {
        story_say(story, SAY_DISPUTE_WITHDRAWN)->amount =
            (struct told_money){dispute->withdrawn_minor, met};
    } else if (dispute->funds_withdrawn && dispute->funds_reinstated) {
        (void)story_say(story, SAY_DISPUTE_REINSTATED);
    }
    if (dispute->evidence_due_at != 0) {
        story_say(story, SAY_DISPUTE_DUE)->until_us = dispute->evidence_due_at;
    }
    TRY(story_lines(story, dispute->head.id, dispute->funds_withdrawn, &lines));
    return story_clearing(
        story, dispute->head.scope, ACCOUNT_CLEARING_DISPUTE, dispute->head.id, met, &lines);
}

/* --- attempts --- */

static enum sentence attempt_sentence(const struct attempt *attempt)
{
    if (!attempt->seen) {
        return SAY_ATTEMPT_STUB;
    }
    switch ((enum attempt_state)attempt->state) {
    case ATTEMPT_SUCCEEDED:
        return SAY_ATTEMPT_CHARGED;
    case ATTEMPT_FAILED:
        return SAY_ATTEMPT_FAILED;
    case ATTEMPT_AUTHORIZED:
        return SAY_ATTEMPT_AUTHORIZED;
    case ATTEMPT_PENDING:
    case ATTEMPT_UNKNOWN:
        return SAY_ATTEMPT_IS;
    case ATTEMPT_STATE_COUNT:
    default:
        UNREACHABLE();
    }
}

static enum err say_attempt(struct story *story, const struct attempt *attempt)
{
    struct str help;
    struct lines_told lines;
    bool succeeded = attempt->state == ATTEMPT_SUCCEEDED;
    struct told *fact = story_say(story, attempt_sentence(attempt));
    fact->at_us = attempt->made_at;
    fact->amount = (struct told_money){attempt->amount_minor, attempt->currency};
    fact->word = attempt->method[0] != '\0' ? str_from(attempt->method) : STR("by unknown means");
    if (attempt->state == ATTEMPT_FAILED) {
        fact->words = attempt->failure_code[0] != '\0' ? str_from(attempt->failure_code)
                                                       : STR("the provider does not say why");
    } else {
        story_state(ID_ATTEMPT, attempt->state, &fact->words, &help);
    }
    TRY(story_name(story, ID_ATTEMPT, attempt->head.id, &fact->object));
    if (succeeded && attempt->captured_minor != attempt->amount_minor) {
        story_say(story, SAY_ATTEMPT_CAPTURED)->net =
            (struct told_money){attempt->captured_minor, attempt->currency};
    }
    TRY(story_lines(story, attempt->head.id, succeeded, &lines));
    return story_clearing(story, attempt->head.scope, ACCOUNT_CLEARING_PAYMENT, attempt->head.id,
        attempt->currency, &lines);
}

static int compare_attempts(const void *a, const void *b)
{
    const struct attempt *left = *(const struct attempt *const *)a;
    const struct attempt *right = *(const struct attempt *const *)b;
    return left->made_at != right->made_at
               ? (left->made_at > right->made_at) - (left->made_at < right->made_at)
               : own_id_compare(left->head.id, right->head.id);
}

/* Those that say the attempt only are found by that. */
static enum err say_what_came_after(struct story *story,
    const char *field,
    struct own_id id,
    struct own_id but_of) /* those that name that payment were told */
{
    void **records = NULL;
    uint32_t count = 0;
    TRY(story_linked(story, ID_REFUND, field, id, &records, &count));
    for (uint32_t i = 0; i < count; i++) {
        const struct refund *refund = records[i];
        if (own_id_is_none(but_of) || !own_id_eq(refund->payment_id, but_of)) {
            TRY(say_refund(story, refund));
        }
    }
    TRY(story_linked(story, ID_DISPUTE, field, id, &records, &count));
    for (uint32_t i = 0; i < count; i++) {
        const struct dispute *dispute = records[i];
        if (own_id_is_none(but_of) || !own_id_eq(dispute->payment_id, but_of)) {
            TRY(say_dispute(story, dispute));
        }
    }
    return ERR_OK;
}

static enum err say_named(struct story *story, const struct kept_line *kept)
{
    const void *record = NULL;
    struct lines_told lines;
    if (own_id_is_none(kept->line.source)) {
        return story_line(story, kept);
    }
    TRY(story_load(story, kept->source_kind, kept->line.source, &record));
    if (record != NULL || (kept->source_kind != ID_REFUND && kept->source_kind != ID_DISPUTE)) {
        return ERR_OK; /* it was told */
    }
    struct told *fact = story_say(story, SAY_OBJECT_NAMED);
    fact->word = str_from(id_kind_word(kept->source_kind));
    TRY(story_name(story, kept->source_kind, kept->line.source, &fact->object));
    TRY(story_lines(story, kept->line.source, true, &lines));
    return story_clearing(story, kept->scope,
        kept->source_kind == ID_REFUND ? ACCOUNT_CLEARING_REFUND : ACCOUNT_CLEARING_DISPUTE,
        kept->line.source, kept->line.currency, &lines);
}

/* Refunds and disputes that only the statement knows. */
static enum err say_what_lines_name(struct story *story, struct own_id attempt)
{
    const struct own_id from_the_first = {{0}};
    struct kept_lines lines = {NULL, 0};
    TRY(statement_of_attempt(story->store, attempt, from_the_first, STORY_LINES_MAX, story->arena,
        &lines, story->reterr));
    for (uint32_t i = 0; i < lines.count; i++) {
        struct own_id source = lines.items[i].line.source;
        bool again = own_id_eq(source, attempt);
        for (uint32_t j = 0; j < i && !again; j++) {
            again = !own_id_is_none(source) && own_id_eq(source, lines.items[j].line.source);
        }
        TRY(again ? ERR_OK : say_named(story, &lines.items[i]));
    }
    return ERR_OK;
}

/* --- payments --- */

static enum err say_invoice(
    struct story *story, struct own_id invoice, int64_t minor, struct currency currency)
{
    const void *record = NULL;
    struct str help;
    struct told *fact = story_say(story, SAY_PAID_FOR);
    TRY(story_load(story, ID_INVOICE, invoice, &record));
    fact->amount = (struct told_money){minor, currency};
    fact->word = STR("not known yet");
    if (record != NULL) {
        story_state(ID_INVOICE, ((const struct invoice *)record)->state, &fact->word, &help);
    }
    return story_name(story, ID_INVOICE, invoice, &fact->other);
}

static enum err say_invoices(struct story *story, const struct payment *payment)
{
    void **records = NULL;
    uint32_t count = 0;
    TRY(story_linked(story, ID_INVOICE_PAYMENT, "payment_id", payment->head.id, &records, &count));
    for (uint32_t i = 0; i < count; i++) {
        const struct invoice_payment *part = records[i];
        if (!own_id_is_none(part->invoice_id) && part->state != INVOICE_PAYMENT_CANCELED) {
            TRY(say_invoice(story, part->invoice_id,
                part->state == INVOICE_PAYMENT_PAID ? part->paid_minor : part->requested_minor,
                part->currency));
        }
    }
    if (count > 0) {
        return ERR_OK;
    }
    /* Before there were such parts the invoice named its payment itself. */
    TRY(story_linked(story, ID_INVOICE, "payment_id", payment->head.id, &records, &count));
    for (uint32_t i = 0; i < count; i++) {
        const struct invoice *invoice = records[i];
        TRY(say_invoice(story, invoice->head.id, invoice->paid_minor, invoice->currency));
    }
    return ERR_OK;
}

static enum err say_begun(struct story *story, const struct payment *payment)
{
    bool has_customer = !own_id_is_none(payment->customer_id);
    struct told *fact = story_say(story, has_customer ? SAY_PAYMENT_BEGUN_BY : SAY_PAYMENT_BEGUN);
    fact->at_us = payment->opened_at;
    fact->amount = (struct told_money){payment->amount_minor, payment->currency};
    TRY(story_name(story, ID_PAYMENT, payment->head.id, &fact->object));
    TRY(story_name(story, ID_CUSTOMER, payment->customer_id, &fact->other));
    fact = story_say(story, SAY_PAYMENT_IS);
    story_state(ID_PAYMENT, payment->state, &fact->word, &fact->words);
    return ERR_OK;
}

enum err explain_payment(struct story *story, const void *record)
{
    const struct payment *payment = record;
    const struct own_id none = {{0}};
    struct attempt **attempts = NULL;
    uint32_t count = 0;
    TRY(say_begun(story, payment));
    TRY(attempts_of_payments(
        story->store, &payment->head.id, 1, story->arena, &attempts, &count, story->reterr));
    if (count > 0) {
        qsort(attempts, count, sizeof(struct attempt *), compare_attempts);
    }
    for (uint32_t i = 0; i < count; i++) {
        TRY(say_attempt(story, attempts[i]));
    }
    TRY(say_what_came_after(story, "payment_id", payment->head.id, none));
    for (uint32_t i = 0; i < count; i++) {
        TRY(say_what_came_after(story, "attempt_id", attempts[i]->head.id, payment->head.id));
        TRY(say_what_lines_name(story, attempts[i]->head.id));
    }
    TRY(say_invoices(story, payment));
    story_say_open(story);
    return ERR_OK;
}

enum err explain_attempt(struct story *story, const void *record)
{
    const struct attempt *attempt = record;
    const struct own_id none = {{0}};
    TRY(say_attempt(story, attempt));
    TRY(say_what_came_after(story, "attempt_id", attempt->head.id, none));
    TRY(say_what_lines_name(story, attempt->head.id));
    story_say_open(story);
    return ERR_OK;
}

/* --- refunds and disputes by themselves --- */

static enum err say_payment_of(struct story *story, struct own_id payment, struct own_id attempt)
{
    const void *record = NULL;
    struct str help;
    if (own_id_is_none(payment) && !own_id_is_none(attempt)) {
        TRY(story_load(story, ID_ATTEMPT, attempt, &record));
        payment = record == NULL ? payment : ((const struct attempt *)record)->payment_id;
    }
    TRY(story_load(story, ID_PAYMENT, payment, &record));
    const struct payment *of = record;
    if (of == NULL) {
        return ERR_OK;
    }
    struct told *fact = story_say(story, SAY_PAYMENT_OF);
    fact->amount = (struct told_money){of->amount_minor, of->currency};
    story_state(ID_PAYMENT, of->state, &fact->word, &help);
    return story_name(story, ID_PAYMENT, payment, &fact->other);
}

enum err explain_refund(struct story *story, const void *record)
{
    const struct refund *refund = record;
    TRY(say_refund(story, refund));
    TRY(say_payment_of(story, refund->payment_id, refund->attempt_id));
    story_say_open(story);
    return ERR_OK;
}

enum err explain_dispute(struct story *story, const void *record)
{
    const struct dispute *dispute = record;
    TRY(say_dispute(story, dispute));
    TRY(say_payment_of(story, dispute->payment_id, dispute->attempt_id));
    story_say_open(story);
    return ERR_OK;
}
