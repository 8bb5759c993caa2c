/* bench_run: a run of the load generator against a real serve, and what became of it.
 *
 * Layer: cli; for bench.
 */
#pragma once

#include "sandbox/load.h"
#include "cli/bench_report.h"
#include "cli/bench_sample.h"
#include "cli/command.h"

struct bench { /* options first, then what a run leaves */
    struct command_context *context;
    struct str dir, store, out;
    struct str mix_words; /* as they were given */
    struct merchant_mix mix;
    int64_t seconds_us, warm_up_us, limit_us;
    int64_t connections, rate, seed, events;
    bool no_project, keep, search, no_limit;
    struct merchant *merchant;
    struct bench_server server;
    struct load_result load;                  /* of the last run */
    uint64_t acknowledged_ever;               /* of all runs */
    int64_t measured_from_us, measured_to_us; /* on the monotonic clock; set by on_tick */
    int64_t log_before, log_after;            /* PostgreSQL: positions of its log; -1: unknown */
    struct bench_usage before, after;         /* likewise */
};

struct merchant *bench_shop_new(const struct bench *bench); /* NULL without memory */

/* Each starts its serve and ends it; on an error it is for bench_server_kill. They add to *report.
 */
typedef enum err bench_measure_fn(
    struct bench *bench, struct bench_report *report, struct err_info *reterr);
bench_measure_fn bench_measure_intake, bench_measure_pipeline;
