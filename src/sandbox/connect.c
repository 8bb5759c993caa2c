#include "base/check.h"
#include "sandbox/merchant_internal.h"

#define FEE_PERCENT 12

/* ---- payments with a connected account in them ------------------------------------------------
 */

/* All the money of this payment reaches the connected account, and the fee comes back. */
static void settle_destination(
    struct merchant *merchant, struct shop_payment *payment, struct shop_charge *charge)
{
    char arrived[OBJECT_ID_BYTES] = "";
    struct transfer_order transfer = {.account = payment->destination - 1,
        .amount = charge->captured,
        .fee = payment->fee_amount,
        .order = payment->order,
        .source = charge->id,
        .ret_id = payment->transfer,
        .ret_payment = arrived};
    struct fee_order fee = {.account = payment->destination - 1,
        .amount = payment->fee_amount,
        .charge = arrived,
        .originating = charge->id,
        .ret_id = payment->application_fee};
    transfer_begin(merchant, &transfer);
    if (payment->transfer[0] != '\0') {
        fee_begin(merchant, &fee);
    }
}

static void settle_direct(
    struct merchant *merchant, struct shop_payment *payment, struct shop_charge *charge)
{
    static const char none[OBJECT_ID_BYTES];
    struct fee_order fee = {.account = payment->on_account - 1,
        .amount = payment->fee_amount,
        .charge = charge->id,
        .originating = none,
        .ret_id = payment->application_fee};
    fee_begin(merchant, &fee);
}

uint32_t connect_settle(
    struct merchant *merchant, struct shop_payment *payment, struct shop_charge *charge)
{
    if (payment->destination != 0) {
        settle_destination(merchant, payment, charge);
    } else if (payment->on_account != 0) {
        settle_direct(merchant, payment, charge);
    }
    return (payment->transfer[0] != '\0' ? WAS_WITHOUT_TRANSFER : 0U) |
           (payment->application_fee[0] != '\0' ? WAS_WITHOUT_FEE : 0U);
}

void connect_transfer(struct merchant *merchant,
    const struct shop_payment *payment,
    const struct shop_charge *charge,
    int percent)
{
    char id[OBJECT_ID_BYTES];
    uint32_t account = account_draw(merchant);
    if (account != UINT32_MAX) {
        struct transfer_order order = {.account = account,
            .amount = given_back_share(charge->captured, 0, percent),
            .order = payment->order,
            .source = charge->id,
            .ret_id = id};
        transfer_begin(merchant, &order);
    }
}

/* ---- what begins ----------------------------------------------------------------------------- */

enum beginning { DESTINATION_CHARGE, DIRECT_CHARGE, SEPARATE_TRANSFERS, TOP_UP, PAYOUT };

static enum beginning draw_beginning(struct merchant *merchant)
{
    static const struct {
        enum beginning beginning;
        uint32_t weight;
    } rows[] = {{DESTINATION_CHARGE, 35}, {DIRECT_CHARGE, 20}, {SEPARATE_TRANSFERS, 15},
        {TOP_UP, 12}, {PAYOUT, 18}};
    uint64_t draw = merchant_below(merchant, 100);
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        if (draw < rows[i].weight) {
            return rows[i].beginning;
        }
        draw -= rows[i].weight;
    }
    UNREACHABLE();
}

static void begin_payment(
    struct merchant *merchant, uint32_t payment, uint32_t account, enum beginning beginning)
{
    struct connect_order order = {.fee_percent = FEE_PERCENT};
    enum life life = LIFE_SEPARATE;
    if (beginning == SEPARATE_TRANSFERS) {
        order = (struct connect_order){.grouped = true};
    } else if (beginning == DIRECT_CHARGE) {
        order.on_account = account + 1;
        life = merchant_chance(merchant, 25) ? LIFE_DIRECT_REFUNDED : LIFE_DIRECT;
    } else {
        order.destination = account + 1;
        order.grouped = true;
        life = merchant_chance(merchant, 25) ? LIFE_DESTINATION_REFUNDED : LIFE_DESTINATION;
    }
    payment_begin_connected(merchant, payment, life, &order);
}

bool connect_begin(struct merchant *merchant, uint32_t payment)
{
    if (account_begin_if_wanted(merchant)) {
        return false;
    }
    uint32_t account = account_draw(merchant);
    enum beginning beginning = draw_beginning(merchant);
    if (beginning == TOP_UP || account == UINT32_MAX) {
        topup_begin(merchant);
        return false;
    }
    if (beginning == PAYOUT) {
        payout_begin(merchant, account + 1);
        return false;
    }
    begin_payment(merchant, payment, account, beginning);
    return true;
}
