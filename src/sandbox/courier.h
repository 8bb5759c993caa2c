/* courier: brings the merchant's events to a webhook endpoint the way a provider does: signed
 * afresh for every attempt, some twice, some late, some out of order, some never, and again and
 * again until they are acknowledged.
 *
 * An acknowledged event is written to the log of the acknowledged and synced before it is counted.
 *
 * Layer: sandbox.
 */
#pragma once

#include "base/env.h"
#include "sandbox/merchant.h"
#include "sandbox/truth.h"

#define COURIER_SIGNATURE_BYTES 128

/* Writes the signature header's value for a body; cli hands the provider's function in. */
typedef void courier_sign_fn(
    struct str secret, int64_t at_s, struct str body, char to[static COURIER_SIGNATURE_BYTES]);

struct courier_config {
    struct str url, secret; /* borrowed */
    courier_sign_fn *sign;
    uint64_t seed;
    uint32_t connections_max;
    uint32_t letters_max;       /* on the way or waiting; above: ERR_BUSY */
    uint32_t duplicate_percent; /* sent twice although the first was acknowledged */
    uint32_t reorder_percent;   /* held back until later events have passed */
    uint32_t loss_percent;      /* never sent */
    int64_t delay_max_us;       /* each waits for a time between 0 and this */
    int64_t retry_scale; /* the provider's retry intervals are divided by this; >= 1. A retry comes
                            after 20 ms at the soonest, and a minute long at least */
    int acked_fd;        /* -1: none */
    /* The event was acknowledged; may be NULL. Called from courier_step. */
    void (*delivered)(void *context, struct str event_id);
    void *context;
    bool lost_may_arrive; /* the lost ones can be had another way */
};

struct courier_counts {
    uint64_t events, lost, attempts, acknowledged, duplicates;
    uint64_t refused;     /* answered other than 2xx */
    uint64_t unreachable; /* not answered */
    uint64_t given_up;    /* after the provider's three days */
    int last_refusal;     /* HTTP status of the last refused one; 0: none */
};

struct courier;

/* Borrows truth and env. NULL without memory. */
struct courier *courier_new(
    const struct courier_config *config, struct truth *truth, struct env *env);
struct courier *courier_free(struct courier *courier); /* what is on the way stays unanswered */
DEFINE_CLEANUP(struct courier *, courier_free);

/* Takes an event over, of a merchant that tells it whole. ERR_BUSY: too many are on the way;
 * nothing was taken, ask again. */
MUST_USE enum err courier_take(struct courier *courier, const struct merchant_event *event);

/* Sends what is due and waits up to timeout_us for answers. ERR_FILE_IO: the log could not be
 * synced, and what would have been counted was not. */
MUST_USE enum err courier_step(
    struct courier *courier, int64_t timeout_us, struct err_info *reterr);

void courier_hurry(struct courier *courier); /* what waits out of choice is due now; retries stay */
uint32_t courier_open(const struct courier *courier); /* events not yet acknowledged nor given up */
uint32_t courier_room(const struct courier *courier); /* for so many events more */
void courier_count(const struct courier *courier, struct courier_counts *ret);
