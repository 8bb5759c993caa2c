/* internal: what the files of the store share and nobody else sees.
 *
 * Layer: store.
 */
#pragma once

#include "base/check.h"
#include "domain/record.h"
#include "store/engines.h"
#include "store/sql.h"
#include "store/store.h"

struct record_statements; /* record_statements.c */
struct list_statements;   /* inbox_list.c */

struct store {
    struct sql_engine *engine; /* owned */
    struct env *env;           /* borrowed */
    enum store_access access;
    struct arena *scratch; /* owned; of one verb */
    struct arena *texts;   /* owned; statements made at run time: they live as long as the engine */
    struct record_statements *records[ID_KIND_COUNT];
    const struct sql_statement *contested; /* record_statements.c */
    struct list_statements *lists;
    struct sql_statement *derived[ID_KIND_COUNT + 1]; /* derived.c */
    struct sql_places places;                         /* once the engine is shadowed */
};

/* Contracts of every verb; returns the scratch arena, emptied. */
struct arena *store_reading(struct store *store);
struct arena *store_writing(struct store *store);

/* One statement, one row of parameters. */
MUST_USE enum err store_run_one(struct store *store,
    const struct sql_statement *statement,
    const struct sql_value *parameters,
    sql_row_fn *on_row,
    void *context,
    struct err_info *reterr);
/* For statements that give one integer, or none, for each row of parameters: `context` is an
 * int64_t for each, and is left as it was where none came. */
MUST_USE enum err store_take_int(
    void *context, uint32_t index, const struct sql_value *columns, uint32_t column_count);
enum err store_out_of_room(struct err_info *reterr); /* ERR_TOO_LARGE: an arena is full */
/* ERR_SCHEMA; `what`: "a discrepancy has a word". */
MUST_USE enum err store_newer(struct err_info *reterr, const char *what);

/* --- parameters: a matrix in the scratch arena, filled value by value --- */

struct parameters {
    struct sql_value *values; /* NULL: no room */
    size_t width, used, cap;
};
struct parameters parameters_new(
    struct arena *arena, const struct sql_statement *statement, size_t row_count);
static inline void parameters_add(struct parameters *to, struct sql_value value)
{
    INVARIANT(to->used < to->cap);
    to->values[to->used++] = value;
}

/* --- rows: what comes back, gathered in the caller's arena --- */

/* Grows by doubling; the caller's row type is `item_bytes` long. */
struct rows {
    struct arena *arena;
    size_t item_bytes;
    char *items;
    uint32_t count, cap, max;
    struct err_info *reterr;
};
struct rows rows_new(struct arena *arena, size_t item_bytes, uint32_t max, struct err_info *reterr);
/* A zeroed one at the end; NULL beyond max or without room, and then reterr says which. */
void *rows_add(struct rows *rows);

/* NULL counts as 0, "" and none. A value of another kind than asked for does too: the schema is
 * strict. */
static inline int64_t column_int(const struct sql_value *value)
{
    return value->kind == SQL_INT ? value->integer : 0;
}
static inline struct str column_str(const struct sql_value *value)
{
    return value->kind == SQL_TEXT || value->kind == SQL_BLOB ? value->bytes : STR_NONE;
}
/* False when the arena is full. */
bool column_copy(struct arena *arena, const struct sql_value *value, struct str *ret);
void column_bytes(
    const struct sql_value *value, void *to, size_t len); /* zeros when it is not `len` long */
struct own_id column_id(const struct sql_value *value);
static inline struct sql_value sql_id(const struct own_id *id) /* none: NULL; borrows */
{
    return own_id_is_none(*id) ? sql_null() : sql_blob(id->bytes, sizeof id->bytes);
}
static inline struct sql_value sql_word(const char *word)
{
    return sql_text(str_from(word));
}

struct inbox_event;
/* Fills in what stands in inbox_event, by their seq; text and bodies in the arena. */
MUST_USE enum err inbox_bodies(struct store *store,
    struct inbox_event **events,
    uint32_t count,
    struct arena *arena,
    struct err_info *reterr);

/* Counts of decided events by outcome; see inbox_total.c. */
struct inbox_total_change {
    const char *status;
    const char *reason; /* "" but for recorded */
    int64_t by;
};
/* Rows in key order, those of zero left out. */
MUST_USE enum err inbox_total_add(struct store *store,
    const struct inbox_total_change *changes,
    uint32_t count,
    struct err_info *reterr);

/* --- numbers without gaps, of a scope's own --- */

struct numbered {
    int64_t scope;
    uint32_t at;    /* place among the caller's rows */
    int64_t number; /* given */
};
/* Sorts by scope and place, and gives numbers from each scope's head, which `advance` (?1 scope, ?2
 * how many) moves on and returns. Whoever holds a head's row is alone with that scope until its
 * commit, so numbers become visible in their order. Uses the scratch arena, and does not empty it.
 */
MUST_USE enum err numbers_give(struct store *store,
    const struct sql_statement *advance,
    struct numbered *rows,
    uint32_t count,
    struct err_info *reterr);
