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
    if (merchant->config.forgetful) {
        return;
    }
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
        id_make(&merchant->line_ids, "re_3", payment->created_s, release.beside);
        add(merchant, payment, &release, "");
    }
}

/* The bank takes a debit back; of some the provider gives back its fee, too. */
void takings_failure(struct merchant *merchant, uint32_t index, uint8_t attempt)
{
    if (merchant->config.forgetful) {
        return;
    }
    const struct shop_payment *payment = &merchant->payments[index];
    const struct shop_charge *charge = &payment->attempts[attempt];
    struct shop_money line = line_of(merchant, payment, MOVEMENT_PAYMENT_FAILURE, -charge->amount);
    line.source = (struct merchant_ref){SUBJECT_CHARGE, index, attempt, false};
    if (payment->order % 2 == 0) {
        tariff_fee(&line, FEE_IS_PROCESSING, -tariff_processing(payment, &line));
    }
    add(merchant, payment, &line, charge->failure_balance_transaction);
}

void takings_refund(struct merchant *merchant, uint32_t index)
{
    if (merchant->config.forgetful) {
        return;
    }
    const struct shop_refund *refund = &merchant->refunds[index];
    const struct shop_payment *payment = &merchant->payments[refund->payment];
    bool debit = life_method(payment->life) == METHOD_DEBIT;
    struct shop_money line = line_of(
        merchant, payment, debit ? MOVEMENT_PAYMENT_REFUND : MOVEMENT_REFUND, -refund->amount);
    line.source = (struct merchant_ref){.subject = SUBJECT_REFUND, .index = index};
    add(merchant, payment, &line, refund->balance_transaction);
}

void takings_refund_failure(struct merchant *merchant, uint32_t index)
{
    if (merchant->config.forgetful) {
        return;
    }
    const struct shop_refund *refund = &merchant->refunds[index];
    const struct shop_payment *payment = &merchant->payments[refund->payment];
    struct shop_money line = line_of(merchant, payment, MOVEMENT_REFUND_FAILURE, refund->amount);
    line.source = (struct merchant_ref){.subject = SUBJECT_REFUND, .index = index};
    add(merchant, payment, &line, refund->failure_balance_transaction);
}

/* The same to the minor unit comes back, whatever the rate has done; the fee of every other one
 * stays away. */
static void turn_back(
    const struct shop_dispute *dispute, const struct shop_movement *taken, struct shop_money *line)
{
    line->rate = taken->rate;
    line->amount = -taken->amount;
    if (hash_bytes(dispute->id, strlen(dispute->id), 0) % 2 == 0) {
        tariff_fee(line, FEE_IS_DISPUTE, -taken->fee);
    }
}

void takings_dispute(struct merchant *merchant, uint32_t index, bool back)
{
    struct shop_dispute *dispute = &merchant->disputes[index];
    const struct shop_payment *payment = &merchant->payments[dispute->payment];
    INVARIANT(dispute->movement_count < MOVEMENTS_MAX);
    struct shop_money line =
        line_of(merchant, payment, back ? MOVEMENT_DISPUTE_REVERSAL : MOVEMENT_DISPUTE,
            back ? dispute->amount : -dispute->amount);
    line.source = (struct merchant_ref){.subject = SUBJECT_DISPUTE, .index = index};
    if (back) {
        turn_back(dispute, &dispute->movements[0], &line);
    } else {
        tariff_fee(&line, FEE_IS_DISPUTE, tariff_dispute(payment->currency));
    }
    struct shop_movement *movement = &dispute->movements[dispute->movement_count++];
    *movement = (struct shop_movement){.created_s = merchant_second(merchant),
        .amount = line.amount,
        .fee = money_fee(&line),
        .rate = line.rate,
        .currency = line.currency};
    id_make(&merchant->ids, "txn_1", movement->created_s, movement->id);
    add(merchant, payment, &line, movement->id);
}
