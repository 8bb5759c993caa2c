#include "base/check.h"
#include "sandbox/merchant_internal.h"

enum failure {
#define FAILURE(name, intent, charge, decline, network, advice, type, message) FAILURE_##name,
#include "sandbox/failures.def"
#undef FAILURE
};

/* ---- what acts are made of ------------------------------------------------------------------- */

struct doing {
    struct merchant *merchant;
    struct shop_payment *payment;
    uint32_t index;
};

static void say(const struct doing *doing, enum emit emit)
{
    merchant_emit(doing->merchant, (struct queued_event){.emit = emit,
                                       .index = doing->index,
                                       .attempt = (uint8_t)(doing->payment->attempt_count > 0
                                                                ? doing->payment->attempt_count - 1
                                                                : 0)});
}

static void say_changed(const struct doing *doing, enum emit emit, struct previous previous)
{
    merchant_emit(doing->merchant, (struct queued_event){.emit = emit,
                                       .index = doing->index,
                                       .attempt = (uint8_t)(doing->payment->attempt_count - 1),
                                       .previous = previous});
}

static struct shop_charge *last_attempt(const struct doing *doing)
{
    REQUIRE(doing->payment->attempt_count > 0);
    return &doing->payment->attempts[doing->payment->attempt_count - 1];
}

static void try_method(const struct doing *doing)
{
    struct shop_payment *payment = doing->payment;
    id_make(&doing->merchant->ids, "pm_1", merchant_second(doing->merchant), payment->tried_method);
    payment->tried_card = (uint8_t)merchant_below(doing->merchant, UINT8_MAX);
}

static struct shop_charge *attempt_begin(
    const struct doing *doing, enum charge_status status, bool captured)
{
    struct shop_payment *payment = doing->payment;
    INVARIANT(payment->attempt_count < ATTEMPTS_MAX);
    if (payment->status == INTENT_REQUIRES_PAYMENT_METHOD) {
        try_method(doing);
    }
    struct shop_charge *charge = &payment->attempts[payment->attempt_count++];
    *charge = (struct shop_charge){
        .created_s = merchant_second(doing->merchant),
        .amount = payment->amount,
        .captured = captured ? payment->amount : 0,
        .status = status,
        .is_captured = captured,
        .card = payment->tried_card,
    };
    id_make(&doing->merchant->ids, life_method(payment->life) == METHOD_DEBIT ? "py_3" : "ch_3",
        payment->created_s, charge->id);
    memcpy(charge->payment_method, payment->tried_method, sizeof charge->payment_method);
    return charge;
}

static void intent_succeeds(const struct doing *doing)
{
    struct shop_payment *payment = doing->payment;
    payment->status = INTENT_SUCCEEDED;
    payment->received = last_attempt(doing)->captured;
    payment->capturable = 0;
    payment->failure = FAILURE_NONE;
    payment->failed_without_charge = false;
    doing->merchant->counts.succeeded++;
    say(doing, EMIT_INTENT_SUCCEEDED);
    if (payment->invoice != 0) {
        invoice_payment_succeeded(doing->merchant, doing->index);
    }
}

static void intent_fails(const struct doing *doing, enum failure failure)
{
    struct shop_payment *payment = doing->payment;
    payment->status = INTENT_REQUIRES_PAYMENT_METHOD;
    payment->received = 0;
    payment->failure = (uint8_t)failure;
    payment->failed_without_charge = failure == FAILURE_AUTHENTICATION;
    say(doing, EMIT_INTENT_FAILED);
    if (payment->invoice != 0) {
        invoice_payment_failed(doing->merchant, doing->index);
    }
}

static void intent_ends(const struct doing *doing, const char *reason)
{
    struct shop_payment *payment = doing->payment;
    payment->status = INTENT_CANCELED;
    payment->capturable = 0;
    payment->canceled_at_s = merchant_second(doing->merchant);
    payment->cancellation_reason = reason;
    doing->merchant->counts.canceled++;
    say(doing, EMIT_INTENT_CANCELED);
    if (payment->invoice != 0) {
        invoice_payment_given_up(doing->merchant, doing->index);
    }
}

static void attempt_fails(const struct doing *doing, enum failure failure)
{
    struct shop_charge *charge = last_attempt(doing);
    charge->status = CHARGE_FAILED;
    charge->captured = 0;
    charge->is_captured = false;
    charge->failure = (uint8_t)failure;
    doing->merchant->counts.failed++;
    say(doing, EMIT_CHARGE_FAILED);
}

