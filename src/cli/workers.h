/* workers: the threads of a running serve; the only place where flow stations meet threads.
 *
 *   SQLite      one writer thread takes turns: an intake commit, then a bounded projection batch;
 * one thread checkpoints. "Intake first": the turn of the projection is short while deliveries
 * wait. PostgreSQL  one intake thread and N projecting threads, each with a connection of its own.
 *
 * A store that is away is tried again with back-off; meanwhile senders hear 503 at once.
 *
 * Layer: cli.
 */
#pragma once

#include "flow/intake.h"
#include "cli/config.h"

struct workers;

struct workers_setup {
    const struct config *config;
    const struct provider_ops *provider;
    struct intake *intake;
    struct accounts_current *accounts; /* as whose policies the books are posted */
    struct env *env;
    uint32_t (*connections)(void *context); /* open at the public listener: bounds a batch */
    void *context;
    int64_t projectors; /* 0: receive only */
};

/* Opens the connections and starts the threads. */
MUST_USE enum err workers_start(
    const struct workers_setup *setup, struct workers **ret_workers, struct err_info *reterr);

/* Could a commit be made just now? Asked from the private listener's thread. */
bool workers_ready(struct workers *workers, struct err_info *reterr);

/* Stops projecting after the batch in hand, commits what is queued at the intake, joins, closes. */
struct workers *workers_stop(struct workers *workers);
