#include "base/metrics.h"
#include "base/timestamp.h"
#include "cli/scanner_inside.h"

#define SUMS_EVERY_US US_PER_SECOND /* thousands of connected accounts are summed up */

static void export_sums(const struct scanner *scanner)
{
    struct gap_sums all = {.as_of_us = INT64_MAX};
    for (uint32_t i = 0; i < scanner->scanned_count; i++) {
        const struct gap_sums *sums = &scanner->scanned[i].sums;
        all.compared += sums->compared;
        all.refused += sums->refused;
        all.new_ones += sums->new_ones;
        all.checked += sums->checked;
        all.missing += sums->missing;
        all.as_of_us = sums->as_of_us < all.as_of_us ? sums->as_of_us : all.as_of_us;
    }
    metric_set(METRIC_GAP_CHECKED, all.checked);
    metric_set(METRIC_GAP_MISSING, all.missing);
    metric_set(METRIC_GAP_AS_OF, all.as_of_us / US_PER_SECOND);
    metric_set(METRIC_GAP_ACCOUNTS_COMPARED, all.compared);
    metric_set(METRIC_GAP_ACCOUNTS_NEW, all.new_ones);
    metric_set(METRIC_GAP_ACCOUNTS_REFUSED, all.refused);
}

static bool read_sums(struct scanned *scanned)
{
    if (!scanned->sums_are_old || scanned->gapscan == NULL) {
        return false;
    }
    enum err err = gapscan_sums(scanned->gapscan, &scanned->sums, NULL);
    scanned->sums_are_old = err != ERR_OK;
    return err == ERR_OK;
}

void scanner_export_gaps(struct scanner *scanner)
{
    int64_t now_us = env_monotonic(scanner->setup.env);
    bool any = false;
    if (now_us < scanner->sums_due_us) {
        return;
    }
    for (uint32_t i = 0; i < scanner->scanned_count; i++) {
        any = read_sums(&scanner->scanned[i]) || any;
    }
    if (any) {
        scanner->sums_due_us = now_us + SUMS_EVERY_US;
        export_sums(scanner);
    }
}

/* Of thousands that are connected only those are told that have something to tell. */
static enum log_level level_of(const struct gapscan_report *report)
{
    bool is_usual = report->connected.len > 0 && !report->was_refused;
    return report->missing > 0 ? LOG_WARNING : is_usual ? LOG_DEBUG : LOG_INFO;
}

static void note_end(
    struct scanner *scanner, struct scanned *scanned, const struct gapscan_report *report)
{
    char from[TIMESTAMP_TEXT_BYTES];
    char as_of[TIMESTAMP_TEXT_BYTES];
    timestamp_format(report->from_us, from);
    timestamp_format(report->to_us, as_of);
    metric_add(METRIC_GAP_FETCHED, (uint64_t)(report->missing - report->too_large));
    if (report->connected.len == 0 && read_sums(scanned)) {
        export_sums(scanner);
    }
    log_event(level_of(report), "gap_scanned", log_str("account", scanned->account->says.name),
        log_str("connected", report->connected), log_int("missing", report->missing),
        log_int("checked", report->checked), log_text("from", from), log_text("as_of", as_of),
        log_int("too_large", report->too_large));
}

static void log_failure(const struct scanned *scanned,
    const char *event,
    const struct gapscan_report *report,
    int64_t now_us)
{
    log_event(LOG_WARNING, event, log_str("account", scanned->account->says.name),
        log_str("connected", report->connected), log_text("error", err_name(report->err)),
        log_text("text", report->info.text),
        log_int("again_in_s", (report->again_us - now_us) / US_PER_SECOND));
}

static void note_news(struct scanner *scanner,
    struct scanned *scanned,
    const struct gapscan_report *report,
    int64_t now_us)
{
    scanned->sums_are_old = true;
    if (report->news == GAPSCAN_FINISHED) {
        note_end(scanner, scanned, report);
    } else if (report->news == GAPSCAN_REFUSED && !report->was_refused) {
        log_failure(scanned, "gap_scan_refused", report, now_us);
    } else if (report->news == GAPSCAN_FAILED && !atomic_load(&scanner->stopping)) {
        metric_add(METRIC_GAP_FAILED, 1);
        log_failure(scanned, "gap_scan_failed", report, now_us);
    }
}

/* Its session cannot be opened. */
static void note_closed(
    struct scanned *scanned, enum err err, const struct err_info *info, int64_t now_us)
{
    scanned->backoff_us = scanner_longer(scanned->backoff_us);
    scanned->due_us = now_us + scanned->backoff_us;
    metric_add(METRIC_GAP_FAILED, 1);
    const struct gapscan_report report = {.err = err, .info = *info, .again_us = scanned->due_us};
    log_failure(scanned, "gap_scan_failed", &report, now_us);
}

/* One page; true when there is more to be done at once. */
bool scanner_scan_gaps(struct scanner *scanner, struct scanned *scanned)
{
    struct gapscan_report report = {0};
    struct err_info info = {""};
    int64_t now_us = env_now(scanner->setup.env);
    enum err err = scanner_open_account(scanner, scanned, &info);
    if (err != ERR_OK) {
        note_closed(scanned, err, &info, now_us);
        return false;
    }
    scanned->backoff_us = 0;
    gapscan_step(scanned->gapscan, now_us, &report, &scanned->due_us);
    bool more = scanned->due_us <= now_us;
    if (report.news != GAPSCAN_NOTHING || !more) {
        note_news(scanner, scanned, &report, now_us);
    }
    return more;
}
