/* reconcile_writer: one walk over a report gives rows of cells; each form is a writer of them.
 *
 * Layer: cli; private to reconcile_print.c and the writers.
 */
#pragma once

#include "cli/output.h"
#include "cli/reconcile_print.h"

enum report_section {
#define SECTION(NAME, kind, key, title, nothing) SECTION_##NAME,
#define COLUMN(SECTION, type, whom, key, title)
#include "cli/reconcile_sections.def"
#undef SECTION
#undef COLUMN
    SECTION_COUNT
};
enum section_kind { SECTION_IS_SINGLE, SECTION_IS_KEYED, SECTION_IS_PLAIN, SECTION_IS_LISTED };

enum cell_type {
    CELL_TEXT,
    CELL_FLAG,
    CELL_COUNT,
    CELL_MONEY,    /* minor units of the row's currency */
    CELL_QUANTITY, /* money or a count, as the row's unit is */
    CELL_SHARE,    /* millionths */
    CELL_SPAN,     /* microseconds */
    CELL_TIME,
    CELL_DAY /* a moment, of which the day is meant */
};

enum cell_whom { CELL_FOR_ALL, CELL_FOR_PEOPLE, CELL_FOR_PROGRAMS };

struct report_column {
    enum report_section section;
    enum cell_type type;
    enum cell_whom whom;
    const char *key, *title;
};

struct section_row {
    enum section_kind kind;
    const char *key, *title, *nothing;
};
const struct section_row *section_row(enum report_section section);
const struct report_column *section_columns(enum report_section section, uint32_t *ret_count);

struct cell {
    bool is_known; /* false: there is nothing to say */
    int64_t number;
    struct str text;
    enum colour colour;
    char room[OWN_ID_TEXT_BYTES]; /* may hold the text */
};

#define CELLS_MAX 16
struct report_row {
    enum report_section section;
    struct currency currency; /* empty: none */
    bool quantities_are_money;
    const struct zone *zone; /* of CELL_DAY; NULL: UTC */
    uint32_t count;
    struct cell cells[CELLS_MAX]; /* as the section's columns */
};

struct report_writer;
struct report_form {
    bool for_people;
    void (*begin)(struct report_writer *writer);                                      /* must */
    void (*section_begin)(struct report_writer *writer, enum report_section section); /* may */
    void (*row)(struct report_writer *writer, const struct report_row *row);          /* must */
    /* may; `left`: rows that are not shown */
    void (*section_end)(struct report_writer *writer, enum report_section section, int64_t left);
    void (*end)(struct report_writer *writer); /* may */
};
extern const struct report_form report_text, report_json, report_csv, report_markdown;

struct report_writer {
    const struct report_form *form;
    const struct reconcile_report *report;
    const struct zone *zone;
    struct buf *to;
    uint32_t rows;           /* of the section at hand, so far */
    struct table *table;     /* text: of the section at hand */
    struct json_writer json; /* JSON */
};

bool cell_is_number(enum cell_type type); /* stands on the right */
bool column_is_for(const struct report_writer *writer, const struct report_column *column);

/* What people read in a cell; empty when there is nothing to say. */
void cell_for_people(const struct report_row *row, uint32_t at, struct buf *to);
/* "99.9998", rounded down. */
void share_format(int64_t ppm, char to[static TIME_TEXT_BYTES]);
/* "not agreed: shop, 2026-11-21: 3 discrepancies are open, 1 of them critical" */
void report_headline(const struct report_writer *writer, struct buf *to);
