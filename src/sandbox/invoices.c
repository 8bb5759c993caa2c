#include "base/check.h"
#include "sandbox/merchant_internal.h"

#define PERIOD_S (INT64_C(30) * 86400)
#define RETRY_AFTER_S (INT64_C(3) * 86400)

const char *invoice_status_word(enum invoice_status status)
{
    static const char *const words[] = {
        [INVOICE_IS_DRAFT] = "draft",
        [INVOICE_IS_OPEN] = "open",
        [INVOICE_IS_PAID] = "paid",
        [INVOICE_IS_UNCOLLECTIBLE] = "uncollectible",
        [INVOICE_IS_VOID] = "void",
    };
    REQUIRE(status < sizeof words / sizeof *words);
    return words[status];
}

int64_t invoice_credit_before(const struct shop_invoice *invoice)
{
    return invoice->credit.before ? invoice->credit.amount : 0;
}

int64_t invoice_due(const struct shop_invoice *invoice)
{
    return invoice->total - invoice->balance_used - invoice_credit_before(invoice);
}

int64_t invoice_last_event_s(const struct merchant *merchant, uint32_t index)
{
    const struct shop_invoice *invoice = &merchant->invoices[index];
    int64_t last_s = invoice->place.last_event_s;
    if (invoice->subscription != 0) {
        int64_t other_s = merchant->subscriptions[invoice->subscription - 1].place.last_event_s;
        last_s = other_s > last_s ? other_s : last_s;
    }
    return last_s;
}

/* ---- amounts --------------------------------------------------------------------------------- */

struct line_amounts invoice_line_amounts(const struct merchant *merchant,
    const struct shop_invoice *invoice,
    const struct shop_line *line)
{
    const struct shop_product *product = &merchant->products[line->product];
    struct line_amounts amounts = {
        .amount = line->quantity * product->prices[line->item > 0 ? 0 : 1].amount};
    amounts.discount = invoice->discounted ? amounts.amount * DISCOUNT_PERCENT / 100 : 0;
    amounts.tax = invoice->taxed ? (amounts.amount - amounts.discount) * TAX_PERCENT / 100 : 0;
    return amounts;
}

int64_t invoice_tax(const struct merchant *merchant, const struct shop_invoice *invoice)
{
    int64_t sum = 0;
    for (uint8_t i = 0; i < invoice->line_count; i++) {
        sum += invoice_line_amounts(merchant, invoice, &invoice->lines[i]).tax;
    }
    return sum;
}

int64_t invoice_discount(const struct merchant *merchant, const struct shop_invoice *invoice)
{
    int64_t sum = 0;
    for (uint8_t i = 0; i < invoice->line_count; i++) {
        sum += invoice_line_amounts(merchant, invoice, &invoice->lines[i]).discount;
    }
    return sum;
}

/* The same share of the tax as of the total. */
int64_t credit_tax(const struct merchant *merchant, const struct shop_invoice *invoice)
{
    return invoice->total == 0
               ? 0
               : invoice_tax(merchant, invoice) * invoice->credit.amount / invoice->total;
}

/* ---- telling --------------------------------------------------------------------------------- */

/* Of an invoice's events only those that are called updated carry what was before. */
static void say_changed(
    struct merchant *merchant, uint32_t index, enum emit emit, struct previous previous)
{
    merchant->invoices[index].place.last_event_s = merchant_second(merchant);
    merchant_emit(
        merchant, (struct queued_event){.emit = emit, .index = index, .previous = previous});
}

static void say(struct merchant *merchant, uint32_t index, enum emit emit)
{
    say_changed(merchant, index, emit, (struct previous){0});
}

/* ---- beginning ------------------------------------------------------------------------------- */

static void add_line(
    struct merchant *merchant, struct shop_invoice *invoice, const struct shop_line *like)
{
    INVARIANT(invoice->line_count < ITEMS_MAX);
    struct shop_line *line = &invoice->lines[invoice->line_count++];
    *line = *like;
    id_make(&merchant->ids, "il_1", invoice->created_s, line->id);
    struct line_amounts amounts = invoice_line_amounts(merchant, invoice, line);
    invoice->subtotal += amounts.amount;
    invoice->total += amounts.amount - amounts.discount + amounts.tax;
}