static enum failure draw_decline(struct merchant *merchant)
{
    static const enum failure declines[] = {
        FAILURE_NO_FUNDS, FAILURE_NO_FUNDS, FAILURE_DECLINED, FAILURE_EXPIRED, FAILURE_BAD_CVC};
    return declines[merchant_below(merchant, sizeof declines / sizeof *declines)];
}

static void settle(const struct doing *doing, struct shop_charge *charge)
{
    id_make(&doing->merchant->ids, "txn_3", doing->payment->created_s, charge->balance_transaction);
    takings_charge(doing->merchant, doing->index, (uint8_t)(charge - doing->payment->attempts));
}

/* Nothing is left when the refund before took the last of it. */
static void give_back(const struct doing *doing, int64_t amount, int life)
{
    if (amount > 0) {
        (void)refund_begin(doing->merchant, doing->index,
            (uint8_t)(doing->payment->attempt_count - 1), amount, (enum refund_life)life);
    }
}

/* ---- acts ------------------------------------------------------------------------------------ */

static void act_open(const struct doing *doing, int argument)
{
    (void)argument;
    id_make(&doing->merchant->ids, "pi_3", doing->payment->created_s, doing->payment->id);
    say(doing, EMIT_INTENT_CREATED);
}

static void act_ask(const struct doing *doing, int argument)
{
    (void)argument;
    try_method(doing);
    doing->payment->status = INTENT_REQUIRES_ACTION;
    doing->payment->failure = FAILURE_NONE;
    say(doing, EMIT_INTENT_REQUIRES_ACTION);
}

static void act_refuse(const struct doing *doing, int argument)
{
    (void)argument;
    intent_fails(doing, FAILURE_AUTHENTICATION);
}

static void act_pay(const struct doing *doing, int argument)
{
    (void)argument;
    (void)attempt_begin(doing, CHARGE_SUCCEEDED, true);
    say(doing, EMIT_CHARGE_SUCCEEDED);
    intent_succeeds(doing);
}

static void act_authorize(const struct doing *doing, int argument)
{
    (void)argument;
    (void)attempt_begin(doing, CHARGE_SUCCEEDED, false);
    doing->payment->status = INTENT_REQUIRES_CAPTURE;
    doing->payment->capturable = doing->payment->amount;
    say(doing, EMIT_CHARGE_SUCCEEDED);
    say(doing, EMIT_INTENT_CAPTURABLE);
}

static int64_t share_of(const struct doing *doing, int64_t amount, int percent)
{
    int64_t step = doing->payment->currency == CURRENCY_kwd ? 10 : 1;
    int64_t share = amount * percent / 100 / step * step;
    return share < step ? amount : share;
}

static void act_capture(const struct doing *doing, int percent)
{
    struct shop_charge *charge = last_attempt(doing);
    charge->is_captured = true;
    charge->captured = share_of(doing, charge->amount, percent);
    charge->released = charge->amount - charge->captured;
    struct previous previous = {.fields = WAS_NOT_CAPTURED};
    if (charge->released > 0) {
        previous.fields |= WAS_REFUNDED_AMOUNT;
    }
    say_changed(doing, EMIT_CHARGE_CAPTURED, previous);
    intent_succeeds(doing);
}

static void act_release(const struct doing *doing, int argument)
{
    (void)argument;
    struct shop_charge *charge = last_attempt(doing);
    charge->released = charge->amount;
    say_changed(doing, EMIT_CHARGE_REFUNDED,
        (struct previous){.fields = WAS_REFUNDED_AMOUNT | WAS_NOT_REFUNDED});
    intent_ends(doing, "requested_by_customer");
}

static void act_expire(const struct doing *doing, int argument)
{
    (void)argument;
    struct shop_charge *charge = last_attempt(doing);
    charge->released = charge->amount;
    say(doing, EMIT_CHARGE_EXPIRED);
    intent_ends(doing, "expired");
}

static void act_decline(const struct doing *doing, int argument)
{
    (void)argument;
    enum failure failure = draw_decline(doing->merchant);
    (void)attempt_begin(doing, CHARGE_PENDING, false);
    attempt_fails(doing, failure);
    intent_fails(doing, failure);
}

static void act_process(const struct doing *doing, int argument)
{
    (void)argument;
    (void)attempt_begin(doing, CHARGE_PENDING, true);
    doing->payment->status = INTENT_PROCESSING;
    say(doing, EMIT_CHARGE_PENDING);
    say(doing, EMIT_INTENT_PROCESSING);
}

