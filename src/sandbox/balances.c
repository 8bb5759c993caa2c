#include "base/check.h"
#include "sandbox/merchant_internal.h"

bool balance_can_be_told(const struct merchant *merchant, uint32_t owner)
{
    REQUIRE(owner <= ACCOUNTS_MAX);
    return merchant->balance_told_s[owner] < merchant_second(merchant);
}

void balance_tell(struct merchant *merchant, uint32_t owner)
{
    REQUIRE(balance_can_be_told(merchant, owner));
    merchant->balance_told_s[owner] = merchant_second(merchant);
    merchant_emit(merchant, (struct queued_event){.emit = EMIT_BALANCE_AVAILABLE, .index = owner});
}
