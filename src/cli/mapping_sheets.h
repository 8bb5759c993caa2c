/* mapping_sheets: the tables that decoder and domain run on, as sheets of text.
 *
 * Layer: cli.
 */
#pragma once

#include "base/arena.h"

#define SHEET_COLUMNS_MAX 8

struct sheet {
    const char *name;  /* "event_types": its member in JSON */
    const char *title; /* "Event types" */
    const char *intro;
    const char *columns[SHEET_COLUMNS_MAX]; /* "since"; NULL ends them */
    uint32_t column_count;
    uint32_t row_count, row_room;
    struct str *cells; /* row by row */
};

#define SHEETS_MAX 16
struct sheets {
    struct arena *arena;
    struct sheet sheets[SHEETS_MAX];
    uint32_t count;
};

/* ERR_TOO_LARGE: the arena. */
MUST_USE enum err mapping_sheets(struct arena *arena, struct sheets *ret_sheets);
