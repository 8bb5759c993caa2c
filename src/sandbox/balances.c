#include "base/check.h"
#include "sandbox/merchant_internal.h"

/* Here, and nowhere else, an amount comes to a balance or goes from it. */
void balance_move(struct merchant *merchant, uint32_t owner, int64_t amount)
{
    REQUIRE(owner <= ACCOUNTS_MAX);
    merchant->balances[owner].available += amount;
}

int64_t balance_available(const struct merchant *merchant, uint32_t owner)
{
    REQUIRE(owner <= ACCOUNTS_MAX);
    return merchant->balances[owner].available;
}

bool balance_can_be_told(const struct merchant *merchant, uint32_t owner)
{
    REQUIRE(owner <= ACCOUNTS_MAX);
    return merchant->balances[owner].told_s < merchant_second(merchant);
}

void balance_tell(struct merchant *merchant, uint32_t owner)
{
    REQUIRE(balance_can_be_told(merchant, owner));
    merchant->balances[owner].told_s = merchant_second(merchant);
    merchant_emit(merchant, (struct queued_event){.emit = EMIT_BALANCE_AVAILABLE, .index = owner});
}
