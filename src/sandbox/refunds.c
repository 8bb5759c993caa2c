#include "base/check.h"
#include "sandbox/merchant_internal.h"

#define MS INT64_C(1000)

static const char *const reasons[] = {"requested_by_customer", "duplicate", "fraudulent", NULL};

static struct shop_charge *charge_of(struct merchant *merchant, const struct shop_refund *refund)
{
    return &merchant->payments[refund->payment].attempts[refund->attempt];
}

static void emit_about_charge(struct merchant *merchant,
    const struct shop_refund *refund,
    enum emit emit,
    const struct shop_charge *before)
{
    const struct shop_charge *charge = charge_of(merchant, refund);
    bool was_refunded = before->released + before->refunded == before->amount;
    bool is_refunded = charge->released + charge->refunded == charge->amount;
    struct previous previous = {
        .fields = WAS_REFUNDED_AMOUNT, .refunded = before->released + before->refunded};
    if (was_refunded != is_refunded) {
        previous.fields |= was_refunded ? WAS_REFUNDED : WAS_NOT_REFUNDED;
    }
    merchant->payments[refund->payment].last_event_s = merchant_second(merchant);
    merchant_emit(merchant, (struct queued_event){.emit = emit,
                                .index = refund->payment,
                                .attempt = refund->attempt,
                                .previous = previous});
}

static void emit_about_refund(
    struct merchant *merchant, uint32_t index, enum emit emit, struct previous previous)
{
    merchant->refunds[index].last_event_s = merchant_second(merchant);
    merchant_emit(
        merchant, (struct queued_event){.emit = emit, .index = index, .previous = previous});
}

uint32_t refund_begin(struct merchant *merchant,
    uint32_t payment,
    uint8_t attempt,
    int64_t amount,
    enum refund_life life)
{
    REQUIRE(amount > 0);
    uint32_t index = 0;
    if (!pool_take(&merchant->refund_pool, &index)) {
        return UINT32_MAX;
    }
    struct shop_payment *whose = &merchant->payments[payment];
    struct shop_refund *refund = &merchant->refunds[index];
    *refund = (struct shop_refund){
        .payment = payment,
        .attempt = attempt,
        .created_s = merchant_second(merchant),
        .amount = amount,
        .life = life,
        .status = life == REFUND_DONE || life == REFUND_FAILED_LATE ? REFUND_IS_SUCCEEDED
                                                                    : REFUND_IS_PENDING,
        .reason = reasons[merchant_below(merchant, sizeof reasons / sizeof *reasons)],
        .used = true,
    };
    id_make(&merchant->ids, life_method(whose->life) == METHOD_DEBIT ? "pyr_3" : "re_3",
        whose->created_s, refund->id);
    id_make(&merchant->ids, "txn_3", whose->created_s, refund->balance_transaction);
    takings_refund(merchant, index);
    merchant->counts.refunds++;
    whose->open_ends++;
    if (!merchant->config.forgetful) {
        refund->older = whose->newest_refund;
        whose->newest_refund = index + 1;
    }

    struct shop_charge *charge = charge_of(merchant, refund);
    struct shop_charge before = *charge;
    charge->refunded += amount;
    ENSURE(charge->refunded <= charge->captured);
    emit_about_charge(merchant, refund, EMIT_CHARGE_REFUNDED, &before);
    emit_about_refund(merchant, index, EMIT_REFUND_CREATED, (struct previous){0});
    merchant_schedule(
        merchant, TASK_REFUND, index, (int64_t)(300 + merchant_below(merchant, 2500)) * MS);
    return index;
}

static void refund_end(struct merchant *merchant, uint32_t index)
{
    uint32_t payment = merchant->refunds[index].payment;
    INVARIANT(merchant->payments[payment].open_ends > 0);
    merchant->payments[payment].open_ends--;
    if (merchant->config.forgetful) {
        merchant->refunds[index].used = false;
        pool_give(&merchant->refund_pool, index);
    }
    payment_release(merchant, payment);
}

/* The money comes back: the charge counts it as not refunded again. */
static void fail(struct merchant *merchant, uint32_t index)
{
    struct shop_refund *refund = &merchant->refunds[index];
    struct shop_charge *charge = charge_of(merchant, refund);
    struct shop_charge before = *charge;
    struct previous previous = {
        .fields = WAS_STATUS | WAS_WITHOUT_FAILURE, .status = refund->status};
    if (refund->status == REFUND_IS_PENDING) {
        previous.fields |= WAS_PENDING;
    }
    refund->status = REFUND_IS_FAILED;
    id_make(&merchant->ids, "txn_3", refund->created_s, refund->failure_balance_transaction);
    takings_refund_failure(merchant, index);
    charge->refunded -= refund->amount;
    ENSURE(charge->refunded >= 0);
    emit_about_refund(merchant, index, EMIT_REFUND_UPDATED, previous);
    emit_about_refund(merchant, index, EMIT_CHARGE_REFUND_UPDATED, previous);
    emit_about_refund(merchant, index, EMIT_REFUND_FAILED, (struct previous){0});
    emit_about_charge(merchant, refund, EMIT_CHARGE_UPDATED, &before);
}

void refund_act(struct merchant *merchant, uint32_t index)
{
    struct shop_refund *refund = &merchant->refunds[index];
    INVARIANT(refund->used);
    bool failing = refund->life == REFUND_REFUSED ||
                   (refund->life == REFUND_FAILED_LATE && refund->referenced);
    int64_t last_s = merchant->payments[refund->payment].last_event_s;
    if (failing && merchant_second(merchant) <= last_s) {
        /* The charge falls back: see acts.def, LATER. */
        merchant_schedule(merchant, TASK_REFUND, index, (last_s + 1) * 1000000 - merchant->now_us);
        return;
    }
    if (failing) {
        fail(merchant, index);
        refund_end(merchant, index);
        return;
    }
    struct previous previous;
    if (refund->status == REFUND_IS_PENDING) {
        previous =
            (struct previous){.fields = WAS_STATUS | WAS_PENDING, .status = REFUND_IS_PENDING};
        refund->status = REFUND_IS_SUCCEEDED;
    } else {
        previous = (struct previous){.fields = WAS_WITHOUT_REFERENCE};
        refund->referenced = true;
    }
    emit_about_refund(merchant, index, EMIT_REFUND_UPDATED, previous);
    emit_about_refund(merchant, index, EMIT_CHARGE_REFUND_UPDATED, previous);
    if (refund->life == REFUND_FAILED_LATE) {
        merchant_schedule(
            merchant, TASK_REFUND, index, (int64_t)(1500 + merchant_below(merchant, 4000)) * MS);
        return;
    }
    refund_end(merchant, index);
}
