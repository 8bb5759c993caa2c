/* shop_connect: what the merchant keeps of payouts, of connected accounts and of the money between them and
 * the platform.
 *
 * Layer: sandbox. Included by merchant_internal.h.
 */
#pragma once

#include "sandbox/shop_payments.h"

enum payout_status {
    PAYOUT_IS_PENDING,
    PAYOUT_IS_IN_TRANSIT,
    PAYOUT_IS_PAID,
    PAYOUT_IS_FAILED,
    PAYOUT_IS_CANCELED
};

struct shop_payout {
    char id[OBJECT_ID_BYTES];
    char balance_transaction[OBJECT_ID_BYTES];
    char failure_balance_transaction[OBJECT_ID_BYTES]; /* "": null */
    struct course_place place;
    enum payout_status status;
    int64_t created_s, amount;
    bool manual, reconciled;
};
