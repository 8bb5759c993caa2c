/* merchant_internal: what the files of the merchant share; included by merchant*.c, lives.c,
 * arrivals.c, lines.c, takings.c, tariff.c, refunds.c, customers.c, catalogue.c, courses.c,
 * disputes.c, invoices.c, payouts.c, upkeep.c, subscriptions.c, sundry.c and shape*.c only.
 *
 * An act changes objects and queues the events that tell of it; merchant_next renders the queued
 * events before the next act runs, so that each event shows its object as the act left it. Every
 * change of an object queues an event that shows it: that is why the truth is what the last event
 * said.
 *
 * Layer: sandbox.
 */
#pragma once

#include "base/limits.h"
#include "sandbox/merchant.h"
#include "sandbox/object_id.h"
#include "sandbox/shapes.h"
#include "sandbox/shop_money.h"

#define BODY_BYTES_MAX ((size_t)64 * 1024)

/* One pool of objects of a kind: slots in an array, the free ones in a list. */
struct pool {
    uint32_t room, made; /* `made` slots have been given out at least once */
    uint32_t in_use;
    uint32_t *free_slots;
    uint32_t free_count;
};

enum task_kind {
    TASK_ARRIVAL,
    TASK_SUNDRY,
    TASK_CUSTOMER,
    TASK_PAYMENT,
    TASK_REFUND,
    TASK_DAY,
#define LIVING(name, things, end) TASK_##name,
#include "sandbox/living.def"
#undef LIVING
    TASK_COUNT
};
struct task {
    int64_t at_us;
    uint64_t order; /* of equal times: first scheduled, first run */
    enum task_kind kind;
    uint32_t index;
};

enum emit {
#define EMIT(name, type, subject, shape, cause) EMIT_##name,
#define EMIT_ONCE(name, type, subject, shape, cause) EMIT_##name,
#include "sandbox/emits.def"
#undef EMIT
#undef EMIT_ONCE
    EMIT_COUNT
};

extern const struct emit_row {
    const char *type;
    enum subject subject;
    enum shape shape;
    bool automatic; /* no request of the merchant's caused it */
    bool once;      /* its object is made up for it */
} emit_rows[EMIT_COUNT];

/* What previous_attributes says; a set of bits tells which members are there. */
enum {
    WAS_STATUS = 1,
    WAS_WITHOUT_BALANCE_TRANSACTION = 2,
    WAS_REFUNDED_AMOUNT = 4,
    WAS_NOT_REFUNDED = 8,
    WAS_REFUNDED = 16,
    WAS_NOT_CAPTURED = 32,
    WAS_NOT_DISPUTED = 64,
    WAS_EMAIL = 128,
    WAS_NAME = 256,
    WAS_WITHOUT_REFERENCE = 512,
    WAS_WITHOUT_FAILURE = 1024,
    WAS_PENDING = 2048,
    WAS_WITHOUT_TRANSFER = 4096,
    WAS_WITHOUT_FEE = 8192,
};
#define PREVIOUS_MEMBERS_MAX 3
struct previous {
    uint32_t fields;
    int64_t refunded;
    enum refund_status status;
    struct person person;
    /* Of what lives by courses.def: members as JSON, in the order of their names. */
    struct previous_member {
        const char *name;
        char json[64];
    } members[PREVIOUS_MEMBERS_MAX];
    uint8_t member_count;
};

struct queued_event {
    enum emit emit;
    uint32_t index; /* of the subject in its pool; a charge's is its payment's */
    uint8_t attempt;
    struct previous previous;
};

/* The object of the sundry event that is queued: nothing of it is kept. */
struct sundry {
    char id[OBJECT_ID_BYTES], other[OBJECT_ID_BYTES], customer[OBJECT_ID_BYTES], number[16];
    int64_t amount;
};

struct shape_set;

struct merchant {
    struct merchant_config config; /* account points into `account` */
    char account[LIMIT_PROVIDER_ID_BYTES + 1];
    struct id_maker ids;
    uint64_t random_state;
    int64_t now_us;
    int64_t queued_at_us;
    uint32_t orders;      /* payments ever begun */
    uint32_t asked_today; /* in days: payouts by hand, and top-ups */
    int64_t asked_on;     /* which day that is */
    uint32_t arrivals;    /* in days: beginnings that have their time */
    struct sundry sundry;
    bool winding_down, full;
    struct merchant_counts counts;

