/* api_wait: says on the terminal that the provider is waited for, and why.
 *
 * Layer: cli; for backfill and doctor.
 */
#pragma once

#include "cli/progress.h"

/* As progress that is always due. */
void api_wait_show(struct progress *progress,
    const struct command_context *context,
    int64_t wait_us,
    const char *why);
