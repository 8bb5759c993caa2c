#include "base/metrics.h"
#include "base/timestamp.h"
#include "cli/scanner_inside.h"

/* "n of m missing as of t", over all accounts. */
static void export_gap(const struct scanner *scanner)
{
    int64_t checked = 0;
    int64_t missing = 0;
    int64_t as_of_us = INT64_MAX;
    for (uint32_t i = 0; i < scanner->scanned_count; i++) {
        const struct gapscan_report *last = &scanner->scanned[i].last;
        checked += last->checked;
        missing += last->missing;
        as_of_us = last->to_us < as_of_us ? last->to_us : as_of_us;
    }
    metric_set(METRIC_GAP_CHECKED, checked);
    metric_set(METRIC_GAP_MISSING, missing);
    metric_set(METRIC_GAP_AS_OF, as_of_us / US_PER_SECOND);
}

static void note_report(
    struct scanner *scanner, struct scanned *scanned, const struct gapscan_report *report)
{
    char from[TIMESTAMP_TEXT_BYTES];
    char as_of[TIMESTAMP_TEXT_BYTES];
    timestamp_format(report->from_us, from);
    timestamp_format(report->to_us, as_of);
    scanned->last = *report;
    scanned->backoff_us = 0;
    metric_add(METRIC_GAP_FETCHED, (uint64_t)(report->missing - report->refused));
    export_gap(scanner);
    log_event(report->missing > 0 ? LOG_WARNING : LOG_INFO, "gap_scanned",
        log_str("account", scanned->account->says.name), log_int("missing", report->missing),
        log_int("checked", report->checked), log_text("from", from), log_text("as_of", as_of),
        log_int("too_large", report->refused));
}

static void note_failure(
    struct scanned *scanned, enum err err, const struct err_info *info, int64_t now_us)
{
    scanned->backoff_us = scanner_longer(scanned->backoff_us);
    scanned->due_us = now_us + scanned->backoff_us;
    metric_add(METRIC_GAP_FAILED, 1);
    log_event(LOG_WARNING, "gap_scan_failed", log_str("account", scanned->account->says.name),
        log_text("error", err_name(err)), log_text("text", info->text),
        log_int("again_in_s", scanned->backoff_us / US_PER_SECOND));
}

/* One page; true when there is more to be done at once. */
bool scanner_scan_gaps(struct scanner *scanner, struct scanned *scanned)
{
    struct err_info info = {""};
    struct gapscan_report report = {0};
    int64_t now_us = env_now(scanner->setup.env);
    int64_t wake_us = now_us;
    enum err err = scanner_open_account(scanner, scanned, &info);
    err = err != ERR_OK ? err : gapscan_step(scanned->gapscan, now_us, &report, &wake_us, &info);
    if (err != ERR_OK) {
        if (!atomic_load(&scanner->stopping)) {
            note_failure(scanned, err, &info, now_us);
        }
        return false;
    }
    if (report.finished) {
        note_report(scanner, scanned, &report);
    } else if (report.to_us > 0) {
        scanned->last = report; /* of another node, or of this one before it was started anew */
        export_gap(scanner);
    }
    scanned->due_us = wake_us;
    return wake_us <= now_us;
}
