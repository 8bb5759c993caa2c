/* notice: what a provider says about one object at one moment, in our words. Made by provider
 * decoders, taken by decide. Nothing here knows a provider: provider ids are opaque text.
 *
 * Layer: domain.
 */
#pragma once

#include "domain/aggregates.h"

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
#define NOTICE_LINKS_MAX 8 /* ID fields that an aggregate says or learns */

/* Any other aggregate: its own record, in the decoder's arena. Only fields that are SAID or LEARNED
 * count, and of those the ids are in `links`, one for each, in the order of the kind's fields. */
struct object_notice {
    const void *record;
    struct link links[NOTICE_LINKS_MAX];
    int64_t list; /* hash of the ids in a whole list: the one of its parts, or the one that it is a
                     part in; 0: none, or cut off */
    bool list_is_cut; /* it lists its parts, but not all of them */
};

struct notice {
    enum id_kind kind; /* of the object that it is about */
    struct stamp stamp;
    struct str object;    /* the provider's id of the object itself; never empty */
    struct link payment;  /* ATTEMPT: NONE means the attempt is a payment of its own */
    struct link attempt;  /* PAYMENT: the newest attempt */
    struct link customer; /* PAYMENT, ATTEMPT */
    union {
        struct payment_notice payment_says;
        struct attempt_notice attempt_says;
        struct object_notice object_says; /* all others */
    };
};

/* Own ids of what a notice names, looked up in provider_ref by the flow; none where it names
 * nothing. */
struct notice_ids {
    struct own_id object, payment, attempt, customer;
    struct own_id links[NOTICE_LINKS_MAX]; /* as in object_notice */
};

bool notice_is_of_payment(const struct notice *notice); /* PAYMENT or ATTEMPT */

/* The fields of a kind that are ids and come from notices: *ret_count of them, as `links` has
 * them. */
struct notice_link_fields {
    const struct field *fields[NOTICE_LINKS_MAX];
    uint32_t count;
};
struct notice_link_fields notice_link_fields(const struct record_kind *kind);

/* Hash of all that it says; not of the stamp. */
int64_t notice_content(const struct notice *notice, const struct notice_ids *ids);

/* Do two notices of one kind say the same, whatever their stamps? */
bool notices_say_the_same(const struct notice *a, const struct notice *b);

/* The same, but for the list that the object is a part in: that is its whole's. */
bool notices_agree(const struct notice *a, const struct notice *b);
