/* fields: reads Stripe's objects through the rows of fields.def and the words of statuses.def, and
 * by no other way, so that what is printed from these tables is what happens.
 *
 * Layer: provider/stripe. Tables: fields.def statuses.def.
 */
#pragma once

#include "base/json.h"
#include "domain/notice.h"

enum stripe_object {
#define OBJECT(OBJECT_, KIND, kind, word, hook) STRIPE_##OBJECT_,
#include "provider/stripe/objects.def"
    STRIPE_MODELLED_COUNT, /* those above make notices */
    STRIPE_EVENT = STRIPE_MODELLED_COUNT,
    STRIPE_THIN,
    STRIPE_MONEY,           /* an amount in a currency, in a list inside another object */
    STRIPE_AMOUNT,          /* an amount in a list inside another object, in the currency of that */
    STRIPE_CREDITED_REFUND, /* a refund in the list of a credit note */
    STRIPE_BALANCE_TRANSACTION, /* a line of the account's statement */
    STRIPE_FEE_DETAIL,          /* a fee in the list of such a line */
    STRIPE_LINE_SOURCE,         /* any object that such a line is about */
    STRIPE_KIND,                /* any object, as far as saying which one it is */
    STRIPE_OBJECT_COUNT
};
const char *stripe_object_word(
    enum stripe_object object); /* "payment_intent"; not of STRIPE_KIND */
/* One of those that make notices; false for any other word. */
bool stripe_object_parse(struct str word, enum stripe_object *ret_object);

/* What a field said. Text borrows from the body or the arena of its document. */
struct stripe_int {
    bool said;
    int64_t value;
};
struct stripe_bool {
    bool said;
    bool value;
};
struct stripe_link {
    struct link link;
    const struct json
        *expanded; /* the object itself where it stands in place of its id, stubs excepted */
};
struct stripe_list {
    bool said;
    bool has_more;
    const struct json *first;
};

struct stripe_event {
    struct str object, id, type, api_version, account, subject, data_object_kind;
    struct stripe_int created; /* microseconds */
    struct stripe_bool livemode;
    const struct json *pending_webhooks, *data_object, *previous_attributes;
};
struct stripe_thin {
    struct str id, type, subject, account, twin, object;
    struct stripe_int created;
    struct stripe_bool livemode;
};
struct stripe_kind {
    struct str object, id;
    struct stripe_bool deleted;
};
struct stripe_payment_intent {
    struct str id, status, failure_code;
    struct stripe_int amount, amount_received, created;
    struct currency currency;
    bool last_payment_error;
    struct stripe_link customer, latest_charge;
    struct stripe_list charges;
};
struct stripe_charge {
    struct str id, status, method, failure_code;
    struct stripe_int amount, amount_captured, amount_refunded, created;
    struct currency currency;
    struct stripe_bool paid, captured, refunded;
    struct stripe_link customer, payment_intent;
    struct stripe_list refunds;
};
struct stripe_refund {
    struct str status;
    bool balance_transaction;
};
struct stripe_price {
    const struct json *unit_amount_decimal;
};
struct stripe_plan {
    const struct json *amount_decimal;
};
struct stripe_discount {
    const struct json *percent_off;
};

struct stripe_dispute {
    struct str status;
    struct stripe_list balance_transactions;
};
struct stripe_payout {
    struct str reconciliation_status;
};
struct stripe_balance {
    struct stripe_list available, pending, instant_available;
};
struct stripe_card {
    struct str brand;
};
struct stripe_source {
    struct str brand, status;
};
struct stripe_checkout_session {
    struct str status, payment_status;
};
struct stripe_setup_intent {
    struct str status;
    bool last_setup_error;
};
struct stripe_review {
    struct stripe_bool open;
};
struct stripe_account {
    struct currency default_currency;
};
struct stripe_transfer {
    struct stripe_bool reversed;
};
struct stripe_application_fee {
    struct stripe_bool refunded;
};
struct stripe_money {
    struct stripe_int amount;
    struct currency currency;
};

