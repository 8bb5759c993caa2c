/* bench_proofs: reconciles what `bench reconcile` has put into the store: finders, settling and
 * report, without the provider.
 *
 * Layer: cli; for bench.
 */
#pragma once

#include "cli/bench_told.h"

struct bench_proofs {
    int64_t elapsed_us, memory_peak_bytes;
    int64_t open; /* discrepancies */
};

MUST_USE enum err bench_prove(
    const struct bench_telling *telling, struct bench_proofs *ret_proofs, struct err_info *reterr);
