/* bench_place: the folder and the store of one run, and the program itself run there to an end.
 *
 * Layer: cli; for bench.
 */
#pragma once

#include "base/env.h"
#include "base/str.h"

#define BENCH_PATH_BYTES 4096
#define BENCH_SECRET "whsec_bench_only_signs_made_up_events_00"
#define BENCH_ACCOUNT "bench" /* the label of its only account, of Stripe, in test mode */

struct bench_place {
    bool keep, sqlite;
    char dir[BENCH_PATH_BYTES];
    char store_url[BENCH_PATH_BYTES + 64];
};

/* A folder in `dir` with a configuration, bench.ini, in it. `store_url` is an empty PostgreSQL
 * database; empty: SQLite in that folder. ERR_USAGE, ERR_FILE_IO; ERR_CONFIG: the database is not
 * empty. After an error nothing is left. */
MUST_USE enum err bench_place_make(struct str dir,
    struct str store_url,
    bool keep,
    struct env *env,
    struct bench_place *ret_place,
    struct err_info *reterr);
/* Removes the folder, unless it is kept. Returns NULL. */
struct bench_place *bench_place_remove(struct bench_place *place);
static inline void bench_place_remove_cleanup(struct bench_place *place)
{
    (void)bench_place_remove(place);
}

MUST_USE enum err bench_place_join(const struct bench_place *place,
    const char *name,
    char *to,
    size_t size,
    struct err_info *reterr);
/* The last words of a log there, trimmed; "" without one. */
void bench_place_log_end(const struct bench_place *place, const char *name, char *to, size_t size);

/* What the kernel counted of a program that has ended. */
struct bench_ran {
    int exit_code;
    int64_t elapsed_us, cpu_us, memory_peak_bytes;
    int64_t written_bytes; /* to the disk, by itself */
};
/* This program with those words (ended by NULL; the first is its command) and that configuration,
 * in that folder, with run.log as its output. ERR_BUSY; ERR_IMPOSSIBLE: a signal ended it. */
MUST_USE enum err bench_place_run(const struct bench_place *place,
    const char *const *words,
    struct env *env,
    struct bench_ran *ret_ran,
    struct err_info *reterr);
