/* lives_tell: the provider's own books of one life, and how it tells of each object.
 *
 * In formats ' stands for ". STR_ARG looks at its argument twice: nothing of chance stands in one.
 *
 * Layer: tests. Private to lives*.c.
 */
#pragma once

#include "unit/flow/lives.h"
#include "unit/testing.h"

/* What all objects have: how often they were told. That stands in their metadata, so that
 * previous_attributes prove the order; they are left out now and then, and wherever `unproven`. */
struct teller {
    struct str id;
    uint32_t step;
    bool unproven;
};

struct world {
    struct life *life;
    struct arena *arena;
    uint64_t *chance;
    uint32_t number;  /* the life's */
    uint32_t objects; /* made so far; for their ids */
    int64_t second;
    uint64_t haste; /* percent of what happens in the second of what came before */
    struct str customer;
    struct str discount; /* the object, as the customer shows it; empty: none */
    struct teller balance;
};

bool likely(struct world *world, uint64_t percent);
void pass_time(struct world *world); /* or not: much happens in one second */
void pass_days(struct world *world);
struct str text(struct world *world, const char *format, ...) PRINTF_LIKE(2, 3);
/* A new object's id, which begins with `prefix`; its name is noted. */
struct str new_id(struct world *world, enum id_kind kind, const char *prefix);
void note_name(struct world *world, enum id_kind kind, struct str id);
struct str link_to(struct world *world, struct str id);         /* "id" in quotes, or null */
struct str word(struct world *world, const char *word_or_null); /* the same of a text */
struct str time_or_null(struct world *world, int64_t second);   /* 0: null */

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
/* Of an object that is told by its members alone, which begin with a comma; so are older->object's.
 * Without `older` an older version shows the same. */
void tell_object(struct world *world,
    struct teller *teller,
    const char *object,
    const char *type,
    struct str members,
    const struct older *older);
/* As it was told last: to be shown within another object. */
struct str object_of(
    struct world *world, const struct teller *teller, const char *object, struct str members);
struct str list_of(struct world *world, const struct str *objects, uint32_t count);
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
    struct str payments;                   /* empty: not asked for */
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

/* What several lives begin with. */
struct charge *try_to_pay(struct world *world, struct intent *intent, const char *status);
void begin(struct world *world, struct intent *intent, const char *currency);
void succeed(struct world *world, struct intent *intent, struct charge *charge);
/* Sometimes at the second try. */
struct charge *pay(struct world *world, struct intent *intent, const char *currency);
struct refund *give_back(
    struct world *world, struct charge *charge, const char *status, bool named);
void fail_refund(struct world *world, struct charge *charge, struct refund *refund);
struct invoice draft(struct world *world, struct str subscription);
struct charge *pay_part(
    struct world *world, struct invoice *invoice, struct intent *intent, int64_t minor);
struct subscription subscribe(struct world *world);

#define LIFE(NAME, name, words) void live_##name(struct world *world);
#include "unit/flow/lives.def"

void tell_refund(struct world *world, struct refund *refund, const char *type);
void tell_refund_again(struct world *world, struct refund *refund, const char *type);
void tell_charge(struct world *world, struct charge *charge, const char *type);
void tell_intent(struct world *world, struct intent *intent, const char *type);
void tell_dispute(struct world *world, struct dispute *dispute, const char *type);
void tell_invoice(struct world *world, struct invoice *invoice, const char *type);
void tell_invoice_again(struct world *world, struct invoice *invoice, const char *type);
void tell_subscription(struct world *world, struct subscription *subscription, const char *type);
void tell_payout(struct world *world, struct payout *payout, const char *type);
