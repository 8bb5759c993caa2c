/* shop_money: the lines that the merchant keeps of its account at the provider, and what is done
 * with them.
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
    int64_t net_off;            /* what its net is wrong by, on purpose: see faults.def */
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

struct merchant;

/* --- tariff.c --- */
enum currency_index tariff_into(enum currency_index currency);
/* Of now, in millionths; 0: it is not exchanged. */
int64_t tariff_rate(const struct merchant *merchant, enum currency_index currency);
int64_t tariff_exchange(int64_t amount, int64_t rate);
#define RATE_BYTES 24
void rate_text(int64_t rate, char to[static RATE_BYTES]); /* "1.163420"; "" of 0 */
/* Adds to a line what the provider takes of that payment. */
void tariff_charge(const struct shop_payment *payment, struct shop_money *line);
int64_t tariff_processing(const struct shop_payment *payment, const struct shop_money *line);
void tariff_fee(struct shop_money *line, enum fee_type type, int64_t minor);
int64_t tariff_dispute(enum currency_index currency);
int64_t tariff_instant_payout(int64_t amount, enum currency_index currency);

/* --- lines.c: nothing is kept when forgetful --- */
/* Its id when it has one, else one is made; its times are those of now. */
void lines_add(struct merchant *merchant, uint32_t owner, const struct shop_money *line);
/* In euros, which all that is not a payment's is in; id and source as in the line. */
struct simple_line {
    enum movement movement;
    int64_t amount;
    const char *id, *beside, *beside_charge; /* OBJECT_ID_BYTES; NULL: none */
    struct merchant_ref source;
};
void lines_add_simple(struct merchant *merchant, uint32_t owner, const struct simple_line *simple);
bool lines_find(const struct shop_statement *statement, struct str id, uint32_t *ret_index);
void lines_fini(struct shop_statement *statement);
int64_t money_fee(const struct shop_money *line);
int64_t money_net(const struct shop_money *line);
struct str currency_word(enum currency_index currency); /* "eur" */
struct money_balance {
    int64_t available, pending;
    bool moved; /* ever */
};
struct money_balance lines_balance(
    const struct merchant *merchant, uint32_t owner, enum currency_index currency);
/* All that is available goes into that payout. Returns the first line's index. */
uint32_t lines_gather(
    struct merchant *merchant, uint32_t owner, enum currency_index currency, uint32_t payout);

/* --- takings.c: what comes of a payment has its own line --- */
void takings_charge(struct merchant *merchant, uint32_t index, uint8_t attempt);
void takings_failure(struct merchant *merchant, uint32_t index, uint8_t attempt);
void takings_refund(struct merchant *merchant, uint32_t index);
void takings_refund_failure(struct merchant *merchant, uint32_t index);
/* Adds the movement to the dispute, too. */
void takings_dispute(struct merchant *merchant, uint32_t index, bool back);

/* --- upkeep.c: what the provider does by itself --- */
/* Before a payout: its own fees, and reserves. */
void upkeep_charge(struct merchant *merchant, uint32_t owner, enum currency_index currency);
void upkeep_adjust(struct merchant *merchant); /* a correction that nobody asked for */
void upkeep_schedule(struct merchant *merchant, uint32_t owner); /* at the next midnight */
void upkeep_day(struct merchant *merchant, uint32_t owner);
