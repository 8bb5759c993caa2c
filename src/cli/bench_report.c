#include "cli/bench_report.h"
#include "base/check.h"
#include "cli/output.h"
#include <inttypes.h>
#include <stdio.h>

#define DECIMALS_MAX 4

static struct bench_row *add(
    struct bench_report *report, const char *name, const char *words, const char *unit)
{
    REQUIRE(report->count < BENCH_ROWS_MAX);
    struct bench_row *row = &report->rows[report->count++];
    *row = (struct bench_row){.name = name, .words = words, .unit = unit};
    return row;
}

void bench_add(struct bench_report *report,
    const char *name,
    const char *words,
    const char *unit,
    int64_t value)
{
    add(report, name, words, unit)->value = value;
}

void bench_add_ratio(struct bench_report *report,
    const char *name,
    const char *words,
    const char *unit,
    int64_t amount,
    int64_t whole,
    int decimals)
{
    REQUIRE(decimals >= 0 && decimals <= DECIMALS_MAX);
    struct bench_row *row = add(report, name, words, unit);
    int64_t factor = 1;
    for (int i = 0; i < decimals; i++) {
        factor *= 10;
    }
    bool known = amount != BENCH_UNKNOWN && whole != BENCH_UNKNOWN && whole != 0 &&
                 amount < INT64_MAX / factor && amount > -(INT64_MAX / factor);
    row->value = known ? (amount * factor + whole / 2) / whole : BENCH_UNKNOWN;
    row->decimals = decimals;
}

void bench_add_text(
    struct bench_report *report, const char *name, const char *words, const char *text)
{
    add(report, name, words, "")->text = text;
}

static void format_value(const struct bench_row *row, char *to, size_t size)
{
    int64_t factor = 1;
    for (int i = 0; i < row->decimals; i++) {
        factor *= 10;
    }
    uint64_t value = row->value < 0 ? 0 - (uint64_t)row->value : (uint64_t)row->value;
    const char *sign = row->value < 0 ? "-" : "";
    if (row->decimals == 0) {
        (void)snprintf(to, size, "%s%" PRIu64, sign, value);
    } else {
        (void)snprintf(to, size, "%s%" PRIu64 ".%0*" PRIu64, sign, value / (uint64_t)factor,
            row->decimals, value % (uint64_t)factor);
    }
}

static void print_for_people(const struct bench_report *report, const char *title)
{
    outf("%s\n", title);
    for (uint32_t i = 0; i < report->count; i++) {
        const struct bench_row *row = &report->rows[i];
        char value[48] = "?";
        if (row->text == NULL && row->value != BENCH_UNKNOWN) {
            format_value(row, value, sizeof value);
        }
        outf("  %-52s %14s %s\n", row->words, row->text != NULL ? row->text : value, row->unit);
    }
}

void bench_report_print(const struct bench_report *report, const char *title, bool json)
{
    if (!json) {
        print_for_people(report, title);
        return;
    }
    CLEANUP(buf_fini) struct buf line;
    struct json_writer writer;
    buf_init(&line, 65536);
    json_writer_init(&writer, &line);
    json_begin_object(&writer, STR_NONE);
    for (uint32_t i = 0; i < report->count; i++) {
        const struct bench_row *row = &report->rows[i];
        char value[48];
        if (row->text != NULL) {
            json_add_string(&writer, str_from(row->name), str_from(row->text));
        } else if (row->value == BENCH_UNKNOWN) {
            json_add_null(&writer, str_from(row->name));
        } else {
            format_value(row, value, sizeof value);
            json_add_raw(&writer, str_from(row->name), str_from(value));
        }
    }
    json_end_object(&writer);
    out_json(&line);
}