    struct shop_customer *customers;
    struct shop_payment *payments;
    struct shop_refund *refunds;
    struct shop_dispute *disputes; /* this and what follows: NULL with payments alone */
    struct shop_subscription *subscriptions;
    struct shop_invoice *invoices;
    struct shop_product *products; /* PRODUCTS_MAX */
    struct shop_payout *payouts;
    struct shop_transfer *transfers;
    struct shop_fee *fees;
    struct shop_topup *topups;
    struct shop_account *accounts;            /* ACCOUNTS_MAX */
    int64_t balance_told_s[1 + ACCOUNTS_MAX]; /* by owner */
    int64_t reserved[CURRENCY_COUNT];         /* of the shop's own money, against losses */
    struct shop_statement statements[1 + ACCOUNTS_MAX]; /* by owner; empty when forgetful */
    struct id_maker
        line_ids; /* of lines that no object names: the objects' ids stay what they are */
    char application[OBJECT_ID_BYTES];
    bool out_of_memory;
    uint32_t account_count;
    uint32_t product_count;
    struct pool customer_pool, payment_pool, refund_pool, dispute_pool, subscription_pool,
        invoice_pool, payout_pool, transfer_pool, fee_pool, topup_pool;

    struct task *tasks; /* a binary heap, the earliest first */
    uint32_t task_count, task_room;
    uint64_t task_order;

    struct queued_event queued[MERCHANT_ACT_EVENTS_MAX];
    struct queued_event told; /* the last that was rendered */
    uint32_t queued_first, queued_count;

    struct shape_set *shapes;
    struct buf body, whole;
    char event_id[OBJECT_ID_BYTES];
};

/* --- chance and time (merchant.c) --- */
uint64_t merchant_random(struct merchant *merchant);
uint64_t merchant_below(struct merchant *merchant, uint64_t limit);
bool merchant_chance(struct merchant *merchant, uint32_t percent);
void merchant_schedule(
    struct merchant *merchant, enum task_kind kind, uint32_t index, int64_t after_us);
static inline int64_t merchant_second(const struct merchant *merchant)
{
    return merchant->now_us / 1000000;
}
bool merchant_is_mixed(const struct merchant *merchant); /* not payments alone */
void merchant_emit(struct merchant *merchant, struct queued_event event);
/* `json` is the member as it was, laid out as it is. */
void previous_add(struct previous *previous, const char *name, const char *json);
void previous_add_text(struct previous *previous, const char *name, const char *text);
void previous_add_number(struct previous *previous, const char *name, int64_t number);
MUST_USE bool pool_take(struct pool *pool, uint32_t *ret_index);
void pool_give(struct pool *pool, uint32_t index);

/* --- people.c --- */
struct person person_draw(struct merchant *merchant);
void person_name(struct person person, struct buf *to);  /* needs no escaping in JSON */
void person_email(struct person person, struct buf *to); /* likewise */

/* --- customers.c --- */
/* Somebody known or new, by chance; UINT32_MAX: a guest. */
uint32_t customer_for_payment(struct merchant *merchant);
/* One who can be billed and has a payment method, for a new thing; UINT32_MAX: nobody. */
uint32_t customer_for_billing(struct merchant *merchant);
/* The payment method is taken from a customer; not in the second in which it was given. */
void customer_release(struct merchant *merchant, uint32_t index); /* one thing less is billed */
void customer_detach_method(struct merchant *merchant, uint32_t index);
void customer_act(struct merchant *merchant, uint32_t index);

/* --- lives.c --- */
enum life {
#define LIFE(name, weight, method, word, ...) LIFE_##name,
#include "sandbox/lives.def"
#undef LIFE
    LIFE_COUNT
};
void payment_begin(struct merchant *merchant, uint32_t index);
void payment_begin_as(struct merchant *merchant, uint32_t index, enum life life);
/* For a part of an invoice. False: there is no room for another payment. */
MUST_USE bool payment_begin_for_invoice(
    struct merchant *merchant, uint32_t invoice, int64_t amount, enum life life);
struct connect_order {
    uint32_t on_account, destination; /* owners; 0: not such a payment */
    int fee_percent;
    bool grouped;
};
void payment_begin_connected(
    struct merchant *merchant, uint32_t index, enum life life, const struct connect_order *order);
void payment_act(struct merchant *merchant, uint32_t index);
void payment_release(struct merchant *merchant, uint32_t index); /* once all of it has ended */
const char *life_word(size_t life);
enum method life_method(size_t life);

