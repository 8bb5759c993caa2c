#include "flow/asking.h"
#include "base/check.h"
#include "base/timestamp.h"

#define PUT_OFF_MIN_US (30 * US_PER_SECOND)

int64_t ask_put_off_us(int64_t attempts)
{
    int64_t wait_us = PUT_OFF_MIN_US;
    for (int64_t i = 0; i < attempts && wait_us < ASK_PUT_OFF_MAX_US; i++) {
        wait_us *= 2;
    }
    return wait_us < ASK_PUT_OFF_MAX_US ? wait_us : ASK_PUT_OFF_MAX_US;
}

bool ask_is_gone(enum err err)
{
    return err == ERR_NOT_FOUND || err == ERR_INVALID;
}

void ask_away_add(struct ask_away *away, const struct account *account)
{
    REQUIRE(account != NULL);
    if (!ask_away_has(away, account) && away->count < LIMIT_ACCOUNTS) {
        away->accounts[away->count++] = account;
    }
}

bool ask_away_has(const struct ask_away *away, const struct account *account)
{
    REQUIRE(away != NULL);
    for (uint32_t i = 0; i < away->count; i++) {
        if (away->accounts[i] == account) {
            return true;
        }
    }
    return false;
}
