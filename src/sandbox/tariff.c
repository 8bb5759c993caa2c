#include "base/check.h"
#include "sandbox/merchant_internal.h"
#include <inttypes.h>
#include <stdio.h>

/* What the provider takes, and at what rate it exchanges. Nothing here is left to chance: the same
 * payment always costs the same. */

#define MILLION INT64_C(1000000)
#define BASIS INT64_C(10000)
#define THREE_DECIMAL_STEP 10
#define VAT_EVERY 3 /* of the payments in euros: the fee of every so many bears tax */
#define NETWORK_EVERY                                                                              \
    7 /* of the card payments: every so many passes the card network's costs on                    \
       */
#define NETWORK_BASIS 20
#define INSTANT_BASIS 100

static const struct {
    enum currency_index into;
    int64_t rate, card_basis, fixed, debit, dispute;
} rows[CURRENCY_COUNT] = {
#define TARIFF(code, into, rate, card, fixed, debit, dispute)                                      \
    [CURRENCY_##code] = {CURRENCY_##into, (rate), (card), (fixed), (debit), (dispute)},
#include "sandbox/tariff.def"
#undef TARIFF
};

enum currency_index tariff_into(enum currency_index currency)
{
    REQUIRE(currency < CURRENCY_COUNT);
    return rows[currency].into;
}

/* Up and down by `most` within each period. */
static int64_t swing(int64_t at, int64_t period, int64_t most)
{
    int64_t phase = at % period;
    int64_t up = phase < period / 2 ? phase : period - phase;
    return most * (4 * up - period) / period;
}

/* By the week, and by the minute too, so that a short run sees it. */
int64_t tariff_rate(const struct merchant *merchant, enum currency_index currency)
{
    int64_t at = merchant_second(merchant) + (int64_t)(merchant->config.seed % 100000);
    if (tariff_into(currency) == currency) {
        return 0;
    }
    return rows[currency].rate *
           (MILLION + swing(at, INT64_C(7) * 86400, 8000) + swing(at, 97, 1500)) / MILLION;
}

void rate_text(int64_t rate, char to[static RATE_BYTES])
{
    int written = 0;
    to[0] = '\0';
    if (rate != 0) {
        written =
            snprintf(to, RATE_BYTES, "%" PRId64 ".%06" PRId64, rate / MILLION, rate % MILLION);
    }
    ENSURE(written >= 0 && written < RATE_BYTES);
}

int64_t tariff_exchange(int64_t amount, int64_t rate)
{
    if (rate == 0) {
        return amount;
    }
    int64_t half = amount < 0 ? -MILLION / 2 : MILLION / 2;
    return (amount * rate + half) / MILLION;
}

static int64_t whole_steps(int64_t fee, enum currency_index currency)
{
    int64_t step = currency == CURRENCY_kwd ? THREE_DECIMAL_STEP : 1;
    return (fee + step - 1) / step * step;
}

static void add_fee(struct shop_money *line, enum fee_type type, int64_t minor)
{
    INVARIANT(line->fee_count < MERCHANT_LINE_FEES_MAX);
    if (minor != 0) {
        line->fees[line->fee_count++] = (struct shop_line_fee){type, minor};
    }
}

int64_t tariff_processing(const struct shop_payment *payment, const struct shop_money *line)
{
    enum currency_index into = line->currency;
    if (life_method(payment->life) == METHOD_DEBIT) {
        return rows[payment->currency].debit;
    }
    int64_t share = line->amount * rows[payment->currency].card_basis / BASIS;
    return whole_steps(share + rows[payment->currency].fixed, into);
}

void tariff_charge(const struct shop_payment *payment, struct shop_money *line)
{
    int64_t fee = tariff_processing(payment, line);
    add_fee(line, FEE_IS_PROCESSING, fee);
    if (line->currency == CURRENCY_eur && payment->order % VAT_EVERY == 0) {
        add_fee(line, FEE_IS_TAX, fee * TAX_PERCENT / 100);
    }
    if (life_method(payment->life) != METHOD_DEBIT && payment->order % NETWORK_EVERY == 0) {
        add_fee(line, FEE_IS_NETWORK,
            whole_steps(line->amount * NETWORK_BASIS / BASIS, line->currency));
    }
    if (payment->on_account != 0) {
        add_fee(line, FEE_IS_APPLICATION, payment->fee_amount);
    }
}

void tariff_fee(struct shop_money *line, enum fee_type type, int64_t minor)
{
    add_fee(line, type, minor);
}

int64_t tariff_dispute(enum currency_index currency)
{
    return rows[currency].dispute;
}

int64_t tariff_instant_payout(int64_t amount, enum currency_index currency)
{
    return whole_steps(amount * INSTANT_BASIS / BASIS, currency);
}
