#include "base/check.h"
#include "base/timestamp.h"
#include "cli/reconcile_writer.h"
#include <inttypes.h>
#include <stdio.h>

#define PPM_OF_PERCENT 10000

void share_format(int64_t ppm, char to[static TIME_TEXT_BYTES])
{
    REQUIRE(ppm >= 0);
    (void)snprintf(
        to, TIME_TEXT_BYTES, "%" PRId64 ".%04" PRId64, ppm / PPM_OF_PERCENT, ppm % PPM_OF_PERCENT);
}

static void add_money(struct buf *to, int64_t minor, struct currency currency)
{
    char text[MONEY_TEXT_BYTES];
    money_format(minor, currency, text);
    buf_add(to, str_from(text));
}

void cell_for_people(const struct report_row *row, uint32_t at, struct buf *to)
{
    REQUIRE(at < row->count);
    uint32_t count = 0;
    const struct cell *cell = &row->cells[at];
    char text[TIME_TEXT_BYTES];
    char day[DAY_TEXT_BYTES];
    if (!cell->is_known) {
        return;
    }
    switch (section_columns(row->section, &count)[at].type) {
    case CELL_TEXT:
        buf_add(to, cell->text);
        break;
    case CELL_FLAG:
        buf_add(to, cell->number != 0 ? STR("yes") : STR("no"));
        break;
    case CELL_COUNT:
        buf_add_int(to, cell->number);
        break;
    case CELL_MONEY:
        add_money(to, cell->number, row->currency);
        break;
    case CELL_QUANTITY:
        if (row->quantities_are_money) {
            add_money(to, cell->number, row->currency);
        } else {
            buf_add_int(to, cell->number);
        }
        break;
    case CELL_SHARE:
        share_format(cell->number, text);
        buf_addf(to, "%s %%", text);
        break;
    case CELL_SPAN:
        duration_format(cell->number, text);
        buf_add(to, str_from(text));
        break;
    case CELL_TIME:
        time_format(cell->number, text);
        buf_add(to, str_from(text));
        break;
    case CELL_DAY:
        day_format(day_of(row->zone, cell->number), day);
        buf_add(to, str_from(day));
        break;
    default:
        UNREACHABLE();
    }
}

static void add_days(const struct report_writer *writer, struct buf *to)
{
    char first[DAY_TEXT_BYTES];
    char last[DAY_TEXT_BYTES];
    day_format(day_of(writer->zone, writer->report->from_us), first);
    day_format(day_of(writer->zone, writer->report->to_us - 1), last);
    bool one = strcmp(first, last) == 0;
    buf_addf(to, "%s%s%s", first, one ? "" : " to ", one ? "" : last);
}

void report_headline(const struct report_writer *writer, struct buf *to)
{
    const struct reconcile_report *report = writer->report;
    buf_addf(to, "%s: " STR_FMT ", ", report->agreed ? "agreed" : "not agreed",
        STR_ARG(report->account));
    add_days(writer, to);
    if (report->open_total > 0) {
        buf_addf(to, ": %" PRId64 " %s open, %" PRId64 " of them critical", report->open_total,
            report->open_total == 1 ? "discrepancy is" : "discrepancies are",
            report->critical_total);
    }
}
