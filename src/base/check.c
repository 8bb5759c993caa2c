#include "base/check.h"
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

/* The process is not to be trusted any more, so nothing here takes a lock, the heap or stdio. */
void check_failed(const char *file, int line, const char *kind, const char *expression)
{
    char text[512];
    int len = snprintf(text, sizeof text, "%s:%d: %s failed: %s\n", file, line, kind, expression);
    size_t bytes = len < 0 ? 0 : (size_t)len;
    if (bytes >= sizeof text) {
        bytes = sizeof text - 1;
        text[bytes - 1] = '\n';
    }
    ssize_t written = write(STDERR_FILENO, text, bytes);
    (void)written; /* there is nobody left to tell */
    abort();
}
