#include "cli/bench_made.h"
#include "base/check.h"
#include "base/timestamp.h"

#define START_S INT64_C(1767225600) /* 2026-01-01: nobody's clock is behind it */
#define GAP_MS INT64_C(2592)        /* a million a month */
#define LATER_US US_PER_HOUR        /* a refund or a dispute behind its payment */
#define AVAILABLE_DAYS 2
#define DISPUTE_FEE_MINOR 1500
#define REFUND_EVERY 50
#define DISPUTE_EVERY 500
#define FAULT_EVERY 10000

static const char digits[] = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz";

struct currency made_currency(void)
{
    return (struct currency){"EUR"};
}

uint64_t made_group_count(int64_t payments)
{
    REQUIRE(payments > 0);
    return ((uint64_t)payments + MADE_GROUP - 1) / MADE_GROUP;
}

static int64_t made_at_us(int64_t payment)
{
    return (START_S + payment * GAP_MS / 1000) * US_PER_SECOND;
}

int64_t made_begin_us(void)
{
    return made_at_us(0);
}

int64_t made_end_us(int64_t payments)
{
    int64_t last_us = made_at_us(payments) + LATER_US + AVAILABLE_DAYS * US_PER_DAY;
    return (last_us / US_PER_DAY + 1) * US_PER_DAY;
}

/* --- ids: as Stripe's, five digits of time, ten of the account, eight of chance --- */

static char *add_digits(char *to, uint64_t value, int count)
{
    for (int i = count - 1; i >= 0; i--) {
        to[i] = digits[value % 62];
        value /= 62;
    }
    return to + count;
}

static char *add_text(char *to, const char *text)
{
    while (*text != '\0') {
        *to++ = *text++;
    }
    return to;
}

static uint64_t draw(uint64_t seed, uint64_t number, const char *what)
{
    uint64_t mixed = hash_bytes(&number, sizeof number, hash_bytes(what, strlen(what), seed));
    return (mixed ^ mixed >> 29) * UINT64_C(0xbf58476d1ce4e5b9) >> 8;
}

static void make_id(
    uint64_t seed, const char *prefix, int64_t at_us, uint64_t number, char to[MADE_ID_BYTES])
{
    char *end = add_text(to, prefix);
    end = add_digits(end, (uint64_t)(at_us / US_PER_SECOND), 6);
    end = add_digits(add_text(end, "BenchBooks"), draw(seed, number, prefix), 8);
    *end = '\0';
}

struct own_id made_own_id(uint64_t seed, int64_t made_us, const char *provider_id)
{
    uint8_t random[10] = {0};
    size_t len = strlen(provider_id);
    uint64_t first = hash_bytes(provider_id, len, seed);
    uint64_t second = hash_bytes(provider_id, len, ~seed);
    memcpy(random, &first, sizeof first);
    memcpy(random + sizeof first, &second, sizeof random - sizeof first);
    return own_id_make(made_us, random);
}

/* --- payments --- */

/* Which of ten thousand. */
static const uint64_t fault_places[] = {
    [MADE_WITHOUT_LINE] = 1234, [MADE_UNHEARD] = 3456, [MADE_OFF] = 4567};

static enum made_fault fault_of(uint64_t number)
{
    for (int fault = MADE_WITHOUT_LINE; fault <= MADE_OFF; fault++) {
        if (number % FAULT_EVERY == fault_places[fault]) {
            return (enum made_fault)fault;
        }
    }
    return MADE_AGREES;
}

int64_t made_count(int64_t payments, enum made_fault fault)
{
    REQUIRE(fault != MADE_AGREES);
    int64_t rest = payments % FAULT_EVERY;
    return payments / FAULT_EVERY + (rest > (int64_t)fault_places[fault] ? 1 : 0);
}

int64_t made_faults(int64_t payments)
{
    return made_count(payments, MADE_WITHOUT_LINE) + made_count(payments, MADE_UNHEARD) +
           made_count(payments, MADE_OFF);
}

