/* progress: how far long work has come, on the last line of the terminal, which the next thing that
 * is said overwrites.
 *
 * Layer: cli.
 */
#pragma once

#include "cli/command.h"

struct progress { /* zeroed at first */
    int64_t shown_us;
    bool stands;
};

/* Would anybody see it? Not when standard error is no terminal, nor beside answers for programs. */
bool progress_is_seen(const struct command_context *context);
/* The same, and a few times a second only. */
bool progress_is_due(struct progress *progress, const struct command_context *context);
void progress_show(struct progress *progress, const char *format, ...) PRINTF_LIKE(2, 3);
void progress_clear(struct progress *progress); /* nothing when nothing stands */
