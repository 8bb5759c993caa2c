/* sandbox_verify: `counterfoil sandbox --verify`.
 *
 * Layer: cli; for sandbox.
 */
#pragma once

#include "cli/command.h"

/* Compares the state file, and the log of acknowledged events unless it is empty, with the
 * configured store, prints every difference and the counts. Returns the exit code: 1 when there is
 * a difference. With `newest` events that were lost must have come too. */
int sandbox_verify(
    struct command_context *context, struct str state, struct str acked, bool newest);
