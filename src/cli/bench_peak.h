/* bench_peak: what this process has used: memory at most, counted anew for each part of a run, and
 * processor time.
 *
 * Layer: cli; for bench. Source: proc(5), clear_refs and status; getrusage(2).
 */
#pragma once

#include <stdint.h>

void bench_peak_forget(void);
int64_t bench_peak_bytes(void); /* since then; BENCH_UNKNOWN where the system does not say */
int64_t bench_cpu_us(void);     /* user and system, since its start */
