#include "base/timestamp.h"
#include "sandbox/merchant_internal.h"

/* What the provider does with the account by itself: fees of its own, reserves, and each day the
 * payouts of what is available. */

#define DAY_US INT64_C(86400000000)
#define FEE_PERCENT 30     /* of the days: a fee for its services */
#define RESERVE_PERCENT 30 /* of the days: a part is reserved against losses */
#define RESERVE_SHARE 50   /* one so many-th of what is available */
#define STEP 10            /* three-decimal amounts end in 0 */
#define MONTHLY_FEE 1500

static void add(struct merchant *merchant,
    uint32_t owner,
    enum currency_index currency,
    enum movement movement,
    int64_t amount)
{
    struct shop_money line = {.movement = movement,
        .currency = currency,
        .paid_in = currency,
        .amount = amount,
        .source = {.subject = SUBJECT_NONE}};
    bool taxed = movement == MOVEMENT_BILLING_FEE || movement == MOVEMENT_MONTHLY_FEE;
    if (taxed && currency == CURRENCY_eur) {
        tariff_fee(&line, FEE_IS_TAX, -amount * TAX_PERCENT / 100);
    }
    lines_add(merchant, owner, &line);
}

/* What was reserved the last time comes back, and now and then something else is. */
static void reserve(struct merchant *merchant, enum currency_index currency)
{
    int64_t *reserved = &merchant->reserved[currency];
    if (*reserved > 0) {
        add(merchant, 0, currency, MOVEMENT_RESERVE_RELEASE, *reserved);
        *reserved = 0;
    }
    int64_t whole = lines_balance(merchant, 0, currency).available;
    int64_t share = whole / RESERVE_SHARE / STEP * STEP;
    if (share > 0 && merchant_chance(merchant, RESERVE_PERCENT)) {
        add(merchant, 0, currency, MOVEMENT_RESERVE_HOLD, -share);
        *reserved = share;
    }
}

void upkeep_charge(struct merchant *merchant, uint32_t owner, enum currency_index currency)
{
    if (owner != 0) {
        return;
    }
    if (merchant_chance(merchant, FEE_PERCENT)) {
        int64_t amount = STEP * (1 + (int64_t)merchant_below(merchant, 100));
        add(merchant, 0, currency, MOVEMENT_BILLING_FEE, -amount);
    }
    reserve(merchant, currency);
}

void upkeep_adjust(struct merchant *merchant)
{
    int64_t amount = STEP * (1 + (int64_t)merchant_below(merchant, 500));
    add(merchant, 0, CURRENCY_eur, MOVEMENT_ADJUSTMENT,
        merchant_chance(merchant, 50) ? amount : -amount);
    if (balance_can_be_told(merchant, 0)) {
        balance_tell(merchant, 0);
    }
}

/* ---- midnight -------------------------------------------------------------------------------- */

void upkeep_schedule(struct merchant *merchant, uint32_t owner)
{
    int64_t next_us = (merchant->now_us / DAY_US + 1) * DAY_US;
    if (next_us < merchant->config.end_us) {
        merchant_schedule(merchant, TASK_DAY, owner, next_us - merchant->now_us);
    }
}

static void pay_out(struct merchant *merchant, uint32_t owner, enum currency_index currency)
{
    if (lines_balance(merchant, owner, currency).available == 0) {
        return;
    }
    upkeep_charge(merchant, owner, currency);
    payout_begin_automatic(merchant, owner, currency, payout_draw_automatic(merchant));
}

static bool is_first_of_month(int64_t now_us)
{
    char text[TIMESTAMP_TEXT_BYTES];
    timestamp_format(now_us, text);
    return str_starts_with(str_from(text + sizeof "2026-11-" - 1), STR("01"));
}

void upkeep_day(struct merchant *merchant, uint32_t owner)
{
    if (owner != 0 && merchant->accounts[owner - 1].leaving) {
        return;
    }
    if (owner == 0 && is_first_of_month(merchant->now_us)) {
        add(merchant, 0, CURRENCY_eur, MOVEMENT_MONTHLY_FEE, -MONTHLY_FEE);
    }
    if (merchant->statements[owner].count > 0 && balance_can_be_told(merchant, owner)) {
        balance_tell(merchant, owner);
    }
    for (int i = 0; i < CURRENCY_COUNT; i++) {
        pay_out(merchant, owner, (enum currency_index)i);
    }
    upkeep_schedule(merchant, owner);
}
