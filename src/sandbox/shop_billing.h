/* shop_billing: what the merchant keeps of products, subscriptions and invoices.
 *
 * Layer: sandbox. Included by merchant_internal.h.
 */
#pragma once

#include "sandbox/shop_payments.h"

#define PRODUCTS_MAX 24
#define PRICES_EACH 2 /* recurring, once */
#define INVOICE_DUE_AFTER_S 3
#define INVOICE_PAYMENTS_MAX 2 /* courses.def has no invoice with more */
#define TAX_PERCENT 21
#define DISCOUNT_PERCENT 10

struct shop_price {
    char id[OBJECT_ID_BYTES];
    int64_t amount;
    bool recurring;
};

struct shop_product {
    char id[OBJECT_ID_BYTES];
    uint32_t number, name; /* the name changes now and then */
    int64_t created_s, updated_s;
    struct shop_price prices[PRICES_EACH];
};

enum subscription_status {
    SUBSCRIPTION_IS_INCOMPLETE,
    SUBSCRIPTION_IS_TRIALING,
    SUBSCRIPTION_IS_ACTIVE,
    SUBSCRIPTION_IS_PAST_DUE,
    SUBSCRIPTION_IS_PAUSED,
    SUBSCRIPTION_IS_EXPIRED,
    SUBSCRIPTION_IS_CANCELED
};
#define ITEMS_MAX 2

struct shop_item {
    char id[OBJECT_ID_BYTES];
    uint32_t product;
    int64_t created_s, quantity;
};

struct shop_subscription {
    char discount[OBJECT_ID_BYTES]; /* "": none */
    char id[OBJECT_ID_BYTES];
    struct course_place place;
    uint32_t customer;
    char latest_invoice[OBJECT_ID_BYTES]; /* "": none */
    enum subscription_status status;
    bool busy; /* its newest invoice is still going to change, and it with that */
    bool ends_later, on_hold;
    int64_t created_s, period_start_s, period_end_s, trial_start_s, trial_end_s;
    int64_t canceled_at_s, ended_at_s, paused_at_s;
    struct shop_item items[ITEMS_MAX];
    uint8_t item_count;
};

enum invoice_status {
    INVOICE_IS_DRAFT,
    INVOICE_IS_OPEN,
    INVOICE_IS_PAID,
    INVOICE_IS_UNCOLLECTIBLE,
    INVOICE_IS_VOID
};
enum invoice_collection { BY_CHARGE, BY_MAIL };

struct shop_line {
    char id[OBJECT_ID_BYTES];
    uint32_t product;
    uint8_t item; /* of the subscription, and one; 0: none */
    int64_t quantity;
};

enum credit_way { CREDIT_PAST_STRIPE, CREDIT_BY_REFUND, CREDIT_TO_BALANCE };

struct shop_credit {
    char id[OBJECT_ID_BYTES]; /* "": none */
    int64_t amount, created_s, voided_s;
    bool before;         /* it was paid */
    enum credit_way way; /* after it was paid */
    char line[OBJECT_ID_BYTES];
    char refund[OBJECT_ID_BYTES], balance_transaction[OBJECT_ID_BYTES]; /* by its way */
};

struct shop_invoice {
    char id[OBJECT_ID_BYTES];
    struct course_place place;
    uint32_t customer, number;
    uint32_t subscription; /* its slot and one; 0: none */
    enum invoice_status status;
    const char *reason;
    bool by_mail, deleted;
    bool taxed, discounted; /* every line of it */
    int64_t subtotal, total, paid, out_of_band;
    int64_t balance_used; /* of the customer's */
    int64_t attempts;
    int64_t created_s, finalized_s, paid_s, voided_s, uncollectible_s, next_attempt_s;
    int64_t period_start_s, period_end_s;
    struct shop_line lines[ITEMS_MAX];
    uint8_t line_count;
    uint32_t payments[INVOICE_PAYMENTS_MAX]; /* slots, held until its end */
    uint8_t payment_count;
    struct shop_credit credit;
};
