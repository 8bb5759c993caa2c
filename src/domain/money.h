/* money: a signed 64-bit count of minor units and an ISO 4217 currency; checked arithmetic only.
 *
 * An unknown currency is accepted as an opaque integer with two decimals shown. The table's
 * decimals are those of the amounts that providers send, which for three currencies are not ISO's:
 * see there.
 *
 * Layer: domain. Table: currency.def (CURRENCY("JPY", 0, "Japanese yen")).
 */
#pragma once

#include "base/str.h"

struct currency {
    char code[4]; /* upper case, NUL-terminated; "" is none */
};

#define MONEY_TEXT_BYTES 48

/* Three ASCII letters in either case. ERR_MALFORMED. */
MUST_USE enum err currency_parse(struct str text, struct currency *ret_currency);
bool currency_eq(struct currency a, struct currency b);
int currency_decimals(struct currency currency);
bool currency_is_known(struct currency currency);

MUST_USE enum err minor_add(int64_t a, int64_t b, int64_t *ret_sum); /* ERR_OVERFLOW */

/* "-1234.56", "500": a sign or none, digits, and behind a point at most as many as the currency
 * has. ERR_MALFORMED: not so written; ERR_INVALID, ERR_OVERFLOW as below. */
MUST_USE enum err money_parse(struct str text, struct currency currency, int64_t *ret_minor);
/* From what stands before and behind the point, of whoever writes it otherwise. Requires: digits,
 * or nothing. ERR_INVALID: more behind the point than the currency has; ERR_OVERFLOW. */
MUST_USE enum err money_from_digits(bool negative,
    struct str whole,
    struct str fraction,
    struct currency currency,
    int64_t *ret_minor);
/* "1,234.56 EUR", "500 JPY", "-0.05 EUR". */
void money_format(int64_t minor, struct currency currency, char to[static MONEY_TEXT_BYTES]);
