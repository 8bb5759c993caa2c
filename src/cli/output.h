/* output: what commands print for people on standard output: escaped text, tables, colours, times.
 *
 * One thread. A reader that goes away (`counterfoil events | head`) is no error: later output is
 * dropped, and output_is_gone() tells loops to end.
 *
 * Layer: cli.
 */
#pragma once

#include "base/json.h"

void output_open(void); /* once, first in main: finds out about the terminal, ignores SIGPIPE */
/* Flushes. Returns `exit_code`, or another one when what was printed could not be written (disk
 * full). */
int output_close(int exit_code);

bool output_is_terminal(void);
bool output_is_gone(void);
void output_wait(int64_t us); /* sleeps; less when a signal comes or the reader goes away */
/* Columns and rows of the terminal; when it does not say, of COLUMNS and LINES; else 80 and 24. */
void output_size(int *ret_columns, int *ret_rows);

void out(struct str text);
void outf(const char *format, ...) PRINTF_LIKE(1, 2);
void out_escaped(struct str text); /* text from outside */
void out_flush(void);
/* `  name            value`, aligned; the value is escaped. Nothing when it is empty. */
void out_field(const char *name, struct str value);
void out_field_time(const char *name, int64_t time_us); /* nothing when it is 0 */

/* Colours: only on a terminal, and never when NO_COLOR is set. */
enum colour {
    COLOUR_NONE,
    COLOUR_GOOD,
    COLOUR_WARN,
    COLOUR_BAD,
    COLOUR_DIM,
    COLOUR_BOLD,
    COLOUR_COUNT
};
void out_coloured(enum colour colour, struct str text);
const char *colour_on(enum colour colour); /* "" without colours */
const char *colour_off(void);

/* Appends `text` so that it can harm no terminal: control characters, bytes that are not UTF-8 and
 * marks that turn the direction of text appear as \x1b, \u202e. */
void text_escape(struct buf *to, struct str text);
/* Columns it takes on a terminal. */
size_t text_width(struct str text);
/* The beginning of a line of ours that fits into so many columns; colours do not count. */
struct str text_fit(struct str line, size_t columns);

#define TIME_TEXT_BYTES 32
/* "2026-11-22 10:52:52", UTC, without fraction; "-" when it is 0. */
void time_format(int64_t time_us, char to[static TIME_TEXT_BYTES]);
/* "3m 20s", from `then_us` to `now_us`; "-" when then is 0; "0s" when it lies ahead. */
void age_format(int64_t now_us, int64_t then_us, char to[static TIME_TEXT_BYTES]);

/* A table: titles once, cells row by row from left to right, printed aligned. */
struct table_column {
    const char *title;
    bool right; /* numbers */
};
struct table;
#define TABLE_COLUMNS_MAX 12
struct table *table_new(
    const struct table_column *columns, uint32_t count); /* NULL without memory */
struct table *table_free(struct table *table);           /* NULL does nothing; returns NULL */
DEFINE_CLEANUP(struct table *, table_free);
void table_add(struct table *table, struct str cell); /* empty is shown as "-", " " as nothing */
void table_addf(struct table *table, const char *format, ...) PRINTF_LIKE(2, 3);
void table_add_coloured(struct table *table, enum colour colour, struct str cell);
void table_print(const struct table *table); /* nothing but the titles when there are no rows */
void table_format(const struct table *table, struct buf *to);

/* JSON for programs: one object a line. Nothing in it moves a terminal. */
void out_json(const struct buf *json); /* and the end of the line */
void json_add_time(struct json_writer *writer, struct str key, int64_t time_us); /* null when 0 */
