/* bench_join: the limit of `bench reconcile`: the plain outer join of payments' attempts and lines
 * of the statement, both ways, against sqlite3 or libpq directly.
 *
 * Layer: cli; for bench.
 */
#pragma once

#include "base/env.h"
#include "base/str.h"

struct bench_join {
    int64_t elapsed_us;
    int64_t attempts, without_line, off; /* off: the line says another amount */
    int64_t lines, without_attempt;      /* also of refunds, disputes and payouts */
};

/* Of a store that nobody writes to: its file, or its URL. ERR_STORE_IO. */
MUST_USE enum err bench_join_sqlite(
    const char *path, struct env *env, struct bench_join *ret_join, struct err_info *reterr);
MUST_USE enum err bench_join_postgres(
    const char *url, struct env *env, struct bench_join *ret_join, struct err_info *reterr);
