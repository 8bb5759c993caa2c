/* bench_peak: how much memory this process has had at most, counted anew for each part of a run.
 *
 * Layer: cli; for bench. Source: proc(5), clear_refs and status.
 */
#pragma once

#include <stdint.h>

void bench_peak_forget(void);
int64_t bench_peak_bytes(void); /* since then; BENCH_UNKNOWN where the system does not say */
