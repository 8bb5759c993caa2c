#include "base/check.h"
#include "base/timestamp.h"
#include "cli/import_inside.h"
#include "cli/output.h"
#include <inttypes.h>

#define JSON_BYTES ((size_t)64 * 1024)

/* --- files --- */

static void json_sums(struct json_writer *json, const struct filed_statement *file)
{
    json_begin_array(json, STR("sums"));
    for (uint32_t i = 0; i < file->sum_count; i++) {
        const struct filed_sum *sum = &file->sums[i];
        if (sum->overflows) {
            continue;
        }
        json_begin_object(json, STR_NONE);
        json_add_string(json, STR("currency"), str_from(sum->currency.code));
        json_add_int(json, STR("amount_minor"), sum->amount_minor);
        json_add_int(json, STR("fee_minor"), sum->fee_minor);
        json_add_int(json, STR("net_minor"), sum->net_minor);
        json_end_object(json);
    }
    json_end_array(json);
}

static void json_counts(struct json_writer *json, const struct taken_counts *counts)
{
    json_add_int(json, STR("new"), counts->added);
    json_add_int(json, STR("known"), counts->known);
    json_add_int(json, STR("learned"), counts->learned);
    json_add_int(json, STR("restated"), counts->restated);
    json_add_int(json, STR("unclassified"), counts->unclassified);
}

static void file_json(const struct importing *importing, const struct import_file *at)
{
    CLEANUP(buf_fini) struct buf text;
    struct json_writer json;
    const struct filed_statement *file = &at->filed;
    buf_init(&text, JSON_BYTES);
    json_writer_init(&json, &text);
    json_begin_object(&json, STR_NONE);
    json_add_string(&json, STR("file"), str_from(at->path));
    json_add_string(&json, STR("account"), importing->account->says.name);
    json_add_string(&json, STR("report"), str_from(statement_file_word(file->layout.file)));
    json_add_int(&json, STR("lines"), file->lines);
    json_counts(&json, &file->counts);
    json_add_bool(&json, STR("imported_before"), file->was_there);
    json_add_bool(&json, STR("dry_run"), importing->dry_run);
    json_sums(&json, file);
    json_end_object(&json);
    out_json(&text);
}

static void print_sum(const struct filed_sum *sum)
{
    char amount[MONEY_TEXT_BYTES];
    char fee[MONEY_TEXT_BYTES];
    char net[MONEY_TEXT_BYTES];
    money_format(sum->amount_minor, sum->currency, amount);
    money_format(sum->fee_minor, sum->currency, fee);
    money_format(sum->net_minor, sum->currency, net);
    if (sum->overflows) {
        outf("  %s: the sums do not fit into 64 bits\n", sum->currency.code);
    } else {
        outf("  %s, less fees of %s: %s\n", amount, fee, net);
    }
}

static void print_counts(const struct importing *importing, const struct taken_counts *counts)
{
    outf("%" PRId64 " %s, %" PRId64 " known, %" PRId64 " of which learned, %" PRId64
         " restated, %" PRId64 " unclassified\n",
        counts->added, importing->dry_run ? "would be new (--dry-run)" : "new", counts->known,
        counts->learned, counts->restated, counts->unclassified);
}

static void file_text(const struct importing *importing, const struct import_file *at)
{
    const struct filed_statement *file = &at->filed;
    const char *what = file->layout.file == FILE_SUMMARY ? "totals" : "lines";
    out_escaped(str_from(at->path));
    if (file->was_there) {
        outf(": was imported before, as source %" PRId64 ": nothing to do\n", file->source_number);
        return;
    }
    outf(": %" PRId64 " %s of `%s`: ", file->lines, what, statement_file_word(file->layout.file));
    print_counts(importing, &file->counts);
    for (uint32_t i = 0; i < file->sum_count; i++) {
        print_sum(&file->sums[i]);
    }
}

static void note_restated(const struct importing *importing, const char *whose, int64_t restated)
{
    if (restated > 0) {
        command_note(importing->context,
            "%s says otherwise than before of %" PRId64
            " lines: what was said first stands; find out which is right",
            whose, restated);
    }
}

void import_report_file(const struct importing *importing, const struct import_file *file)
{
    if (importing->context->json) {
        file_json(importing, file);
    } else {
        file_text(importing, file);
        note_restated(importing, file->path, file->filed.counts.restated);
    }
}

/* --- pulls --- */

static void pull_json(
    const struct importing *importing, const struct pull_progress *progress, bool ended)
{
    CLEANUP(buf_fini) struct buf text;
    struct json_writer json;
    buf_init(&text, JSON_BYTES);
    json_writer_init(&json, &text);
    json_begin_object(&json, STR_NONE);
    json_add_string(&json, STR("account"), importing->account->says.name);
    json_add_string(&json, STR("what"), importing->reports ? STR("reports") : STR("api"));
    json_add_time(&json, STR("from"), progress->from_us);
    json_add_time(&json, STR("to"), progress->to_us);
    json_add_int(&json, STR("lines"), progress->lines);
    json_counts(&json, &progress->counts);
    json_add_int(&json, STR("unreadable"), progress->refused);
    json_add_int(&json, STR("payouts"), progress->payouts);
    json_add_int(&json, STR("payouts_refused"), progress->payouts_refused);
    json_add_int(&json, STR("files"), progress->files);
    json_add_bool(&json, STR("dry_run"), importing->dry_run);
    json_add_bool(&json, STR("complete"), ended && progress->refused == 0);
    json_end_object(&json);
    out_json(&text);
}

static void pull_text(const struct importing *importing, const struct pull_progress *progress)
{
    char from[TIMESTAMP_TEXT_BYTES];
    char to[TIMESTAMP_TEXT_BYTES];
    timestamp_format(progress->from_us, from);
    timestamp_format(progress->to_us, to);
    outf("%s to %s: %" PRId64 " lines: ", from, to, progress->lines);
    print_counts(importing, &progress->counts);
    if (progress->files > 0) {
        outf("  of %" PRId64 " reports\n", progress->files);
    }
    if (progress->payouts > 0) {
        outf("  the lines of %" PRId64 " payouts among them\n", progress->payouts);
    }
}

void import_report_pull(
    const struct importing *importing, const struct pull_progress *progress, bool ended)
{
    if (importing->context->json) {
        pull_json(importing, progress, ended);
        return;
    }
    pull_text(importing, progress);
    note_restated(importing, "the provider", progress->counts.restated);
    if (progress->refused > 0) {
        command_note(importing->context, "%" PRId64 " lines cannot be read, the first of them: %s",
            progress->refused, progress->why_refused.text);
    }
    if (progress->payouts_refused > 0) {
        command_note(importing->context,
            "the lines of %" PRId64 " payouts are not given by the provider: %s",
            progress->payouts_refused, progress->why_payout_refused.text);
    }
}