/* A trial's invoice has none. */
static void add_lines(
    struct merchant *merchant, struct shop_invoice *invoice, const struct invoice_order *order)
{
    if (order->subscription == 0) {
        add_line(merchant, invoice,
            &(struct shop_line){.product = product_for_billing(merchant),
                .quantity = 1 + (int64_t)merchant_below(merchant, 3)});
        return;
    }
    const struct shop_subscription *subscription =
        &merchant->subscriptions[order->subscription - 1];
    for (uint8_t i = 0; !order->free && i < subscription->item_count; i++) {
        const struct shop_item *item = &subscription->items[i];
        add_line(merchant, invoice,
            &(struct shop_line){
                .product = item->product, .item = (uint8_t)(i + 1), .quantity = item->quantity});
    }
}

static uint32_t prepare(struct merchant *merchant, const struct invoice_order *order)
{
    uint32_t index = 0;
    if (!pool_take(&merchant->invoice_pool, &index)) {
        return UINT32_MAX;
    }
    int64_t now_s = merchant_second(merchant);
    struct shop_invoice *invoice = &merchant->invoices[index];
    *invoice = (struct shop_invoice){
        .customer = order->customer,
        .number = (uint32_t)++merchant->counts.invoices,
        .subscription = order->subscription,
        .reason = order->reason,
        .created_s = now_s,
        .period_start_s = now_s,
        .period_end_s = now_s + (order->subscription != 0 ? PERIOD_S : 0),
    };
    id_make(&merchant->ids, "in_1", now_s, invoice->id);
    invoice->taxed = merchant_chance(merchant, 40);
    invoice->discounted = order->subscription != 0 &&
                          merchant->subscriptions[order->subscription - 1].discount[0] != '\0';
    add_lines(merchant, invoice, order);
    return index;
}

uint32_t invoice_begin(
    struct merchant *merchant, const struct invoice_order *order, enum course course)
{
    uint32_t index = prepare(merchant, order);
    if (index == UINT32_MAX) {
        return 0;
    }
    course_begin_as(merchant, TASK_INVOICE, index, course);
    return index + 1;
}

void invoice_begin_alone(struct merchant *merchant, uint32_t customer)
{
    uint32_t index =
        prepare(merchant, &(struct invoice_order){.customer = customer, .reason = "manual"});
    if (index != UINT32_MAX) {
        course_begin(merchant, TASK_INVOICE, index);
    } else {
        customer_release(merchant, customer);
    }
}

/* Who is billed for a subscription is released with that. */
void invoice_end(struct merchant *merchant, uint32_t index)
{
    const struct shop_invoice *invoice = &merchant->invoices[index];
    for (uint8_t i = 0; i < invoice->payment_count; i++) {
        INVARIANT(merchant->payments[invoice->payments[i]].open_ends > 0);
        merchant->payments[invoice->payments[i]].open_ends--;
        payment_release(merchant, invoice->payments[i]);
    }
    if (merchant->config.forgetful) {
        pool_give(&merchant->invoice_pool, index);
    }
    if (invoice->subscription != 0) {
        subscription_invoice_ended(merchant, invoice->subscription - 1);
    } else {
        customer_release(merchant, invoice->customer);
    }
}

/* ---- being paid ------------------------------------------------------------------------------ */

static void settle(struct merchant *merchant, uint32_t index, bool by_payment)
{
    struct shop_invoice *invoice = &merchant->invoices[index];
    invoice->status = INVOICE_IS_PAID;
    invoice->paid_s = merchant_second(merchant);
    invoice->next_attempt_s = 0;
    say(merchant, index, EMIT_INVOICE_PAID);
    if (by_payment) {
        say(merchant, index, EMIT_INVOICE_PAYMENT_SUCCEEDED);
    }
    if (invoice->subscription != 0) {
        subscription_is_paid(merchant, invoice->subscription - 1);
    }
}

