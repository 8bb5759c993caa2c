#include "provider/stripe/decimal.h"
#include "base/check.h"

struct digits { /* before and behind the point */
    struct str whole, fraction;
};

static bool split(struct str text, struct digits *ret)
{
    const char *point = text.len == 0 ? NULL : memchr(text.data, '.', text.len);
    if (point == NULL) {
        *ret = (struct digits){text, STR_NONE};
        return str_is_digits(text);
    }
    size_t whole = (size_t)(point - text.data);
    *ret = (struct digits){{text.data, whole}, {point + 1, text.len - whole - 1}};
    return str_is_digits(ret->whole) && str_is_digits(ret->fraction);
}

static void drop_zeros(struct digits *digits)
{
    while (digits->whole.len > 1 && digits->whole.data[0] == '0') {
        digits->whole = (struct str){digits->whole.data + 1, digits->whole.len - 1};
    }
    while (digits->fraction.len > 0 && digits->fraction.data[digits->fraction.len - 1] == '0') {
        digits->fraction.len--;
    }
}

enum err stripe_decimal_read(
    const struct json *value, char *to, size_t size, const char **ret_problem)
{
    REQUIRE(value != NULL && to != NULL && size > 0);
    struct digits digits;
    if ((value->kind != JSON_NUMBER && value->kind != JSON_STRING) ||
        !split(value->text, &digits)) {
        *ret_problem = "must be a decimal number without sign or exponent";
        return ERR_INVALID;
    }
    drop_zeros(&digits);
    size_t point = digits.fraction.len > 0 ? 1 : 0;
    size_t len = digits.whole.len + point + digits.fraction.len;
    if (len >= size) {
        *ret_problem = "has too many digits";
        return ERR_TOO_LARGE;
    }
    memcpy(to, digits.whole.data, digits.whole.len);
    if (point > 0) {
        to[digits.whole.len] = '.';
        memcpy(to + digits.whole.len + 1, digits.fraction.data, digits.fraction.len);
    }
    to[len] = '\0';
    return ERR_OK;
}

bool stripe_decimal_is_whole(const char *decimal)
{
    return strchr(decimal, '.') == NULL;
}