static void make_later(uint64_t seed, uint64_t number, struct made_payment *payment)
{
    int64_t at_us = payment->made_us + LATER_US;
    if (number % REFUND_EVERY == 7) {
        payment->refunded_minor = payment->amount_minor / 2;
        make_id(seed, "re_3", at_us, number, payment->later);
    } else if (number % DISPUTE_EVERY == 11) {
        payment->is_disputed = true;
        make_id(seed, "du_1", at_us, number, payment->later);
    } else {
        return;
    }
    make_id(seed, "txn_2", at_us, number, payment->later_line);
}

static void make_payment(uint64_t seed, uint64_t number, struct made_payment *payment)
{
    int64_t at_us = made_at_us((int64_t)number);
    int64_t amount = (int64_t)(draw(seed, number, "amount") % 20000) + 500;
    *payment = (struct made_payment){.fault = fault_of(number),
        .made_us = at_us,
        .amount_minor = amount,
        .fee_minor = amount * 15 / 1000 + 25};
    make_id(seed, "pi_3", at_us, number, payment->payment);
    make_id(seed, "ch_3", at_us, number, payment->attempt);
    make_id(seed, "txn_3", at_us, number, payment->line);
    make_id(seed, "cus_", at_us, number, payment->customer);
    if (payment->fault == MADE_AGREES) {
        make_later(seed, number, payment);
    }
}

void made_group(uint64_t seed, uint64_t number, int64_t payments, struct made_group *ret)
{
    REQUIRE(number < made_group_count(payments));
    uint64_t first = number * MADE_GROUP;
    uint64_t left = (uint64_t)payments - first;
    struct made_line lines[MADE_LINES_MAX];
    ret->seed = seed;
    ret->number = number;
    ret->count = left < MADE_GROUP ? (uint32_t)left : MADE_GROUP;
    ret->payout_minor = 0;
    for (uint32_t i = 0; i < ret->count; i++) {
        make_payment(seed, first + i, &ret->payments[i]);
    }
    ret->payout_us = made_at_us((int64_t)(first + ret->count)) + LATER_US;
    make_id(seed, "po_1", ret->payout_us, first, ret->payout);
    make_id(seed, "txn_1", ret->payout_us, first, ret->payout_line);
    uint32_t count = made_lines(ret, lines);
    for (uint32_t i = 0; i + 1 < count; i++) {
        ret->payout_minor += lines[i].net_minor;
    }
}

/* --- lines --- */

static struct made_line line_of(enum made_what what,
    const struct made_payment *payment,
    int64_t amount_minor,
    int64_t fee_minor)
{
    bool is_charge = what == MADE_CHARGE;
    int64_t at_us = payment->made_us + (is_charge ? 0 : LATER_US);
    return (struct made_line){.what = what,
        .of = payment,
        .id = is_charge ? payment->line : payment->later_line,
        .source = is_charge ? payment->attempt : payment->later,
        .amount_minor = amount_minor,
        .fee_minor = fee_minor,
        .net_minor = amount_minor - fee_minor,
        .made_us = at_us,
        .available_us = at_us / US_PER_DAY * US_PER_DAY + AVAILABLE_DAYS * US_PER_DAY};
}

uint32_t made_lines(const struct made_group *group, struct made_line ret[static MADE_LINES_MAX])
{
    uint32_t count = 0;
    for (uint32_t i = 0; i < group->count; i++) {
        const struct made_payment *payment = &group->payments[i];
        int64_t amount = payment->amount_minor;
        if (payment->fault != MADE_WITHOUT_LINE) {
            amount += payment->fault == MADE_OFF ? 1 : 0;
            ret[count++] = line_of(MADE_CHARGE, payment, amount, payment->fee_minor);
        }
        if (payment->refunded_minor > 0) {
            ret[count++] = line_of(MADE_REFUND, payment, -payment->refunded_minor, 0);
        } else if (payment->is_disputed) {
            ret[count++] = line_of(MADE_DISPUTE, payment, -amount, DISPUTE_FEE_MINOR);
        }
    }
    ret[count++] = (struct made_line){.what = MADE_PAYOUT,
        .id = group->payout_line,
        .source = group->payout,
        .amount_minor = -group->payout_minor,
        .net_minor = -group->payout_minor,
        .made_us = group->payout_us,
        .available_us = group->payout_us};
    return count;
}