static void act_clear(const struct doing *doing, int argument)
{
    (void)argument;
    last_attempt(doing)->status = CHARGE_SUCCEEDED;
    say(doing, EMIT_CHARGE_SUCCEEDED);
    intent_succeeds(doing);
}

static void act_bounce(const struct doing *doing, int argument)
{
    (void)argument;
    attempt_fails(doing, FAILURE_DEBIT_NO_FUNDS);
    intent_fails(doing, FAILURE_DEBIT_NO_FUNDS);
}

static void act_bounce_late(const struct doing *doing, int argument)
{
    (void)argument;
    struct shop_charge *charge = last_attempt(doing);
    id_make(&doing->merchant->ids, "txn_3", doing->payment->created_s,
        charge->failure_balance_transaction);
    takings_failure(doing->merchant, doing->index, (uint8_t)(charge - doing->payment->attempts));
    doing->merchant->counts.late_failures++;
    attempt_fails(doing, FAILURE_DEBIT_NOT_AUTHORIZED);
    intent_fails(doing, FAILURE_DEBIT_NOT_AUTHORIZED);
}

static void act_cancel(const struct doing *doing, int argument)
{
    (void)argument;
    bool abandoned = merchant_chance(doing->merchant, 50);
    intent_ends(doing, abandoned ? "abandoned" : "requested_by_customer");
}

static void act_settle(const struct doing *doing, int argument)
{
    (void)argument;
    struct previous previous = {.fields = WAS_WITHOUT_BALANCE_TRANSACTION};
    settle(doing, last_attempt(doing));
    previous.fields |= connect_settle(doing->merchant, doing->payment, last_attempt(doing));
    say_changed(doing, EMIT_CHARGE_UPDATED, previous);
}

/* As it was before payment intents: one object, one event. */
static void act_charge(const struct doing *doing, int argument)
{
    (void)argument;
    settle(doing, attempt_begin(doing, CHARGE_SUCCEEDED, true));
    doing->merchant->counts.succeeded++;
    say(doing, EMIT_CHARGE_SUCCEEDED);
}

static void act_charge_declined(const struct doing *doing, int argument)
{
    (void)argument;
    (void)attempt_begin(doing, CHARGE_PENDING, false);
    attempt_fails(doing, draw_decline(doing->merchant));
}

static void act_refund_part(const struct doing *doing, int life)
{
    const struct shop_charge *charge = last_attempt(doing);
    int percent = 20 + (int)merchant_below(doing->merchant, 40);
    give_back(doing, share_of(doing, charge->captured - charge->refunded, percent), life);
}

static void act_refund_rest(const struct doing *doing, int life)
{
    const struct shop_charge *charge = last_attempt(doing);
    give_back(doing, charge->captured - charge->refunded, life);
}

static void act_transfer(const struct doing *doing, int percent)
{
    connect_transfer(doing->merchant, doing->payment, last_attempt(doing), percent);
}

static void act_dispute(const struct doing *doing, int argument)
{
    (void)argument;
    struct merchant *merchant = doing->merchant;
    last_attempt(doing)->disputed = true;
    if (merchant_is_mixed(merchant)) {
        dispute_begin(merchant, doing->index, (uint8_t)(doing->payment->attempt_count - 1));
    } else {
        merchant->sundry = (struct sundry){0};
        id_make(&merchant->ids, "du_1", merchant_second(merchant), merchant->sundry.id);
        say(doing, EMIT_ONCE_DISPUTE);
    }
    say_changed(doing, EMIT_CHARGE_UPDATED, (struct previous){.fields = WAS_NOT_DISPUTED});
}

/* ---- the table ------------------------------------------------------------------------------- */

enum when { WHEN_ANYTIME, WHEN_LATER };

static const struct {
    void (*perform)(const struct doing *doing, int argument);
    enum when when;
} act_rows[ACT_COUNT] = {
#define ACT(name, function, when, help) [ACT_##name] = {function, WHEN_##when},
#include "sandbox/acts.def"
#undef ACT
};

bool act_needs_later_second(enum act act)
{
    REQUIRE(act > ACT_END && act < ACT_COUNT);
    return act_rows[act].when == WHEN_LATER;
}

void act_perform(struct merchant *merchant, uint32_t index, enum act act, int argument)
{
    REQUIRE(act > ACT_END && act < ACT_COUNT);
    struct doing doing = {merchant, &merchant->payments[index], index};
    act_rows[act].perform(&doing, argument);
}
