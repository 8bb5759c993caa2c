/* shop_connect: what the merchant keeps of payouts, of connected accounts and of the money between
 * them and the platform.
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

enum payout_way { PAYOUT_BY_SCHEDULE, PAYOUT_BY_HAND, PAYOUT_INSTANT };

struct shop_payout {
    uint32_t owner; /* of the balance that it is of */
    char id[OBJECT_ID_BYTES];
    char balance_transaction[OBJECT_ID_BYTES];
    char failure_balance_transaction[OBJECT_ID_BYTES]; /* "": null */
    struct course_place place;
    enum payout_status status;
    int64_t created_s, arrival_s, amount;
    enum currency_index currency;
    enum payout_way way;
    bool reconciled;
    uint32_t lines_from, lines_end; /* those in it stand between these, on its owner's statement */
};

#define ACCOUNTS_MAX 32 /* connected ones, ever */

/* Whose something is: an owner is 0 for the shop's own account, else the slot of a connected
 * account and one. */
struct shop_account {
    char id[OBJECT_ID_BYTES];
    char bank_account[OBJECT_ID_BYTES];
    struct course_place place;
    int64_t created_s;
    bool submitted, enabled;
    bool leaving, left;
    uint32_t open_ends; /* payments and payouts on it whose life goes on */
};

#define GIVEN_BACK_MAX 2 /* of one transfer or fee; courses.def has none with more */

struct shop_given_back { /* a reversal of a transfer, or a refund of a fee */
    char id[OBJECT_ID_BYTES];
    char balance_transaction[OBJECT_ID_BYTES];
    int64_t created_s, amount;
    bool noted;
};

struct shop_transfer {
    char id[OBJECT_ID_BYTES];
    char balance_transaction[OBJECT_ID_BYTES];
    char destination_payment[OBJECT_ID_BYTES]; /* on the connected account */
    char source[OBJECT_ID_BYTES];              /* the charge whose money it is */
    struct course_place place;
    uint32_t account; /* slot */
    uint32_t order;   /* of the payment: its transfer group */
    int64_t created_s, amount, reversed;
    struct shop_given_back reversals[GIVEN_BACK_MAX];
    uint8_t reversal_count;
};

struct shop_fee {
    char id[OBJECT_ID_BYTES];
    char balance_transaction[OBJECT_ID_BYTES];
    char charge[OBJECT_ID_BYTES];      /* on the connected account */
    char originating[OBJECT_ID_BYTES]; /* the shop's own charge; "": there is none */
    struct course_place place;
    uint32_t account; /* slot */
    int64_t created_s, amount, refunded;
    struct shop_given_back refunds[GIVEN_BACK_MAX];
    uint8_t refund_count;
};

enum topup_status {
    TOPUP_IS_PENDING,
    TOPUP_IS_SUCCEEDED,
    TOPUP_IS_FAILED,
    TOPUP_IS_CANCELED,
    TOPUP_IS_REVERSED
};

struct shop_topup {
    char id[OBJECT_ID_BYTES];
    char balance_transaction[OBJECT_ID_BYTES]; /* "": null */
    struct course_place place;
    enum topup_status status;
    int64_t created_s, amount;
};
