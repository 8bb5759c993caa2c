#include "domain/money.h"
#include "base/check.h"

#define DECIMALS_UNKNOWN 2 /* most currencies have them; the amount itself stays exact */
#define DECIMALS_MAX 4
#define INT64_DIGITS_MAX 19

struct currency_row {
    char code[4];
    int decimals;
};

static const struct currency_row currency_rows[] = {
#define CURRENCY(code, decimals, name) {code, decimals},
#include "domain/currency.def"
#undef CURRENCY
};
#define CURRENCY(code, decimals, name)                                                             \
    _Static_assert(sizeof(code) == 4 && (decimals) >= 0 && (decimals) <= DECIMALS_MAX, code);
#include "domain/currency.def"
#undef CURRENCY

/* Sign, digits, a comma after every third, the point, a blank, the code and the NUL. */
_Static_assert(1 + INT64_DIGITS_MAX + INT64_DIGITS_MAX / 3 + 1 + 1 + 3 + 1 <= MONEY_TEXT_BYTES,
    "the longest amount fits");

static const struct currency_row *currency_row(struct currency currency)
{
    size_t first = 0;
    size_t end = sizeof currency_rows / sizeof currency_rows[0];
    while (first < end) {
        size_t middle = first + (end - first) / 2;
        int order = memcmp(currency.code, currency_rows[middle].code, sizeof currency.code);
        if (order == 0) {
            return &currency_rows[middle];
        }
        if (order < 0) {
            end = middle;
        } else {
            first = middle + 1;
        }
    }
    return NULL;
}

enum err currency_parse(struct str text, struct currency *ret_currency)
{
    REQUIRE(ret_currency != NULL);
    struct currency currency = {""};
    if (text.len != sizeof currency.code - 1) {
        return ERR_MALFORMED;
    }
    for (size_t i = 0; i < text.len; i++) {
        char c = text.data[i];
        if (c >= 'a' && c <= 'z') {
            c = (char)(c - 'a' + 'A');
        }
        if (c < 'A' || c > 'Z') {
            return ERR_MALFORMED;
        }
        currency.code[i] = c;
    }
    ENSURE(currency.code[3] == '\0');
    *ret_currency = currency;
    return ERR_OK;
}

bool currency_eq(struct currency a, struct currency b)
{
    REQUIRE(a.code[3] == '\0');
    REQUIRE(b.code[3] == '\0');
    return strcmp(a.code, b.code) == 0;
}

int currency_decimals(struct currency currency)
{
    const struct currency_row *row = currency_row(currency);
    return row != NULL ? row->decimals : DECIMALS_UNKNOWN;
}

bool currency_is_known(struct currency currency)
{
    return currency_row(currency) != NULL;
}

enum err minor_add(int64_t a, int64_t b, int64_t *ret_sum)
{
    REQUIRE(ret_sum != NULL);
    int64_t sum;
    if (__builtin_add_overflow(a, b, &sum)) {
        return ERR_OVERFLOW;
    }
    *ret_sum = sum;
    return ERR_OK;
}

/* Counted below zero, where there is room for one more. */
static bool add_digit(int64_t *minor, char digit)
{
    REQUIRE(digit >= '0' && digit <= '9');
    return !__builtin_mul_overflow(*minor, 10, minor) &&
           !__builtin_sub_overflow(*minor, digit - '0', minor);
}

enum err money_from_digits(bool negative,
    struct str whole,
    struct str fraction,
    struct currency currency,
    int64_t *ret_minor)
{
    REQUIRE(ret_minor != NULL);
    int64_t minor = 0;
    bool fits = true;
    size_t decimals = (size_t)currency_decimals(currency);
    if (fraction.len > decimals) {
        return ERR_INVALID;
    }
    for (size_t i = 0; fits && i < whole.len; i++) {
        fits = add_digit(&minor, whole.data[i]);
    }
    for (size_t i = 0; fits && i < decimals; i++) {
        fits = add_digit(&minor, i < fraction.len ? fraction.data[i] : '0');
    }
    if (!fits || (!negative && minor == INT64_MIN)) {
        return ERR_OVERFLOW;
    }
    *ret_minor = negative ? minor : -minor;
    return ERR_OK;
}

enum err money_parse(struct str text, struct currency currency, int64_t *ret_minor)
{
    bool negative = text.len > 0 && text.data[0] == '-';
    bool is_signed = negative || (text.len > 0 && text.data[0] == '+');
    struct str digits = is_signed ? (struct str){text.data + 1, text.len - 1} : text;
    struct str fraction = digits;
    struct str whole = str_cut(&fraction, '.');
    bool has_point = whole.len < digits.len;
    if (!str_is_digits(whole) || (has_point && !str_is_digits(fraction))) {
        return ERR_MALFORMED;
    }
    return money_from_digits(negative, whole, fraction, currency, ret_minor);
}

/* Written from the last digit to the first, since that is how digits come off a number. */
void money_format(int64_t minor, struct currency currency, char to[static MONEY_TEXT_BYTES])
{
    REQUIRE(currency.code[3] == '\0');
    char reversed[MONEY_TEXT_BYTES];
    size_t len = 0;
    int decimals = currency_decimals(currency);
    uint64_t rest = minor < 0 ? -(uint64_t)minor : (uint64_t)minor; /* INT64_MIN has no negative */
    for (int digit = 0; rest > 0 || digit <= decimals; digit++) {
        if (digit == decimals && decimals > 0) {
            reversed[len++] = '.';
        } else if (digit > decimals && (digit - decimals) % 3 == 0) {
            reversed[len++] = ',';
        }
        reversed[len++] = (char)('0' + rest % 10);
        rest /= 10;
    }
    if (minor < 0) {
        reversed[len++] = '-';
    }
    INVARIANT(len + 1 + sizeof currency.code <= MONEY_TEXT_BYTES);
    for (size_t i = 0; i < len; i++) {
        to[i] = reversed[len - 1 - i];
    }
    if (currency.code[0] != '\0') {
        to[len++] = ' ';
    }
    memcpy(to + len, currency.code, sizeof currency.code);
}
