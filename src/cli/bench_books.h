/* bench_books: a run of `bench reconcile`: a store full of payments, their statement, and whether
 * the two agree as they were made to.
 *
 * Layer: cli; for bench.
 */
#pragma once

#include "cli/bench_report.h"
#include "cli/command.h"

struct bench_books {
    struct command_context *context;
    struct str dir, store; /* store: empty is SQLite in a folder of DIR */
    struct str shape;      /* "csv" or "api" */
    int64_t payments, seed;
    bool keep;
};

MUST_USE enum err bench_measure_books(
    const struct bench_books *books, struct bench_report *report, struct err_info *reterr);
