#include "cli/bench_peak.h"
#include "base/str.h"
#include "base/timestamp.h"
#include "cli/bench_report.h"
#include <stdio.h>
#include <stdlib.h>
#include <sys/resource.h>

#define FORGET_PEAK "5"

void bench_peak_forget(void)
{
    FILE *file = fopen("/proc/self/clear_refs", "we");
    if (file != NULL) {
        (void)fputs(FORGET_PEAK, file); /* refused: the peak is then one of all parts */
        (void)fclose(file);
    }
}

int64_t bench_peak_bytes(void)
{
    char text[4096] = "";
    FILE *file = fopen("/proc/self/status", "re");
    if (file == NULL) {
        return BENCH_UNKNOWN;
    }
    size_t len = fread(text, 1, sizeof text - 1, file);
    (void)fclose(file);
    text[len] = '\0';
    const char *at = strstr(text, "VmHWM:");
    return at == NULL ? BENCH_UNKNOWN : strtoll(at + strlen("VmHWM:"), NULL, 10) * 1024;
}

int64_t bench_cpu_us(void)
{
    struct rusage usage;
    if (getrusage(RUSAGE_SELF, &usage) != 0) {
        return BENCH_UNKNOWN;
    }
    return (usage.ru_utime.tv_sec + usage.ru_stime.tv_sec) * US_PER_SECOND +
           usage.ru_utime.tv_usec + usage.ru_stime.tv_usec;
}
