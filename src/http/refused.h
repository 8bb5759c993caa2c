/* refused: the log of deliveries whose sender was not proven, so bounded that a forger can neither
 * fill a disk nor hide: at most some lines a second, and then how many were left out.
 *
 * Layer: http.
 */
#pragma once

#include "provider/provider.h"

#define REFUSED_LINES_PER_SECOND 10

/* Zeroed by its owner; one thread. */
struct refused_log {
    int64_t second; /* monotonic; of what follows */
    uint32_t lines;
    uint64_t left_out; /* since the last line that said how many */
};

void refused_log_add(
    struct refused_log *refused, int64_t monotonic_us, struct str account, enum unproven why);
/* Says what was left out, if anything. */
void refused_log_flush(struct refused_log *refused);
