/* scrape: the numbers of a running serve, from its private listener.
 *
 * Layer: cli; for watch and doctor.
 */
#pragma once

#include "base/metrics.h"

struct scrape {
    bool known[METRIC_COUNT]; /* counters and gauges that the answer had */
    int64_t values[METRIC_COUNT];
};

/* GET /metrics of `private_address`. ERR_NET_IO, ERR_TIMEOUT; ERR_NOT_FOUND when the port is 0:
 * chosen at start, so unknown here. */
MUST_USE enum err scrape_fetch(struct str private_address,
    int64_t timeout_us,
    struct scrape *ret_scrape,
    struct err_info *reterr);

/* GET /readyz: *ret_ready. The same errors. */
MUST_USE enum err scrape_ready(
    struct str private_address, int64_t timeout_us, bool *ret_ready, struct err_info *reterr);

/* Reads Prometheus text: whole numbers only. */
void scrape_read(struct str text, struct scrape *ret_scrape);
