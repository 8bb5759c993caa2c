#include "cli/api_wait.h"
#include "base/timestamp.h"
#include "cli/output.h"
#include <stdio.h>

#define LINE_BYTES 240

void api_wait_show(struct progress *progress,
    const struct command_context *context,
    int64_t wait_us,
    const char *why)
{
    if (!progress_is_seen(context)) {
        return;
    }
    char line[LINE_BYTES];
    char wait[TIMESTAMP_TEXT_BYTES];
    int columns = 0;
    int rows = 0;
    output_size(&columns, &rows);
    duration_format(wait_us - wait_us % (US_PER_SECOND / 10), wait);
    (void)snprintf(line, sizeof line, "trying again in %s: %s", wait, why);
    struct str fit = text_fit(str_from(line), (size_t)columns - 1);
    progress_show(progress, STR_FMT, STR_ARG(fit));
}
