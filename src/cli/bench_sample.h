/* bench_sample: asks a running serve twice a second how far it is, on a thread of its own, so that
 * the load generator never waits for it.
 *
 * Layer: cli; for bench.
 */
#pragma once

#include "cli/bench_server.h"

#define BENCH_SAMPLES_MAX 4096

struct bench_sample {
    int64_t at_us;   /* monotonic */
    int64_t open;    /* events in the store that are not decided */
    int64_t decided; /* by the workers, since the start */
    int64_t batches; /* intake commits since the start */
    int64_t kept;    /* deliveries kept since the start */
    int64_t wal_bytes;
};

struct bench_sampler;

/* Borrows server and env. NULL without memory or thread. */
struct bench_sampler *bench_sampler_new(const struct bench_server *server, struct env *env);
struct bench_sampler *bench_sampler_free(struct bench_sampler *sampler); /* ends the thread */
DEFINE_CLEANUP(struct bench_sampler *, bench_sampler_free);

/* Ends the thread; what it saw, in order of time. Lives as long as the sampler. */
const struct bench_sample *bench_sampler_end(struct bench_sampler *sampler, uint32_t *ret_count);

/* One sample now, by the caller. */
MUST_USE enum err bench_sample_take(const struct bench_server *server,
    struct env *env,
    struct bench_sample *ret_sample,
    struct err_info *reterr);

/* What the samples between two moments say. */
struct bench_window {
    int64_t decided_per_s;
    int64_t batch_rows; /* mean rows of an intake commit */
    int64_t open_first, open_last;
    int64_t open_third, open_fourth; /* means over the third and the fourth quarter of the window */
    int64_t wal_bytes_max;
    bool sustained; /* the fourth quarter is not worse than the third, but for noise */
};
void bench_window_of(const struct bench_sample *samples,
    uint32_t count,
    int64_t from_us,
    int64_t to_us,
    struct bench_window *ret_window);
