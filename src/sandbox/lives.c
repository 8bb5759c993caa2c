#include "base/check.h"
#include "sandbox/merchant_internal.h"

#define MS INT64_C(1000)
#define STEPS_MAX 8

struct step {
    uint16_t wait_ms_min, wait_ms_max;
    enum act act;
    int argument;
};

static const struct life_row {
    const char *word;
    uint32_t weight;
    enum method method;
    struct step steps[STEPS_MAX];
} lives[] = {
#define AFTER(from_ms, to_ms, act, argument)                                                       \
    {                                                                                              \
        (from_ms), (to_ms), ACT_##act, (argument)                                                  \
    }
#define LIFE(name, weight, method, word, ...) {(word), (weight), METHOD_##method, {__VA_ARGS__}},
#include "sandbox/lives.def"
#undef LIFE
#undef AFTER
};
_Static_assert(sizeof lives / sizeof *lives == LIFE_COUNT, "the enum is made of the same rows");

const char *life_word(size_t life)
{
    REQUIRE(life < LIFE_COUNT);
    return lives[life].word;
}

enum method life_method(size_t life)
{
    REQUIRE(life < LIFE_COUNT);
    return lives[life].method;
}

static enum life draw_life(struct merchant *merchant)
{
    uint64_t sum = 0;
    for (size_t i = 0; i < LIFE_COUNT; i++) {
        sum += lives[i].weight;
    }
    uint64_t draw = merchant_below(merchant, sum);
    for (size_t i = 0; i < LIFE_COUNT; i++) {
        if (draw < lives[i].weight) {
            return (enum life)i;
        }
        draw -= lives[i].weight;
    }
    UNREACHABLE();
}

/* ---- the life -------------------------------------------------------------------------------- */

static const struct step *step_of(const struct shop_payment *payment)
{
    static const struct step end = {.act = ACT_END};
    return payment->step < STEPS_MAX ? &lives[payment->life].steps[payment->step] : &end;
}

static void schedule_step(struct merchant *merchant, uint32_t index)
{
    const struct step *step = step_of(&merchant->payments[index]);
    if (step->act == ACT_END) {
        merchant->payments[index].ended = true;
        payment_release(merchant, index);
        return;
    }
    uint64_t spread = (uint64_t)(step->wait_ms_max - step->wait_ms_min) + 1;
    int64_t wait_ms = step->wait_ms_min + (int64_t)merchant_below(merchant, spread);
    merchant_schedule(merchant, TASK_PAYMENT, index, wait_ms * MS);
}

/* Steps of a payment that is for an invoice may change that and its subscription too. */
static int64_t last_event_s(const struct merchant *merchant, const struct shop_payment *payment)
{
    return payment->invoice != 0 ? invoice_last_event_s(merchant, payment->invoice - 1)
                                 : payment->last_event_s;
}

void payment_act(struct merchant *merchant, uint32_t index)
{
    struct shop_payment *payment = &merchant->payments[index];
    INVARIANT(payment->used && !payment->ended);
    const struct step *step = step_of(payment);
    bool later = payment->invoice != 0 ? payment->step > 0
                                       : payment->step > 1 && act_needs_later_second(step->act);
    int64_t last_s = last_event_s(merchant, payment);
    if (later && merchant_second(merchant) <= last_s) {
        merchant_schedule(merchant, TASK_PAYMENT, index, (last_s + 1) * 1000000 - merchant->now_us);
        return;
    }
    act_perform(merchant, index, step->act, step->argument);
    payment->last_event_s = merchant_second(merchant);
    payment->step++;
    schedule_step(merchant, index);
}

static int64_t draw_amount(struct merchant *merchant, enum currency_index currency)
{
    static const struct {
        int64_t least, most, step;
    } rows[CURRENCY_COUNT] = {
#define CURRENCY(code, weight, least, most, step) {(least), (most), (step)},
#include "sandbox/currencies.def"
#undef CURRENCY
    };
    uint64_t steps =
        (uint64_t)((rows[currency].most - rows[currency].least) / rows[currency].step) + 1;
    return rows[currency].least + (int64_t)merchant_below(merchant, steps) * rows[currency].step;
}

