/* bench_report: figures with their names and units, as a table for people or one JSON object for
 * programs.
 *
 * Layer: cli; for bench.
 */
#pragma once

#include "base/str.h"

#define BENCH_ROWS_MAX 64
#define BENCH_UNKNOWN INT64_MIN

struct bench_row {
    const char *name;  /* in JSON */
    const char *words; /* for people */
    const char *unit;  /* "us", "events/s"; "" */
    int64_t value;     /* times 10^decimals */
    int decimals;
    const char *text; /* instead of a number; NULL: a number */
};

struct bench_report {
    uint32_t count;
    struct bench_row rows[BENCH_ROWS_MAX];
};

void bench_add(struct bench_report *report,
    const char *name,
    const char *words,
    const char *unit,
    int64_t value);
/* amount / whole with that many decimals; unknown when either is, or whole is 0. */
void bench_add_ratio(struct bench_report *report,
    const char *name,
    const char *words,
    const char *unit,
    int64_t amount,
    int64_t whole,
    int decimals);
void bench_add_text(
    struct bench_report *report, const char *name, const char *words, const char *text);
void bench_report_print(const struct bench_report *report, const char *title, bool json);