struct stripe_amount {
    struct stripe_int amount;
};
struct stripe_invoice {
    struct str collection_method;
    struct stripe_int amount_paid, amount_remaining, ending_balance;
    struct stripe_list total_discount_amounts, total_taxes, payments;
};
struct stripe_line_item {
    struct stripe_list discount_amounts, taxes;
};
struct stripe_invoice_payment {
    struct stripe_bool is_default;
    struct stripe_link payment_intent, charge;
};
struct stripe_credit_note {
    struct str type;
    struct stripe_int pre_payment_amount, post_payment_amount;
    bool customer_balance_transaction;
    struct stripe_list total_taxes, refunds;
};
struct stripe_credited_refund {
    struct stripe_link refund;
    struct stripe_int amount_refunded;
};
struct stripe_balance_transaction {
    struct str id, type, reporting_category, balance_type, status, description;
    struct stripe_int amount, fee, net, created, available_on;
    struct currency currency;
    bool exchange_rate;
    struct stripe_link source;
    struct stripe_list fee_details;
};
struct stripe_fee_detail {
    struct str type;
    struct stripe_int amount;
};
struct stripe_line_source {
    struct str object;
    struct stripe_int amount;
    struct currency currency;
    struct stripe_int arrival_date;
    struct stripe_bool automatic;
    struct stripe_link charge, transfer, account, destination;
};

enum stripe_field_type {
    STRIPE_ID,
    STRIPE_WORD,
    STRIPE_TEXT,
    STRIPE_MINOR,
    STRIPE_SIGNED,
    STRIPE_WHOLE,
    STRIPE_TIME,
    STRIPE_TIME_TEXT,
    STRIPE_BOOL,
    STRIPE_CURRENCY,
    STRIPE_LINK,
    STRIPE_LIST,
    STRIPE_PRESENT,
    STRIPE_ANY,
    STRIPE_STATE
};
enum stripe_need { STRIPE_OPTIONAL, STRIPE_REQUIRED };

struct stripe_field {
    enum stripe_object object;
    const char *member;
    enum stripe_field_type type;
    enum stripe_need need;
    struct str path;
    const char *since, *until, *target, *note;
    size_t offset, size; /* in the object's struct */
};
const struct stripe_field *stripe_field_rows(size_t *ret_count);

/* What one row finds in an object: the value, or NULL when it is absent, null or, for TEXT, of
 * another type. */
const struct json *stripe_field_look_up(const struct stripe_field *row, const struct json *from);
/* Reads a value into a variable of the row's type: struct str, struct stripe_int, struct
 * stripe_bool, struct currency, struct stripe_link, struct stripe_list, bool or const struct json
 * *. *ret_problem says what is wrong with it, in the words that follow its path. */
MUST_USE enum err stripe_field_value(
    const struct stripe_field *row, const struct json *value, void *to, const char **ret_problem);

/* Where an object stands in the body, for messages: a chain on the callers'
 * stacks up to the outermost. */
struct stripe_place {
    const struct stripe_place *above; /* NULL for the outermost */
    const char *name;                 /* "data.object", "refunds" */
    int64_t index;                    /* in a list; -1 when it is in none */
};

/* Fills `view`, a zeroed struct stripe_<object>. ERR_INVALID, ERR_OVERFLOW,
 * ERR_TOO_LARGE: *reterr names the field. */
MUST_USE enum err stripe_fields_read(enum stripe_object object,
    const struct json *from,
    const struct stripe_place *place,
    void *view,
    struct err_info *reterr);

/* The same, but fields that cannot be read are left unsaid. Returns false if there were any. */
bool stripe_fields_read_what_can_be(enum stripe_object object, const struct json *from, void *view);

MUST_USE enum err stripe_field_refuse(const struct stripe_place *place,
    const char *path,
    enum err err,
    const char *what,
    struct err_info *reterr);

struct stripe_status {
    enum stripe_object object;
    struct str word; /* Stripe's; a rule's name for a rule */
    int state;       /* of the object's own enum in domain/aggregates.h */
    int64_t rank;
    const char *since, *until, *note;
};

enum stripe_rule {
#define STATUS(object, word, state, rank, since, until, note)
#define RULE(object, name, state, rank, when) STRIPE_RULE_##object##_##name,
#include "provider/stripe/statuses.def"
#undef STATUS
#undef RULE
    STRIPE_RULE_COUNT
};

const struct stripe_status *stripe_status_words(size_t *ret_count);
/* The row of that word; NULL for an unknown one. */
const struct stripe_status *stripe_status_find(enum stripe_object object, struct str word);
const struct stripe_status *stripe_status_rule(enum stripe_rule rule);