static enum currency_index draw_currency(struct merchant *merchant)
{
    static const uint32_t weights[CURRENCY_COUNT] = {
#define CURRENCY(code, weight, least, most, step) (weight),
#include "sandbox/currencies.def"
#undef CURRENCY
    };
    uint64_t draw = merchant_below(merchant, 100);
    for (size_t i = 0; i < CURRENCY_COUNT; i++) {
        if (draw < weights[i]) {
            return (enum currency_index)i;
        }
        draw -= weights[i];
    }
    UNREACHABLE();
}

void payment_begin(struct merchant *merchant, uint32_t index)
{
    payment_begin_as(merchant, index, draw_life(merchant));
}

void payment_begin_as(struct merchant *merchant, uint32_t index, enum life life)
{
    REQUIRE(life < LIFE_COUNT);
    struct shop_payment *payment = &merchant->payments[index];
    bool debit = lives[life].method == METHOD_DEBIT;
    enum currency_index currency = debit ? CURRENCY_eur : draw_currency(merchant);
    *payment = (struct shop_payment){
        .life = (uint8_t)life,
        .used = true,
        .created_s = merchant_second(merchant),
        .currency = currency,
        .amount = draw_amount(merchant, currency),
        .payer = person_draw(merchant),
        .order = ++merchant->orders,
    };
    uint32_t customer = customer_for_payment(merchant);
    if (customer != UINT32_MAX) {
        memcpy(payment->customer, merchant->customers[customer].id, sizeof payment->customer);
        payment->payer = merchant->customers[customer].name;
    }
    merchant->counts.payments++;
    payment_act(merchant, index);
}

/* In euros, as the balances are; of nobody that the shop knows. */
void payment_begin_connected(
    struct merchant *merchant, uint32_t index, enum life life, const struct connect_order *order)
{
    struct shop_payment *payment = &merchant->payments[index];
    int64_t amount = draw_amount(merchant, CURRENCY_eur);
    *payment = (struct shop_payment){
        .life = (uint8_t)life,
        .used = true,
        .created_s = merchant_second(merchant),
        .currency = CURRENCY_eur,
        .amount = amount,
        .payer = person_draw(merchant),
        .order = ++merchant->orders,
        .on_account = order->on_account,
        .destination = order->destination,
        .fee_amount = amount * order->fee_percent / 100,
        .grouped = order->grouped,
    };
    account_hold(merchant, order->on_account);
    merchant->counts.payments++;
    payment_act(merchant, index);
}

static void hold_for_invoice(
    struct merchant *merchant, struct shop_payment *payment, uint32_t index)
{
    struct shop_invoice *invoice = &merchant->invoices[payment->invoice - 1];
    INVARIANT(invoice->payment_count < INVOICE_PAYMENTS_MAX);
    invoice->payments[invoice->payment_count++] = index;
    payment->open_ends++;
    memcpy(payment->invoice_id, invoice->id, sizeof payment->invoice_id);
}

bool payment_begin_for_invoice(
    struct merchant *merchant, uint32_t invoice, int64_t amount, enum life life)
{
    REQUIRE(amount > 0);
    uint32_t index = 0;
    if (!pool_take(&merchant->payment_pool, &index)) {
        return false;
    }
    const struct shop_customer *customer =
        &merchant->customers[merchant->invoices[invoice].customer];
    struct shop_payment *payment = &merchant->payments[index];
    *payment = (struct shop_payment){
        .life = (uint8_t)life,
        .used = true,
        .created_s = merchant_second(merchant),
        .currency = CURRENCY_eur,
        .amount = amount,
        .payer = customer->name,
        .order = ++merchant->orders,
        .invoice = invoice + 1,
    };
    memcpy(payment->customer, customer->id, sizeof payment->customer);
    hold_for_invoice(merchant, payment, index);
    id_make(&merchant->ids, "inpay_1", payment->created_s, payment->invoice_payment);
    merchant->counts.payments++;
    payment_act(merchant, index);
    return true;
}

void payment_release(struct merchant *merchant, uint32_t index)
{
    struct shop_payment *payment = &merchant->payments[index];
    if (!payment->ended || payment->open_ends > 0) {
        return;
    }
    account_release(merchant, payment->on_account);
    if (merchant->config.forgetful) {
        payment->used = false;
        pool_give(&merchant->payment_pool, index);
    }
}
