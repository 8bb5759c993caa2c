#include "base/check.h"
#include "ledger/target.h"

__extension__ typedef __int128 wide;

enum err minor_share(int64_t whole, int64_t part, int64_t of, int64_t *ret)
{
    REQUIRE(of > 0 && ret != NULL);
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
