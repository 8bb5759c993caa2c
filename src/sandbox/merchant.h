/* merchant: a seeded, stateful shop at a provider that does not exist. Pure: time moves only by
 * merchant_next(), chance comes only from the seed; no socket, no heap beyond its own bounded
 * tables. It drives the sandbox, the load generator and the simulator.
 *
 * It keeps the truth: every object as the provider would render it now.
 *
 * Layer: sandbox.
 */
#pragma once

#include "base/arena.h"
#include "base/env.h"
#include "sandbox/version.h"

struct merchant;
struct faults;

/* What begins in the shop, by weight. All 0 is payments alone. With nothing but payments the shop
 * also makes up a few objects of other kinds, each for one event; with more, it keeps all that it
 * tells of. */
struct merchant_mix {
#define MIX(name, whole, weight, events, help) uint32_t name;
#include "sandbox/mix.def"
#undef MIX
};
#define MERCHANT_MIX_WEIGHT_MAX 1000        /* of one of them */
#define MERCHANT_TAIL_US INT64_C(600000000) /* before its end_us nothing begins any more */

/* "payments,disputes=20": what is not named does not begin; "all" is everything by its own weight.
 * ERR_INVALID: another word, a weight beyond 1 to 1000, or a name said twice. */
MUST_USE enum err merchant_mix_parse(struct str text, struct merchant_mix *ret_mix);
void merchant_mix_list(struct buf *to);                      /* "payments, disputes" */
int64_t merchant_mix_events(const struct merchant_mix *mix); /* that 1000 beginnings make, about */

struct merchant_config {
    uint64_t seed;
    int64_t start_us;    /* the provider's clock at the beginning */
    int64_t mean_gap_us; /* mean time between new payments, or what else begins, on that clock */
    /* 0: none, and what takes days takes seconds. Else the clock ends there, and days are days:
     * money is available two days later, payouts are made at midnight (UTC), and there is one
     * beginning in each mean gap. At least twice the tail after the start; not for a forgetful
     * merchant. */
    int64_t end_us;
    uint32_t objects_max; /* customers, payments and refunds kept in all, and again as many others
                             with a mix; older finished ones are let go only when `forgetful` */
    struct merchant_mix mix;
    bool forgetful; /* the load generator: memory bounded for ever, no truth */
    bool live;
    bool tells_whole;         /* events have their `whole`, too */
    struct str account;       /* connected account; "" for the endpoint's own */
    enum api_version version; /* of the events' shapes; zero is the newest */
    struct faults *faults;    /* borrowed; NULL: nothing goes wrong on purpose. Not for a forgetful
                                 merchant */
};

/* What an event is about. */
enum subject {
    SUBJECT_CUSTOMER,
    SUBJECT_INTENT,
    SUBJECT_CHARGE,
    SUBJECT_REFUND,
    SUBJECT_DISPUTE,
    SUBJECT_SUBSCRIPTION,
    SUBJECT_INVOICE,
    SUBJECT_INVOICE_PAYMENT,
    SUBJECT_CREDIT_NOTE,
    SUBJECT_PRODUCT,
    SUBJECT_PRICE,
    SUBJECT_PAYOUT,
    SUBJECT_METHOD,
    SUBJECT_ACCOUNT,
    SUBJECT_TRANSFER,
    SUBJECT_FEE,
    SUBJECT_FEE_REFUND,
    SUBJECT_TOPUP,
    SUBJECT_DISCOUNT,
    SUBJECT_TRANSFER_REVERSAL,
    SUBJECT_NONE /* nothing that has an id */
};

/* Where the merchant keeps an object; stays good, unless it is forgetful. */
struct merchant_ref {
    enum subject subject;
    uint32_t index;  /* in its pool; a charge's and an invoice payment's is its payment's, a
                        credit note's its invoice's, a payment method's its customer's, a fee
                        refund's its fee's, a reversal's its transfer's, a discount's its
                        subscription's; of NONE the owner */
    uint8_t attempt; /* of a charge; of a fee refund or a reversal, which of them */
    bool told_once;  /* made up for one event, and kept nowhere */
};

enum event_fate {
    EVENT_TOLD,
    EVENT_UNTOLD,            /* neither sent nor listed */
    EVENT_AND_OBJECT_UNTOLD, /* and what it is about cannot be asked for */
};

