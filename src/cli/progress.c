#include "cli/progress.h"
#include "base/timestamp.h"
#include <stdarg.h>
#include <stdio.h>
#include <unistd.h>

#define SHOW_EVERY_US (US_PER_SECOND / 4)

bool progress_is_seen(const struct command_context *context)
{
    return !context->json && isatty(STDERR_FILENO) != 0;
}

bool progress_is_due(struct progress *progress, const struct command_context *context)
{
    if (!progress_is_seen(context)) {
        return false;
    }
    int64_t now_us = env_monotonic(context->env);
    if (progress->shown_us != 0 && now_us - progress->shown_us < SHOW_EVERY_US) {
        return false;
    }
    progress->shown_us = now_us;
    return true;
}

void progress_show(struct progress *progress, const char *format, ...)
{
    va_list arguments;
    va_start(arguments, format);
    (void)fputc('\r', stderr);
    (void)vfprintf(stderr, format, arguments);
    (void)fputs("\x1b[K", stderr);
    (void)fflush(stderr);
    va_end(arguments);
    progress->stands = true;
}

void progress_clear(struct progress *progress)
{
    if (progress->stands) {
        (void)fputs("\r\x1b[K", stderr);
        progress->stands = false;
    }
}
