/* bench_made: the business of `bench reconcile`: payments with their lines, some refunds, disputes
 * and payouts, and a few that do not agree. Every group follows from the seed and its number alone,
 * so that none is kept.
 *
 * Layer: cli; for bench.
 */
#pragma once

#include "base/str.h"
#include "domain/id.h"
#include "domain/money.h"

#define MADE_GROUP 1000 /* payments that one payout holds */
#define MADE_ID_BYTES 32
#define MADE_LINES_MAX (MADE_GROUP * 2 + 1)

enum made_fault {
    MADE_AGREES,
    MADE_WITHOUT_LINE, /* the provider's statement has nothing of it */
    MADE_UNHEARD,      /* no event told of it: there is its line alone */
    MADE_OFF,          /* the line is one cent more */
};

struct made_payment {
    enum made_fault fault;
    int64_t made_us, amount_minor, fee_minor;
    int64_t refunded_minor; /* 0: no refund */
    bool is_disputed;       /* the whole of it, and taken */
    char payment[MADE_ID_BYTES], attempt[MADE_ID_BYTES], line[MADE_ID_BYTES];
    char customer[MADE_ID_BYTES];
    char later[MADE_ID_BYTES], later_line[MADE_ID_BYTES]; /* its refund, or its dispute */
};

struct made_group {
    uint64_t seed, number;
    uint32_t count;
    struct made_payment payments[MADE_GROUP];
    char payout[MADE_ID_BYTES], payout_line[MADE_ID_BYTES];
    int64_t payout_minor, payout_us; /* all that its lines come to */
};

enum made_what { MADE_CHARGE, MADE_REFUND, MADE_DISPUTE, MADE_PAYOUT };
struct made_line {
    enum made_what what;
    const struct made_payment *of; /* NULL: a payout */
    const char *id, *source;
    int64_t amount_minor, fee_minor, net_minor, made_us, available_us;
};

struct currency made_currency(void);
uint64_t made_group_count(int64_t payments);
/* The payments from number * MADE_GROUP on, of `payments` in all. */
void made_group(uint64_t seed, uint64_t number, int64_t payments, struct made_group *ret);
/* In the order in which they were made, but that what came of a payment stands behind it. */
uint32_t made_lines(const struct made_group *group, struct made_line ret[static MADE_LINES_MAX]);
int64_t made_begin_us(void);           /* a midnight of UTC */
int64_t made_end_us(int64_t payments); /* the first midnight behind everything */

/* How many of them are so. Each that does not agree leaves one key in clearing. */
int64_t made_count(int64_t payments, enum made_fault fault);
int64_t made_faults(int64_t payments);
/* An own id for one of the provider's, as good as random, from the time when it was made. */
struct own_id made_own_id(uint64_t seed, int64_t made_us, const char *provider_id);
