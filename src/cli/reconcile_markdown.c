#include "cli/reconcile_writer.h"
#include <inttypes.h>

#define CELL_BYTES_MAX ((size_t)4096)

/* Text of any kind stays text: no mark of it means anything, and no line ends in it. */
static void add_plain(struct buf *to, struct str text)
{
    CLEANUP(buf_fini) struct buf safe;
    buf_init(&safe, 4 * CELL_BYTES_MAX);
    text_escape(&safe, text);
    for (size_t i = 0; i < safe.len; i++) {
        if (strchr("\\|`*_[]<>#~", safe.data[i]) != NULL) {
            buf_add_char(to, '\\');
        }
        buf_add_char(to, safe.data[i]);
    }
}

static void add_cell(struct report_writer *writer, const struct report_row *row, uint32_t at)
{
    CLEANUP(buf_fini) struct buf cell;
    buf_init(&cell, CELL_BYTES_MAX);
    cell_for_people(row, at, &cell);
    add_plain(writer->to, buf_str(&cell));
}

static void markdown_begin(struct report_writer *writer)
{
    CLEANUP(buf_fini) struct buf line;
    buf_init(&line, CELL_BYTES_MAX);
    report_headline(writer, &line);
    buf_add(writer->to, STR("**"));
    add_plain(writer->to, buf_str(&line));
    buf_add(writer->to, STR("**\n\n"));
}

static void markdown_section_begin(struct report_writer *writer, enum report_section section)
{
    if (section_row(section)->kind != SECTION_IS_SINGLE) {
        buf_addf(writer->to, "\n### %s\n\n", section_row(section)->title);
    }
}

static void add_head(struct report_writer *writer, enum report_section section)
{
    uint32_t count = 0;
    const struct report_column *columns = section_columns(section, &count);
    for (int line = 0; line < 2; line++) {
        buf_add_char(writer->to, '|');
        for (uint32_t i = 0; i < count; i++) {
            if (column_is_for(writer, &columns[i])) {
                buf_addf(writer->to, " %s |",
                    line == 0                         ? columns[i].title
                    : cell_is_number(columns[i].type) ? "---:"
                                                      : "---");
            }
        }
        buf_add_char(writer->to, '\n');
    }
}

static void add_fields(struct report_writer *writer, const struct report_row *row)
{
    uint32_t count = 0;
    const struct report_column *columns = section_columns(row->section, &count);
    for (uint32_t i = 0; i < count; i++) {
        if (column_is_for(writer, &columns[i]) && row->cells[i].is_known) {
            buf_addf(writer->to, "- %s: ", columns[i].title);
            add_cell(writer, row, i);
            buf_add_char(writer->to, '\n');
        }
    }
}

static void markdown_row(struct report_writer *writer, const struct report_row *row)
{
    uint32_t count = 0;
    const struct report_column *columns = section_columns(row->section, &count);
    if (section_row(row->section)->kind == SECTION_IS_SINGLE) {
        add_fields(writer, row);
        return;
    }
    if (writer->rows == 0) {
        add_head(writer, row->section);
    }
    buf_add_char(writer->to, '|');
    for (uint32_t i = 0; i < count; i++) {
        if (column_is_for(writer, &columns[i])) {
            buf_add_char(writer->to, ' ');
            add_cell(writer, row, i);
            buf_add(writer->to, STR(" |"));
        }
    }
    buf_add_char(writer->to, '\n');
}

static void markdown_section_end(
    struct report_writer *writer, enum report_section section, int64_t left)
{
    const struct section_row *means = section_row(section);
    if (writer->rows == 0 && means->kind != SECTION_IS_SINGLE) {
        buf_addf(writer->to, "%s\n", means->nothing);
    }
    if (left > 0) {
        buf_addf(writer->to, "\nand %" PRId64 " more\n", left);
    }
}

const struct report_form report_markdown = {
    .for_people = true,
    .begin = markdown_begin,
    .section_begin = markdown_section_begin,
    .row = markdown_row,
    .section_end = markdown_section_end,
};
