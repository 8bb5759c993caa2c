#include "cli/reconcile_writer.h"
#include <inttypes.h>

#define CELL_BYTES_MAX ((size_t)4096)
#define NAME_COLUMNS 16

static void say(struct buf *to, enum colour colour, struct str text)
{
    buf_add(to, str_from(colour_on(colour)));
    text_escape(to, text);
    buf_add(to, str_from(colour == COLOUR_NONE ? "" : colour_off()));
}

static void text_begin(struct report_writer *writer)
{
    CLEANUP(buf_fini) struct buf line;
    buf_init(&line, CELL_BYTES_MAX);
    report_headline(writer, &line);
    say(writer->to, writer->report->agreed ? COLOUR_GOOD : COLOUR_BAD, buf_str(&line));
    buf_add_char(writer->to, '\n');
}

static struct table *table_of(const struct report_writer *writer, enum report_section section)
{
    struct table_column titles[CELLS_MAX];
    uint32_t count = 0;
    uint32_t shown = 0;
    const struct report_column *columns = section_columns(section, &count);
    for (uint32_t i = 0; i < count; i++) {
        if (column_is_for(writer, &columns[i])) {
            titles[shown++] =
                (struct table_column){columns[i].title, cell_is_number(columns[i].type)};
        }
    }
    return table_new(titles, shown);
}

static void text_section_begin(struct report_writer *writer, enum report_section section)
{
    const struct section_row *means = section_row(section);
    if (means->kind == SECTION_IS_SINGLE) {
        return;
    }
    buf_add_char(writer->to, '\n');
    say(writer->to, COLOUR_BOLD, str_from(means->title));
    buf_add_char(writer->to, '\n');
    writer->table = table_of(writer, section);
    writer->to->failed = writer->to->failed || writer->table == NULL;
}

/* A line for each cell, at the top. */
static void put_fields(struct report_writer *writer, const struct report_row *row)
{
    uint32_t count = 0;
    const struct report_column *columns = section_columns(row->section, &count);
    for (uint32_t i = 0; i < count; i++) {
        if (column_is_for(writer, &columns[i]) && row->cells[i].is_known) {
            CLEANUP(buf_fini) struct buf cell;
            buf_init(&cell, CELL_BYTES_MAX);
            cell_for_people(row, i, &cell);
            buf_addf(writer->to, "  %-*s ", NAME_COLUMNS, columns[i].title);
            text_escape(writer->to, buf_str(&cell));
            buf_add_char(writer->to, '\n');
        }
    }
}

static void text_row(struct report_writer *writer, const struct report_row *row)
{
    uint32_t count = 0;
    const struct report_column *columns = section_columns(row->section, &count);
    if (section_row(row->section)->kind == SECTION_IS_SINGLE) {
        put_fields(writer, row);
        return;
    }
    for (uint32_t i = 0; i < count && writer->table != NULL; i++) {
        if (column_is_for(writer, &columns[i])) {
            CLEANUP(buf_fini) struct buf cell;
            buf_init(&cell, CELL_BYTES_MAX);
            cell_for_people(row, i, &cell);
            bool last = i + 1 == count;
            table_add_coloured(writer->table, row->cells[i].colour,
                last && cell.len == 0 ? STR(" ") : buf_str(&cell));
        }
    }
}

static void text_section_end(
    struct report_writer *writer, enum report_section section, int64_t left)
{
    const struct section_row *means = section_row(section);
    if (writer->table != NULL && writer->rows > 0) {
        table_format(writer->table, writer->to);
    } else if (means->kind != SECTION_IS_SINGLE) {
        buf_addf(writer->to, "%s\n", means->nothing);
    }
    if (left > 0) {
        buf_addf(writer->to, "and %" PRId64 " more: `counterfoil discrepancies list`\n", left);
    }
    if (means->kind == SECTION_IS_LISTED && writer->rows > 0) {
        buf_add(writer->to, STR("`counterfoil discrepancies show ID` shows both sides of one, and "
                                "what to do next\n"));
    }
    writer->table = table_free(writer->table);
}

const struct report_form report_text = {
    .for_people = true,
    .begin = text_begin,
    .section_begin = text_section_begin,
    .row = text_row,
    .section_end = text_section_end,
};
