#include "base/check.h"
#include "sandbox/merchant_internal.h"

#define DAY_S INT64_C(86400)
#define INCOME_MAX 200000 /* that became available since the last payout */

const char *payout_status_word(enum payout_status status)
{
    static const char *const words[] = {
        [PAYOUT_IS_PENDING] = "pending",
        [PAYOUT_IS_IN_TRANSIT] = "in_transit",
        [PAYOUT_IS_PAID] = "paid",
        [PAYOUT_IS_FAILED] = "failed",
        [PAYOUT_IS_CANCELED] = "canceled",
    };
    REQUIRE(status < sizeof words / sizeof *words);
    return words[status];
}

static void say(struct merchant *merchant, uint32_t index, enum emit emit, struct previous previous)
{
    merchant_emit(
        merchant, (struct queued_event){.emit = emit, .index = index, .previous = previous});
}

/* What payments have brought since the last time: those of connected accounts bring it themselves.
 */
static void earn(struct merchant *merchant, uint32_t owner)
{
    if (!balance_can_be_told(merchant, owner)) {
        return;
    }
    if (owner == 0) {
        balance_move(merchant, 0, 1000 + (int64_t)merchant_below(merchant, INCOME_MAX));
    }
    balance_tell(merchant, owner);
}

/* A part of what is available; nothing happens when that is nothing, or when there is no room. */
void payout_begin(struct merchant *merchant, uint32_t owner)
{
    uint32_t index = 0;
    earn(merchant, owner);
    int64_t amount =
        balance_available(merchant, owner) * (50 + (int64_t)merchant_below(merchant, 50)) / 100;
    if (amount <= 0 || !pool_take(&merchant->payout_pool, &index)) {
        return;
    }
    struct shop_payout *payout = &merchant->payouts[index];
    *payout = (struct shop_payout){
        .owner = owner, .created_s = merchant_second(merchant), .amount = amount};
    payout->arrival_s = (payout->created_s / DAY_S + 1) * DAY_S;
    id_make(&merchant->ids, "po_1", payout->created_s, payout->id);
    id_make(&merchant->ids, "txn_1", payout->created_s, payout->balance_transaction);
    balance_move(merchant, owner, -amount);
    account_hold(merchant, owner);
    merchant->counts.payouts++;
    course_begin(merchant, TASK_PAYOUT, index);
}

void payout_end(struct merchant *merchant, uint32_t index)
{
    account_release(merchant, merchant->payouts[index].owner);
    if (merchant->config.forgetful) {
        pool_give(&merchant->payout_pool, index);
    }
}

void deed_payout_open(struct merchant *merchant, uint32_t index, int by_hand)
{
    merchant->payouts[index].manual = by_hand != 0;
    say(merchant, index, EMIT_PAYOUT_CREATED, (struct previous){0});
}

void deed_payout_move(struct merchant *merchant, uint32_t index, int status)
{
    static const enum emit emits[] = {
        [PAYOUT_IS_IN_TRANSIT] = EMIT_PAYOUT_UPDATED,
        [PAYOUT_IS_PAID] = EMIT_PAYOUT_PAID,
        [PAYOUT_IS_FAILED] = EMIT_PAYOUT_FAILED,
        [PAYOUT_IS_CANCELED] = EMIT_PAYOUT_CANCELED,
    };
    struct shop_payout *payout = &merchant->payouts[index];
    struct previous previous = {0};
    REQUIRE(status > PAYOUT_IS_PENDING && status <= PAYOUT_IS_CANCELED);
    if (status == PAYOUT_IS_IN_TRANSIT) {
        previous_add_text(&previous, "status", payout_status_word(payout->status));
    }
    payout->status = (enum payout_status)status;
    if (status == PAYOUT_IS_FAILED || status == PAYOUT_IS_CANCELED) {
        balance_move(merchant, payout->owner, payout->amount);
    }
    if (status == PAYOUT_IS_FAILED) {
        id_make(&merchant->ids, "txn_1", merchant_second(merchant),
            payout->failure_balance_transaction);
    }
    say(merchant, index, emits[status], previous);
}

void deed_payout_reconcile(struct merchant *merchant, uint32_t index, int argument)
{
    (void)argument;
    struct previous previous = {0};
    previous_add_text(&previous, "reconciliation_status", "in_progress");
    merchant->payouts[index].reconciled = true;
    say(merchant, index, EMIT_PAYOUT_RECONCILED, previous);
}
