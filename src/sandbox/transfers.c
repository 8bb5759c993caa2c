#include "base/check.h"
#include "sandbox/merchant_internal.h"

static void say(struct merchant *merchant, uint32_t index, enum emit emit, struct previous previous)
{
    merchant_emit(
        merchant, (struct queued_event){.emit = emit, .index = index, .previous = previous});
}

void give_back_make(
    struct merchant *merchant, struct shop_given_back *back, const char *prefix, int64_t amount)
{
    *back = (struct shop_given_back){.created_s = merchant_second(merchant), .amount = amount};
    id_make(&merchant->ids, prefix, back->created_s, back->id);
    id_make(&merchant->ids, "txn_1", back->created_s, back->balance_transaction);
}

/* ---- transfers ------------------------------------------------------------------------------- */

/* On both accounts; the platform's fee is taken from what arrives. */
static void add_lines(struct merchant *merchant, uint32_t index, int64_t fee)
{
    const struct shop_transfer *transfer = &merchant->transfers[index];
    const struct simple_line gone = {.movement = MOVEMENT_TRANSFER,
        .amount = -transfer->amount,
        .id = transfer->balance_transaction,
        .source = {.subject = SUBJECT_TRANSFER, .index = index}};
    struct shop_money arrived = {.movement = MOVEMENT_PAYMENT,
        .currency = CURRENCY_eur,
        .paid_in = CURRENCY_eur,
        .amount = transfer->amount,
        .source = {.subject = SUBJECT_NONE}};
    memcpy(arrived.beside, transfer->destination_payment, sizeof arrived.beside);
    memcpy(arrived.beside_charge, transfer->destination_payment, sizeof arrived.beside_charge);
    tariff_fee(&arrived, FEE_IS_APPLICATION, fee);
    lines_add_simple(merchant, 0, &gone);
    lines_add(merchant, transfer->account + 1, &arrived);
}

/* Of the newest reversal. */
static void add_reversal_lines(struct merchant *merchant, uint32_t index)
{
    const struct shop_transfer *transfer = &merchant->transfers[index];
    uint8_t newest = (uint8_t)(transfer->reversal_count - 1);
    const struct shop_given_back *reversal = &transfer->reversals[newest];
    char refund[OBJECT_ID_BYTES];
    id_make(&merchant->line_ids, "pyr_1", reversal->created_s, refund);
    const struct simple_line back = {.movement = MOVEMENT_TRANSFER_REFUND,
        .amount = reversal->amount,
        .id = reversal->balance_transaction,
        .source = {SUBJECT_TRANSFER_REVERSAL, index, newest, false}};
    const struct simple_line gone = {.movement = MOVEMENT_PAYMENT_REFUND,
        .amount = -reversal->amount,
        .beside = refund,
        .beside_charge = transfer->destination_payment,
        .source = {.subject = SUBJECT_NONE}};
    lines_add_simple(merchant, 0, &back);
    lines_add_simple(merchant, transfer->account + 1, &gone);
}

void transfer_begin(struct merchant *merchant, const struct transfer_order *order)
{
    REQUIRE(order->amount > 0);
    uint32_t index = 0;
    if (!pool_take(&merchant->transfer_pool, &index)) {
        return;
    }
    int64_t now_s = merchant_second(merchant);
    struct shop_transfer *transfer = &merchant->transfers[index];
    *transfer = (struct shop_transfer){.account = order->account,
        .order = order->order,
        .created_s = now_s,
        .amount = order->amount};
    id_make(&merchant->ids, "tr_3", now_s, transfer->id);
    id_make(&merchant->ids, "txn_3", now_s, transfer->balance_transaction);
    id_make(&merchant->ids, "py_1", now_s, transfer->destination_payment);
    memcpy(transfer->source, order->source, sizeof transfer->source);
    memcpy(order->ret_id, transfer->id, sizeof transfer->id);
    if (order->ret_payment != NULL) {
        memcpy(order->ret_payment, transfer->destination_payment,
            sizeof transfer->destination_payment);
    }
    merchant->counts.transfers++;
    add_lines(merchant, index, order->fee);
    course_begin(merchant, TASK_TRANSFER, index);
}

void transfer_end(struct merchant *merchant, uint32_t index)
{
    if (merchant->config.forgetful) {
        pool_give(&merchant->transfer_pool, index);
    }
}

