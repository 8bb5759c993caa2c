/* shop_money: the lines that the merchant keeps of its account at the provider.
 *
 * Layer: sandbox. Included by merchant_internal.h.
 */
#pragma once

#include "sandbox/merchant_lines.h"
#include "sandbox/shop_connect.h"

enum movement {
#define MOVEMENT(name, type, category, when, description) MOVEMENT_##name,
#include "sandbox/movements.def"
#undef MOVEMENT
    MOVEMENT_COUNT
};

enum fee_type {
    FEE_IS_PROCESSING,
    FEE_IS_TAX,
    FEE_IS_NETWORK,
    FEE_IS_APPLICATION,
    FEE_IS_DISPUTE,
    FEE_IS_INSTANT_PAYOUT
};

struct shop_line_fee {
    enum fee_type type;
    int64_t minor;
};

struct shop_money {
    char id[OBJECT_ID_BYTES];
    char beside[OBJECT_ID_BYTES]; /* a source that is kept nowhere else; `source` may be its charge
                                   */
    char beside_charge[OBJECT_ID_BYTES]; /* the charge that this is of */
    enum movement movement;
    enum currency_index currency, paid_in; /* of the balance; that the payer saw */
    int64_t amount, paid;                  /* `paid` has the sign of the amount */
    int64_t rate;                          /* millionths; of another currency, else 0 */
    int64_t created_s, available_s;
    struct merchant_ref source; /* of NONE: about nothing */
    uint32_t payout;            /* the automatic one that it is in: its slot and one; 0: none yet */
    uint32_t next_open;         /* the next that is in none: its index and one; 0: the last */
    uint8_t fee_count;
    struct shop_line_fee fees[MERCHANT_LINE_FEES_MAX];
};

/* Of one owner. */
struct shop_statement {
    struct shop_money *lines; /* on the heap */
    uint32_t count, room;
    uint32_t *by_id; /* index and one, by the hash of the id; `buckets` of them, a power of two */
    uint32_t buckets;
    struct {
        uint32_t first, last; /* in no payout: index and one; 0: none */
        bool moved;           /* ever */
    } open[CURRENCY_COUNT];
};
