#include "base/limits.h"
#include "store/internal.h"

enum err store_out_of_room(struct err_info *reterr)
{
    return err_set(reterr, ERR_TOO_LARGE, "more rows than the memory set aside for them");
}

enum err store_newer(struct err_info *reterr, const char *what)
{
    return err_set(reterr, ERR_SCHEMA,
        "%s that this version does not know: use the version that wrote it", what);
}

struct parameters parameters_new(
    struct arena *arena, const struct sql_statement *statement, size_t row_count)
{
    size_t width = strlen(statement->parameters);
    struct parameters made = {NULL, width, 0, width * row_count};
    made.values = arena_alloc_array(arena, sizeof *made.values, made.cap);
    return made;
}

struct rows rows_new(struct arena *arena, size_t item_bytes, uint32_t max, struct err_info *reterr)
{
    REQUIRE(arena != NULL);
    REQUIRE(item_bytes > 0);
    return (struct rows){arena, item_bytes, NULL, 0, 0, max, reterr};
}

void *rows_add(struct rows *rows)
{
    if (rows->count == rows->max) {
        (void)err_set(rows->reterr, ERR_TOO_LARGE, "more than %u rows", rows->max);
        return NULL;
    }
    if (rows->count == rows->cap) {
        uint32_t cap = rows->cap == 0 ? 16 : 2 * rows->cap;
        char *items = arena_alloc_array(rows->arena, rows->item_bytes, cap);
        if (items == NULL) {
            (void)store_out_of_room(rows->reterr);
            return NULL;
        }
        if (rows->count > 0) {
            memcpy(items, rows->items, rows->item_bytes * rows->count);
        }
        rows->items = items;
        rows->cap = cap;
    }
    return rows->items + rows->item_bytes * rows->count++;
}

bool column_copy(struct arena *arena, const struct sql_value *value, struct str *ret)
{
    struct str text = column_str(value);
    if (text.len == 0) {
        *ret = STR("");
        return true;
    }
    *ret = arena_copy(arena, text);
    return ret->data != NULL;
}

void column_bytes(const struct sql_value *value, void *to, size_t len)
{
    struct str bytes = column_str(value);
    if (bytes.len == len && len > 0) {
        memcpy(to, bytes.data, len);
    } else {
        memset(to, 0, len);
    }
}

struct own_id column_id(const struct sql_value *value)
{
    struct own_id id;
    column_bytes(value, id.bytes, sizeof id.bytes);
    return id;
}
