#include "base/check.h"
#include "cli/output.h"
#include <stdio.h>
#include <stdlib.h>

#define TABLE_BYTES_MAX ((size_t)64 * 1024 * 1024)
#define GAP "  "

/* Cells stand one behind the other: a byte of colour, the escaped text, a NUL. */
struct table {
    struct table_column columns[TABLE_COLUMNS_MAX];
    size_t widths[TABLE_COLUMNS_MAX];
    uint32_t column_count;
    uint64_t cell_count;
    struct buf cells; /* owned */
};

struct table *table_new(const struct table_column *columns, uint32_t count)
{
    REQUIRE(columns != NULL);
    REQUIRE(count > 0);
    REQUIRE(count <= TABLE_COLUMNS_MAX);
    struct table *table = calloc(1, sizeof *table);
    if (table == NULL) {
        return NULL;
    }
    buf_init(&table->cells, TABLE_BYTES_MAX);
    table->column_count = count;
    for (uint32_t i = 0; i < count; i++) {
        table->columns[i] = columns[i];
        table->widths[i] = text_width(str_from(columns[i].title));
    }
    return table;
}

struct table *table_free(struct table *table)
{
    if (table != NULL) {
        buf_fini(&table->cells);
        free(table);
    }
    return NULL;
}

void table_add_coloured(struct table *table, enum colour colour, struct str cell)
{
    REQUIRE(table != NULL);
    size_t begin = table->cells.len;
    buf_add_char(&table->cells, (char)colour);
    text_escape(&table->cells, cell.len == 0 ? STR("-") : str_eq(cell, STR(" ")) ? STR_NONE : cell);
    buf_add_char(&table->cells, '\0');
    if (table->cells.failed) {
        table->cells.len = begin; /* the rows before it are still printed */
        return;
    }
    struct str text = {table->cells.data + begin + 1, table->cells.len - begin - 2};
    size_t width = text_width(text);
    size_t *widest = &table->widths[table->cell_count % table->column_count];
    *widest = width > *widest ? width : *widest;
    table->cell_count++;
}

void table_add(struct table *table, struct str cell)
{
    table_add_coloured(table, COLOUR_NONE, cell);
}

void table_addf(struct table *table, const char *format, ...)
{
    char words[1024];
    va_list arguments;
    va_start(arguments, format);
    int len = vsnprintf(words, sizeof words, format, arguments);
    va_end(arguments);
    size_t kept = len < 0 ? 0 : (size_t)len < sizeof words ? (size_t)len : sizeof words - 1;
    table_add(table, str_prefix_utf8((struct str){words, kept}, kept));
}

static void put_cell(
    const struct table *table, uint32_t column, enum colour colour, struct str text, struct buf *to)
{
    size_t width = text_width(text);
    size_t pad = table->widths[column] > width ? table->widths[column] - width : 0;
    bool last = column + 1 == table->column_count;
    for (size_t i = 0; table->columns[column].right && i < pad; i++) {
        buf_add_char(to, ' ');
    }
    buf_add(to, str_from(colour_on(colour)));
    buf_add(to, text);
    buf_add(to, str_from(colour == COLOUR_NONE ? "" : colour_off()));
    for (size_t i = 0; !table->columns[column].right && !last && i < pad; i++) {
        buf_add_char(to, ' ');
    }
    while (last && text.len == 0 && to->len > 0 && to->data[to->len - 1] == ' ') {
        to->len--; /* no blanks at the end of a line */
    }
    buf_add(to, last ? STR("\n") : STR(GAP));
}

void table_format(const struct table *table, struct buf *to)
{
    REQUIRE(table != NULL);
    REQUIRE(to != NULL);
    INVARIANT(table->column_count > 0);
    for (uint32_t i = 0; i < table->column_count; i++) {
        put_cell(table, i, COLOUR_DIM, str_from(table->columns[i].title), to);
    }
    const char *at = table->cells.data;
    for (uint64_t i = 0; i < table->cell_count; i++) {
        struct str text = str_from(at + 1);
        put_cell(table, (uint32_t)(i % table->column_count), (enum colour)at[0], text, to);
        at += text.len + 2;
    }
}

void table_print(const struct table *table)
{
    CLEANUP(buf_fini) struct buf text;
    buf_init(&text, 4 * TABLE_BYTES_MAX);
    table_format(table, &text);
    out(buf_str(&text));
}
