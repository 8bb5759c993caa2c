#include "base/check.h"
#include "sandbox/merchant_internal.h"

/* What becomes of payments, refunds and disputes on the account. */

/* A line of a payment in the currency of the balance, at the rate of now. */
static struct shop_money line_of(const struct merchant *merchant,
    const struct shop_payment *payment,
    enum movement movement,
    int64_t paid)
{
    struct shop_money line = {.movement = movement,
        .currency = tariff_into(payment->currency),
        .paid_in = payment->currency,
        .paid = paid,
        .rate = tariff_rate(merchant, payment->currency)};
    line.amount = tariff_exchange(paid, line.rate);
    return line;
}

static void add(struct merchant *merchant,
    const struct shop_payment *payment,
    struct shop_money *line,
    const char *id)
{
    (void)str_copy_to(line->id, sizeof line->id, str_from(id));
    lines_add(merchant, payment->on_account, line);
}

/* The whole of what was authorised comes, and what was not captured goes again. */
void takings_charge(struct merchant *merchant, uint32_t index, uint8_t attempt)
{
    const struct shop_payment *payment = &merchant->payments[index];
    const struct shop_charge *charge = &payment->attempts[attempt];
    bool debit = life_method(payment->life) == METHOD_DEBIT;
    struct shop_money line =
        line_of(merchant, payment, debit ? MOVEMENT_PAYMENT : MOVEMENT_CHARGE, charge->amount);
    line.source = (struct merchant_ref){SUBJECT_CHARGE, index, attempt, false};
    tariff_charge(payment, &line);
    add(merchant, payment, &line, charge->balance_transaction);
    if (charge->released > 0) {
        struct shop_money release =
            line_of(merchant, payment, MOVEMENT_CAPTURE_RELEASE, -charge->released);
        release.source = line.source;
        add(merchant, payment, &release, "");
    }
}