/* --- acts.c --- */
enum act {
    ACT_END, /* of a life: nothing more happens */
#define ACT(name, function, when, help) ACT_##name,
#include "sandbox/acts.def"
#undef ACT
    ACT_COUNT
};
void act_perform(struct merchant *merchant, uint32_t index, enum act act, int argument);
bool act_needs_later_second(enum act act);

/* --- courses.c --- */
enum course {
#define COURSE(name, kind, weight, word, ...) COURSE_##name,
#include "sandbox/courses.def"
#undef COURSE
    COURSE_COUNT
};
enum deed {
    DEED_END, /* of a course: nothing more happens */
#define DEED(name, function, help) DEED_##name,
#include "sandbox/deeds.def"
#undef DEED
    DEED_COUNT
};
/* By chance one of the courses of that kind of thing; schedules its first step. */
void course_begin(struct merchant *merchant, enum task_kind kind, uint32_t index);
void course_begin_as(
    struct merchant *merchant, enum task_kind kind, uint32_t index, enum course course);
void course_resume(struct merchant *merchant, enum task_kind kind, uint32_t index);
void course_act(struct merchant *merchant, enum task_kind kind, uint32_t index);
const char *course_word(size_t course);
enum course course_draw(struct merchant *merchant, enum task_kind kind);
int course_argument(enum course course); /* of its first step */

/* --- disputes.c --- */
void dispute_begin(struct merchant *merchant, uint32_t payment, uint8_t attempt);
void dispute_end(struct merchant *merchant, uint32_t index);
const char *dispute_status_word(enum dispute_status status);

/* --- catalogue.c --- */
/* Something to sell, known or new; now and then another product gets a new name. */
uint32_t product_for_billing(struct merchant *merchant);

/* --- invoices.c --- */
struct invoice_order {
    uint32_t customer;
    uint32_t subscription; /* its slot and one; 0: none */
    const char *reason;
    bool free; /* of a trial */
};
/* The invoice's slot and one; 0: there is no room for another one. */
uint32_t invoice_begin(
    struct merchant *merchant, const struct invoice_order *order, enum course course);
void invoice_end(struct merchant *merchant, uint32_t index);
void invoice_begin_alone(struct merchant *merchant, uint32_t customer); /* its course by chance */
int64_t invoice_due(const struct shop_invoice *invoice);
int64_t invoice_tax(const struct merchant *merchant, const struct shop_invoice *invoice);
int64_t invoice_discount(const struct merchant *merchant, const struct shop_invoice *invoice);
struct line_amounts {
    int64_t amount, discount, tax; /* tax is of what the discount leaves */
};
struct line_amounts invoice_line_amounts(const struct merchant *merchant,
    const struct shop_invoice *invoice,
    const struct shop_line *line);
int64_t credit_tax(const struct merchant *merchant, const struct shop_invoice *invoice);
int64_t invoice_credit_before(const struct shop_invoice *invoice); /* taken off before payment */
int64_t invoice_last_event_s(const struct merchant *merchant, uint32_t index);
const char *invoice_status_word(enum invoice_status status);
/* What became of a payment that is for an invoice. */
void invoice_payment_succeeded(struct merchant *merchant, uint32_t payment);
void invoice_payment_failed(struct merchant *merchant, uint32_t payment);
void invoice_payment_given_up(struct merchant *merchant, uint32_t payment);

/* --- subscriptions.c --- */
void subscription_begin(struct merchant *merchant, uint32_t customer);
void subscription_end(struct merchant *merchant, uint32_t index);
void subscription_invoice_ended(struct merchant *merchant, uint32_t index);
void subscription_is_paid(struct merchant *merchant, uint32_t index);
void subscription_is_not_paid(struct merchant *merchant, uint32_t index);
const char *subscription_status_word(enum subscription_status status);

/* --- payouts.c --- */
void payout_begin(struct merchant *merchant, uint32_t owner);
/* Of all that is available, by a course that draws on the schedule. Nothing happens when that is
 * nothing, or when there is no room. */
void payout_begin_automatic(
    struct merchant *merchant, uint32_t owner, enum currency_index currency, enum course course);
int64_t payout_wait_us(const struct merchant *merchant, uint32_t index, int64_t wait_ms);
enum course payout_draw_automatic(struct merchant *merchant);
void payout_end(struct merchant *merchant, uint32_t index);
const char *payout_status_word(enum payout_status status);

