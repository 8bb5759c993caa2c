/* bench_server: the real program on a fresh store, as a child, and what the system says about it.
 *
 * Layer: cli; for bench.
 */
#pragma once

#include "cli/bench_place.h"
#include "cli/scrape.h"
#include <sys/types.h>

struct bench_server_config {
    struct str dir;       /* where a folder of this run is made */
    struct str store_url; /* "": SQLite in that folder. A PostgreSQL database must be empty */
    bool no_project;      /* serve --workers 0 */
    bool keep;            /* the folder stays */
};

struct bench_server {
    pid_t pid; /* 0: not running */
    struct bench_place place;
    uint16_t public_port, private_port;
    /* after bench_server_stop: what the kernel counted over the whole life */
    int64_t life_written_bytes, life_cpu_us, life_memory_bytes;
};

/* Ready to take requests when it returns. ERR_CONFIG (a store that is not empty), ERR_FILE_IO,
 * ERR_TIMEOUT: the end of its log is in reterr. */
MUST_USE enum err bench_server_start(const struct bench_server_config *config,
    struct env *env,
    struct bench_server *ret_server,
    struct err_info *reterr);
/* SIGTERM, waits, removes the folder. ERR_IMPOSSIBLE when it did not end with 0. */
MUST_USE enum err bench_server_stop(struct bench_server *server, struct err_info *reterr);
/* For ways out after an error: kills. NULL-safe; returns NULL. */
struct bench_server *bench_server_kill(struct bench_server *server);
static inline void bench_server_kill_cleanup(struct bench_server *server)
{
    (void)bench_server_kill(server);
}

struct bench_usage {
    int64_t cpu_us;        /* user and system, since its start */
    int64_t written_bytes; /* sent to the disk, since its start; -1: this user may not
                              know, or another process writes (PostgreSQL) */
    int64_t memory_bytes;  /* resident now */
    int64_t memory_peak_bytes;
    int64_t wal_bytes;       /* SQLite: length of its log now */
    int64_t machine_busy_us; /* all processors of this machine, since it began */
};
void bench_server_usage(const struct bench_server *server, struct bench_usage *ret_usage);
MUST_USE enum err bench_server_scrape(
    const struct bench_server *server, struct scrape *ret_scrape, struct err_info *reterr);
