/* lives_tell: the provider's own books of one life, and how it tells of each object.
 *
 * In templates and formats ' stands for ".
 *
 * Layer: tests. Private to lives*.c.
 */
#pragma once

#include "unit/flow/lives.h"
#include "unit/testing.h"

struct world {
    struct life *life;
    struct arena *arena;
    uint64_t *chance;
    uint32_t number;  /* the life's */
    uint32_t objects; /* made so far; for their ids */
    int64_t second;
    uint64_t haste; /* percent of what happens in the second of what came before */
    struct str customer;
};

bool likely(struct world *world, uint64_t percent);
void pass_time(struct world *world); /* or not: much happens in one second */
void pass_days(struct world *world);
struct str text(struct world *world, const char *format, ...) PRINTF_LIKE(2, 3);
/* A new object's id, which begins with `prefix`; its name is noted. */
struct str new_id(struct world *world, enum id_kind kind, const char *prefix);
void note_name(struct world *world, enum id_kind kind, struct str id);
struct str link_to(struct world *world, struct str id); /* "id" in quotes, or null */

/* What all objects have: how often they were told. That stands in their metadata, so that
 * previous_attributes prove the order; they are left out now and then, and wherever `unproven`. */
struct teller {
    struct str id;
    uint32_t step;
    bool unproven;
};
struct older { /* how an older API version shows the same */
    const char *version;
    struct str object;
    bool says_more;
};
/* `older` may be NULL; it is told now and then. */
void tell(struct world *world,
    struct teller *teller,
    const char *type,
    struct str object,
    const struct older *older);
/* The same as the telling before, by an event of another type. */
void tell_again(struct world *world, struct teller *teller, const char *type, struct str object);

struct refund {
    struct teller teller;
    struct str charge, intent; /* empty: not said */
    int64_t amount, created;
    const char *currency, *status, *failure;
};

#define CHARGE_REFUNDS 2
#define INTENT_CHARGES 3

struct charge {
    struct teller teller;
    struct str intent, customer;
    int64_t amount, captured, refunded, created;
    bool is_captured;
    const char *currency, *status, *failure;
    struct refund refunds[CHARGE_REFUNDS];
    uint32_t refund_count;
};

struct intent {
    struct teller teller;
    struct str customer;
    int64_t amount, received, created;
    const char *currency, *status, *error;
    struct charge charges[INTENT_CHARGES];
    uint32_t charge_count;
};

struct dispute {
    struct teller teller;
    struct str charge, intent;
    int64_t amount, created;
    const char *currency, *status;
    struct str moved; /* elements of balance_transactions */
};

struct invoice {
    struct teller teller;
    struct str subscription, line, intent; /* intent: only older shapes say it */
    int64_t total, due, paid, pre_credit, post_credit, created;
    int64_t finalized, paid_at, voided, uncollectible;
    uint32_t tries;
    const char *status;
};

struct subscription {
    struct teller teller;
    struct str item, price, invoice;
    int64_t created, paused_at, ended;
    uint32_t quantity;
    const char *status, *pause; /* pause: of its collection; NULL: none */
    struct str extra;           /* another item, */
    enum { EXTRA_OUT, EXTRA_IN, EXTRA_CUT_OFF } extra_is;
};

struct payout {
    struct teller teller;
    int64_t amount, created;
    const char *status, *failure, *reconciliation;
};

void tell_refund(struct world *world, struct refund *refund, const char *type);
void tell_refund_again(struct world *world, struct refund *refund, const char *type);
void tell_charge(struct world *world, struct charge *charge, const char *type);
void tell_intent(struct world *world, struct intent *intent, const char *type);
void tell_dispute(struct world *world, struct dispute *dispute, const char *type);
void tell_invoice(struct world *world, struct invoice *invoice, const char *type);
void tell_invoice_again(struct world *world, struct invoice *invoice, const char *type);
void tell_subscription(struct world *world, struct subscription *subscription, const char *type);
void tell_payout(struct world *world, struct payout *payout, const char *type);
