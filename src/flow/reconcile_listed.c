#include "flow/reconcile_listed.h"
#include "base/check.h"
#include <stdlib.h>
#include <string.h>

#define TEXTS_BYTES ((size_t)128 * 1024 * 1024)

/* Twice as many are gathered before the worse half is kept, so that memory stays bounded and each
 * row is sorted a few times only. */
struct listed {
    uint32_t max, count;
    struct arena *texts, *spare; /* owned; of the rows, and of those that are kept next */
    struct discrepancy rows[];
};

struct listed *listed_new(uint32_t max)
{
    REQUIRE(max > 0 && max <= UINT32_MAX / 2);
    size_t rows_bytes = 2 * (size_t)max * sizeof(struct discrepancy);
    struct listed *listed = calloc(1, sizeof *listed + rows_bytes);
    if (listed == NULL) {
        return NULL;
    }
    listed->max = max;
    listed->texts = arena_new(TEXTS_BYTES);
    listed->spare = arena_new(TEXTS_BYTES);
    return listed->texts != NULL && listed->spare != NULL ? listed : listed_free(listed);
}

struct listed *listed_free(struct listed *listed)
{
    if (listed != NULL) {
        (void)arena_free(listed->texts);
        (void)arena_free(listed->spare);
        free(listed);
    }
    return NULL;
}

static int compare_listed(const void *a, const void *b)
{
    const struct discrepancy *left = a;
    const struct discrepancy *right = b;
    int left_severity = (int)code_row(left->found.code)->severity;
    int right_severity = (int)code_row(right->found.code)->severity;
    return left_severity != right_severity ? right_severity - left_severity
                                           : finding_compare(&left->found, &right->found);
}

static enum err copy_texts(struct arena *arena, struct discrepancy *row)
{
    row->found.name = arena_copy(arena, row->found.name);
    row->found.text = arena_copy(arena, row->found.text);
    row->owner = arena_copy(arena, row->owner);
    bool fits =
        row->found.name.data != NULL && row->found.text.data != NULL && row->owner.data != NULL;
    return fits ? ERR_OK : ERR_TOO_LARGE;
}

static void keep_the_worst(struct listed *listed)
{
    if (listed->count > 0) {
        qsort(listed->rows, listed->count, sizeof *listed->rows, compare_listed);
    }
    listed->count = listed->count < listed->max ? listed->count : listed->max;
}

enum err listed_add(struct listed *listed, const struct discrepancy *row)
{
    REQUIRE(listed != NULL && row != NULL);
    if (listed->count == 2 * listed->max) {
        keep_the_worst(listed);
        for (uint32_t i = 0; i < listed->count; i++) {
            TRY(copy_texts(listed->spare, &listed->rows[i]));
        }
        struct arena *left = listed->texts;
        listed->texts = listed->spare;
        listed->spare = left;
        arena_reset(left);
    }
    struct discrepancy kept = *row;
    TRY(copy_texts(listed->texts, &kept));
    listed->rows[listed->count++] = kept;
    return ERR_OK;
}

enum err listed_take(
    struct listed *listed, struct arena *arena, struct discrepancy **ret_rows, uint32_t *ret_count)
{
    REQUIRE(listed != NULL && arena != NULL);
    keep_the_worst(listed);
    struct discrepancy *rows = arena_new_array(arena, struct discrepancy, listed->count + 1);
    if (rows == NULL) {
        return ERR_TOO_LARGE;
    }
    for (uint32_t i = 0; i < listed->count; i++) {
        rows[i] = listed->rows[i];
        TRY(copy_texts(arena, &rows[i]));
    }
    *ret_rows = rows;
    *ret_count = listed->count;
    return ERR_OK;
}
