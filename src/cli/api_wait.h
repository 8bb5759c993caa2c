/* api_wait: says on the terminal that the provider is waited for, and why.
 *
 * Layer: cli; for backfill and doctor.
 */
#pragma once

#include "cli/command.h"

/* A line on standard error that the next one is to overwrite. False: nobody would see it, since it
 * is no terminal, or the answer is for programs. */
bool api_wait_show(const struct command_context *context, int64_t wait_us, const char *why);
void api_wait_clear(void);
