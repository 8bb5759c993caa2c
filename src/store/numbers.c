#include "store/internal.h"
#include <inttypes.h>
#include <stdlib.h>

static int compare_numbered(const void *a, const void *b)
{
    const struct numbered *left = a;
    const struct numbered *right = b;
    if (left->scope != right->scope) {
        return left->scope < right->scope ? -1 : 1;
    }
    return (left->at > right->at) - (left->at < right->at);
}

enum err numbers_give(struct store *store,
    const struct sql_statement *advance,
    struct numbered *rows,
    uint32_t count,
    struct err_info *reterr)
{
    struct parameters to = parameters_new(store->scratch, advance, count);
    int64_t *heads = arena_new_array(store->scratch, int64_t, count);
    uint32_t runs = 0;
    uint32_t at = 0;
    if (to.values == NULL || heads == NULL) {
        return store_out_of_room(reterr);
    }
    if (count > 0) {
        qsort(rows, count, sizeof *rows, compare_numbered);
    }
    for (uint32_t i = 0; i < count;) {
        uint32_t first = i;
        while (i < count && rows[i].scope == rows[first].scope) {
            i++;
        }
        parameters_add(&to, sql_int(rows[first].scope));
        parameters_add(&to, sql_int(i - first));
        runs++;
    }
    TRY(sql_run(store->engine, advance, to.values, runs, store_take_int, heads, NULL, reterr));
    for (uint32_t run = 0; run < runs; run++) {
        int64_t added = to.values[2 * run + 1].integer;
        if (heads[run] < added) {
            return err_set(
                reterr, ERR_STORE_IO, "scope %" PRId64 " has no head", to.values[2 * run].integer);
        }
        for (int64_t i = 1; i <= added; i++) {
            rows[at++].number = heads[run] - added + i;
        }
    }
    return ERR_OK;
}
