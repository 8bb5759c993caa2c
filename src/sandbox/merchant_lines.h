/* merchant_lines: the provider's statement of the shop: every movement of its money, to the minor
 * unit, and the balance that follows from them. Kept unless the merchant is forgetful.
 *
 * Amounts are in minor units of the currency of the balance; times in seconds since the epoch, on
 * the merchant's clock. Texts are the merchant's: good until it lives on.
 *
 * Layer: sandbox. Tables: movements.def, tariff.def.
 */
#pragma once

#include "sandbox/merchant.h"

#define MERCHANT_LINE_FEES_MAX 4
#define MERCHANT_BALANCES_MAX 8 /* currencies; tariff.def has fewer */

struct merchant_line_fee {
    const char *type, *description; /* "stripe_fee", "Stripe processing fees" */
    int64_t minor;                  /* below 0: given back */
    struct str application;         /* of an application's fee; else empty */
};

struct merchant_line {
    struct str id;                              /* "txn_..." */
    const char *type, *category, *balance_type; /* "charge", "charge", "payments" */
    int64_t amount_minor, fee_minor, net_minor; /* net is amount - fee; fee the sum of `fees` */
    struct str currency;
    int64_t created_s, available_on_s;
    int64_t effective_s;    /* of an automatic payout's own line its arrival; else `created_s` */
    struct str description; /* may be empty, as may all texts below */
    uint32_t fee_count;
    struct merchant_line_fee fees[MERCHANT_LINE_FEES_MAX];
    struct str source, charge; /* what it is about, and the charge that this is of */
    bool has_source_ref;
    struct merchant_ref source_ref; /* for merchant_render, where the merchant keeps the source */
    struct str customer_currency;   /* where the payer saw another one; empty: none */
    int64_t customer_minor;         /* with the sign of the amount */
    char exchange_rate[24];         /* decimal: of the payer's currency into the balance's; or "" */
    struct str payment_intent, customer, invoice;
    struct str connected;       /* the account that a transfer or a fee is of */
    struct str payout;          /* the automatic payout that it is in; its own line's, too */
    int64_t payout_effective_s; /* when that leaves the balance; 0: there is none */
    bool is_source_hidden;      /* there is none to be had */
    bool is_payout_own; /* that line: the others of the payout sum up to the payout's amount */
};

/* `owner` as in merchant.h: 0 is the shop's own account. */
uint32_t merchant_line_count(const struct merchant *merchant, uint32_t owner);
/* In the order of `created_s`. Requires: index is below the count. */
void merchant_line_at(const struct merchant *merchant,
    uint32_t owner,
    uint32_t index,
    struct merchant_line *ret_line);
/* ERR_NOT_FOUND. */
MUST_USE enum err merchant_line_find(
    const struct merchant *merchant, uint32_t owner, struct str id, uint32_t *ret_index);
/* From that index on every line is of that time or later. */
uint32_t merchant_line_from(const struct merchant *merchant, uint32_t owner, int64_t created_s);

/* The lines in an automatic payout stand from *ret_first to before *ret_end, its own the last: only
 * those that name it are in it. Of another payout they are none. ERR_NOT_FOUND: there is none so
 * called. */
MUST_USE enum err merchant_payout_lines(const struct merchant *merchant,
    uint32_t owner,
    struct str payout,
    uint32_t *ret_first,
    uint32_t *ret_end);

struct merchant_balance {
    struct str currency;
    int64_t available_minor, pending_minor;
};
/* At the merchant's clock: a row of each currency that ever moved. Returns how many. */
uint32_t merchant_balances(const struct merchant *merchant,
    uint32_t owner,
    struct merchant_balance ret_balances[static MERCHANT_BALANCES_MAX]);
/* As the provider's API renders it. */
void merchant_render_balance(const struct merchant *merchant, uint32_t owner, struct buf *to);

int64_t merchant_clock_s(const struct merchant *merchant); /* what time it is in the shop */
/* What goes wrong on purpose; NULL: nothing. See faults.h. */
const struct faults *merchant_faults(const struct merchant *merchant);
int64_t merchant_begin_s(const struct merchant *merchant); /* and when that began */
