/* notice: what a provider says about one object at one moment, in our words. Made by provider
 * decoders, taken by decide. Nothing here knows a provider: provider ids are opaque text.
 *
 * Layer: domain.
 */
#pragma once

#include "domain/aggregates.h"

enum notice_kind {
    NOTICE_PAYMENT,
    NOTICE_ATTEMPT,
    NOTICE_REFUND,
    NOTICE_CUSTOMER,
    NOTICE_KIND_COUNT
};

/* A reference by the provider's id. UNSAID: the field is absent, so nothing is known either way. */
enum link_state { LINK_UNSAID, LINK_NONE, LINK_NAMED };
struct link {
    enum link_state state;
    struct str provider_id; /* LINK_NAMED; borrowed from the decoder's arena */
};

/* Orders the snapshots of one object: seconds of the provider's clock, then rank, which grows along
 * the object's life (status first, event type second). Never compared between objects. */
struct stamp {
    int64_t at_us;
    int64_t rank;
};

struct payment_notice {
    enum payment_state state;
    int64_t amount_minor, received_minor;
    struct currency currency;
    int64_t created_at_us;
    struct str failure_code;
};
struct attempt_notice {
    enum attempt_state state;
    int64_t amount_minor, captured_minor, refunded_minor;
    struct currency currency;
    int64_t created_at_us;
    struct str method, failure_code;
};
struct refund_notice {
    enum refund_state state;
    int64_t amount_minor;
    struct currency currency;
    int64_t created_at_us;
    struct str reason, failure_reason;
};
struct customer_notice {
    struct str name, email;
    bool deleted;
    int64_t created_at_us;
};

struct notice {
    enum notice_kind kind;
    struct stamp stamp;
    struct str object;    /* the provider's id of the object itself; never empty */
    struct link payment;  /* ATTEMPT: NONE means the attempt is a payment of its own. REFUND */
    struct link attempt;  /* PAYMENT: the newest attempt. REFUND: what is given back */
    struct link customer; /* PAYMENT, ATTEMPT */
    union {
        struct payment_notice payment_says;
        struct attempt_notice attempt_says;
        struct refund_notice refund_says;
        struct customer_notice customer_says;
    };
};

/* Own ids of what a notice names, looked up in provider_ref by the flow; none where it names
 * nothing. */
struct notice_ids {
    struct own_id object, payment, attempt, customer;
};

enum id_kind notice_object_kind(const struct notice *notice);
int64_t notice_content(const struct notice *notice,
    const struct notice_ids *ids); /* hash of all said; not the stamp */