void invoice_payment_succeeded(struct merchant *merchant, uint32_t payment)
{
    struct shop_payment *by = &merchant->payments[payment];
    uint32_t index = by->invoice - 1;
    struct shop_invoice *invoice = &merchant->invoices[index];
    struct previous previous = {0};
    previous_add_number(&previous, "amount_paid", invoice->paid);
    previous_add_number(&previous, "amount_remaining", invoice_due(invoice) - invoice->paid);
    previous_add_number(&previous, "attempt_count", invoice->attempts);
    by->invoice_paid_s = merchant_second(merchant);
    if (invoice->paid == invoice_due(invoice)) { /* it was paid before, by a fault */
        merchant_emit(
            merchant, (struct queued_event){.emit = EMIT_INVOICE_PAYMENT_PAID, .index = payment});
        return;
    }
    invoice->paid += by->received;
    invoice->attempts++;
    ENSURE(invoice->paid <= invoice_due(invoice));
    merchant_emit(
        merchant, (struct queued_event){.emit = EMIT_INVOICE_PAYMENT_PAID, .index = payment});
    if (invoice->paid == invoice_due(invoice)) {
        settle(merchant, index, true);
    } else {
        say_changed(merchant, index, EMIT_INVOICE_UPDATED, previous);
    }
    if (faults_pay_again(merchant, payment)) {
        bool begun = payment_begin_for_invoice(merchant, index, by->received, LIFE_INVOICED);
        ENSURE(begun); /* there was room for it */
    }
    course_resume(merchant, TASK_INVOICE, index);
}

void invoice_payment_failed(struct merchant *merchant, uint32_t payment)
{
    uint32_t index = merchant->payments[payment].invoice - 1;
    struct shop_invoice *invoice = &merchant->invoices[index];
    invoice->attempts++;
    invoice->next_attempt_s = merchant_second(merchant) + RETRY_AFTER_S;
    say(merchant, index, EMIT_INVOICE_PAYMENT_FAILED);
    if (invoice->subscription != 0) {
        subscription_is_not_paid(merchant, invoice->subscription - 1);
    }
}

/* The provider tells of no invoice payment that is not paid. */
void invoice_payment_given_up(struct merchant *merchant, uint32_t payment)
{
    course_resume(merchant, TASK_INVOICE, merchant->payments[payment].invoice - 1);
}

/* ---- deeds ----------------------------------------------------------------------------------- */

void deed_invoice_draft(struct merchant *merchant, uint32_t index, int collection)
{
    merchant->invoices[index].by_mail = collection == BY_MAIL;
    say(merchant, index, EMIT_INVOICE_CREATED);
}

void deed_invoice_finalize(struct merchant *merchant, uint32_t index, int percent_of_balance)
{
    struct shop_invoice *invoice = &merchant->invoices[index];
    invoice->status = INVOICE_IS_OPEN;
    invoice->finalized_s = merchant_second(merchant);
    invoice->balance_used = invoice->total * percent_of_balance / 100;
    say(merchant, index, EMIT_INVOICE_FINALIZED);
    if (invoice_due(invoice) == 0) {
        settle(merchant, index, false);
    } else if (invoice->by_mail) {
        say(merchant, index, EMIT_INVOICE_SENT);
    }
}

static void charge(struct merchant *merchant, uint32_t index, int percent, enum life life)
{
    struct shop_invoice *invoice = &merchant->invoices[index];
    int64_t amount = (invoice_due(invoice) - invoice->paid) * percent / 100;
    if (payment_begin_for_invoice(merchant, index, amount, life)) {
        invoice->place.waits = true;
    }
}

void deed_invoice_charge(struct merchant *merchant, uint32_t index, int percent)
{
    charge(merchant, index, percent, LIFE_INVOICED);
}

void deed_invoice_charge_as(struct merchant *merchant, uint32_t index, int life)
{
    charge(merchant, index, 100, (enum life)life);
}

static void make_credit(struct merchant *merchant, struct shop_invoice *invoice, int percent)
{
    invoice->credit = (struct shop_credit){.amount = invoice->total * percent / 100,
        .created_s = merchant_second(merchant),
        .before = invoice->status == INVOICE_IS_OPEN};
    id_make(&merchant->ids, "cn_1", invoice->credit.created_s, invoice->credit.id);
    id_make(&merchant->ids, "cnli_1", invoice->credit.created_s, invoice->credit.line);
}

static void tell_credit(struct merchant *merchant, uint32_t index, struct previous previous)
{
    merchant_emit(
        merchant, (struct queued_event){.emit = EMIT_CREDIT_NOTE_CREATED, .index = index});
    say_changed(merchant, index, EMIT_INVOICE_UPDATED, previous);
}

