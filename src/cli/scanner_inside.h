/* scanner_inside: what the files of the scanner share. Private to them.
 *
 *   scanner.c        the thread, and the accounts that it asks for
 *   scanner_gaps.c   what webhooks have lost
 *   scanner_asks.c   objects that are asked for one by one
 *
 * Layer: cli.
 */
#pragma once

#include "base/limits.h"
#include "flow/gapscan.h"
#include "cli/scanner.h"
#include <pthread.h>
#include <stdatomic.h>

/* An account that has a key. */
struct scanned {
    const struct account *account; /* of the set that is held */
    struct provider_api *api;      /* NULL: to be opened */
    struct gapscan *gapscan;
    int64_t due_us;       /* UTC */
    int64_t backoff_us;   /* 0: nothing failed */
    struct gap_sums sums; /* of it and the accounts connected to it */
    bool sums_are_old;
};

struct scanner {
    struct scanner_setup setup;
    struct store *store;
    struct accounts *accounts; /* held; NULL at first */
    struct scanned scanned[LIMIT_ACCOUNTS];
    uint32_t scanned_count;
    struct str *types; /* that the mapping needs */
    uint32_t type_count;
    struct arena *thin_arena;
    int64_t thin_due_us, thin_backoff_us; /* monotonic */
    int64_t refetch_due_us, refetch_backoff_us;
    int64_t sums_due_us; /* monotonic; not read before then */
    atomic_bool stopping;
    int stop_fd; /* readable once stopping */
    pthread_t thread;
    bool started;
};

/* Its session and its scan, unless they are open. */
MUST_USE enum err scanner_open_account(
    struct scanner *scanner, struct scanned *scanned, struct err_info *reterr);
int64_t scanner_longer(int64_t backoff_us); /* the wait after one more failure; 0: the first */

/* Each does a piece; true when there is more to be done at once. */
bool scanner_scan_gaps(struct scanner *scanner, struct scanned *scanned);
bool scanner_ask(struct scanner *scanner);
/* "n of m missing as of t", for /metrics, when that is due. */
void scanner_export_gaps(struct scanner *scanner);
