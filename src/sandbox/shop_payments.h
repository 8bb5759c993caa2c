/* shop_payments: what the merchant keeps of customers, payments, refunds and disputes, and where a
 * thing stands that lives by courses.def.
 *
 * Layer: sandbox. Included by merchant_internal.h.
 */
#pragma once

#include "sandbox/object_id.h"

#define ATTEMPTS_MAX 3 /* charges of one payment; lives.def has no life with more */

enum currency_index {
#define CURRENCY(code, weight, least, most, step) CURRENCY_##code,
#include "sandbox/currencies.def"
#undef CURRENCY
    CURRENCY_COUNT
};

enum method { METHOD_CARD, METHOD_CARD_MANUAL, METHOD_DEBIT };

enum intent_status {
    INTENT_REQUIRES_PAYMENT_METHOD,
    INTENT_REQUIRES_ACTION,
    INTENT_PROCESSING,
    INTENT_REQUIRES_CAPTURE,
    INTENT_SUCCEEDED,
    INTENT_CANCELED
};
enum charge_status { CHARGE_PENDING, CHARGE_SUCCEEDED, CHARGE_FAILED };
enum refund_status { REFUND_IS_PENDING, REFUND_IS_SUCCEEDED, REFUND_IS_FAILED };

/* Somebody of the tables of names in people.c; the number keeps addresses apart. */
struct person {
    uint16_t first, last;
    uint32_t number;
};

struct shop_customer {
    char id[OBJECT_ID_BYTES];
    struct person name, email;
    int64_t created_s;
    uint32_t number;              /* stands in the metadata */
    char method[OBJECT_ID_BYTES]; /* that invoices are charged to; "": none */
    int64_t method_since_s;
    bool method_detached;
    bool used, busy; /* busy: something is still going to happen to it */
    bool deleted;
    bool billed;    /* once for all: such a customer is not deleted */
    uint16_t bills; /* subscriptions and invoices whose life goes on */
    uint8_t changes_left;
};

struct shop_charge {
    char id[OBJECT_ID_BYTES];
    char payment_method[OBJECT_ID_BYTES];
    char balance_transaction[OBJECT_ID_BYTES];         /* "": null */
    char failure_balance_transaction[OBJECT_ID_BYTES]; /* "": null */
    int64_t created_s;
    int64_t amount, captured;
    int64_t released; /* authorised and never captured: Stripe counts it in amount_refunded */
    int64_t refunded; /* given back by refunds */
    enum charge_status status;
    bool is_captured;
    bool disputed;
    uint8_t card;    /* row of cards.def */
    uint8_t failure; /* row of failures.def; 0: none */
};

struct shop_payment {
    char id[OBJECT_ID_BYTES];           /* of the payment intent; "" for a bare charge */
    char customer[OBJECT_ID_BYTES];     /* "": a guest */
    char tried_method[OBJECT_ID_BYTES]; /* payment method of the attempt under way or last */
    struct person payer;
    int64_t created_s, canceled_at_s;
    int64_t amount, capturable, received;
    int64_t last_event_s; /* see acts.def */
    enum currency_index currency;
    enum intent_status status;
    const char *cancellation_reason; /* NULL: none */
    uint32_t order;
    uint32_t invoice; /* that it is for: its slot and one; 0: none */
    char invoice_id[OBJECT_ID_BYTES];
    char invoice_payment[OBJECT_ID_BYTES];
    int64_t invoice_paid_s;
    uint32_t on_account;  /* a direct charge: its owner */
    uint32_t destination; /* of a destination charge, as an owner */
    int64_t fee_amount;   /* of the platform, of either */
    char transfer[OBJECT_ID_BYTES], application_fee[OBJECT_ID_BYTES]; /* "": none, or not yet */
    bool grouped;                                                     /* it has a transfer group */
    uint32_t open_ends;     /* refunds and disputes whose life goes on */
    uint32_t newest_refund; /* its slot and one; 0: none, or forgetful */
    uint8_t life, step, attempt_count;
    uint8_t tried_card;
    uint8_t failure; /* shown as last_payment_error; 0: none */
    bool failed_without_charge;
    bool used, ended;
    struct shop_charge attempts[ATTEMPTS_MAX];
};

enum refund_life { REFUND_DONE, REFUND_DONE_LATER, REFUND_REFUSED, REFUND_FAILED_LATE };

struct shop_refund {
    char id[OBJECT_ID_BYTES];
    char balance_transaction[OBJECT_ID_BYTES];
    char failure_balance_transaction[OBJECT_ID_BYTES];
    uint32_t payment;
    uint32_t older; /* of the same payment, as newest_refund */
    uint8_t attempt;
    int64_t created_s, amount;
    int64_t last_event_s;
    enum refund_life life;
    enum refund_status status;
    const char *reason; /* NULL: none */
    bool referenced;    /* the bank's reference number has arrived */
    bool used;
};

/* Where something stands that lives by a row of courses.def. */
struct course_place {
    uint8_t course, step;
    bool ended;
    bool waits; /* for course_resume */
    int64_t last_event_s;
};

enum dispute_status {
    DISPUTE_IS_INQUIRY,
    DISPUTE_IS_INQUIRY_ANSWERED,
    DISPUTE_IS_INQUIRY_CLOSED,
    DISPUTE_IS_OPEN,
    DISPUTE_IS_ANSWERED,
    DISPUTE_IS_LOST,
    DISPUTE_IS_APPEALED,
    DISPUTE_IS_WON
};

#define DISPUTE_REASONS 4
#define MOVEMENTS_MAX 2 /* taken from the balance, given back */

struct shop_movement { /* a balance transaction */
    char id[OBJECT_ID_BYTES];
    int64_t created_s, amount, fee;
    int64_t rate; /* millionths; 0: not exchanged */
    enum currency_index currency;
};

struct shop_dispute {
    char id[OBJECT_ID_BYTES];
    struct course_place place;
    uint32_t payment;
    uint8_t attempt;
    uint8_t reason; /* row in shape_fields.c */
    bool has_evidence;
    enum dispute_status status;
    int64_t created_s, amount;
    struct shop_movement movements[MOVEMENTS_MAX];
    uint8_t movement_count;
};