void deed_invoice_credit(struct merchant *merchant, uint32_t index, int percent)
{
    struct shop_invoice *invoice = &merchant->invoices[index];
    struct previous previous = {0};
    if (invoice->status == INVOICE_IS_OPEN) {
        previous_add_number(&previous, "amount_due", invoice_due(invoice));
        previous_add_number(&previous, "amount_remaining", invoice_due(invoice) - invoice->paid);
        previous_add_number(&previous, "pre_payment_credit_notes_amount", 0);
    } else {
        previous_add_number(&previous, "post_payment_credit_notes_amount", 0);
    }
    make_credit(merchant, invoice, percent);
    tell_credit(merchant, index, previous);
}

static bool give_back(struct merchant *merchant, struct shop_invoice *invoice)
{
    uint32_t payment = invoice->payments[0];
    uint8_t attempt = (uint8_t)(merchant->payments[payment].attempt_count - 1);
    uint32_t refund = refund_begin(merchant, payment, attempt, invoice->credit.amount, REFUND_DONE);
    if (refund == UINT32_MAX) {
        return false;
    }
    memcpy(invoice->credit.refund, merchant->refunds[refund].id, sizeof invoice->credit.refund);
    return true;
}

/* Half of what one payment has paid. */
void deed_invoice_credit_paid(struct merchant *merchant, uint32_t index, int way)
{
    struct shop_invoice *invoice = &merchant->invoices[index];
    struct previous previous = {0};
    if (invoice->status != INVOICE_IS_PAID || invoice->payment_count != 1) {
        return; /* there was no room for its payment */
    }
    previous_add_number(&previous, "post_payment_credit_notes_amount", 0);
    make_credit(merchant, invoice, 50);
    invoice->credit.way = (enum credit_way)way;
    if (way == CREDIT_TO_BALANCE) {
        id_make(&merchant->ids, "cbtxn_1", invoice->credit.created_s,
            invoice->credit.balance_transaction);
    } else if (!give_back(merchant, invoice)) {
        invoice->credit.way = CREDIT_PAST_STRIPE;
    }
    tell_credit(merchant, index, previous);
}

/* Only one that came after the payment: else more would be due again. */
void deed_invoice_credit_void(struct merchant *merchant, uint32_t index, int argument)
{
    (void)argument;
    struct shop_invoice *invoice = &merchant->invoices[index];
    struct previous previous = {0};
    if (invoice->credit.id[0] == '\0' || invoice->credit.before) {
        return;
    }
    previous_add_number(&previous, "post_payment_credit_notes_amount", invoice->credit.amount);
    invoice->credit.voided_s = merchant_second(merchant);
    merchant_emit(merchant, (struct queued_event){.emit = EMIT_CREDIT_NOTE_VOIDED, .index = index});
    say_changed(merchant, index, EMIT_INVOICE_UPDATED, previous);
}

void deed_invoice_overdue(struct merchant *merchant, uint32_t index, int argument)
{
    (void)argument;
    say(merchant, index, EMIT_INVOICE_OVERDUE);
}

void deed_invoice_out_of_band(struct merchant *merchant, uint32_t index, int argument)
{
    (void)argument;
    struct shop_invoice *invoice = &merchant->invoices[index];
    invoice->out_of_band = invoice_due(invoice);
    invoice->paid = invoice->out_of_band;
    settle(merchant, index, false);
}

void deed_invoice_void(struct merchant *merchant, uint32_t index, int argument)
{
    (void)argument;
    struct shop_invoice *invoice = &merchant->invoices[index];
    invoice->status = INVOICE_IS_VOID;
    invoice->voided_s = merchant_second(merchant);
    invoice->next_attempt_s = 0;
    say(merchant, index, EMIT_INVOICE_VOIDED);
}

void deed_invoice_write_off(struct merchant *merchant, uint32_t index, int argument)
{
    (void)argument;
    struct shop_invoice *invoice = &merchant->invoices[index];
    invoice->status = INVOICE_IS_UNCOLLECTIBLE;
    invoice->uncollectible_s = merchant_second(merchant);
    invoice->next_attempt_s = 0;
    say(merchant, index, EMIT_INVOICE_UNCOLLECTIBLE);
}

void deed_invoice_delete(struct merchant *merchant, uint32_t index, int argument)
{
    (void)argument;
    merchant->invoices[index].deleted = true;
    say(merchant, index, EMIT_INVOICE_DELETED);
}