/* --- faults_shop.c, faults_events.c: what goes wrong on purpose, with config.faults only --- */
/* May change a line that is about to be made. False: it is not made. */
bool faults_take_line(struct merchant *merchant, uint32_t owner, struct shop_money *line);
void faults_follow_line(struct merchant *merchant, uint32_t owner, const struct shop_money *line);
void faults_dispute_lost(struct merchant *merchant, uint32_t index);
bool faults_keep_dispute(struct merchant *merchant, uint32_t index); /* its money, though won */
bool faults_hold_payout(struct merchant *merchant, uint32_t index);  /* it does not arrive */
enum course faults_payout_course(struct merchant *merchant, uint32_t index, enum course course);
bool faults_pay_again(struct merchant *merchant, uint32_t payment); /* its invoice */
void faults_touch_event(struct merchant *merchant, struct merchant_event *event);

/* --- balances.c: of owners --- */
/* Two balances of one second could not be told apart: then the second one is not told. */
bool balance_can_be_told(const struct merchant *merchant, uint32_t owner);
void balance_tell(struct merchant *merchant, uint32_t owner);

/* --- accounts.c --- */
uint32_t account_draw(struct merchant *merchant); /* one that can be paid; UINT32_MAX: none */
bool account_begin_if_wanted(struct merchant *merchant);
/* Something goes on on the owner's account; of 0 nothing is kept. */
void account_hold(struct merchant *merchant, uint32_t owner);
void account_release(struct merchant *merchant, uint32_t owner);

/* --- transfers.c, fees.c: nothing begins when there is no room for another one --- */
struct transfer_order {
    uint32_t account; /* slot */
    int64_t amount;
    int64_t fee; /* of the platform, out of what arrives */
    uint32_t order;
    const char *source; /* OBJECT_ID_BYTES */
    char *ret_id;       /* likewise */
    char *ret_payment;  /* likewise: on the connected account; may be NULL */
};
void transfer_begin(struct merchant *merchant, const struct transfer_order *order);
void transfer_end(struct merchant *merchant, uint32_t index);
void topup_begin(struct merchant *merchant);
void topup_end(struct merchant *merchant, uint32_t index);
const char *topup_status_word(enum topup_status status);
/* Percent of what is left, but never nothing of it. */
int64_t given_back_share(int64_t amount, int64_t given_back, int percent);
void give_back_make(
    struct merchant *merchant, struct shop_given_back *back, const char *prefix, int64_t amount);
struct fee_order {
    uint32_t account; /* slot */
    int64_t amount;
    const char *charge;      /* OBJECT_ID_BYTES: on the connected account */
    const char *originating; /* OBJECT_ID_BYTES */
    char *ret_id;            /* likewise */
};
void fee_begin(struct merchant *merchant, const struct fee_order *order);
void fee_end(struct merchant *merchant, uint32_t index);

/* --- connect.c --- */
/* Something with connected accounts. True: it lives in the payment's slot. */
bool connect_begin(struct merchant *merchant, uint32_t payment);
/* The money of such a payment has come; gives bits of what previous_attributes says. */
uint32_t connect_settle(
    struct merchant *merchant, struct shop_payment *payment, struct shop_charge *charge);
void connect_transfer(struct merchant *merchant,
    const struct shop_payment *payment,
    const struct shop_charge *charge,
    int percent);

#define DEED(name, function, help)                                                                 \
    void function(struct merchant *merchant, uint32_t index, int argument);
#include "sandbox/deeds.def"
#undef DEED

/* --- arrivals.c --- */
void arrivals_begin(struct merchant *merchant); /* the first of everything */
void arrival_act(struct merchant *merchant);
void arrival_sundry(struct merchant *merchant);

/* --- sundry.c --- */
void sundry_act(struct merchant *merchant);

/* --- refunds.c --- */
/* Gives `amount` of an attempt back: the refund's slot. UINT32_MAX, and nothing happens, when there
 * is no room for another one. */
uint32_t refund_begin(struct merchant *merchant,
    uint32_t payment,
    uint8_t attempt,
    int64_t amount,
    enum refund_life life);
void refund_act(struct merchant *merchant, uint32_t index);

/* --- merchant_scene.c, merchant_read.c --- */
struct scene scene_of(const struct merchant *merchant, struct merchant_ref ref);
struct scene scene_of_event(const struct merchant *merchant, const struct queued_event *event);