#define MERCHANT_ACT_EVENTS_MAX 16 /* that one act makes */

struct merchant_event {
    int64_t at_us; /* the provider's clock */
    struct str id; /* "evt_1..." */
    struct str type;
    struct str body;  /* the whole webhook body; valid until the next call */
    struct str whole; /* the same in the newest version and with the lists in it that the provider
                         leaves out unless asked; empty unless the merchant tells it */
    struct str again; /* what it says when it is sent once more; empty: that is left to others */
    enum event_fate fate;
    uint32_t owner; /* 0: the shop's own account; else a connected one below it, from 1 */
    struct merchant_ref object;
};

struct merchant *merchant_new(const struct merchant_config *config);
struct merchant *merchant_free(struct merchant *merchant);
DEFINE_CLEANUP(struct merchant *, merchant_free);

/* The next event of the shop's life, in the order of the provider's clock. ERR_TOO_LARGE when
 * objects_max is reached and nothing is left to happen. */
MUST_USE enum err merchant_next(struct merchant *merchant, struct merchant_event *ret_event);
/* The same, but time goes no further than to `until_us`. ERR_BUSY: nothing more is told by then. */
MUST_USE enum err merchant_next_by(
    struct merchant *merchant, int64_t until_us, struct merchant_event *ret_event);
int64_t merchant_next_at(const struct merchant *merchant); /* when that will be, on its clock */
/* An act was told in part: whoever stops there leaves objects that contradict each other. */
bool merchant_is_amid(const struct merchant *merchant);
/* No new payments or customers from now on; what has begun goes on to its end (merchant_next then
 * ends with ERR_NOT_FOUND). */
void merchant_wind_down(struct merchant *merchant);

/* An object as it is now. The texts are the merchant's; those that it has not are empty. Requires
 * of both: the object is not told once, and the merchant is not forgetful. */
struct merchant_view {
    struct str id, customer, payment_intent, charge, destination;
    uint32_t owner; /* on whose account it is listed */
    int64_t created_s;
    bool deleted;
    bool ended; /* a subscription: listed only when asked for */
};
void merchant_look(
    const struct merchant *merchant, struct merchant_ref ref, struct merchant_view *ret);
/* As that version of the provider's API renders it, on one line. */
struct merchant_rendering {
    enum api_version version;
    bool whole; /* with the lists in it that are left out unless asked for */
};
void merchant_render(const struct merchant *merchant,
    struct merchant_ref ref,
    struct merchant_rendering rendering,
    struct buf *to);

/* Has such an object a list of that name in it that can be asked for by itself: "lines", "refunds"?
 */
bool merchant_has_list(enum subject subject, struct str name);
/* Its elements as a JSON array. Requires: it has that. */
void merchant_render_list(const struct merchant *merchant,
    struct merchant_ref ref,
    struct str name,
    enum api_version version,
    struct buf *to);

/* The same of the object that the last event was about, kept or not. Requires: it has an id. */
void merchant_look_told(const struct merchant *merchant, struct merchant_view *ret);
void merchant_render_told(
    const struct merchant *merchant, enum api_version version, struct buf *to);

/* Accounts that are connected to the shop's own, by owner. */
struct merchant_account {
    struct str id;
    bool left; /* it is connected no more */
};
/* ERR_NOT_FOUND: there is none so called; requires of the other: 1 to the last owner of an event.
 */
MUST_USE enum err merchant_account_find(
    const struct merchant *merchant, struct str id, uint32_t *ret_owner);
struct merchant_account merchant_account_at(const struct merchant *merchant, uint32_t owner);

/* The truth, for comparing with a store. */
struct merchant_object {
    struct str kind; /* "payment_intent", "charge", "dispute" ... */
    struct str id;
    struct str json; /* as the provider would render it now */
};
typedef enum err merchant_object_fn(void *context, const struct merchant_object *object);
MUST_USE enum err merchant_objects(
    struct merchant *merchant, merchant_object_fn *each, void *context);

struct merchant_counts {
    uint64_t events, customers, payments, succeeded, failed, canceled, refunds, late_failures,
        disputes, subscriptions, invoices, payouts, accounts, transfers, application_fees, topups;
};
void merchant_count(const struct merchant *merchant, struct merchant_counts *ret);
