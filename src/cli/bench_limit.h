/* bench_limit: how fast this machine takes the same bytes when nothing is done but inserting them:
 * one prepared statement in a loop, against sqlite3 or libpq directly, in the same batches and with
 * the same settings as the program's own store, one commit and one sync a batch.
 *
 * Layer: cli; for bench.
 */
#pragma once

#include "base/env.h"
#include "base/str.h"

struct bench_inserts {              /* all of it borrowed */
    const struct str *ids, *bodies; /* inserted over and over */
    uint32_t count;                 /* of each of them */
    uint32_t batch_rows;
    int64_t for_us;
    struct env *env;
};

struct bench_limit {
    uint64_t rows, batches;
    int64_t elapsed_us;
};

/* Into DIR/limit.db, which is made and removed. ERR_STORE_IO. */
MUST_USE enum err bench_limit_sqlite(const char *dir,
    const struct bench_inserts *inserts,
    struct bench_limit *ret_limit,
    struct err_info *reterr);
/* Into a table of its own in that database, dropped afterwards. ERR_STORE_IO. */
MUST_USE enum err bench_limit_postgres(const char *url,
    const struct bench_inserts *inserts,
    struct bench_limit *ret_limit,
    struct err_info *reterr);

/* How many bytes of log that server has written in all; -1 when it cannot be asked. */
int64_t bench_postgres_log_position(const char *url);
