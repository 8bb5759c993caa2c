#include "cli/api_wait.h"
#include "base/timestamp.h"
#include "cli/output.h"
#include <stdio.h>
#include <unistd.h>

#define LINE_BYTES 240

bool api_wait_show(const struct command_context *context, int64_t wait_us, const char *why)
{
    if (context->json || isatty(STDERR_FILENO) == 0) {
        return false;
    }
    char line[LINE_BYTES];
    char wait[TIMESTAMP_TEXT_BYTES];
    int columns = 0;
    int rows = 0;
    output_size(&columns, &rows);
    duration_format(wait_us - wait_us % (US_PER_SECOND / 10), wait);
    (void)snprintf(line, sizeof line, "trying again in %s: %s", wait, why);
    struct str fit = text_fit(str_from(line), (size_t)columns - 1);
    (void)fprintf(stderr, "\r" STR_FMT "\x1b[K", STR_ARG(fit));
    (void)fflush(stderr);
    return true;
}

void api_wait_clear(void)
{
    (void)fputs("\r\x1b[K", stderr);
}
