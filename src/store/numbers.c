#include "store/internal.h"
#include <inttypes.h>

enum err numbers_give(struct store *store,
    const struct sql_statement *advance,
    const int64_t *scopes,
    uint32_t count,
    int64_t *ret_numbers,
    struct err_info *reterr)
{
    struct parameters to = parameters_new(store->scratch, advance, count);
    int64_t *heads = arena_new_array(store->scratch, int64_t, count);
    uint32_t runs = 0;
    uint32_t at = 0;
    if (to.values == NULL || heads == NULL) {
        return store_out_of_room(reterr);
    }
    for (uint32_t i = 0; i < count;) {
        uint32_t first = i;
        while (i < count && scopes[i] == scopes[first]) {
            i++;
        }
        parameters_add(&to, sql_int(scopes[first]));
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
            ret_numbers[at++] = heads[run] - added + i;
        }
    }
    return ERR_OK;
}
