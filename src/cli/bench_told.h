/* bench_told: the provider's side of `bench reconcile`: made lines as reports that `counterfoil
 * import` reads, or as pages that are decoded and taken.
 *
 * Layer: cli; for bench.
 */
#pragma once

#include "store/store.h"
#include "cli/bench_made.h"
#include "cli/bench_place.h"

struct bench_telling {
    const struct bench_place *place;
    struct store *store;
    struct env *env;
    int64_t scope;
    uint64_t seed;
    int64_t payments;
};

struct bench_told {
    int64_t lines, bytes; /* bytes: of the files, or of the pages */
    int64_t elapsed_us, cpu_us;
    int64_t making_us; /* to make the input, which is not counted */
    int64_t memory_peak_bytes;
};

/* Two files in the place, then `counterfoil import` on them, from start to end. */
MUST_USE enum err bench_tell_files(
    const struct bench_telling *telling, struct bench_told *ret_told, struct err_info *reterr);
/* Pages of 100, the newest first, some of them in a transaction, in this process. */
MUST_USE enum err bench_tell_pages(
    const struct bench_telling *telling, struct bench_told *ret_told, struct err_info *reterr);
