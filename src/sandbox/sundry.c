#include "base/check.h"
#include "sandbox/merchant_internal.h"
#include <stdio.h>

/* With payments alone, a few events about other things: their objects are made up here, for one
 * event each. */
static const struct {
    const char *prefix, *other_prefix;
    enum emit emit;
    bool short_id;
} kinds[] = {
    {"in_1", "", EMIT_ONCE_INVOICE, false},
    {"prod_", "", EMIT_ONCE_PRODUCT, true},
    {"price_1", "prod_", EMIT_ONCE_PRICE, false},
    {"bal_1", "", EMIT_ONCE_BALANCE, false},
    {"po_1", "txn_1", EMIT_ONCE_PAYOUT, false},
    {"pm_1", "", EMIT_ONCE_METHOD, false},
};
#define KIND_COUNT (sizeof kinds / sizeof *kinds)

void sundry_act(struct merchant *merchant)
{
    size_t kind = (size_t)merchant_below(merchant, KIND_COUNT);
    struct sundry *sundry = &merchant->sundry;
    *sundry = (struct sundry){.amount = 500 + (int64_t)merchant_below(merchant, 200000)};
    int64_t now_s = merchant_second(merchant);
    if (kinds[kind].short_id) {
        id_make_short(&merchant->ids, kinds[kind].prefix, now_s, sundry->id);
    } else {
        id_make(&merchant->ids, kinds[kind].prefix, now_s, sundry->id);
    }
    if (kinds[kind].other_prefix[0] != '\0') {
        id_make(&merchant->ids, kinds[kind].other_prefix, now_s, sundry->other);
    }
    uint32_t made = merchant->customer_pool.made;
    if (made > 0) {
        memcpy(sundry->customer, merchant->customers[merchant_below(merchant, made)].id,
            sizeof sundry->customer);
    }
    int written = snprintf(sundry->number, sizeof sundry->number, "S-%06u",
        (unsigned)merchant_below(merchant, 1000000));
    ENSURE(written > 0 && (size_t)written < sizeof sundry->number);
    merchant_emit(merchant, (struct queued_event){.emit = kinds[kind].emit});
}
