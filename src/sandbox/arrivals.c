#include "base/check.h"
#include "sandbox/merchant_internal.h"

/* What begins in the shop, and when. */

#define SUNDRIES_EVERY 4 /* one sundry event for so many payments */

/* Even over [0, 2 * mean]. */
static int64_t draw_gap(struct merchant *merchant, int64_t mean_us)
{
    int64_t thousandths = (int64_t)merchant_below(merchant, 2001);
    return mean_us < 1000000 ? mean_us * thousandths / 1000 : mean_us / 1000 * thousandths;
}

static void begin_billing(struct merchant *merchant)
{
    uint32_t customer = customer_for_billing(merchant);
    if (customer == UINT32_MAX) {
        return;
    }
    if (merchant_chance(merchant, 50)) {
        subscription_begin(merchant, customer);
    } else {
        invoice_begin_alone(merchant, customer);
    }
}

/* True: it lives in the slot of the payment. */
static bool begin_other(struct merchant *merchant, uint32_t payment, uint64_t draw)
{
    const struct merchant_mix *mix = &merchant->config.mix;
    if (draw < mix->billing) {
        begin_billing(merchant);
    } else if (draw < mix->billing + mix->payouts) {
        payout_begin(merchant, 0);
    } else if (draw < mix->billing + mix->payouts + mix->adjustments) {
        upkeep_adjust(merchant);
    } else {
        return connect_begin(merchant, payment);
    }
    return false;
}

/* False: no room for another payment. */
static bool begin_something(struct merchant *merchant)
{
    const struct merchant_mix *mix = &merchant->config.mix;
    uint32_t index = 0;
    if (!pool_take(&merchant->payment_pool, &index)) {
        return false;
    }
    if (!merchant_is_mixed(merchant)) {
        payment_begin(merchant, index);
        return true;
    }
    uint64_t draw = merchant_below(merchant, mix->payments + mix->disputes + mix->billing +
                                                 mix->payouts + mix->adjustments + mix->connect);
    if (draw < mix->payments) {
        payment_begin(merchant, index);
    } else if (draw < mix->payments + mix->disputes) {
        payment_begin_as(merchant, index, LIFE_DISPUTED);
    } else if (!begin_other(merchant, index, draw - mix->payments - mix->disputes)) {
        pool_give(&merchant->payment_pool, index);
    }
    return true;
}

/* In days: one beginning in each stretch of the mean gap, somewhere in it; the last ones early
 * enough to come to their end. */
static void schedule_arrival_in_days(struct merchant *merchant)
{
    const struct merchant_config *config = &merchant->config;
    int64_t begin_us = config->start_us + (int64_t)merchant->arrivals * config->mean_gap_us;
    int64_t within_us = (int64_t)merchant_below(merchant, 1000) * config->mean_gap_us / 1000;
    if (begin_us + config->mean_gap_us > config->end_us - MERCHANT_TAIL_US) {
        merchant->winding_down = true;
        return;
    }
    merchant->arrivals++;
    merchant_schedule(merchant, TASK_ARRIVAL, 0, begin_us + within_us - merchant->now_us);
}

static void schedule_arrival(struct merchant *merchant)
{
    if (merchant->config.end_us > 0) {
        schedule_arrival_in_days(merchant);
    } else {
        merchant_schedule(
            merchant, TASK_ARRIVAL, 0, draw_gap(merchant, merchant->config.mean_gap_us));
    }
}

void arrival_act(struct merchant *merchant)
{
    if (merchant->winding_down) {
        return;
    }
    if (!begin_something(merchant) && !merchant->config.forgetful) {
        merchant->full = true;
        return;
    }
    schedule_arrival(merchant);
}

void arrival_sundry(struct merchant *merchant)
{
    if (!merchant->winding_down && !merchant->full) {
        sundry_act(merchant);
        merchant_schedule(merchant, TASK_SUNDRY, 0,
            draw_gap(merchant, merchant->config.mean_gap_us * SUNDRIES_EVERY));
    }
}

void arrivals_begin(struct merchant *merchant)
{
    if (merchant->config.end_us > 0) {
        schedule_arrival_in_days(merchant);
        upkeep_schedule(merchant, 0);
        return;
    }
    merchant_schedule(merchant, TASK_ARRIVAL, 0, 0);
    if (!merchant_is_mixed(merchant)) {
        merchant_schedule(
            merchant, TASK_SUNDRY, 0, draw_gap(merchant, merchant->config.mean_gap_us));
    }
}
