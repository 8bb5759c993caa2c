#include "base/check.h"
#include "sandbox/merchant_internal.h"

static void say(struct merchant *merchant, uint32_t index, enum emit emit, struct previous previous)
{
    merchant_emit(
        merchant, (struct queued_event){.emit = emit, .index = index, .previous = previous});
}

void fee_begin(struct merchant *merchant, const struct fee_order *order)
{
    REQUIRE(order->amount > 0);
    uint32_t index = 0;
    if (!pool_take(&merchant->fee_pool, &index)) {
        return;
    }
    int64_t now_s = merchant_second(merchant);
    struct shop_fee *fee = &merchant->fees[index];
    *fee =
        (struct shop_fee){.account = order->account, .created_s = now_s, .amount = order->amount};
    id_make(&merchant->ids, "fee_1", now_s, fee->id);
    id_make(&merchant->ids, "txn_1", now_s, fee->balance_transaction);
    memcpy(fee->originating, order->originating, sizeof fee->originating);
    memcpy(fee->charge, order->charge, sizeof fee->charge);
    memcpy(order->ret_id, fee->id, sizeof fee->id);
    merchant->counts.application_fees++;
    const struct simple_line line = {.movement = MOVEMENT_APPLICATION_FEE,
        .amount = order->amount,
        .id = fee->balance_transaction,
        .source = {.subject = SUBJECT_FEE, .index = index}};
    lines_add_simple(merchant, 0, &line);
    course_begin(merchant, TASK_FEE, index);
}

void fee_end(struct merchant *merchant, uint32_t index)
{
    if (merchant->config.forgetful) {
        pool_give(&merchant->fee_pool, index);
    }
}

void deed_fee_open(struct merchant *merchant, uint32_t index, int argument)
{
    (void)argument;
    say(merchant, index, EMIT_FEE_CREATED, (struct previous){0});
}

/* Of the newest refund, on both accounts. */
static void add_refund_lines(struct merchant *merchant, uint32_t index)
{
    const struct shop_fee *fee = &merchant->fees[index];
    uint8_t newest = (uint8_t)(fee->refund_count - 1);
    const struct shop_given_back *refund = &fee->refunds[newest];
    const struct simple_line gone = {.movement = MOVEMENT_APPLICATION_FEE_REFUND,
        .amount = -refund->amount,
        .id = refund->balance_transaction,
        .source = {SUBJECT_FEE_REFUND, index, newest, false}};
    const struct simple_line back = {.movement = MOVEMENT_FEE_GIVEN_BACK,
        .amount = refund->amount,
        .source = {.subject = SUBJECT_NONE}};
    lines_add_simple(merchant, 0, &gone);
    lines_add_simple(merchant, fee->account + 1, &back);
}

void deed_fee_refund(struct merchant *merchant, uint32_t index, int percent)
{
    struct shop_fee *fee = &merchant->fees[index];
    struct previous previous = {0};
    int64_t amount = given_back_share(fee->amount, fee->refunded, percent);
    if (amount == 0) {
        return;
    }
    INVARIANT(fee->refund_count < GIVEN_BACK_MAX);
    previous_add_number(&previous, "amount_refunded", fee->refunded);
    if (fee->refunded + amount == fee->amount) {
        previous_add(&previous, "refunded", "false");
    }
    give_back_make(merchant, &fee->refunds[fee->refund_count++], "fr_1", amount);
    fee->refunded += amount;
    add_refund_lines(merchant, index);
    say(merchant, index, EMIT_FEE_REFUNDED, previous);
}

/* A note about the first refund: an event of the refund itself. */
void deed_fee_refund_note(struct merchant *merchant, uint32_t index, int argument)
{
    (void)argument;
    struct previous previous = {0};
    struct shop_fee *fee = &merchant->fees[index];
    if (fee->refund_count == 0) {
        return;
    }
    previous_add(&previous, "metadata", "{\"noted\": null}");
    fee->refunds[0].noted = true;
    say(merchant, index, EMIT_FEE_REFUND_UPDATED, previous);
}
