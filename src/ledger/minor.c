#include "ledger/minor.h"
#include "base/check.h"

__extension__ typedef __int128 wide;

enum err minor_subtract(int64_t from, int64_t minor, int64_t *ret)
{
    REQUIRE(ret != NULL);
    int64_t left = 0;
    if (__builtin_sub_overflow(from, minor, &left)) {
        return ERR_OVERFLOW;
    }
    *ret = left;
    return ERR_OK;
}

int64_t minor_add_cut(int64_t a, int64_t b)
{
    int64_t sum = 0;
    bool fits = minor_add(a, b, &sum) == ERR_OK;
    return fits ? sum : a < 0 ? INT64_MIN : INT64_MAX; /* both have one sign */
}

int64_t minor_absolute(int64_t minor)
{
    return minor == INT64_MIN ? INT64_MAX : minor < 0 ? -minor : minor;
}

int64_t minor_grow(int64_t sum, int64_t by)
{
    return minor_add_cut(sum, minor_absolute(by));
}

enum err minor_share(int64_t whole, int64_t part, int64_t of, int64_t *ret)
{
    REQUIRE(of > 0);
    REQUIRE(ret != NULL);
    wide product = (wide)whole * part;
    wide quotient = product / of;
    wide rest = product % of;
    wide twice = 2 * (rest < 0 ? -rest : rest);
    if (twice > of || (twice == of && quotient % 2 != 0)) {
        quotient += product < 0 ? -1 : 1;
    }
    if (quotient > INT64_MAX || quotient < INT64_MIN) {
        return ERR_OVERFLOW;
    }
    *ret = (int64_t)quotient;
    return ERR_OK;
}