void deed_transfer_open(struct merchant *merchant, uint32_t index, int argument)
{
    (void)argument;
    say(merchant, index, EMIT_TRANSFER_CREATED, (struct previous){0});
}

void deed_transfer_reverse(struct merchant *merchant, uint32_t index, int percent)
{
    struct shop_transfer *transfer = &merchant->transfers[index];
    struct previous previous = {0};
    int64_t amount = given_back_share(transfer->amount, transfer->reversed, percent);
    if (amount == 0) {
        return;
    }
    INVARIANT(transfer->reversal_count < GIVEN_BACK_MAX);
    previous_add_number(&previous, "amount_reversed", transfer->reversed);
    if (transfer->reversed + amount == transfer->amount) {
        previous_add(&previous, "reversed", "false");
    }
    give_back_make(merchant, &transfer->reversals[transfer->reversal_count++], "trr_1", amount);
    transfer->reversed += amount;
    add_reversal_lines(merchant, index);
    say(merchant, index, EMIT_TRANSFER_REVERSED, previous);
}

int64_t given_back_share(int64_t amount, int64_t given_back, int percent)
{
    int64_t rest = amount - given_back;
    int64_t share = rest * percent / 100;
    return share > 0 ? share : rest;
}

/* ---- top-ups --------------------------------------------------------------------------------- */

const char *topup_status_word(enum topup_status status)
{
    static const char *const words[] = {
        [TOPUP_IS_PENDING] = "pending",
        [TOPUP_IS_SUCCEEDED] = "succeeded",
        [TOPUP_IS_FAILED] = "failed",
        [TOPUP_IS_CANCELED] = "canceled",
        [TOPUP_IS_REVERSED] = "reversed",
    };
    REQUIRE(status < sizeof words / sizeof *words);
    return words[status];
}

/* Nothing happens when there is no room for another one. */
void topup_begin(struct merchant *merchant)
{
    uint32_t index = 0;
    if (!pool_take(&merchant->topup_pool, &index)) {
        return;
    }
    struct shop_topup *topup = &merchant->topups[index];
    *topup = (struct shop_topup){.created_s = merchant_second(merchant),
        .amount = 10000 + 500 * (int64_t)merchant_below(merchant, 200)};
    id_make(&merchant->ids, "tu_1", topup->created_s, topup->id);
    merchant->counts.topups++;
    course_begin(merchant, TASK_TOPUP, index);
}

void topup_end(struct merchant *merchant, uint32_t index)
{
    if (merchant->config.forgetful) {
        pool_give(&merchant->topup_pool, index);
    }
}

void deed_topup_open(struct merchant *merchant, uint32_t index, int argument)
{
    (void)argument;
    say(merchant, index, EMIT_TOPUP_CREATED, (struct previous){0});
}

static void add_topup_line(struct merchant *merchant,
    uint32_t index,
    enum movement movement,
    const char *id,
    int64_t amount)
{
    const struct simple_line line = {.movement = movement,
        .amount = amount,
        .id = id,
        .source = {.subject = SUBJECT_TOPUP, .index = index}};
    lines_add_simple(merchant, 0, &line);
}

void deed_topup_move(struct merchant *merchant, uint32_t index, int status)
{
    static const enum emit emits[] = {
        [TOPUP_IS_SUCCEEDED] = EMIT_TOPUP_SUCCEEDED,
        [TOPUP_IS_FAILED] = EMIT_TOPUP_FAILED,
        [TOPUP_IS_CANCELED] = EMIT_TOPUP_CANCELED,
        [TOPUP_IS_REVERSED] = EMIT_TOPUP_REVERSED,
    };
    struct shop_topup *topup = &merchant->topups[index];
    REQUIRE(status > TOPUP_IS_PENDING && status <= TOPUP_IS_REVERSED);
    topup->status = (enum topup_status)status;
    if (topup->status == TOPUP_IS_SUCCEEDED) {
        id_make(&merchant->ids, "txn_1", merchant_second(merchant), topup->balance_transaction);
        add_topup_line(merchant, index, MOVEMENT_TOPUP, topup->balance_transaction, topup->amount);
    } else if (topup->status == TOPUP_IS_REVERSED) {
        add_topup_line(merchant, index, MOVEMENT_TOPUP_REVERSAL, NULL, -topup->amount);
    }
    say(merchant, index, emits[status], (struct previous){0});
}
