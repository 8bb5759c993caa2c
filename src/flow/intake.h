/* intake: durably accepts proven deliveries before anyone answers 200 (group commit).
 *
 * Any number of HTTP threads call intake_submit(), which only queues. intake_step() turns what has
 * queued into one store transaction, so that one sync pays for a whole batch, and then calls each
 * delivery's `done`. A delivery whose `done` got ERR_OK survives kill -9 and power loss.
 *
 * Layer: flow.
 */
#pragma once

#include "store/store.h"
#include "flow/accounts.h"

struct intake;
struct delivery;

/* Called once for each submitted delivery, from the thread that runs intake_step, when its batch is
 * durable or has failed. ERR_OK: kept, delivery->seq and ->duplicate say where. ERR_STORE_IO,
 * ERR_STORE_FULL, ERR_CLOSED: nothing kept. After it the intake no longer touches the delivery. */
typedef void delivery_done_fn(struct delivery *delivery, enum err err);

/* Owned by the submitter, who keeps it and all it borrows alive until `done`. */
struct delivery {
    const struct account *account;
    struct envelope envelope;
    struct str body;
    int64_t received_us;
    delivery_done_fn *done;
    void *context;
    /* out */
    int64_t seq;
    bool duplicate;
    /* the intake's own */
    struct delivery *next;
};

struct intake_limits {
    uint32_t queue_rows_max;  /* above: ERR_BUSY */
    uint64_t queue_bytes_max; /* above: ERR_BUSY */
};

struct intake *intake_new(const struct intake_limits *limits, struct env *env);
struct intake *intake_free(
    struct intake *intake); /* the queue must be empty; NULL does nothing; returns NULL */
DEFINE_CLEANUP(struct intake *, intake_free);

/* Whoever runs the steps is woken through this descriptor (an eventfd): readable when something
 * queued. */
int intake_wake_fd(const struct intake *intake);

/* Queues one delivery; never blocks. ERR_BUSY, ERR_CLOSED: `done` will not be called. Any thread.
 */
MUST_USE enum err intake_submit(struct intake *intake, struct delivery *delivery);

uint32_t intake_waiting(const struct intake *intake); /* deliveries queued now; any thread */

/* Commits at most one batch of row_max deliveries (1 to LIMIT_INTAKE_BATCH). *ret_count is how many
 * were taken (0: the queue was empty). An error was given to every delivery of the batch already;
 * it is returned for the caller's log and back-off. One thread. */
MUST_USE enum err intake_step(struct intake *intake,
    struct store *store,
    uint32_t row_max,
    uint32_t *ret_count,
    struct err_info *reterr);

/* No more submissions (ERR_CLOSED); what is queued is still to be stepped. Any thread. */
void intake_close(struct intake *intake);
/* Gives `err` to everything queued now: while the store is away, so that senders hear 503 at once.
 * The stepping thread. */
void intake_fail(struct intake *intake, enum err err);
